import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct SettlingTests {
    @Test func `a study without a new instance settles and waits for its assessment`() throws {
        let test = try TestArchive()
        try test.store(.sample(1, study: 1), at: 0)
        try test.store(.sample(1, study: 2), at: 50)
        #expect(try test.index.studiesDueToSettle(lastInstanceBefore: .sample(0)).isEmpty)

        try test.settle(at: 30)
        let study = try #require(try test.index.study(.sample(1)))
        #expect(study.state == .settled)
        #expect(study.settledAt == .sample(30))
        #expect(study.isAwaitingAssessment)
        #expect(try test.index.study(.sample(2))?.state == .receiving)
        #expect(try test.index.studiesAwaitingAssessment().map(\.studyInstanceUID) == [.sample(1)])
        #expect(try test.index.timeline(of: .sample(1)).map(\.kind) == [.received, .settled])
        #expect(try test.index.counts().settledStudies == 1)
        #expect(try test.index.counts().awaitingAssessment == 1)
    }

    @Test func `a study that grew since it was read does not settle`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        let due = try test.index.studiesDueToSettle(lastInstanceBefore: .sample(60))
        try test.store(.sample(2), at: 61)
        #expect(try test.index.settle(due, reason: "quiet period", at: .sample(62)).isEmpty)
        #expect(try test.index.study(.sample(1))?.state == .receiving)
    }

    @Test func `a late instance opens the study again and keeps its assessments`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        try test.settle(at: 10)
        #expect(try test.index.publish(.sample(instanceCount: 1), of: .sample(1)) == .published(version: 1))

        try test.store(.sample(2), at: 20)
        let reopened = try #require(try test.index.study(.sample(1)))
        #expect(reopened.state == .receiving)
        #expect(reopened.settledAt == nil)
        #expect(reopened.match?.code == "BW03ZZZ8B")

        try test.settle(at: 30)
        #expect(
            try test.index.publish(.sample(instanceCount: 2, code: nil), of: .sample(1)) == .published(version: 2))
        let detail = try #require(try test.index.detail(of: .sample(1)))
        #expect(detail.assessments.map(\.version) == [1, 2])
        #expect(detail.summary.match == nil)
        #expect(detail.summary.assessmentVersion == 2)
        #expect(
            detail.timeline.map(\.kind) == [.received, .settled, .assessed, .reopened, .settled, .assessed])
        #expect(try test.index.counts().unmappedStudies == 1)
    }

    @Test func `a duplicate does not open a settled study again`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        try test.settle(at: 10)
        try test.store(.sample(1), at: 20)
        #expect(try test.index.study(.sample(1))?.state == .settled)
    }

    @Test func `an assessment of a study that grew since is refused`() throws {
        let test = try TestArchive()
        try test.store(.sample(1), at: 0)
        try test.settle(at: 10)
        let read = try #require(try test.index.studiesAwaitingAssessment().first)
        try test.store(.sample(2), at: 20)
        let outcome = try test.index.publish(.sample(instanceCount: read.instanceCount), of: read.studyInstanceUID)
        #expect(outcome == .studyChanged)
        #expect(try test.index.assessments(of: .sample(1)).isEmpty)
        #expect(try test.index.publish(.sample(instanceCount: 1), of: .sample(9)) == .unknownStudy)
    }

    @Test func `an instance of another patient is noted once and the study keeps its first patient`() throws {
        let test = try TestArchive()
        try test.store(.sample(1, patientID: "P1"))
        try test.store(.sample(2, patientID: "P2"))
        try test.store(.sample(3, patientID: "P3"))
        let study = try #require(try test.index.study(.sample(1)))
        #expect(study.identityDiffers)
        #expect(study.patient.patientID == "P1")
        #expect(try test.index.timeline(of: .sample(1)).map(\.kind) == [.received, .identityDiffers])
    }

    @Test func `an instance that leaves out the issuer is not of another patient`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.store(.sample(2, issuer: ""))
        #expect(try test.index.study(.sample(1))?.identityDiffers == false)
        try test.store(.sample(3, issuer: "H2"))
        #expect(try test.index.study(.sample(1))?.identityDiffers == true)
    }

    @Test func `attributes that the first instance lacked are taken from a later one`() throws {
        let test = try TestArchive()
        try test.store(.sample(1, date: "", description: "", institution: "", modality: "SR"))
        try test.store(.sample(2, series: 2, date: "20261103", description: "CT Abdomen", modality: "CT"))
        let study = try #require(try test.index.study(.sample(1)))
        #expect(study.study.date == "20261103")
        #expect(study.study.description == "CT Abdomen")
        #expect(study.modalities == ["CT", "SR"])
        #expect(study.seriesCount == 2)
        var filter = StudyFilter()
        filter.modalities = ["SR"]
        filter.firstDate = "20261103"
        #expect(try test.index.countStudies(matching: filter) == 1)
        filter.modalities = []
        filter.text = "abdomen"
        #expect(try test.index.countStudies(matching: filter) == 1)
    }

    @Test func `a peer's last failure is kept beside what it sent`() throws {
        let test = try TestArchive()
        try test.store(.sample(), at: 5)
        try test.index.recordFailure(
            ofPeer: AETitle("MODALITY"), host: "10.0.0.6", reason: "C000", at: .sample(9))
        let peer = try #require(try test.index.peers().first)
        #expect(peer.lastReceivedAt == .sample(5))
        #expect(peer.lastFailureAt == .sample(9))
        #expect(peer.lastFailure == "C000")
        #expect(peer.instanceCount == 1)
    }
}

extension AssessmentDraft {
    static func sample(instanceCount: Int, code: String? = "BW03ZZZ8B") -> AssessmentDraft {
        AssessmentDraft(
            instanceCount: instanceCount, at: .sample(99),
            match: code.map { CatalogueMatch(catalogue: "zhejiang-imaging-2021", code: $0, confidence: 0.98) },
            completeness: "complete", quality: "pass", json: "{}")
    }
}
