import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct SenderInquiryTests {
    private let modality = [try? AETitle("MODALITY")].compactMap(\.self)

    private func settled(at seconds: Int = 10) throws -> TestArchive {
        let test = try TestArchive()
        try test.store(.sample())
        try test.settle(at: seconds)
        return test
    }

    private func due(_ test: TestArchive, at seconds: Int) throws -> [SenderInquiry] {
        try test.index.inquiriesDue(of: modality, at: .sample(seconds))
    }

    private func answer(at seconds: Int = 11) throws -> SenderAnswerRecord {
        SenderAnswerRecord(peer: try AETitle("MODALITY"), at: .sample(seconds), json: #"{"n":1}"#)
    }

    @Test func `a settled study is due once, for the peer it came from`() throws {
        let test = try settled()
        let inquiry = try #require(try due(test, at: 11).first)
        #expect(inquiry.study.studyInstanceUID == (try .sample(1)))
        #expect(inquiry.settledAt == .sample(10))
        #expect(inquiry.attemptCount == 0)
        #expect(try test.index.inquiriesDue(of: [AETitle("OTHER")], at: .sample(11)).isEmpty)

        try test.index.close(inquiry, with: answer(), detail: "MODALITY: 1", at: .sample(12))
        #expect(try due(test, at: 99).isEmpty)
        #expect(try test.index.senderAnswers(of: .sample(1)) == [answer()])
        #expect(try test.index.timeline(of: .sample(1)).last?.kind == .askedSender)
    }

    @Test func `a study that is receiving, or waits for no assessment, is not asked for`() throws {
        let test = try TestArchive()
        try test.store(.sample())
        #expect(try due(test, at: 1).isEmpty)
        try test.settle(at: 10)
        _ = try test.index.publish(.sample(instanceCount: 1), of: .sample(1))
        #expect(try due(test, at: 100).isEmpty)
    }

    @Test func `a failure puts the question off, with its count, and no further than wanted`() throws {
        let test = try settled()
        try test.index.postpone(
            #require(due(test, at: 11).first), until: .sample(40), detail: "no answer", at: .sample(12))
        #expect(try due(test, at: 39).isEmpty)
        let again = try #require(try due(test, at: 40).first)
        #expect(again.attemptCount == 1)
        try test.index.postpone(again, until: nil, detail: "no answer", at: .sample(41))
        #expect(try due(test, at: 10_000).isEmpty)
    }

    @Test func `an inquiry outlives a restart`() throws {
        let test = try settled()
        try test.index.postpone(
            #require(due(test, at: 11).first), until: .sample(40), detail: "no answer", at: .sample(12))
        try test.restart()
        #expect(try due(test, at: 40).map(\.attemptCount) == [1])
    }

    @Test func `a study that settles again is asked for anew, and an answer to before is not taken for it`() throws {
        let test = try settled()
        let old = try #require(try due(test, at: 11).first)
        try test.store(.sample(2), at: 20)
        #expect(try due(test, at: 21).isEmpty)
        try test.settle(at: 30)
        let new = try #require(try due(test, at: 31).first)
        #expect(new.attemptCount == 0)
        #expect(new.settledAt == .sample(30))
        try test.index.close(old, with: answer(), detail: "", at: .sample(32))
        #expect(try due(test, at: 33).count == 1)
        #expect(try test.index.senderAnswers(of: .sample(1)).isEmpty)
    }

    @Test func `an assessment waits for the first attempt, and no longer than allowed`() throws {
        let test = try settled(at: 10)
        func waiting(at seconds: Int) throws -> Int {
            try test.index.studiesAwaitingAssessment(
                holding: AssessmentHold(peers: modality, settledAfter: .sample(seconds - 20))
            ).count
        }
        #expect(try waiting(at: 29) == 0)
        #expect(try waiting(at: 30) == 1)
        #expect(try test.index.studiesAwaitingAssessment().count == 1)
        #expect(
            try test.index.studiesAwaitingAssessment(
                holding: AssessmentHold(peers: [AETitle("OTHER")], settledAfter: .distantPast)
            ).count == 1)
        let inquiry = try #require(try due(test, at: 11).first)
        #expect(try waiting(at: 12) == 0)
        try test.index.postpone(inquiry, until: .sample(40), detail: "no answer", at: .sample(12))
        #expect(try waiting(at: 12) == 1)
    }

    @Test func `an answer that comes after the assessment asks for another`() throws {
        let test = try settled()
        let inquiry = try #require(try due(test, at: 11).first)
        _ = try test.index.publish(.sample(instanceCount: 1), of: .sample(1))
        #expect(try test.index.studiesAwaitingAssessment().isEmpty)
        try test.index.close(inquiry, with: nil, detail: "no such study", at: .sample(12))
        #expect(try test.index.studiesAwaitingAssessment().isEmpty)
        let later = try settled()
        let late = try #require(try due(later, at: 11).first)
        _ = try later.index.publish(.sample(instanceCount: 1), of: .sample(1))
        try later.index.close(late, with: answer(), detail: "1", at: .sample(12))
        #expect(try later.index.studiesAwaitingAssessment().count == 1)
    }

    @Test func `an assessment begun before the answer is refused, and the study waits still`() throws {
        let test = try settled()
        let inquiry = try #require(try due(test, at: 11).first)
        try test.index.close(inquiry, with: answer(), detail: "1", at: .sample(200))
        #expect(try test.index.publish(.sample(instanceCount: 1), of: .sample(1)) == .senderAnswered)
        #expect(try test.index.studiesAwaitingAssessment().count == 1)
        var draft = AssessmentDraft.sample(instanceCount: 1)
        draft.at = .sample(201)
        #expect(try test.index.publish(draft, of: .sample(1)) == .published(version: 1))
    }

    @Test func `answers and what is due outlive a reindex`() throws {
        let test = try settled()
        try test.index.close(
            #require(due(test, at: 11).first), with: answer(), detail: "1", at: .sample(12))
        var draft = AssessmentDraft.sample(instanceCount: 1)
        draft.retrievesFrom = try AETitle("MODALITY")
        _ = try test.index.publish(draft, of: .sample(1))
        _ = try test.archive.reindex { _, _ in true }
        #expect(try test.index.senderAnswers(of: .sample(1)) == [answer()])
        #expect(try test.index.retrievalsDue(from: modality, at: .sample(999)).count == 1)
        #expect(try due(test, at: 999).isEmpty)
    }

    @Test func `the address a study came from is that of its peer's newest instance`() throws {
        let test = try settled()
        #expect(try test.index.host(ofPeer: AETitle("MODALITY"), sending: .sample(1)) == "10.0.0.5")
        #expect(try test.index.host(ofPeer: AETitle("OTHER"), sending: .sample(1)) == nil)
        #expect(try test.index.host(ofPeer: AETitle("MODALITY"), sending: .sample(2)) == nil)
    }
}

@Suite struct RetrievalTests {
    private let modality = [try? AETitle("MODALITY")].compactMap(\.self)

    /// An archive with one incomplete study whose sender is to be fetched from.
    private func incomplete() throws -> TestArchive {
        let test = try TestArchive()
        try test.store(.sample())
        try test.settle(at: 10)
        try publish(instanceCount: 1, in: test)
        return test
    }

    private func publish(instanceCount: Int, in test: TestArchive) throws {
        var draft = AssessmentDraft.sample(instanceCount: instanceCount)
        draft.completeness = "incomplete"
        draft.retrievesFrom = try AETitle("MODALITY")
        _ = try test.index.publish(draft, of: .sample(1))
    }

    private func due(_ test: TestArchive, at seconds: Int = 100) throws -> [DueRetrieval] {
        try test.index.retrievalsDue(from: modality, at: .sample(seconds))
    }

    @Test func `what an assessment found missing is due with it`() throws {
        let test = try incomplete()
        let retrieval = try #require(try due(test).first)
        #expect(retrieval.assessmentVersion == 1)
        #expect(retrieval.attemptCount == 0)
        #expect(try test.index.retrievalsDue(from: [AETitle("OTHER")], at: .sample(100)).isEmpty)
    }

    @Test func `an attempt counts when it begins, and comes again when it was to`() throws {
        let test = try incomplete()
        try test.index.begin(#require(due(test).first), next: .sample(200))
        #expect(try due(test, at: 199).isEmpty)
        try test.restart()
        let again = try #require(try due(test, at: 200).first)
        #expect(again.attemptCount == 1)
        try test.index.begin(again, next: nil)
        #expect(try due(test, at: 9_999).isEmpty)
    }

    @Test func `an ended retrieval is due no more`() throws {
        let test = try incomplete()
        try test.index.end(#require(due(test).first))
        #expect(try due(test, at: 9_999).isEmpty)
    }

    @Test func `a study that opened again is not due until its next assessment, which counts from the start`() throws {
        let test = try incomplete()
        try test.index.begin(#require(due(test).first), next: .sample(150))
        try test.store(.sample(2), at: 110)
        #expect(try due(test, at: 9_999).isEmpty)
        try test.settle(at: 120)
        #expect(try due(test, at: 9_999).isEmpty)
        try publish(instanceCount: 2, in: test)
        let next = try #require(try due(test, at: 9_999).first)
        #expect(next.assessmentVersion == 2)
        #expect(next.attemptCount == 0)
        #expect(next.studyAttemptCount == 1)
    }

    @Test func `a newer assessment of the same instances ends what was due before it`() throws {
        let test = try incomplete()
        var draft = AssessmentDraft.sample(instanceCount: 1, code: nil)
        draft.completeness = "complete"
        #expect(try test.index.publish(draft, of: .sample(1)) == .published(version: 2))
        #expect(try due(test, at: 9_999).isEmpty)
    }
}
