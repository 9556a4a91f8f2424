import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct CommitmentTests {
    @Test func `a request is kept as it came, over a restart and a reindex`() throws {
        let test = try TestArchive()
        let request = try CommitmentRequest.sample([1, 2])
        #expect(try test.index.queue(request, limit: 1, expiry: .sample(60)) == .queued(id: 1))
        try test.restart()
        #expect(try test.archive.reindex().keptHistory)
        let kept = try #require(try test.index.commitmentToCheck(after: nil))
        #expect(kept.request == request)
        #expect(kept.state == .queued)
        #expect(kept.isPending)
        #expect(kept.expiresAt == .sample(60))
    }

    @Test func `no more are taken than may be pending`() throws {
        let test = try TestArchive()
        #expect(try test.index.queue(.sample([1]), limit: 1, expiry: .sample(60)) == .queued(id: 1))
        #expect(try test.index.queue(.sample([2]), limit: 1, expiry: .sample(60)) == .full)
        #expect(try test.index.dropCommitment(1, by: "zhao", at: .sample(1)))
        #expect(try test.index.queue(.sample([2]), limit: 1, expiry: .sample(60)) == .queued(id: 2))
    }

    @Test func `one peer's requests neither shut others out nor keep them waiting`() throws {
        let test = try TestArchive()
        for number in 1...3 { _ = try test.index.queue(.sample([number], from: "CT1"), limit: 3, expiry: .sample(60)) }
        #expect(try test.index.queue(.sample([4], from: "CT1"), limit: 3, expiry: .sample(60)) == .full)
        for (number, peer) in [(5, "MR1"), (6, "DR1")] {
            #expect(
                try test.index.queue(.sample([number], from: peer), limit: 3, expiry: .sample(60))
                    == .queued(id: Int64(number - 1)))
        }
        var order: [String] = []
        var last: AETitle?
        while let next = try test.index.commitmentToCheck(after: last) {
            last = next.request.callingAETitle
            order.append(next.request.callingAETitle.value)
            try test.index.keep(failures: [:], of: next, at: .sample(1))
        }
        #expect(order == ["CT1", "DR1", "MR1", "CT1", "CT1"])
    }

    @Test func `a result delivered after its request was dropped leaves it dropped`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        let checked = try test.commit(to: [1], failures: [:], at: 5)
        #expect(try test.index.dropCommitment(checked.id, by: "zhao", at: .sample(6)))
        try test.index.noteReported(checked, at: .sample(7))
        #expect(try test.index.commitment(checked.id)?.state == .dropped)
        #expect(try !test.index.timeline(of: .sample(1)).map(\.kind).contains(.commitmentReported))
    }

    @Test func `a result is due at once, then as told, until it is delivered`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        let checked = try test.commit(to: [1, 2], failures: [1: .noSuchObjectInstance], at: 5)
        #expect(checked.failures == [1: .noSuchObjectInstance])
        #expect(try test.index.commitmentToCheck(after: nil) == nil)
        #expect(try test.index.commitmentsToReport(by: .sample(5), limit: 9) == [checked])

        try test.index.noteFailure("refused", of: checked, nextAttemptAt: .sample(10), at: .sample(5))
        #expect(try test.index.commitmentsToReport(by: .sample(9), limit: 9).isEmpty)
        let again = try #require(try test.index.commitmentsToReport(by: .sample(10), limit: 9).first)
        #expect(again.attempts == 1)
        #expect(again.lastFailure == "refused")
        #expect(try test.index.commitmentCounts().stuck == 1)

        try test.index.noteReported(again, at: .sample(11))
        #expect(try test.index.commitment(checked.id)?.state == .reported)
        #expect(try test.index.commitmentsToReport(by: .distantFuture, limit: 9).isEmpty)
        #expect(try test.index.commitmentCounts() == CommitmentCounts())
        #expect(
            try test.index.timeline(of: .sample(1)).map(\.kind) == [.received, .commitmentChecked, .commitmentReported])
    }

    @Test func `a result that is given up is seen, and can be tried again or dropped`() throws {
        let test = try TestArchive()
        let checked = try test.commit(to: [1], failures: [0: .noSuchObjectInstance])
        try test.index.noteFailure("unreachable", of: checked, nextAttemptAt: nil, at: .sample(5))
        #expect(try test.index.commitment(checked.id)?.state == .givenUp)
        #expect(try test.index.commitmentCounts().givenUp == 1)
        #expect(try test.index.commitments(pendingOnly: true).map(\.id) == [checked.id])

        #expect(try test.index.retryCommitment(checked.id, at: .sample(6), expiry: .sample(99)))
        let retried = try #require(try test.index.commitmentToCheck(after: nil))
        #expect(retried.attempts == 0)
        #expect(retried.expiresAt == .sample(99))
        #expect(try test.index.dropCommitment(checked.id, by: "zhao", at: .sample(7)))
        #expect(try !test.index.dropCommitment(checked.id, by: "zhao", at: .sample(7)))
        #expect(try test.index.commitments(pendingOnly: true).isEmpty)
        #expect(try test.index.commitments(pendingOnly: false).map(\.state) == [.dropped])
        #expect(try test.index.events(limit: 1).first?.kind == .commitmentDropped)
        #expect(try !test.index.retryCommitment(77, at: .sample(8), expiry: .sample(99)))
    }

    @Test func `another list under a Transaction UID in use is told from the same one asked again`() throws {
        let test = try TestArchive()
        let first = try test.commit(to: [1], failures: [:], transaction: "1.7")
        let same = try test.commit(to: [1], failures: [:], transaction: "1.7")
        let other = try test.commit(to: [1, 2], failures: [:], transaction: "1.7")
        #expect(try !test.index.hasOtherList(first))
        #expect(try !test.index.hasOtherList(same))
        #expect(try test.index.hasOtherList(other))
    }

    @Test func `a checked list belongs to the studies that hold some of it, which are assessed with it`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.settle(at: 10)
        _ = try test.index.publish(.sample(instanceCount: 1), of: .sample(1))
        let commitment = try test.commit(to: [1, 2], failures: [1: .noSuchObjectInstance], at: 11)
        #expect(try test.index.commitments(ofStudy: .sample(1)) == [commitment])
        #expect(try test.index.commitments(ofStudy: .sample(2)).isEmpty)
        #expect(try test.index.studiesAwaitingAssessment().map(\.studyInstanceUID) == [.sample(1)])
    }

    @Test func `an object is verified byte for byte`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        let stored = try #require(try test.index.instance(SOPInstanceUID("1.2.1.1.1")))
        #expect(test.archive.verify(stored) == nil)
        let file = test.directory + "/objects/" + test.files(in: "objects")[0]
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        #expect(test.archive.verify(stored) == .wrongDigest(stored.sopInstanceUID))
        try FileManager.default.removeItem(atPath: file)
        #expect(test.archive.verify(stored) == .missing(stored.sopInstanceUID))
    }
}

extension CommitmentRequest {
    /// For these Instances of Study 1.
    static func sample(
        _ numbers: [Int], from peer: String = "CT1", transaction: String = "1.2.3", at seconds: Int = 0
    ) throws -> CommitmentRequest {
        try CommitmentRequest(
            transactionUID: transaction, callingAETitle: AETitle(peer), calledAETitle: .priord, host: "10.0.0.5",
            requestedAt: .sample(seconds),
            instances: numbers.map {
                try NamedInstance(
                    sopClassUID: SOPClassUID("1.2.840.10008.5.1.4.1.1.1.1"),
                    sopInstanceUID: SOPInstanceUID("1.2.1.1.\($0)"))
            })
    }
}
