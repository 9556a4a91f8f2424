import Archive
import Assessment
import Catalogue
import DICOMCore
import Foundation
import Matching
import Testing

@testable import Ingestion

@Suite struct StudySettlerTests {
    private static func settler(_ test: TestIngest) throws -> (settler: StudySettler, assessor: StudyAssessor) {
        let assessor = StudyAssessor(
            archive: test.archive,
            catalogues: try CataloguesInForce(archive: test.archive, namer: .bundled(), logger: TestIngest.logger),
            aliases: try AliasesInForce(index: test.archive.index), assessor: Assessor(lexicon: try .bundled()))
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
