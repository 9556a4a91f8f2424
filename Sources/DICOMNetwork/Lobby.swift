internal import CDCMTK
internal import Glibc
internal import Logging

/// Where connections wait until their A-ASSOCIATE-RQ has arrived in the socket's buffer.
///
/// One thread watches them all. What does not begin as an A-ASSOCIATE-RQ is closed at once, what is silent after
/// `patience`, and the oldest when there are more than `capacity`.
struct Lobby {
    /// A connection whose A-ASSOCIATE-RQ is there, or as much of it as the socket's buffer takes.
    struct Arrival: Sendable {
        let descriptor: Int32
        let host: String
    }

    private struct Guest {
        let arrival: Arrival
        let deadline: ContinuousClock.Instant
    }

    /// Header of a PDU, bytes (PS3.8 9.3.1).
    private static let headerLength = 6
    private static let associateRequest: UInt8 = 1
    /// A longer A-ASSOCIATE-RQ is not waited for in whole; its thread reads the rest.
    private static let longestWaitedFor = 32 * 1024

    /// `POLLRDHUP`, which Glibc's module does not export: the peer has closed its side, whatever is still to be read.
    private static let peerHasEnded: Int16 = 0x2000

    let capacity: Int
    let patience: Duration
    private var guests: [Guest] = []

    init(capacity: Int, patience: Duration) {
        self.capacity = capacity
        self.patience = patience
    }

    var count: Int { guests.count }

    /// Waits for anything to happen and returns the connections that are ready to be served.
    mutating func wait(listening: Int32, stop: Int32, logger: Logger) -> [Arrival] {
        var watched = ([listening, stop] + guests.map(\.arrival.descriptor)).map { descriptor in
            pollfd(fd: descriptor, events: Int16(POLLIN) | Lobby.peerHasEnded, revents: 0)
        }
        guard poll(&watched, nfds_t(watched.count), timeout) >= 0 else { return [] }

        var ready: [Arrival] = []
        var staying: [Guest] = []
        let now = ContinuousClock.now
        for (guest, state) in zip(guests, watched.dropFirst(2)) {
            let verdict = state.revents == 0 ? Verdict.wait : inspect(guest.arrival.descriptor, state.revents)
            switch verdict {
            case .ready: ready.append(guest.arrival)
            case .wait where guest.deadline > now: staying.append(guest)
            case .wait: dismiss(guest, because: "no association request in time", logger)
            case .notDICOM: dismiss(guest, because: "not an association request", logger)
            case .gone: close(guest.arrival.descriptor)
            }
        }
        guests = staying
        if watched[0].revents != 0 { welcome(from: listening, logger) }
        return ready
    }

    mutating func closeAll() {
        for guest in guests { close(guest.arrival.descriptor) }
        guests = []
    }

    /// Milliseconds until the first deadline; -1 waits for ever.
    private var timeout: Int32 {
        guard let first = guests.map(\.deadline).min() else { return -1 }
        return max(0, (first - ContinuousClock.now).milliseconds) + 1
    }

    private mutating func welcome(from listening: Int32, _ logger: Logger) {
        guard let arrival = ListeningSocket.accept(on: listening, logger: logger) else { return }
        setLowWater(arrival.descriptor, Lobby.headerLength)
        guests.append(Guest(arrival: arrival, deadline: .now + patience))
        if guests.count > capacity {
            dismiss(guests.removeFirst(), because: "too many connections wait", logger)
        }
    }

    private func dismiss(_ guest: Guest, because reason: String, _ logger: Logger) {
        logger.warning("connection closed", metadata: ["peer": "\(guest.arrival.host)", "why": "\(reason)"])
        close(guest.arrival.descriptor)
    }

    private enum Verdict { case ready, wait, notDICOM, gone }

    private func inspect(_ descriptor: Int32, _ events: Int16) -> Verdict {
        var header = [UInt8](repeating: 0, count: Lobby.headerLength)
        let count = recv(descriptor, &header, header.count, Int32(Glibc.MSG_PEEK | Glibc.MSG_DONTWAIT))
        if count < 0 { return errno == EAGAIN || errno == EINTR ? .wait : .gone }
        guard count > 0 else { return .gone }
        guard header[0] == Lobby.associateRequest else { return .notDICOM }
        // Less than a header together with readability means that the peer has closed its side.
        guard count == header.count else { return .gone }
        let length = header[2...].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Int(cdcmtk_maximum_associate_pdu_length) else { return .notDICOM }
        let wanted = Lobby.headerLength + length
        var available: Int32 = 0
        guard ioctl(descriptor, UInt(FIONREAD), &available) == 0 else { return .gone }
        if Int(available) >= min(wanted, Lobby.longestWaitedFor) {
            setLowWater(descriptor, 1)
            return .ready
        }
        // The rest will never come, and poll would report the end again and again.
        if events & Lobby.peerHasEnded != 0 { return .gone }
        setLowWater(descriptor, min(wanted, Lobby.longestWaitedFor))
        return .wait
    }

    /// Lets `poll` report the socket readable only when so many bytes are there.
    private func setLowWater(_ descriptor: Int32, _ byteCount: Int) {
        var value = Int32(byteCount)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
