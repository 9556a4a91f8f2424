internal import CDCMTK
internal import Glibc
public import Logging
internal import Synchronization

/// Listens for Associations and serves each on a thread of its own.
///
/// Connections wait in a ``Lobby`` until their A-ASSOCIATE-RQ has arrived, so that hundreds of silent or dribbling
/// clients hold a descriptor each and no thread. When `associationLimit` Associations are being served, the one that
/// has idled longest, if for ``idleYield`` or more, gives way; otherwise the newcomer is rejected 2/3/2 (PS3.8 9.3.4).
public final class AssociationListener: Sendable {
    /// How many connections may wait for their A-ASSOCIATE-RQ; beyond it the oldest is closed.
    public static let lobbyCapacity = 512
    /// An Association idle for this long gives way to a new one when the limit is reached.
    public static let idleYield = Duration.seconds(10)
    /// How many threads at most tell peers that the limit is reached; further peers are just disconnected.
    private static let rejectionLimit = 16

    public let port: Int
    private let descriptor: Int32
    private let stopSignal: StopSignal
    private let acceptor: Acceptor
    private let limits: AssociationLimits
    private let associationLimit: Int
    private let logger: Logger
    private let registry: AssociationRegistry

    /// Starts to listen on an IPv4 or IPv6 address; port 0 takes a free one.
    ///
    /// - Throws: ``NetworkError/cannotListen(address:port:reason:)``.
    public init(
        address: String, port: Int, limits: AssociationLimits, associationLimit: Int, logger: Logger
    ) throws(NetworkError) {
        descriptor = try ListeningSocket.open(address: address, port: port)
        self.port = ListeningSocket.port(of: descriptor)
        stopSignal = try StopSignal()
        acceptor = try Acceptor(stopSignal: stopSignal, limits: limits)
        self.limits = limits
        self.associationLimit = associationLimit
        self.logger = logger
        registry = AssociationRegistry()
    }

    deinit { close(descriptor) }

    /// Whether further Associations are taken.
    public var isListening: Bool { !stopSignal.isRaised }

    /// Associations being served.
    public var associationCount: Int { registry.count }

    /// Connections whose A-ASSOCIATE-RQ has not arrived.
    public var waitingCount: Int { registry.waitingInLobby }

    /// Accepts Associations until ``stop()``; returns when the last one has ended. Blocks: call it on a thread of its own.
    public func run(
        drainTimeout: Duration = .seconds(30), serving serve: @escaping @Sendable (Association) -> Void
    ) {
        var lobby = Lobby(capacity: AssociationListener.lobbyCapacity, patience: limits.associationRequest)
        while !stopSignal.isRaised {
            for arrival in lobby.wait(listening: descriptor, stop: stopSignal.descriptor, logger: logger) {
                admit(arrival, serving: serve)
            }
            registry.waitingInLobby = lobby.count
        }
        lobby.closeAll()
        // Who calls while the last Associations end is refused at once instead of being left in the backlog.
        shutdown(descriptor, Int32(SHUT_RDWR))
        registry.waitUntilEmpty(within: drainTimeout)
        registry.interruptAll()
        registry.waitUntilEmpty(within: nil)
    }

    /// Takes no further Association, ends the idle ones, and lets messages under way finish. Returns at once.
    public func stop() { stopSignal.raise() }

    private func admit(_ arrival: Lobby.Arrival, serving serve: @escaping @Sendable (Association) -> Void) {
        if registry.count >= associationLimit {
            registry.interruptLongestIdle(atLeast: AssociationListener.idleYield)
        }
        guard let seat = registry.takeSeat(limit: associationLimit) else {
            turnAway(arrival)
            return
        }
        let isStarted = Thread.start { [self] in
            defer { registry.leave(seat) }
            guard let association = open(arrival) else { return }
            registry.register(association, at: seat)
            serve(association)
        }
        if !isStarted {
            registry.leave(seat)
            close(arrival.descriptor)
            logger.error("no thread for an association", metadata: ["peer": "\(arrival.host)"])
        }
    }

    private func turnAway(_ arrival: Lobby.Arrival) {
        logger.warning(
            "association limit reached", metadata: ["peer": "\(arrival.host)", "limit": "\(associationLimit)"])
        guard registry.takeRejectionSeat(limit: AssociationListener.rejectionLimit) else {
            close(arrival.descriptor)
            return
        }
        let isStarted = Thread.start { [self] in
            defer { registry.leaveRejectionSeat() }
            open(arrival)?.reject(.localLimitExceeded)
        }
        if !isStarted {
            registry.leaveRejectionSeat()
            close(arrival.descriptor)
        }
    }

    private func open(_ arrival: Lobby.Arrival) -> Association? {
        do throws(AssociationError) {
            return try acceptor.accept(arrival)
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

    func accept(_ arrival: Lobby.Arrival) throws(AssociationError) -> Association {
        var handle: OpaquePointer?
        var error = cdcmtk_error()
        let result = cdcmtk_association_accept(self.handle, arrival.descriptor, &handle, &error)
        guard result == CDCMTK_OK, let handle else { throw AssociationError(result, error) }
        return Association(handle: handle, host: arrival.host, isRequested: false)
    }
}
