internal import CDCMTK
internal import Dispatch
internal import Glibc
public import Logging
internal import Synchronization

/// Listens for Associations and serves each on a thread of its own.
///
/// Connections wait in a ``Lobby`` until their A-ASSOCIATE-RQ has arrived, so that hundreds of silent or dribbling
/// clients hold a descriptor each and no thread. Who calls by TLS waits in another, on a thread of its own. ``AssociationShares``
/// divide the Associations among the peers: where a peer, or everybody, has as many as may be, one that has idled for
/// ``idleYield`` or more gives way; otherwise the newcomer is rejected 2/3/2 (PS3.8 9.3.4).
public final class AssociationListener: Sendable {
    /// How many connections may wait for their A-ASSOCIATE-RQ; beyond it the oldest is closed.
    public static let lobbyCapacity = 512
    /// The same by TLS, whose sessions take some 50 KB each.
    public static let secureLobbyCapacity = 256
    /// Bytes of the longest A-ASSOCIATE-RQ that is taken.
    public static let longestRequest = Int(cdcmtk_maximum_associate_pdu_length)
    /// An Association idle for this long gives way to a new one when a limit is reached.
    public static let idleYield = Duration.seconds(10)
    /// How many threads at most tell peers that the limit is reached; further peers are just disconnected.
    private static let rejectionLimit = 16

    /// Where connections come in.
    private struct Door {
        let descriptor: Int32
        let identity: TLSIdentity?
    }

    public let port: Int
    /// Port for TLS, or nil without one.
    public let securePort: Int?
    private let doors: [Door]
    private let stopSignal: StopSignal
    private let acceptor: Acceptor
    private let limits: AssociationLimits
    private let shares: AssociationShares
    private let logger: Logger
    private let registry: AssociationRegistry

    /// Starts to listen on an IPv4 or IPv6 address; port 0 takes a free one.
    ///
    /// - Parameter secure: a second port, for TLS alone, and what priord is there.
    /// - Throws: ``NetworkError/cannotListen(address:port:reason:)``.
    public init(
        address: String, port: Int, secure: (port: Int, identity: TLSIdentity)? = nil, limits: AssociationLimits,
        shares: AssociationShares, logger: Logger
    ) throws(NetworkError) {
        stopSignal = try StopSignal()
        acceptor = try Acceptor(stopSignal: stopSignal, limits: limits)
        let plain = Door(descriptor: try ListeningSocket.open(address: address, port: port), identity: nil)
        self.port = ListeningSocket.port(of: plain.descriptor)
        if let secure {
            do {
                let descriptor = try ListeningSocket.open(address: address, port: secure.port)
                doors = [plain, Door(descriptor: descriptor, identity: secure.identity)]
                securePort = ListeningSocket.port(of: descriptor)
            } catch {
                close(plain.descriptor)
                throw error
            }
        } else {
            doors = [plain]
            securePort = nil
        }
        self.limits = limits
        self.shares = shares
        self.logger = logger
        registry = AssociationRegistry(limit: shares.limit, reserves: shares.reserves)
    }

    deinit {
        for door in doors { close(door.descriptor) }
    }

    /// Whether further Associations are taken.
    public var isListening: Bool { !stopSignal.isRaised }

    /// Associations being served.
    public var associationCount: Int { registry.count }

    /// Associations by peer, and who was refused some, by name.
    public var peers: [PeerAssociations] { registry.peers }

    /// Connections whose A-ASSOCIATE-RQ has not arrived.
    public var waitingCount: Int { registry.waitingInLobby }

    /// Accepts Associations until ``stop()``; returns when the last one has ended. Blocks: call it on a thread of its own.
    public func run(
        drainTimeout: Duration = .seconds(30), serving serve: @escaping @Sendable (Association) -> Void
    ) {
        let closed = DispatchGroup()
        for number in doors.indices.dropFirst() {
            closed.enter()
            let isStarted = Thread.start { [self] in
                watch(number, serving: serve)
                closed.leave()
            }
            if !isStarted {
                logger.error("no thread for the port with TLS")
                closed.leave()
            }
        }
        watch(0, serving: serve)
        closed.wait()
        registry.waitUntilEmpty(within: drainTimeout)
        registry.interruptAll()
        registry.waitUntilEmpty(within: nil)
    }

    /// Takes no further Association, ends the idle ones, and lets messages under way finish. Returns at once.
    public func stop() { stopSignal.raise() }

    /// Lets in who comes through one door until ``stop()``.
    private func watch(_ number: Int, serving serve: @escaping @Sendable (Association) -> Void) {
        let door = doors[number]
        var lobby = Lobby(
            capacity: door.identity == nil
                ? AssociationListener.lobbyCapacity : AssociationListener.secureLobbyCapacity,
            patience: limits.associationRequest, identity: door.identity)
        while !stopSignal.isRaised {
            for arrival in lobby.wait(listening: door.descriptor, stop: stopSignal.descriptor, logger: logger) {
                admit(arrival, serving: serve)
            }
            registry.note(waiting: lobby.count, at: number)
        }
        lobby.closeAll()
        // Who calls while the last Associations end is refused at once instead of being left in the backlog.
        shutdown(door.descriptor, Int32(SHUT_RDWR))
    }

    private func admit(_ arrival: Lobby.Arrival, serving serve: @escaping @Sendable (Association) -> Void) {
        let peer = shares.peer(arrival.callingAETitle, arrival.host)
        let seat: AssociationRegistry.Seat
        switch takeSeat(for: peer) {
        case .success(let free): seat = free
        case .failure(let shortage): return turnAway(arrival, peer, because: shortage)
        }
        let isStarted = Thread.start { [self] in
            defer { registry.leave(seat) }
            guard let association = open(arrival, of: peer) else { return }
            registry.register(association, at: seat)
            serve(association)
        }
        if !isStarted {
            registry.leave(seat)
            close(arrival.descriptor)
            logger.error("no thread for an association", metadata: ["peer": "\(arrival.host)"])
        }
    }

    private func takeSeat(
        for peer: CallingPeer
    ) -> Result<AssociationRegistry.Seat, AssociationRegistry.Shortage> {
        let first = registry.takeSeat(for: peer)
        guard case .failure(let shortage) = first else { return first }
        registry.makeRoom(for: peer, because: shortage, idleFor: AssociationListener.idleYield)
        return registry.takeSeat(for: peer)
    }

    private func turnAway(
        _ arrival: Lobby.Arrival, _ peer: CallingPeer, because shortage: AssociationRegistry.Shortage
    ) {
        registry.noteRefusal(of: peer)
        let limit = shortage == .ofPeer ? peer.limit : shares.limit
        logger.warning(
            "association limit reached",
            metadata: [
                "peer": "\(arrival.host)", "of": "\(shortage == .ofPeer ? peer.name : "all")", "limit": "\(limit)",
            ])
        guard registry.takeRejectionSeat(limit: AssociationListener.rejectionLimit) else {
            close(arrival.descriptor)
            return
        }
        let isStarted = Thread.start { [self] in
            defer { registry.leaveRejectionSeat() }
            open(arrival, of: peer)?.reject(.localLimitExceeded)
        }
        if !isStarted {
            registry.leaveRejectionSeat()
            close(arrival.descriptor)
        }
    }

    private func open(_ arrival: Lobby.Arrival, of peer: CallingPeer) -> Association? {
        do throws(AssociationError) {
            return try acceptor.accept(arrival, of: peer)
        } catch {
            logger.warning("association request failed", metadata: ["peer": "\(arrival.host)", "why": "\(error)"])
            return nil
        }
    }
}

/// A flag that threads can poll as a descriptor.
public final class StopSignal: Sendable {
    /// Readable, and never read, once the flag is raised.
    public let descriptor: Int32
    private let writingEnd: Int32
    private let raised = Atomic(false)

    public init() throws(NetworkError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .unavailable("pipe: \(lastSystemError())") }
        (descriptor, writingEnd) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(descriptor)
        close(writingEnd)
    }

    public var isRaised: Bool { raised.load(ordering: .acquiring) }

    public func raise() {
        guard !raised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = write(writingEnd, &byte, 1)
    }
}

/// DCMTK's side of the listener.
// @unchecked: C documents that any thread may accept on it.
final class Acceptor: @unchecked Sendable {
    private let handle: OpaquePointer
    private let stopSignal: StopSignal

    init(stopSignal: StopSignal, limits: AssociationLimits) throws(NetworkError) {
        var handle: OpaquePointer?
        var error = cdcmtk_error()
        guard cdcmtk_acceptor_create(stopSignal.descriptor, limits.translated, &handle, &error) == CDCMTK_OK, let handle
        else { throw .unavailable(error.message) }
        self.handle = handle
        self.stopSignal = stopSignal
    }

    deinit { cdcmtk_acceptor_free(handle) }

    func accept(_ arrival: Lobby.Arrival, of peer: CallingPeer) throws(AssociationError) -> Association {
        var handle: OpaquePointer?
        var error = cdcmtk_error()
        let result = cdcmtk_association_accept(
            self.handle, arrival.descriptor, arrival.session?.take(), &handle, &error)
        guard result == CDCMTK_OK, let handle else { throw AssociationError(result, error) }
        return Association(
            handle: handle, host: arrival.host, isRequested: false, security: arrival.security, caller: peer)
    }
}
