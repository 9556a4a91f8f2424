import DICOMCore
import Foundation
import Testing

@testable import Archive

/// What destinations have to commit to.
@Suite struct ForwardCommitmentTests {
    /// Three Instances of one study, taken by a destination that has to commit to them.
    private static func taken() throws -> (test: TestArchive, forward: DueForward) {
        let test = try TestArchive()
        test.index.forwardRules = [ForwardRule(name: "all", destination: "pacs")]
        for number in 1...3 { try test.store(.sample(number), at: number) }
        try test.settle(at: 30)
        let forward = try #require(try test.index.forwardsDue(to: "pacs", at: .sample(1000)).first)
        try take(test, forward)
        return (test, try #require(try test.index.forwardsToCommit(to: "pacs", at: .sample(1000)).first))
    }

    private static func take(_ test: TestArchive, _ forward: DueForward) throws {
        let instances = try test.index.instancesToForward(forward, limit: 10)
        try test.index.note(instances.map { ForwardOutcome($0) }, of: forward, isCommitted: false)
        #expect(try test.index.end(forward, at: .sample(100)) == .committing)
    }

    /// A round of one list.
    private static func ask(_ test: TestArchive, _ forward: DueForward, _ transaction: String = "1.1") throws {
        try test.index.beginCommitmentRound(of: forward)
        _ = try #require(
            try test.index.nextCommitment(of: forward, transactionUID: transaction, limit: 10, at: .sample(101)))
        try test.index.endCommitmentRound(of: forward, nextAt: .sample(500))
    }

    private static func uid(_ number: Int) throws -> SOPInstanceUID { try SOPInstanceUID("1.2.1.1.\(number)") }

    private static func report(
        _ test: TestArchive, _ transaction: String = "1.1", committed: [Int], failed: [Int] = [], limit: Int = 3
    ) throws -> ForwardCommitmentOutcome {
        let failed = try failed.map { (try uid($0), DIMSEStatus.noSuchObjectInstance) }
        return try test.index.take(
            ForwardCommitmentReport(
                transactionUID: transaction, committed: committed.map(uid), failed: Dictionary(failed) { $1 }),
            limit: limit, resendingAt: .sample(300), at: .sample(200))
    }

    private static func kept(_ state: Forward.State?) throws -> ForwardCommitmentOutcome {
        .kept(study: try .sample(1), destination: "pacs", state: state)
    }

    @Test func `what was taken is delivered once it is committed, and the report counts once`() throws {
        let (test, forward) = try Self.taken()
        #expect(try test.index.forwards().map(\.uncommittedCount) == [3])
        #expect(try test.index.forwardCounts()["pacs"]?.committing == 1)
        try Self.ask(test, forward)
        #expect(try test.index.destination(ofTransaction: "1.1") == "pacs")
        #expect(try test.index.forwardsToCommit(to: "pacs", at: .sample(499)).isEmpty)
        #expect(try test.index.nextForward(to: "pacs") == .sample(500))
        try test.restart()
        #expect(try Self.report(test, committed: [1, 2, 3]) == Self.kept(.sent))
        #expect(try Self.report(test, committed: [], failed: [1]) == .repeated)
        #expect(try Self.report(test, "1.9", committed: [1]) == .unknown)
        let row = try #require(try test.index.forwards().first)
        #expect(row.state == .sent && row.sentCount == 3 && row.uncommittedCount == 0)
        #expect(try test.index.timeline(of: .sample(1)).last?.detail == "pacs: 3 sent and committed")
    }

    @Test func `what is not committed is sent again, and given up after so many times`() throws {
        let (test, forward) = try Self.taken()
        try Self.ask(test, forward)
        #expect(try Self.report(test, committed: [1, 3], failed: [2], limit: 2) == Self.kept(.waiting))
        #expect(try test.index.forwardsDue(to: "pacs", at: .sample(299)).isEmpty)
        let again = try #require(try test.index.forwardsDue(to: "pacs", at: .sample(300)).first)
        #expect(try test.index.instancesToForward(again, limit: 10).map(\.image.number) == [2])
        #expect(try test.index.failures(ofForward: again.id).map(\.kind) == [.retried])
        #expect(try test.index.forwards().map(\.sentCount) == [2])
        try Self.take(test, again)
        try Self.ask(test, again, "1.2")
        #expect(try Self.report(test, "1.2", committed: [], failed: [2], limit: 2) == Self.kept(.failed))
        let failure = try #require(try test.index.failures(ofForward: again.id).first)
        #expect(failure.kind == .givenUp && failure.reason == "taken, and not committed: 0112")
    }

    @Test func `a list is asked for in parts, and what an answer leaves out is asked for again`() throws {
        let (test, forward) = try Self.taken()
        try test.index.beginCommitmentRound(of: forward)
        func next(_ transaction: String) throws -> [String]? {
            try test.index.nextCommitment(of: forward, transactionUID: transaction, limit: 2, at: .sample(101))?
                .instances.map(\.sopInstanceUID.value)
        }
        #expect(try next("1.1") == ["1.2.1.1.1", "1.2.1.1.2"])
        #expect(try next("1.2") == ["1.2.1.1.3"])
        #expect(try next("1.3") == nil)
        try test.index.endCommitmentRound(of: forward, nextAt: .sample(500))
        #expect(try Self.report(test, committed: [1]) == Self.kept(.committing))
        #expect(try test.index.nextForward(to: "pacs") == .sample(500))
        #expect(try Self.report(test, "1.2", committed: [3]) == Self.kept(.committing))
        #expect(try test.index.nextForward(to: "pacs") == .sample(300))
        try test.index.beginCommitmentRound(of: forward)
        #expect(try next("1.4") == ["1.2.1.1.2"])
    }

    @Test func `who is asked often enough is asked no more, and a late answer counts`() throws {
        let (test, forward) = try Self.taken()
        try Self.ask(test, forward)
        try Self.ask(test, forward, "1.2")
        try test.index.giveUpCommitment(of: forward, because: "no answer", at: .sample(600))
        #expect(try test.index.forwardsToCommit(to: "pacs", at: .sample(9999)).isEmpty)
        #expect(try test.index.forwards().map(\.state) == [.uncommitted])
        #expect(try test.index.forwards().map(\.attemptCount) == [2])
        let failures = try test.index.failures(ofForward: forward.id)
        #expect(failures.map(\.kind) == [.uncommitted, .uncommitted, .uncommitted])
        #expect(failures.first?.reason == "no answer")
        #expect(try test.index.timeline(of: .sample(1)).last?.kind == .forwardUncommitted)
        // To the first question, of which the second one had taken the place.
        #expect(try Self.report(test, committed: [1, 2, 3]) == Self.kept(.sent))

        let (other, again) = try Self.taken()
        try other.index.giveUpCommitment(of: again, because: "no answer", at: .sample(600))
        #expect(try other.index.retryForward(again.id, at: .sample(700)))
        #expect(try other.index.forwards().map(\.state) == [.committing])
        #expect(try other.index.forwardsToCommit(to: "pacs", at: .sample(700)).count == 1)
        #expect(try other.index.dropForward(again.id, by: "zhao", at: .sample(800)))
    }

    @Test func `a late instance is sent while others wait to be committed`() throws {
        let (test, forward) = try Self.taken()
        try Self.ask(test, forward)
        try test.store(.sample(4), at: 110)
        try test.settle(at: 150)
        #expect(try Self.report(test, committed: [1, 2, 3]) == Self.kept(.waiting))
        let late = try #require(try test.index.forwardsDue(to: "pacs", at: .sample(1000)).first)
        #expect(try test.index.instancesToForward(late, limit: 10).map(\.image.number) == [4])
        try Self.take(test, late)
        try Self.ask(test, late, "1.2")
        #expect(try Self.report(test, "1.2", committed: [4]) == Self.kept(.sent))
        #expect(try test.index.forwards().map(\.sentCount) == [4])
    }

    @Test func `where commitment is not asked for any more, what was taken is delivered`() throws {
        let (test, _) = try Self.taken()
        try test.index.waiveCommitments(of: "other", at: .sample(700))
        #expect(try test.index.forwards().map(\.state) == [.committing])
        try test.index.waiveCommitments(of: "pacs", at: .sample(700))
        #expect(try test.index.forwards().map(\.state) == [.sent])
    }

    @Test func `a dropped study hears of no answer, and a paused destination is not asked`() throws {
        let (test, forward) = try Self.taken()
        try test.index.pauseForwards(to: "pacs", by: "zhao", at: .sample(100))
        #expect(try test.index.forwardsToCommit(to: "pacs", at: .sample(1000)).isEmpty)
        #expect(try test.index.nextForward(to: "pacs") == nil)
        try test.index.resumeForwards(to: "pacs", by: "zhao", at: .sample(100))
        try Self.ask(test, forward)
        #expect(try test.index.dropForward(forward.id, by: "zhao", at: .sample(150)))
        #expect(try Self.report(test, committed: [1, 2, 3]) == Self.kept(nil))
        #expect(try test.index.forwards().map(\.state) == [.dropped])
        #expect(
            try test.index.nextCommitment(of: forward, transactionUID: "1.5", limit: 10, at: .sample(160)) == nil)
    }
}
