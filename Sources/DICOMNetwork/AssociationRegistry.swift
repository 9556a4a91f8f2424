internal import Foundation
internal import Synchronization

/// Who is being served, so that a limit holds, an idle one can give way, and a stop can wait for the last.
final class AssociationRegistry: Sendable {
    struct Seat: Hashable { let number: Int }

    private struct State {
        var nextNumber = 0
        /// nil until the A-ASSOCIATE-RQ has been read.
        var seats: [Seat: Association?] = [:]
        var rejections = 0
        var waitingInLobby = 0
    }

    private let state = Mutex(State())
    private let changed = NSCondition()

    var count: Int { state.withLock { $0.seats.count } }

    var waitingInLobby: Int {
        get { state.withLock { $0.waitingInLobby } }
        set { state.withLock { $0.waitingInLobby = newValue } }
    }

    func takeSeat(limit: Int) -> Seat? {
        state.withLock { state in
            guard state.seats.count < limit else { return nil }
            let seat = Seat(number: state.nextNumber)
            state.nextNumber += 1
            state.seats[seat] = .some(nil)
            return seat
        }
    }

    func register(_ association: Association, at seat: Seat) {
        state.withLock { $0.seats[seat] = .some(association) }
    }

    func leave(_ seat: Seat) {
        state.withLock { _ = $0.seats.removeValue(forKey: seat) }
        announce()
    }

    func takeRejectionSeat(limit: Int) -> Bool {
        state.withLock { state in
            guard state.rejections < limit else { return false }
            state.rejections += 1
            return true
        }
    }

    func leaveRejectionSeat() {
        state.withLock { $0.rejections -= 1 }
        announce()
    }

    /// Makes the longest idle Association give its seat up and waits a moment for that.
    func interruptLongestIdle(atLeast duration: Duration) {
        let longest = state.withLock { state in
            state.seats.compactMap { seat, association in
                association.flatMap { open in open.idleSince.map { (seat: seat, association: open, since: $0) } }
            }.min { $0.since < $1.since }
        }
        guard let longest, ContinuousClock.now - longest.since >= duration else { return }
        longest.association.interrupt()
        wait(until: Date(timeIntervalSinceNow: 1)) { state in state.seats[longest.seat] == nil }
    }

    func interruptAll() {
        let associations = state.withLock { state in state.seats.values.compactMap { $0 } }
        for association in associations { association.interrupt() }
    }

    /// Returns when nobody is served any more, or `patience` is over; nil waits for as long as it takes.
    func waitUntilEmpty(within patience: Duration?) {
        let deadline = patience.map { Date(timeIntervalSinceNow: TimeInterval($0.milliseconds) / 1000) }
        wait(until: deadline) { state in state.seats.isEmpty && state.rejections == 0 }
    }

    private func wait(until deadline: Date?, _ isDone: (State) -> Bool) {
        changed.lock()
        defer { changed.unlock() }
        while !state.withLock({ isDone($0) }) {
            // Foundation on Linux traps on a date as far as `distantFuture`.
            guard let deadline else {
                changed.wait()
                continue
            }
            guard changed.wait(until: deadline) else { return }
        }
    }

    private func announce() {
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }
}
