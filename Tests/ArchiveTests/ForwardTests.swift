import DICOMCore
import Foundation
import Synchronization
import Testing

@testable import Archive

/// The queue of what is to be forwarded.
@Suite struct ForwardTests {
    private static func rule(_ change: (inout ForwardRule) -> Void = { _ in }) -> ForwardRule {
        var rule = ForwardRule(name: "all", destination: "pacs")
        change(&rule)
        return rule
    }

    /// Two Instances of one study, settled, with these rules in force.
    private static func settled(_ rules: [ForwardRule] = [rule()]) throws -> TestArchive {
        let test = try TestArchive()
        test.index.forwardRules = rules
        try test.store(.sample(1), at: 0)
        try test.store(.sample(2), at: 1)
        try test.settle(at: 30)
        return test
    }

    private static func due(_ test: TestArchive, to destination: String = "pacs", at seconds: Int = 1000) throws
        -> [DueForward]
    { try test.index.forwardsDue(to: destination, at: .sample(seconds)) }

    private static func numbers(_ test: TestArchive, _ forward: DueForward, limit: Int = 100) throws -> [Int?] {
        try test.index.instancesToForward(forward, limit: limit).map(\.image.number)
    }

    /// Has everything that waits taken.
    private static func sendAll(_ test: TestArchive, at seconds: Int = 100) throws -> Forward.State? {
        let forward = try #require(try due(test).first)
        let instances = try test.index.instancesToForward(forward, limit: 100)
        try test.index.note(instances.map { ForwardOutcome($0) }, of: forward)
        return try test.index.end(forward, at: .sample(seconds))
    }

    @Test func `a rule that asks for no verdict queues a study when it settles, in order of instance number`() throws {
        let test = try TestArchive()
        test.index.forwardRules = [Self.rule()]
        for number in [3, 1, 2] { try test.store(.sample(number), at: number) }
        #expect(try Self.due(test).isEmpty)
        try test.settle(at: 30)
        let forward = try #require(try Self.due(test).first)
        #expect(try Self.numbers(test, forward) == [1, 2, 3])
        #expect(try Self.numbers(test, forward, limit: 2) == [1, 2])
        #expect(try test.index.kindsToForward(forward).count == 1)
        #expect(try test.index.timeline(of: .sample(1)).map(\.kind).contains(.forwardQueued))
        #expect(try Self.due(test, to: "other").isEmpty)
        #expect(try Self.due(test, at: 29).isEmpty)
    }

    @Test func `a rule that asks for an item or a verdict queues a study when it is assessed`() throws {
        let draft = AssessmentDraft.sample(instanceCount: 2)
        let right = Self.rule {
            $0.codes = [draft.match?.code ?? ""]
            $0.completeness = [draft.completeness]
            $0.quality = [draft.quality]
        }
        let wrong = Self.rule {
            $0.destination = "other"
            $0.completeness = ["nothing"]
        }
        let test = try Self.settled([right, wrong])
        #expect(try Self.due(test).isEmpty)
        _ = try test.index.publish(draft, of: .sample(1))
        #expect(try Self.due(test).count == 1)
        #expect(try Self.due(test, to: "other").isEmpty)
    }

    @Test func `what was taken is not sent again, and a late instance alone is new`() throws {
        let test = try Self.settled()
        #expect(try Self.sendAll(test) == .sent)
        #expect(try Self.due(test).isEmpty)
        _ = try test.index.publish(.sample(instanceCount: 2), of: .sample(1))
        #expect(try Self.due(test).isEmpty)

        try test.store(.sample(3), at: 200)
        #expect(try Self.due(test).isEmpty)
        try test.settle(at: 300)
        let again = try #require(try Self.due(test).first)
        #expect(try Self.numbers(test, again) == [3])
        #expect(try Self.sendAll(test) == .sent)
        #expect(try test.index.forwards().map(\.sentCount) == [3])
    }

    @Test func `an attempt that ends halfway goes on behind what was taken, over a restart`() throws {
        let test = try Self.settled()
        let forward = try #require(try Self.due(test).first)
        let first = try test.index.instancesToForward(forward, limit: 1)
        try test.index.note(first.map { ForwardOutcome($0) }, of: forward)
        #expect(try test.index.end(forward, at: .sample(100)) == nil)
        try test.index.postpone(forward, until: .sample(500), because: "gone")
        #expect(try Self.due(test, at: 499).isEmpty)
        try test.restart()
        let again = try #require(try Self.due(test, at: 500).first)
        #expect(again.attemptCount == 1)
        #expect(try Self.numbers(test, again) == [2])
        #expect(try test.index.forwards().map(\.lastFailure) == ["gone"])
        try test.index.hastenForwards(to: "pacs", at: .sample(50))
        #expect(try Self.due(test, at: 50).count == 1)
    }

    @Test func `a refusal keeps its reason and is sent again only when an operator says so`() throws {
        let test = try Self.settled()
        let forward = try #require(try Self.due(test).first)
        let instances = try test.index.instancesToForward(forward, limit: 10)
        try test.index.note(
            [ForwardOutcome(instances[0]), ForwardOutcome(instances[1], failure: "C000")], of: forward)
        #expect(try test.index.end(forward, at: .sample(100)) == .incomplete)
        #expect(try test.index.failures(ofForward: forward.id).map(\.reason) == ["C000"])
        #expect(try test.index.forwards(in: [.incomplete], to: "pacs", of: .sample(1)).map(\.failedCount) == [1])
        #expect(try Self.due(test).isEmpty)

        #expect(try test.index.retryForward(forward.id, at: .sample(200)))
        let again = try #require(try Self.due(test).first)
        #expect(try Self.numbers(test, again) == [2])
        #expect(try Self.sendAll(test) == .sent)
        #expect(try !test.index.retryForward(forward.id, at: .sample(300)))
        #expect(try !test.index.retryForward(99, at: .sample(300)))
    }

    @Test func `a dropped study is not sent, and what comes later is`() throws {
        let test = try Self.settled()
        let forward = try #require(try Self.due(test).first)
        #expect(try test.index.dropForward(forward.id, by: "zhao", at: .sample(50)))
        #expect(try !test.index.dropForward(forward.id, by: "zhao", at: .sample(50)))
        #expect(try test.index.instancesToForward(forward, limit: 10).isEmpty)
        #expect(try test.index.end(forward, at: .sample(60)) == nil)
        #expect(try test.index.forwards().map(\.state) == [.dropped])
        try test.store(.sample(3), at: 200)
        try test.settle(at: 300)
        #expect(try Self.numbers(test, try #require(try Self.due(test).first)) == [3])
    }

    @Test func `a paused destination has nothing due until it is resumed`() throws {
        let test = try Self.settled()
        try test.index.pauseForwards(to: "pacs", by: "zhao", at: .sample(40))
        try test.index.pauseForwards(to: "pacs", by: "zhao", at: .sample(41))
        try test.restart()
        #expect(try Self.due(test).isEmpty)
        #expect(try test.index.pausedForwards() == ["pacs": .sample(40)])
        var counts = ForwardCounts()
        counts.waiting = 1
        counts.oldest = .sample(30)
        #expect(try test.index.forwardCounts() == ["pacs": counts])
        try test.index.resumeForwards(to: "pacs", by: "zhao", at: .sample(60))
        #expect(try Self.due(test).count == 1)
    }

    @Test func `an instance that ends the connection goes behind the others and is given up in the end`() throws {
        let test = try TestArchive()
        test.index.forwardRules = [Self.rule()]
        for number in 1...2 {
            try test.store(.sample(number, series: 1), at: number)
            try test.store(.sample(number, series: 2), at: number)
        }
        try test.settle(at: 30)
        let forward = try #require(try Self.due(test).first)
        func order(_ limit: Int = .max) throws -> [String] {
            try test.index.instancesToForward(forward, limit: 10, suspectLimit: limit).map(\.sopInstanceUID.value)
        }
        #expect(try order() == ["1.2.1.1.1", "1.2.1.1.2", "1.2.1.2.1", "1.2.1.2.2"])
        let poison = try #require(try test.index.instancesToForward(forward, limit: 1).first)
        func fails(isProven: Bool) throws -> Bool {
            try test.index.noteBreak(
                sending: poison, of: forward, because: "aborted", limit: 2, isProven: isProven)
        }
        #expect(try !fails(isProven: true))
        // Its series waits for the other one, in its order; beyond the limit it alone is last.
        #expect(try order() == ["1.2.1.2.1", "1.2.1.2.2", "1.2.1.1.1", "1.2.1.1.2"])
        #expect(try order(1) == ["1.2.1.2.1", "1.2.1.2.2", "1.2.1.1.2", "1.2.1.1.1"])
        #expect(try test.index.failures(ofForward: forward.id).map(\.kind) == [.retried])
        // Nothing else was taken meanwhile, so it may be the destination's fault.
        for _ in 0..<6 { #expect(try !fails(isProven: false)) }
        #expect(try fails(isProven: false))
        #expect(try order() == ["1.2.1.1.2", "1.2.1.2.1", "1.2.1.2.2"])
        let rest = try test.index.instancesToForward(forward, limit: 10)
        try test.index.note(rest.map { ForwardOutcome($0) }, of: forward)
        #expect(try test.index.end(forward, at: .sample(100)) == .failed)
        let failure = try #require(try test.index.failures(ofForward: forward.id).first)
        #expect(failure.kind == .givenUp && failure.reason == "given up after 8 attempts: aborted")
        #expect(try test.index.forwardCounts()["pacs"]?.failed == 1)
        #expect(try test.index.timeline(of: .sample(1)).map(\.kind).contains(.forwardFailed))

        #expect(try test.index.retryForwards(to: "pacs", at: .sample(200)) == 1)
        #expect(try test.index.retryForwards(to: "pacs", at: .sample(200)) == 0)
        #expect(try test.index.instancesToForward(forward, limit: 10) == [poison])
    }

    @Test func `a late instance of a study that failed leaves what was given up as it is`() throws {
        let test = try Self.settled()
        let forward = try #require(try Self.due(test).first)
        let instances = try test.index.instancesToForward(forward, limit: 10)
        #expect(
            try test.index.noteBreak(sending: instances[0], of: forward, because: "x", limit: 1, isProven: true))
        try test.index.note([ForwardOutcome(instances[1])], of: forward)
        #expect(try test.index.end(forward, at: .sample(100)) == .failed)
        try test.store(.sample(3), at: 200)
        try test.settle(at: 300)
        let again = try #require(try Self.due(test).first)
        #expect(try Self.numbers(test, again) == [3])
        #expect(try Self.sendAll(test) == .failed)
    }

    @Test func `what a destination sent itself is not queued for it`() throws {
        for (host, isQueued) in [("10.0.0.5", false), ("10.0.0.6", true)] {
            let test = try TestArchive()
            test.index.forwardRules = [Self.rule()]
            test.index.forwardOrigins = ["pacs": ForwardOrigin(aeTitle: try AETitle("MODALITY"), host: host)]
            try test.store(.sample(1), at: 0)
            try test.settle(at: 30)
            #expect(try !Self.due(test).isEmpty == isQueued, "\(host)")
        }
        let test = try TestArchive()
        test.index.forwardRules = [Self.rule()]
        test.index.forwardOrigins = ["pacs": ForwardOrigin(aeTitle: try AETitle("MODALITY"))]
        try test.store(.sample(1), at: 0)
        var other = try InstanceOrigin.sample(at: 1)
        other.callingAETitle = try AETitle("CT2")
        let record = try InstanceRecord.sample(2)
        _ = try test.archive.commit(test.write(record, bytes: [1]), record: record, origin: other)
        try test.settle(at: 30)
        #expect(try Self.numbers(test, try #require(try Self.due(test).first)) == [2])
        #expect(try Self.sendAll(test) == .sent)
    }

    @Test func `a rule is applied to earlier studies when a person says so, once or once more`() throws {
        let test = try Self.settled([])
        test.index.forwardRules = [Self.rule(), Self.rule { $0.destination = "archive" }]
        var backfill = ForwardBackfill(rule: "all")
        func queue(_ change: (inout ForwardBackfill) -> Void = { _ in }) throws -> Int? {
            change(&backfill)
            return try test.index.queueForwards(by: backfill, for: "zhao", at: .sample(50))
        }
        #expect(try test.index.queueForwards(by: ForwardBackfill(rule: "no"), for: "zhao", at: .sample(50)) == nil)
        #expect(try queue { $0.isTrial = true } == 1)
        #expect(try Self.due(test).isEmpty)
        #expect(try queue { $0.range = ReportRange(lastDate: "20260101") } == 0)
        backfill = ForwardBackfill(rule: "all", range: ReportRange(firstDate: "20261101"), study: try .sample(1))
        #expect(try queue() == 1)
        #expect(try Self.due(test).count == 1)
        #expect(try Self.due(test, to: "archive").count == 1)
        #expect(try Self.sendAll(test) == .sent)
        #expect(try queue() == 0)
        #expect(try queue { $0.sendsAgain = true } == 1)
        #expect(try Self.numbers(test, try #require(try Self.due(test).first)) == [1, 2])
        let kinds = try test.index.timeline(of: .sample(1)).filter { $0.kind == .forwardsAdded }
        #expect(kinds.map(\.detail).first?.contains("from 20261101: 1 studies, by zhao") == true)
        #expect(throws: ArchiveError.stopped) {
            try test.index.queueForwards(by: backfill, for: "zhao", at: .sample(50)) { _, _ in false }
        }
    }

    @Test func `whoever waits for work is told of it`() throws {
        let rings = Mutex(0)
        let test = try TestArchive()
        test.index.onForwardWork { rings.withLock { $0 += 1 } }
        func rang() -> Bool {
            rings.withLock { count in
                defer { count = 0 }
                return count > 0
            }
        }
        try test.store(.sample(1), at: 0)
        try test.settle(at: 30)
        #expect(!rang())
        test.index.forwardRules = [Self.rule()]
        try test.store(.sample(2), at: 40)
        try test.settle(at: 60)
        #expect(rang())
        _ = try test.index.publish(.sample(instanceCount: 2), of: .sample(1))
        #expect(rang())
        _ = try test.index.retryForward(1, at: .sample(70))
        #expect(rang())
        try test.index.resumeForwards(to: "pacs", by: "zhao", at: .sample(70))
        #expect(rang())
        #expect(try test.index.nextForward(to: "pacs") == .sample(70))
        #expect(try test.index.nextForward(to: "other") == nil)
    }

    @Test func `each condition of a rule has to hold`() {
        let study = ForwardSubject(
            modalities: ["CT", "SR"], source: "CT1", code: "A", completeness: "complete", quality: "pass", age: 10)
        #expect(Self.rule().fits(study))
        #expect(Self.rule().fits(ForwardSubject()))
        let fitting: [(inout ForwardRule) -> Void] = [
            { $0.modalities = ["CT", "MR"] }, { $0.sources = ["CT1"] }, { $0.codes = ["A", "B"] },
            { $0.completeness = ["complete"] }, { $0.quality = ["pass"] }, { $0.maximumAge = 10 },
        ]
        for change in fitting {
            #expect(Self.rule(change).fits(study))
            #expect(!Self.rule(change).fits(ForwardSubject()))
        }
        #expect(!Self.rule { $0.maximumAge = 9 }.fits(study))
        #expect(Self.rule { $0.quality = ["pass"] }.needsAssessment)
        #expect(!Self.rule { $0.modalities = ["CT"] }.needsAssessment)
    }
}
