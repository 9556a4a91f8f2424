internal import CDCMTK
internal import Glibc
internal import Logging

/// Where connections wait until their A-ASSOCIATE-RQ has arrived in the socket's buffer.
///
/// One thread watches them all. What does not begin as an A-ASSOCIATE-RQ is closed at once, what is silent after
/// `patience`, and the oldest when there are more than `capacity`. A lobby with an identity takes connections by TLS alone,
/// and goes on with all their handshakes side by side.
struct Lobby {
    /// A connection whose A-ASSOCIATE-RQ is there, or as much of it as the socket's buffer takes.
    struct Arrival: Sendable {
        let descriptor: Int32
        let host: String
        /// As sent, without padding.
        var callingAETitle = ""
        var session: TLSSession?
        var security: TLSFacts?
    }

    private struct Guest {
        var arrival: Arrival
        let deadline: ContinuousClock.Instant
        var wantsOutput = false
    }

    /// Header of a PDU, bytes (PS3.8 9.3.1).
    private static let headerLength = 6
    private static let associateRequest: UInt8 = 1
    /// Content type of a TLS record that begins a handshake (RFC 8446 5.1).
    private static let handshakeRecord: UInt8 = 22
    /// Where in an A-ASSOCIATE-RQ the calling AE Title stands (PS3.8 9.3.2).
    fileprivate static let callingAETitle = 26..<42
    /// A longer A-ASSOCIATE-RQ is not waited for in whole; its thread reads the rest.
    private static let longestWaitedFor = 32 * 1024

    /// `POLLRDHUP`, which Glibc's module does not export: the peer has closed its side, whatever is still to be read.
    private static let peerHasEnded: Int16 = 0x2000

    let capacity: Int
    let patience: Duration
    private let identity: TLSIdentity?
    private var guests: [Guest] = []

    init(capacity: Int, patience: Duration, identity: TLSIdentity? = nil) {
        self.capacity = capacity
        self.patience = patience
        self.identity = identity
    }

    var count: Int { guests.count }

    /// Waits for anything to happen and returns the connections that are ready to be served.
    mutating func wait(listening: Int32, stop: Int32, logger: Logger) -> [Arrival] {
        func watching(_ descriptor: Int32, _ events: Int32) -> pollfd {
            pollfd(fd: descriptor, events: Int16(events) | Lobby.peerHasEnded, revents: 0)
        }
        var watched =
            [watching(listening, POLLIN), watching(stop, POLLIN)]
            + guests.map { watching($0.arrival.descriptor, $0.wantsOutput ? POLLOUT : POLLIN) }
        guard poll(&watched, nfds_t(watched.count), timeout) >= 0 else { return [] }

        var ready: [Arrival] = []
        var staying: [Guest] = []
        let now = ContinuousClock.now
        for (var guest, state) in zip(guests, watched.dropFirst(2)) {
            let verdict = state.revents == 0 ? Verdict.wait : inspect(&guest, state.revents)
            switch verdict {
            case .ready: ready.append(guest.arrival)
            case .wait where guest.deadline > now: staying.append(guest)
            case .wait: dismiss(guest, because: "no association request in time", logger)
            case .unwanted(let reason): dismiss(guest, because: reason, logger)
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
        guard var arrival = ListeningSocket.accept(on: listening, logger: logger) else { return }
        if let identity {
            arrival.session = TLSSession(over: arrival.descriptor, as: identity)
            guard arrival.session != nil else {
                close(arrival.descriptor)
                return
            }
        } else {
            setLowWater(arrival.descriptor, Lobby.headerLength)
        }
        guests.append(Guest(arrival: arrival, deadline: .now + patience))
        if guests.count > capacity {
            dismiss(guests.removeFirst(), because: "too many connections wait", logger)
        }
    }

    private func dismiss(_ guest: Guest, because reason: String, _ logger: Logger) {
        logger.warning("connection closed", metadata: ["peer": "\(guest.arrival.host)", "why": "\(reason)"])
        close(guest.arrival.descriptor)
    }

    private enum Verdict {
        case ready, wait, gone
        case unwanted(String)
    }

    private func inspect(_ guest: inout Guest, _ events: Int16) -> Verdict {
        guard let session = guest.arrival.session else { return inspectPlain(&guest, events) }
        return inspect(session, &guest, events)
    }

    private func inspectPlain(_ guest: inout Guest, _ events: Int16) -> Verdict {
        let descriptor = guest.arrival.descriptor
        guard let header = peek(descriptor, Lobby.headerLength) else { return .wait }
        guard header.first != Lobby.handshakeRecord else { return .unwanted("TLS on the port without it") }
        guard header.first == Lobby.associateRequest else {
            return header.isEmpty ? .gone : .unwanted("not an association request")
        }
        // Less than a header together with readability means that the peer has closed its side.
        guard header.count == Lobby.headerLength else { return .gone }
        guard let wanted = wantedByteCount(header) else { return .unwanted("not an association request") }
        var available: Int32 = 0
        guard ioctl(descriptor, UInt(FIONREAD), &available) == 0 else { return .gone }
        if Int(available) >= wanted {
            setLowWater(descriptor, 1)
            guest.arrival.note(peek(descriptor, Lobby.callingAETitle.upperBound) ?? [])
            return .ready
        }
        // The rest will never come, and poll would report the end again and again.
        if events & Lobby.peerHasEnded != 0 { return .gone }
        setLowWater(descriptor, wanted)
        return .wait
    }

    private func inspect(_ session: TLSSession, _ guest: inout Guest, _ events: Int16) -> Verdict {
        // OpenSSL would tell it as a wrong version number.
        if session.isNew, let first = peek(guest.arrival.descriptor, 1), first.first != Lobby.handshakeRecord {
            return first.isEmpty ? .gone : .unwanted("no TLS on the port for it")
        }
        var wanted = Lobby.headerLength
        while true {
            switch session.advance(wanted: wanted) {
            case .failed(let reason): return .unwanted("TLS: \(reason)")
            case .wantsInput where events & Lobby.peerHasEnded != 0: return .gone
            case .wantsInput, .wantsOutput:
                guest.wantsOutput = session.wantsOutput
                return .wait
            case .ready: break
            }
            let early = session.early(Lobby.callingAETitle.upperBound)
            guard early.first == Lobby.associateRequest, let whole = wantedByteCount(early) else {
                return .unwanted("not an association request")
            }
            guard wanted < whole else {
                guest.arrival.note(early)
                guest.arrival.security = session.facts
                return .ready
            }
            wanted = whole
        }
    }

    /// Bytes without taking them; none at the end of the stream or when it broke, nil when nothing is there yet.
    private func peek(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = recv(descriptor, &bytes, count, Int32(Glibc.MSG_PEEK | Glibc.MSG_DONTWAIT))
        if found < 0 { return errno == EAGAIN || errno == EINTR ? nil : [] }
        return Array(bytes.prefix(found))
    }

    /// How much of the A-ASSOCIATE-RQ with this header is waited for; nil when it is too long to be one.
    private func wantedByteCount(_ header: [UInt8]) -> Int? {
        let length = header[2..<Lobby.headerLength].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Int(cdcmtk_maximum_associate_pdu_length) else { return nil }
        return min(Lobby.headerLength + length, Lobby.longestWaitedFor)
    }

    /// Lets `poll` report the socket readable only when so many bytes are there.
    private func setLowWater(_ descriptor: Int32, _ byteCount: Int) {
        var value = Int32(byteCount)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension Lobby.Arrival {
    /// Notes who calls from the beginning of an A-ASSOCIATE-RQ; nobody where it is shorter than one can be.
    fileprivate mutating func note(_ request: [UInt8]) {
        guard request.count >= Lobby.callingAETitle.upperBound else { return }
        callingAETitle = Association.trimmed(String(decoding: request[Lobby.callingAETitle], as: UTF8.self))
    }
}
