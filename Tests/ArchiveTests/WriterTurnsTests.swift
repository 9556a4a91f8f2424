import Foundation
import GRDB
import Glibc
import Synchronization
import Testing

@testable import Archive

@Suite(.timeLimit(.minutes(10))) struct WriterTurnsTests {
    @Test func `who waits longest is next, and who had a turn waits behind the others`() {
        let turns = WriterTurns()
        let order = Mutex<[Int]>([])
        let group = DispatchGroup()
        turns.take()
        for number in 1...8 {
            group.enter()
            Thread.detachNewThread {
                turns.take()
                order.withLock { $0.append(number) }
                turns.pass()
                group.leave()
            }
            while turns.waitingCount < number { sched_yield() }
        }
        turns.pass()
        turns.take()
        order.withLock { $0.append(0) }
        turns.pass()
        group.wait()
        #expect(order.withLock { $0 } == [1, 2, 3, 4, 5, 6, 7, 8, 0])
    }

    @Test func `one at a time has the turn`() {
        let turns = WriterTurns()
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 1...2000 {
                turns.take()
                most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                inside.subtract(1, ordering: .relaxed)
                turns.pass()
            }
        }
        #expect(most.load(ordering: .relaxed) == 1 && turns.waitingCount == 0)
    }

    @Test func `studies settle in steps between which others write`() throws {
        let test = try TestArchive()
        let index = test.index
        for study in 1...300 { try test.store(.sample(1, study: study), at: 0) }
        let due = try index.studiesDueToSettle(lastInstanceBefore: .sample(60), limit: 300)
        let settledCount = Mutex(0)
        let leftCount = Mutex(0)
        let group = DispatchGroup()
        func begin(_ work: @escaping @Sendable () throws -> Void) {
            let waiting = index.turns.waitingCount
            group.enter()
            Thread.detachNewThread {
                do { try work() } catch { Issue.record(error) }
                group.leave()
            }
            while index.turns.waitingCount == waiting { sched_yield() }
        }
        // Both wait for a third.
        index.turns.take()
        begin {
            let settled = try index.settle(due, reason: "quiet period", at: .sample(60))
            settledCount.withLock { $0 = settled.count }
        }
        begin {
            let left = try index.write { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM study WHERE state = 0") ?? 0
            }
            leftCount.withLock { $0 = left }
        }
        index.turns.pass()
        group.wait()
        #expect((1..<300).contains(leftCount.withLock { $0 }))
        #expect(settledCount.withLock { $0 } == 300)
        #expect(try index.counts().settledStudies == 300)
    }
}
