internal import Foundation
internal import Synchronization

/// Who is being served, so that limits hold, an idle one can give way, and a stop can wait for the last.
final class AssociationRegistry: Sendable {
    struct Seat: Hashable { let number: Int }

    /// Why there is no seat.
    enum Shortage: Equatable, Sendable {
        /// The peer has as many as it may.
        case ofPeer
        /// What is left is kept for others, or nothing is.
        case ofAll
    }

    private struct Occupant {
        let peer: CallingPeer
        /// nil until the A-ASSOCIATE-RQ has been read.
        var association: Association?
    }

    private struct State {
        var nextNumber = 0
        var seats: [Seat: Occupant] = [:]
        /// By ``CallingPeer/name``, as are the counts of refusals.
        var open: [String: Int] = [:]
        var refused: [String: Int] = [:]
        var rejections = 0
        var waitingInLobby: [Int: Int] = [:]

        /// What `reserves` keep and nobody has taken yet.
        func unfilled(_ reserves: [String: Int]) -> Int {
            reserves.reduce(0) { $0 + max(0, $1.value - open[$1.key, default: 0]) }
        }
    }

    /// Names that refusals are counted for; those of further ones are counted for nobody.
    private static let countedNames = 1024

    private let limit: Int
    private let reserves: [String: Int]
    private let state = Mutex(State())
    private let changed = NSCondition()

    init(limit: Int, reserves: [String: Int]) {
        self.limit = limit
        self.reserves = reserves
    }

    var count: Int { state.withLock { $0.seats.count } }

    /// Everybody who has an Association or was refused one, by name.
    var peers: [PeerAssociations] {
        state.withLock { state in
            Set(state.open.keys).union(state.refused.keys).sorted().map { name in
                PeerAssociations(
                    name: name, open: state.open[name, default: 0], refused: state.refused[name, default: 0])
            }
        }
    }

    var waitingInLobby: Int { state.withLock { $0.waitingInLobby.values.reduce(0, +) } }

    /// Notes how many wait at one of the doors.
    func note(waiting count: Int, at door: Int) { state.withLock { $0.waitingInLobby[door] = count } }

    func takeSeat(for peer: CallingPeer) -> Result<Seat, Shortage> {
        state.withLock { state in
            let own = state.open[peer.name, default: 0]
            guard own < peer.limit else { return .failure(.ofPeer) }
            guard own < peer.reserve || state.seats.count + state.unfilled(reserves) < limit else {
                return .failure(.ofAll)
            }
            let seat = Seat(number: state.nextNumber)
            state.nextNumber += 1
            state.seats[seat] = Occupant(peer: peer)
            state.open[peer.name] = own + 1
            return .success(seat)
        }
    }

    /// Counts a refusal.
    func noteRefusal(of peer: CallingPeer) {
        state.withLock { state in
            guard state.refused[peer.name] != nil || state.refused.count < AssociationRegistry.countedNames else {
                return
            }
            state.refused[peer.name, default: 0] += 1
        }
    }

    func register(_ association: Association, at seat: Seat) {
        state.withLock { $0.seats[seat]?.association = association }
    }

    func leave(_ seat: Seat) {
        state.withLock { state in
            guard let name = state.seats.removeValue(forKey: seat)?.peer.name else { return }
            let left = state.open[name, default: 1] - 1
            state.open[name] = left == 0 ? nil : left
        }
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

    /// Makes the longest idle Association whose seat `peer` could have give it up, and waits a moment for that. At its own
    /// limit that is one of its own; else anybody's who has more than is kept for him.
    func makeRoom(for peer: CallingPeer, because shortage: Shortage, idleFor duration: Duration) {
        let longest = state.withLock { state in
            state.seats.compactMap { seat, occupant in
                let isOwn = occupant.peer.name == peer.name
                let isSpare = state.open[occupant.peer.name, default: 0] > occupant.peer.reserve
                guard isOwn || shortage == .ofAll && isSpare else { return nil }
                return occupant.association.flatMap { open in
                    open.idleSince.map { (seat: seat, association: open, since: $0) }
                }
            }.min { (first: (seat: Seat, association: Association, since: ContinuousClock.Instant), second) in
                first.since < second.since
            }
        }
        guard let longest, ContinuousClock.now - longest.since >= duration else { return }
        longest.association.interrupt()
        wait(until: Date(timeIntervalSinceNow: 1)) { state in state.seats[longest.seat] == nil }
    }

    func interruptAll() {
        let associations = state.withLock { state in state.seats.values.compactMap(\.association) }
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

extension AssociationRegistry.Shortage: Error {}
