import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct PerformedStepTests {
    @Test func `a step is kept with all it says, over a restart and a reindex`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        let step = try PerformedStep.sample(instances: [1, 2], status: .completed)
        #expect(try test.index.create(step))
        try test.restart()
        #expect(try test.index.performedStep(step.uid) == step)
        #expect(try test.archive.reindex().keptHistory)
        #expect(try test.index.performedSteps(ofStudy: .sample(1)) == [step])
        #expect(try test.index.performedSteps(ofStudy: .sample(2)).isEmpty)
        #expect(step.series.map(\.instances.count) == [2])
        #expect(step.accessionNumber == "A1")
    }

    @Test func `a step of a known UID changes nothing`() throws {
        let test = try TestArchive()
        let step = try PerformedStep.sample(instances: [1])
        #expect(try test.index.create(step))
        #expect(try !test.index.create(.sample(instances: [1, 2])))
        #expect(try test.index.performedStep(step.uid) == step)
        #expect(try test.index.timeline(of: .sample(1)).map(\.kind) == [.stepStarted])
    }

    @Test func `a change is kept only when it is approved, and told in the timeline`() throws {
        let test = try TestArchive()
        let step = try PerformedStep.sample(instances: [])
        _ = try test.index.create(step)
        let refused = try test.index.changePerformedStep(step.uid, at: .sample(5)) { step in
            step.attributes[.performedStepStatus] = "COMPLETED"
            return false
        }
        #expect(refused == false)
        #expect(try test.index.performedStep(step.uid) == step)
        let changed = try test.index.changePerformedStep(step.uid, at: .sample(6)) { step in
            step.attributes[.performedStepStatus] = "DISCONTINUED"
            return true
        }
        #expect(changed == true)
        #expect(try test.index.performedStep(step.uid)?.status == .discontinued)
        #expect(try test.index.performedStep(step.uid)?.changedAt == .sample(6))
        #expect(try test.index.timeline(of: .sample(1)).map(\.kind) == [.stepStarted, .stepDiscontinued])
        #expect(try test.index.changePerformedStep(SOPInstanceUID("1.9"), at: .sample(7)) { _ in true } == nil)
    }

    @Test func `a settled study waits for a new assessment, and one made without the step is refused`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.settle(at: 10)
        let read = try #require(try test.index.studiesAwaitingAssessment().first)
        _ = try test.index.create(.sample(instances: [1, 2], status: .completed))
        var draft = AssessmentDraft.sample(instanceCount: 1)
        draft.testimonyVersion = read.testimonyVersion
        #expect(try test.index.publish(draft, of: .sample(1)) == .testimonyChanged)
        draft.testimonyVersion = try #require(try test.index.studiesAwaitingAssessment().first).testimonyVersion
        #expect(try test.index.publish(draft, of: .sample(1)) == .published(version: 1))
        #expect(try test.index.studiesAwaitingAssessment().isEmpty)
        _ = try test.index.create(.sample(2, instances: [1], status: .completed))
        #expect(try test.index.studiesAwaitingAssessment().map(\.studyInstanceUID) == [.sample(1)])
    }

    @Test func `a step in progress holds its study open for as long as it shows signs of life`() throws {
        let test = try TestArchive()
        try test.store(.sample(1, study: 1), at: 0)
        try test.store(.sample(1, study: 2), at: 0)
        _ = try test.index.create(.sample(instances: [], at: 50))
        func due(heldSince seconds: Int) throws -> [StudyInstanceUID] {
            try test.index.studiesDueToSettle(lastInstanceBefore: .sample(100), heldSince: .sample(seconds))
                .map(\.studyInstanceUID)
        }
        #expect(try due(heldSince: 40) == [.sample(2)])
        #expect(try due(heldSince: 51) == [.sample(1), .sample(2)])
        _ = try test.index.changePerformedStep(PerformedStep.sample(instances: []).uid, at: .sample(60)) { step in
            step.attributes[.performedStepStatus] = "COMPLETED"
            return true
        }
        #expect(try due(heldSince: 0) == [.sample(1), .sample(2)])
    }

    @Test func `what is stored is found, and where`() throws {
        let test = try TestArchive()
        try test.store(.sample(1, study: 1))
        try test.store(.sample(2, study: 2))
        let uids = try ["1.2.1.1.1", "1.2.2.1.2", "1.2.1.1.9"].map(SOPInstanceUID.init)
        #expect(try test.index.holders(of: uids) == [uids[0]: .sample(1), uids[1]: .sample(2)])
        #expect(try test.index.holders(of: []).isEmpty)
    }
}

@Suite struct WholeStudyTests {
    private func whole(_ test: TestArchive) throws -> [SettlingEvidence] {
        try test.index.wholeStudies().map(\.evidence)
    }

    @Test func `a study is whole when its steps ended and all they name is here`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        _ = try test.index.create(.sample(instances: [1, 2], status: .completed, at: 1))
        #expect(try whole(test).isEmpty)
        try test.store(.sample(2), at: 2)
        #expect(try whole(test) == [.performedStep])
        _ = try test.index.create(.sample(2, instances: [], at: 3))
        #expect(try whole(test).isEmpty, "a second step is in progress")
    }

    @Test func `a step that names nothing, or something else, makes no study whole`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        _ = try test.index.create(.sample(instances: [], status: .completed))
        #expect(try whole(test).isEmpty)
        _ = try test.index.create(.sample(2, instances: [7], status: .completed))
        #expect(try whole(test).isEmpty)
    }

    @Test func `what was said before a study was opened again closes it no second time`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        _ = try test.index.create(.sample(instances: [1], status: .completed, at: 1))
        try test.index.settle(test.index.wholeStudies().map(\.study), reason: "whole", at: .sample(2))
        #expect(try test.index.study(.sample(1))?.state == .settled)
        try test.store(.sample(2), at: 3)
        #expect(try whole(test).isEmpty)
        _ = try test.index.create(.sample(2, instances: [2], status: .completed, at: 4))
        #expect(try whole(test) == [.performedStep])
    }

    @Test func `a count closes a study once, when every instance announces the same`() throws {
        let test = try TestArchive()
        func record(_ number: Int, announcing count: Int, study: Int = 1) throws -> InstanceRecord {
            var record = try InstanceRecord.sample(number, study: study)
            record.announcedInstanceCount = count
            return record
        }
        try test.store(record(1, announcing: 2))
        #expect(try whole(test).isEmpty)
        try test.store(record(2, announcing: 2))
        #expect(try whole(test) == [.announcedCount])
        try test.settle(at: 10)
        try test.store(record(3, announcing: 2), at: 20)
        #expect(try whole(test).isEmpty)

        try test.store(record(1, announcing: 1, study: 2))
        #expect(try whole(test) == [.announcedCount])
        try test.store(record(2, announcing: 2, study: 2))
        #expect(try whole(test).isEmpty, "a count that grows is none")
    }

    @Test func `a list for commitment makes a study whole when it is here in full and holds all of it`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        try test.store(.sample(2), at: 0)
        try test.commit(to: [1], failures: [:], at: 1)
        #expect(try whole(test).isEmpty)
        try test.commit(to: [1, 2, 3], failures: [2: .noSuchObjectInstance], at: 2)
        #expect(try whole(test).isEmpty)
        try test.commit(to: [1, 2], failures: [:], at: 3)
        #expect(try whole(test) == [.commitment])
        try test.index.settle(test.index.wholeStudies().map(\.study), reason: "whole", at: .sample(4))
        try test.store(.sample(3), at: 5)
        #expect(try whole(test).isEmpty)
    }

    @Test func `lists after each series close a study three times and no more`() throws {
        let test = try TestArchive()
        for number in 1...5 {
            try test.store(.sample(number), at: 10 * number)
            try test.commit(to: Array(1...number), failures: [:], at: 10 * number + 1)
            let studies = try test.index.wholeStudies().map(\.study)
            #expect(studies.isEmpty == (number > 3))
            try test.index.settle(
                studies.isEmpty ? test.index.studiesDueToSettle(lastInstanceBefore: .distantFuture) : studies,
                reason: "test", at: .sample(10 * number + 2))
        }
    }
}

extension TestArchive {
    /// Queues a request for these Instances of Study 1, and keeps what looking at them found.
    @discardableResult
    func commit(
        to numbers: [Int], failures: [Int: DIMSEStatus], transaction: String = "1.2.3", at seconds: Int = 0
    ) throws -> Commitment {
        _ = try index.queue(.sample(numbers, transaction: transaction, at: seconds), limit: 100, expiry: .sample(900))
        let commitment = try #require(try index.commitmentToCheck(after: nil))
        try index.keep(failures: failures, of: commitment, at: .sample(seconds))
        return try #require(try index.commitment(commitment.id))
    }
}

extension PerformedStep {
    /// A step of Study 1 with one Series of these Instances.
    static func sample(
        _ number: Int = 1, instances: [Int], status: Status = .inProgress, at seconds: Int = 0
    ) throws -> PerformedStep {
        var attributes = AttributeSet(values: [
            .performedStepStatus: [status.dicom], .performedStationAETitle: ["CT1"], .modality: ["CT"],
            .patientName: ["王^小东"], .performedStepStartDate: ["20261120"],
        ])
        attributes.set(
            .scheduledStepAttributesSequence,
            to: [AttributeSet(values: [.studyInstanceUID: ["1.2.1"], .accessionNumber: ["A1"]])])
        var series = AttributeSet(values: [.seriesInstanceUID: ["1.2.1.1"]])
        series.set(
            .referencedImageSequence,
            to: instances.map { number in
                AttributeSet(values: [
                    .referencedSOPClassUID: ["1.2.840.10008.5.1.4.1.1.1.1"],
                    .referencedSOPInstanceUID: ["1.2.1.1.\(number)"],
                ])
            })
        if !instances.isEmpty { attributes.set(.performedSeriesSequence, to: [series]) }
        return try PerformedStep(
            uid: SOPInstanceUID("1.5.\(number)"), attributes: attributes, callingAETitle: AETitle("CT1"),
            host: "10.0.0.5", createdAt: .sample(seconds))
    }
}
