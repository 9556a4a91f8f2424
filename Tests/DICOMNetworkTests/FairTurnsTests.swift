import Dispatch
import Glibc
import Synchronization
import Testing

@testable import DICOMNetwork

@Suite(.timeLimit(.minutes(10))) struct FairTurnsTests {
    /// Turns that wait, by threads of their own, and the order in which they came to it.
    private final class Queue: Sendable {
        let turns: FairTurns
        private let order = Mutex<[String]>([])
        /// Kept until the end: who leaves would let others begin beside a turn whose thread has not come to it yet.
        private let presences = Mutex<[FairTurns.Presence]>([])
        private let group = DispatchGroup()

        init(_ turns: FairTurns) { self.turns = turns }

        /// Asks for a turn of cost 1 and returns once somebody waits for it.
        func ask(_ party: String, weight: Int = 1) {
            let before = turns.waitingCount(.computing)
            let presence = turns.enter(FairTurns.Party(name: party, weight: weight))
            presences.withLock { $0.append(presence) }
            group.enter()
            let isStarted = Thread.start { [self] in
                presence.turn(of: .computing, cost: 1) { order.withLock { $0.append(party) } }
                group.leave()
            }
            #expect(isStarted)
            while turns.waitingCount(.computing) == before { sched_yield() }
        }

        func served() -> [String] {
            group.wait()
            return order.withLock { $0 }
        }

        /// Those of `count` turns that were the first to end.
        func served(first count: Int) -> [String] {
            while order.withLock({ $0.count < count }) { sched_yield() }
            return order.withLock { Array($0.prefix(count)) }
        }
    }

    /// A turn that goes on until told otherwise.
    private final class Held: Sendable {
        private let end = DispatchSemaphore(value: 0)
        private let done = DispatchSemaphore(value: 0)

        init(_ presence: FairTurns.Presence) {
            let begun = DispatchSemaphore(value: 0)
            let isStarted = Thread.start { [self] in
                presence.turn(of: .computing, cost: 1) {
                    begun.signal()
                    end.wait()
                }
                done.signal()
            }
            #expect(isStarted)
            begun.wait()
        }

        func finish() {
            end.signal()
            done.wait()
        }
    }

    @Test func `who is alone never waits`() {
        let turns = FairTurns(room: [.computing: 1])
        let own = (0..<16).map { _ in turns.enter(.init(name: "PACS")) }
        let held = own.map(Held.init)
        #expect(turns.waitingCount(.computing) == 0)
        for turn in held { turn.finish() }
    }

    @Test func `a newcomer has its turn at once, however many turns others have begun`() {
        let turns = FairTurns(room: [.computing: 2])
        let flood = (0..<16).map { _ in turns.enter(.init(name: "PACS")) }
        let held = flood.map(Held.init)
        let room = turns.enter(.init(name: "DR1"))
        #expect(room.turn(of: .computing, cost: 1_000_000) { "done" } == "done")
        for turn in held { turn.finish() }
    }

    @Test func `while others are there a flood begins no more turns than there is room for`() {
        let turns = FairTurns(room: [.computing: 2])
        let room = turns.enter(.init(name: "DR1"))
        let queue = Queue(turns)
        let held = (0..<2).map { _ in Held(turns.enter(.init(name: "PACS"))) }
        for _ in 0..<5 { queue.ask("PACS") }
        #expect(turns.waitingCount(.computing) == 5)
        #expect(room.turn(of: .computing, cost: 1) { true })
        #expect(turns.waitingCount(.computing) == 5)
        for turn in held { turn.finish() }
        #expect(queue.served().count == 5)
    }

    @Test func `turns are given by weight, the least served first`() {
        let turns = FairTurns(room: [.computing: 1])
        let held = [Held(turns.enter(.init(name: "HELD"))), Held(turns.enter(.init(name: "PACS")))]
        let room = Held(turns.enter(.init(name: "DR1", weight: 3)))
        let queue = Queue(turns)
        for _ in 0..<8 { queue.ask("PACS") }
        for _ in 0..<6 { queue.ask("DR1", weight: 3) }
        for turn in held + [room] { turn.finish() }
        let order = queue.served()
        #expect(order.count == 14)
        // By weight DR1 has its six turns while PACS has two.
        let last = order.lastIndex(of: "DR1") ?? 0
        #expect((1...3).contains(order[..<last].count { $0 == "PACS" }), "\(order)")
    }

    @Test func `who leaves lets those who waited for it go on`() {
        let turns = FairTurns(room: [.computing: 1])
        let queue = Queue(turns)
        var room: FairTurns.Presence? = turns.enter(.init(name: "DR1"))
        let held = Held(turns.enter(.init(name: "PACS")))
        queue.ask("PACS")
        queue.ask("PACS")
        #expect(room != nil)
        room = nil
        #expect(queue.served() == ["PACS", "PACS"])
        held.finish()
    }

    @Test func `who comes back brings neither credit nor debt`() throws {
        let turns = FairTurns(room: [.computing: 1])
        let pacs = turns.enter(.init(name: "PACS"))
        pacs.turn(of: .computing, cost: 1_000_000) {}
        let queue = Queue(turns)
        let held = Held(turns.enter(.init(name: "DR1")))
        let second = Held(pacs)
        queue.ask("DR1")
        queue.ask("PACS")
        queue.ask("DR1")
        // Both begin where PACS stood when DR1 came; so with DR1 at work it is the turn of PACS.
        second.finish()
        try #require(turns.waitingCount(.computing) == 2)
        #expect(queue.served(first: 1) == ["PACS"])
        held.finish()
        #expect(queue.served() == ["PACS", "DR1", "DR1"])
    }

    @Test func `kinds of turns do not wait for each other`() {
        let turns = FairTurns(room: [.computing: 1, .keeping: 1])
        let room = turns.enter(.init(name: "DR1"))
        let held = [Held(turns.enter(.init(name: "PACS"))), Held(room)]
        #expect(room.turn(of: .keeping, cost: 1) { true })
        for turn in held { turn.finish() }
    }
}
