internal import CDCMTK
internal import Synchronization

/// Why an Association, or a wait on it, ended.
public enum AssociationError: Error, Equatable, Sendable {
    /// The peer asked for release; ``Association/confirmRelease()`` answers.
    case released
    case aborted
    case rejected(String)
    /// No TCP connection to the peer.
    case unreachable(String)
    case closed
    /// A deadline of ``AssociationLimits`` passed.
    case timedOut
    /// The listener stops and no message was under way.
    case stopped
    /// The peer broke PS3.7 or PS3.8.
    case protocolViolation(String)
    case dataSet(String)
    case outOfResources(String)
}

extension AssociationError {
    init(_ result: cdcmtk_result, _ error: cdcmtk_error) {
        switch result {
        case CDCMTK_PEER_RELEASED: self = .released
        case CDCMTK_PEER_ABORTED: self = .aborted
        case CDCMTK_PEER_REJECTED: self = .rejected(error.message)
        case CDCMTK_UNREACHABLE: self = .unreachable(error.message)
        case CDCMTK_CLOSED: self = .closed
        case CDCMTK_TIMED_OUT: self = .timedOut
        case CDCMTK_STOPPED: self = .stopped
        case CDCMTK_DATA_ERROR: self = .dataSet(error.message)
        case CDCMTK_RESOURCE_ERROR: self = .outOfResources(error.message)
        default: self = .protocolViolation(error.message)
        }
    }
}

extension AssociationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .released: "released"
        case .aborted: "the peer aborted"
        case .rejected(let numbers): numbers
        case .closed: "the connection closed without release"
        case .timedOut: "a deadline passed"
        case .stopped: "serving stops"
        case .protocolViolation(let text): "protocol violation: \(text)"
        case .unreachable(let text), .dataSet(let text), .outOfResources(let text): text
        }
    }
}

/// Result, source and reason of an A-ASSOCIATE-RJ (PS3.8 9.3.4).
public struct AssociationRejection: Equatable, Sendable {
    public let result: UInt8
    public let source: UInt8
    public let reason: UInt8

    public static let callingAETitleNotRecognized = AssociationRejection(result: 1, source: 1, reason: 3)
    public static let calledAETitleNotRecognized = AssociationRejection(result: 1, source: 1, reason: 7)
    public static let applicationContextNotSupported = AssociationRejection(result: 1, source: 1, reason: 2)
    /// Transient: as many Associations as are allowed are being served.
    public static let localLimitExceeded = AssociationRejection(result: 2, source: 3, reason: 2)

    /// Those that are ours to send, and when; DCMTK adds what a malformed request gets.
    public static let all: [(rejection: AssociationRejection, meaning: String)] = [
        (.applicationContextNotSupported, "another Application Context Name than that of DICOM"),
        (
            .callingAETitleNotRecognized,
            "no peer of that AE Title calls from that address, or it does not prove to be it (TLS, certificate)"
        ),
        (.calledAETitleNotRecognized, "the peer may not call that AE Title"),
        (.localLimitExceeded, "as many Associations as the peer may have, or as there are, are open; try again"),
    ]
}

/// One Association, accepted or requested.
///
/// All calls come from one thread, the Association's own, and may block within ``AssociationLimits``;
/// only ``interrupt()`` and ``idleSince`` may be used from others.
// @unchecked: `handle` is used by one thread at a time, as above; C documents cdcmtk_association_interrupt as free of that.
public final class Association: @unchecked Sendable {
    let handle: OpaquePointer
    /// Whether it is ours, and not a peer's.
    public let isRequested: Bool
    /// Numeric address of the peer.
    public let host: String
    /// As sent, without padding; not necessarily a legal AE Title.
    public let callingAETitle: String
    public let calledAETitle: String
    /// Implementation Version Name of the peer, or empty.
    public let peerImplementation: String
    /// Application Context Name as proposed; only ``dicomApplicationContext`` is one of DICOM.
    public let applicationContext: String
    public static let dicomApplicationContext = "1.2.840.10008.3.1.1.1"
    /// What TLS says of the peer, or nil without it.
    public let security: TLSFacts?
    /// Who it is among those who share the Associations; nil for a requested one.
    public let caller: CallingPeer?
    /// The part of the machine it has where others contend for it.
    public var party: FairTurns.Party { caller?.party ?? FairTurns.Party(name: host) }
    private let waitingSince = Mutex<ContinuousClock.Instant?>(nil)

    init(
        handle: OpaquePointer, host: String, isRequested: Bool, security: TLSFacts? = nil, caller: CallingPeer? = nil
    ) {
        self.handle = handle
        self.isRequested = isRequested
        self.host = host
        self.security = security
        self.caller = caller
        callingAETitle = Association.trimmed(cdcmtk_association_calling_ae(handle))
        calledAETitle = Association.trimmed(cdcmtk_association_called_ae(handle))
        peerImplementation = Association.trimmed(cdcmtk_association_peer_implementation(handle))
        applicationContext = Association.trimmed(cdcmtk_association_application_context(handle))
    }

    deinit { cdcmtk_association_free(handle) }

    private static func trimmed(_ text: UnsafePointer<CChar>) -> String { trimmed(String(cString: text)) }

    /// Without the padding of an AE Title, in which some senders put NUL.
    static func trimmed(_ text: String) -> String {
        var characters = text.prefix { $0 != "\0" }
        while characters.last == " " { characters.removeLast() }
        while characters.first == " " { characters.removeFirst() }
        return String(characters)
    }

    static func check(_ result: cdcmtk_result, _ error: cdcmtk_error) throws(AssociationError) {
        guard result == CDCMTK_OK else { throw AssociationError(result, error) }
    }

    /// Since when no message is under way, or nil while one is.
    public var idleSince: ContinuousClock.Instant? { waitingSince.withLock { $0 } }

    /// Whether the peer has said something that is not read yet, or has gone.
    public var hasInput: Bool { cdcmtk_association_has_input(handle) }

    /// Waits until ``receive()`` would return at once, at most so long.
    ///
    /// - Returns: whether it would.
    public func waitForInput(atMost duration: Duration) -> Bool {
        waitingSince.withLock { $0 = $0 ?? .now }
        return cdcmtk_association_wait_for_input(handle, max(1, duration.milliseconds))
    }

    /// Waits while an operation goes on elsewhere, at most so long or until `descriptor` becomes readable.
    ///
    /// - Returns: whether the peer has said something, or has gone. Unlike ``waitForInput(atMost:)`` this is no idling.
    public func waitForInput(atMost duration: Duration, orUntilReadable descriptor: Int32) -> Bool {
        cdcmtk_association_wait_for_input_or(handle, descriptor, max(1, duration.milliseconds))
    }

    /// Ends the connection under whatever waits on it. From any thread.
    public func interrupt() { cdcmtk_association_interrupt(handle) }

    /// Waits for the next command.
    ///
    /// - Throws: ``AssociationError/released`` when the peer is done, ``AssociationError/stopped`` when the listener is.
    public func receive() throws(AssociationError) -> Command {
        waitingSince.withLock { $0 = $0 ?? .now }
        var command = cdcmtk_command()
        var error = cdcmtk_error()
        let result = cdcmtk_association_receive(handle, &command, &error)
        waitingSince.withLock { $0 = nil }
        try Association.check(result, error)
        return Command(command)
    }

    /// Waits for the answer to a request of ours, at most so long; the listener's stop does not end that.
    public func receiveResponse(within patience: Duration) throws(AssociationError) -> Command {
        var command = cdcmtk_command()
        var error = cdcmtk_error()
        try Association.check(
            cdcmtk_association_receive_response(handle, max(1, patience.milliseconds), &command, &error), error)
        return Command(command)
    }

    /// Reads the Data Set of `command` to its end, giving each fragment to `sink` until that returns false.
    public func receiveDataSet(
        of command: Command, into sink: (UnsafeRawBufferPointer) -> Bool
    ) throws(AssociationError) {
        var error = cdcmtk_error()
        var translated = command.translated
        let result = withoutActuallyEscaping(sink) { sink in
            withUnsafePointer(to: sink) { pointer in
                cdcmtk_association_receive_data_set(
                    handle, &translated,
                    { context, bytes, count in
                        let sink = context.assumingMemoryBound(to: ((UnsafeRawBufferPointer) -> Bool).self)
                        return sink.pointee(UnsafeRawBufferPointer(start: bytes, count: count))
                    }, UnsafeMutableRawPointer(mutating: pointer), &error)
            }
        }
        try Association.check(result, error)
    }

    /// Reads the Data Set of `command` to its end; nil when it has more than `byteLimit` bytes.
    public func dataSet(of command: Command, byteLimit: Int) throws(AssociationError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var isTooLong = false
        try receiveDataSet(of: command) { fragment in
            isTooLong = isTooLong || bytes.count + fragment.count > byteLimit
            if !isTooLong { bytes += fragment }
            return !isTooLong
        }
        return isTooLong ? nil : bytes
    }

    /// Sends `command` and, where given, the encoded Data Set that belongs to it.
    public func send(_ command: Command, dataSet: [UInt8] = []) throws(AssociationError) {
        try queue(command, dataSet: dataSet)
        try flush()
    }

    /// As ``send(_:dataSet:)``, but it may wait until others leave with it: those that follow, or ``flush()``. Who has more to
    /// say at once saves calls and packets; who is about to wait for something flushes first.
    public func queue(_ command: Command, dataSet: [UInt8] = []) throws(AssociationError) {
        var error = cdcmtk_error()
        var translated = command.translated
        let result = dataSet.withUnsafeBufferPointer { bytes in
            cdcmtk_association_queue(handle, &translated, bytes.isEmpty ? nil : bytes.baseAddress, bytes.count, &error)
        }
        try Association.check(result, error)
    }

    /// Sends what waits, if anything does.
    public func flush() throws(AssociationError) {
        var error = cdcmtk_error()
        try Association.check(cdcmtk_association_flush(handle, &error), error)
    }

    /// Sends `command` and a Data Set of `byteCount` bytes drawn from `source`, which puts bytes into the buffer it is given
    /// and returns how many: 0 or a negative number when it cannot go on.
    ///
    /// - Throws: ``AssociationError/dataSet(_:)`` when `source` fails: the message is then half sent, and the Association
    ///   can only be aborted.
    public func send(
        _ command: Command, byteCount: Int64, from source: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(AssociationError) {
        var error = cdcmtk_error()
        var translated = command.translated
        let result = withoutActuallyEscaping(source) { source in
            withUnsafePointer(to: source) { pointer in
                cdcmtk_association_send_stream(
                    handle, &translated, UInt64(clamping: byteCount),
                    { context, bytes, capacity in
                        let source = context.assumingMemoryBound(to: ((UnsafeMutableRawBufferPointer) -> Int).self)
                        return source.pointee(UnsafeMutableRawBufferPointer(start: bytes, count: capacity))
                    }, UnsafeMutableRawPointer(mutating: pointer), &error)
            }
        }
        try Association.check(result, error)
    }

    public func confirmRelease() { _ = cdcmtk_association_confirm_release(handle) }

    public func abort() { _ = cdcmtk_association_abort(handle) }

    /// Ends a requested Association over which everything is answered, so that how it ends does not matter; but it does end.
    public func end() {
        do throws(AssociationError) { try release() } catch { abort() }
    }

    /// Asks for release and waits for the answer; for a requested Association.
    public func release() throws(AssociationError) {
        var error = cdcmtk_error()
        try Association.check(cdcmtk_association_release(handle, &error), error)
    }
}
