import Archive
import Assessment
import Catalogue
import DICOMCore
import Foundation
import Matching
import TestCatalogues
import Testing

@testable import Ingestion

@Suite struct StudySettlerTests {
    private static func settler(_ test: TestIngest) throws -> (settler: StudySettler, assessor: StudyAssessor) {
        let assessor = StudyAssessor(
            archive: test.archive,
            catalogues: try CataloguesInForce(archive: test.archive, namer: Bundled.namer, logger: TestIngest.logger),
            aliases: try AliasesInForce(index: test.archive.index), assessor: Assessor(lexicon: Bundled.lexicon))
        let queue = AssessmentQueue(
            index: test.archive.index, assessor: assessor, workerCount: 1, logger: TestIngest.logger)
        let settler = StudySettler(
            index: test.archive.index, quietPeriod: .seconds(60), queue: queue, logger: TestIngest.logger)
        return (settler, assessor)
    }

    @Test func `a study settles after the quiet period, once, and again after a late instance`() throws {
        let test = try TestIngest()
        let uid = try StudyInstanceUID("1.2.1")
        let start = try TestIngest.origin().receivedAt
        let (settler, _) = try Self.settler(test)
        func settle(after seconds: TimeInterval) throws -> Int { try settler.settle(asOf: start + seconds) }

        try test.store(TestIngest.file())
        #expect(try settle(after: 59) == 0)
        #expect(try test.archive.index.study(uid)?.state == .receiving)
        #expect(try settle(after: 61) == 1)
        #expect(try test.archive.index.study(uid)?.state == .settled)
        #expect(try settle(after: 62) == 0)

        try test.store(TestIngest.file(instance: "1.2.1.1.2"), as: "1.2.1.1.2", at: 100)
        #expect(try test.archive.index.study(uid)?.state == .receiving)
        #expect(try settle(after: 159) == 0)
        #expect(try settle(after: 161) == 1)
        #expect(try test.archive.index.study(uid)?.instanceCount == 2)
    }

    @Test func `what the modality says settles a study at once, or holds it open`() throws {
        let test = try TestIngest()
        let uid = try StudyInstanceUID("1.2.1")
        let start = try TestIngest.origin().receivedAt
        let (settler, assessor) = try Self.settler(test)
        var attributes = AttributeSet(values: [.performedStepStatus: ["IN PROGRESS"]])
        attributes.set(.scheduledStepAttributesSequence, to: [AttributeSet(values: [.studyInstanceUID: ["1.2.1"]])])
        let step = try PerformedStep(
            uid: SOPInstanceUID("1.5"), attributes: attributes, callingAETitle: AETitle("CT1"), host: "",
            createdAt: start)
        #expect(try test.archive.index.create(step))
        try test.store(TestIngest.file())
        #expect(try settler.settle(asOf: start + 120) == 0)
        #expect(try settler.settle(asOf: start + 1799) == 0)

        _ = try test.archive.index.changePerformedStep(step.uid, at: start + 1) { step in
            var reference = AttributeSet(values: [.referencedSOPClassUID: [TestIngest.capture]])
            reference[.referencedSOPInstanceUID] = "1.2.1.1.1"
            var series = AttributeSet(values: [.seriesInstanceUID: ["1.2.1.1"]])
            series.set(.referencedImageSequence, to: [reference])
            step.attributes.set(.performedSeriesSequence, to: [series])
            step.attributes[.performedStepStatus] = "COMPLETED"
            return true
        }
        #expect(try settler.settle(asOf: start + 2) == 1)
        let timeline = try test.archive.index.timeline(of: uid)
        #expect(timeline.last?.kind == .settled)
        #expect(timeline.last?.detail == "every performed procedure step ended, and all its instances are here")

        let due = try #require(try test.archive.index.studiesAwaitingAssessment().first)
        _ = try test.archive.index.publish(try assessor.assess(due, at: start + 3), of: uid)
        #expect(try test.archive.index.study(uid)?.completeness == "complete")
    }

    @Test func `a step that is never ended holds a study no longer than the setting says`() throws {
        let test = try TestIngest()
        let start = try TestIngest.origin().receivedAt
        let (settler, _) = try Self.settler(test)
        var attributes = AttributeSet(values: [.performedStepStatus: ["IN PROGRESS"]])
        attributes.set(.scheduledStepAttributesSequence, to: [AttributeSet(values: [.studyInstanceUID: ["1.2.1"]])])
        _ = try test.archive.index.create(
            PerformedStep(
                uid: SOPInstanceUID("1.5"), attributes: attributes, callingAETitle: AETitle("CT1"), host: "",
                createdAt: start))
        try test.store(TestIngest.file())
        #expect(try settler.settle(asOf: start + 1801) == 1)
    }

    @Test func `a settled study waits in the index until its assessment is published`() throws {
        let test = try TestIngest()
        let uid = try StudyInstanceUID("1.2.1")
        let now = try TestIngest.origin(at: 100).receivedAt
        let (settler, assessor) = try Self.settler(test)
        try test.store(TestIngest.file())
        _ = try settler.settle(asOf: now)

        let waiting = try test.archive.index.studiesAwaitingAssessment()
        #expect(waiting.map(\.studyInstanceUID) == [uid])
        _ = try test.archive.index.publish(try assessor.assess(waiting[0], at: now), of: uid)
        #expect(try test.archive.index.studiesAwaitingAssessment().isEmpty)
        let study = try test.archive.index.study(uid)
        #expect(study?.assessmentVersion == 1)
        #expect(study?.match == nil)
        #expect(study?.completeness == "unknown")
    }
}
