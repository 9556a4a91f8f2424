internal import Dispatch
internal import Synchronization

/// Divides what the machine can do at once among the peers that contend for it.
///
/// Work that does not wait for a peer is done in turns: bytes taken in, an Instance made durable, a match found, an object
/// converted. While one peer alone has work under way nobody waits. With several, as many turns of a kind go on at once as
/// the machine has room for. What is free goes to the peer that has had the least for its weight, and that one has a turn
/// at once even where others, who were alone before, have begun more than there is room for. So a migration over many
/// Associations hardly delays a modality, and the machine is never idle for the sake of order.
public final class FairTurns: Sendable {
    /// What turns are for; each kind has room of its own.
    public enum Kind: Int, CaseIterable, Sendable {
        /// The processor: bytes received and digested, matches of a query.
        case computing
        /// The disk: syncs and the commit.
        case keeping
        /// The processes that decode pixels.
        case converting
    }

    /// One of those who contend; all of the same name are one.
    public struct Party: Hashable, Sendable {
        public var name: String
        /// Its part in relation to others', 1 or more.
        public var weight: Int

        public init(name: String, weight: Int = 1) {
            self.name = name
            self.weight = max(1, weight)
        }
    }

    private struct Standing {
        let weight: Int
        /// Pieces of work under way.
        var present = 1
        /// What it has had of each kind, divided by its weight.
        var served: [Double]
        var running: [Int]
        /// Who waits, the first to be served last.
        var waiting: [[Ticket]]

        init(weight: Int, served: [Double]) {
            self.weight = weight
            self.served = served
            running = Kind.allCases.map { _ in 0 }
            waiting = Kind.allCases.map { _ in [] }
        }

        mutating func begin(_ kind: Kind, _ cost: Int) {
            running[kind.rawValue] += 1
            served[kind.rawValue] += Double(max(1, cost)) / Double(weight)
        }
    }

    private struct Ticket {
        let cost: Int
        let call = DispatchSemaphore(value: 0)
    }

    private let room: [Int]
    private let state = Mutex<[String: Standing]>([:])

    /// - Parameter room: turns of each kind that go on at once where peers contend; one for kinds it leaves out.
    public init(room: [Kind: Int]) {
        self.room = Kind.allCases.map { max(1, room[$0] ?? 1) }
    }

    /// Somebody's piece of work under way, such as one Instance being received. It ends with the object.
    public final class Presence: Sendable {
        private let turns: FairTurns
        private let party: Party

        fileprivate init(_ turns: FairTurns, _ party: Party) {
            self.turns = turns
            self.party = party
        }

        deinit { turns.leave(party) }

        /// Does `work` when it is this party's turn, and not before.
        ///
        /// - Parameter cost: how much it is in comparison with other turns of its kind, such as bytes.
        public func turn<Result, Failure: Error>(
            of kind: Kind, cost: Int, _ work: () throws(Failure) -> Result
        ) throws(Failure) -> Result {
            turns.begin(kind, cost, party)
            defer { turns.end(kind, party) }
            return try work()
        }
    }

    public func enter(_ party: Party) -> Presence {
        state.withLock { standings in
            guard standings[party.name] == nil else {
                standings[party.name]?.present += 1
                return
            }
            // Who was away brings no credit along, and no debt.
            let least = Kind.allCases.map { kind in standings.values.map { $0.served[kind.rawValue] }.min() ?? 0 }
            standings[party.name] = Standing(weight: party.weight, served: least)
        }
        return Presence(self, party)
    }

    /// Turns of a kind that somebody waits for.
    func waitingCount(_ kind: Kind) -> Int {
        state.withLock { $0.values.reduce(0) { $0 + $1.waiting[kind.rawValue].count } }
    }

    private func leave(_ party: Party) {
        state.withLock { standings in
            guard var standing = standings[party.name] else { return }
            standing.present -= 1
            standings[party.name] = standing.present == 0 ? nil : standing
            for kind in Kind.allCases { callNext(kind, &standings) }
        }
    }

    private func begin(_ kind: Kind, _ cost: Int, _ party: Party) {
        let ticket = state.withLock { standings -> Ticket? in
            guard mayBegin(kind, party.name, standings) else {
                let ticket = Ticket(cost: cost)
                standings[party.name]?.waiting[kind.rawValue].insert(ticket, at: 0)
                return ticket
            }
            standings[party.name]?.begin(kind, cost)
            return nil
        }
        ticket?.call.wait()
    }

    private func end(_ kind: Kind, _ party: Party) {
        state.withLock { standings in
            standings[party.name]?.running[kind.rawValue] -= 1
            callNext(kind, &standings)
        }
    }

    private func mayBegin(_ kind: Kind, _ name: String, _ standings: [String: Standing]) -> Bool {
        guard standings.count > 1, let own = standings[name] else { return true }
        let (kind, room) = (kind.rawValue, room[kind.rawValue])
        let running = standings.values.reduce(0) { $0 + $1.running[kind] }
        if running < room { return true }
        let weights = standings.values.reduce(0) { $0 + $1.weight }
        if own.running[kind] < room * own.weight / weights { return true }
        // Who has had the least need not wait for the end of what others began while they were alone.
        return own.running[kind] == 0
            && standings.values.allSatisfy { other in
                own.served[kind] <= other.served[kind] || other.running[kind] == 0 && other.waiting[kind].isEmpty
            }
    }

    /// Gives out what is free, to the least served first.
    private func callNext(_ kind: Kind, _ standings: inout [String: Standing]) {
        while true {
            let next = standings.filter { !$0.value.waiting[kind.rawValue].isEmpty }
                .sorted { ($0.value.served[kind.rawValue], $0.key) < ($1.value.served[kind.rawValue], $1.key) }
                .first { mayBegin(kind, $0.key, standings) }
            guard let name = next?.key, let ticket = standings[name]?.waiting[kind.rawValue].popLast() else { return }
            standings[name]?.begin(kind, ticket.cost)
            ticket.call.signal()
        }
    }
}
