internal import CDCMTK
internal import DICOMCore

/// TLS over one connection, until the Association takes it over. None of its calls waits.
// @unchecked: used by one thread at a time, first the Lobby's, then the Association's.
final class TLSSession: @unchecked Sendable {
    enum Progress: Equatable {
        /// Go on when the connection can be read, or written.
        case wantsInput, wantsOutput
        case ready
        case failed(String)
    }

    /// Nil once taken over.
    private var handle: OpaquePointer?
    /// Whether nothing has been read yet.
    private(set) var isNew = true
    /// Whether it waits for room to write, and not for something to read.
    private(set) var wantsOutput = false

    /// - Returns: nil when out of memory.
    init?(over descriptor: Int32, as identity: TLSIdentity) {
        guard let handle = cdcmtk_tls_session_create(identity.handle, descriptor) else { return nil }
        self.handle = handle
    }

    deinit {
        if let handle { cdcmtk_tls_session_free(handle) }
    }

    /// Goes on with the handshake, and after it reads ahead until so many bytes are there.
    func advance(wanted: Int) -> Progress {
        guard let handle else { return .failed("taken over") }
        isNew = false
        var error = cdcmtk_error()
        let progress = cdcmtk_tls_session_advance(handle, wanted, &error)
        wantsOutput = progress == CDCMTK_TLS_WANTS_OUTPUT
        return switch progress {
        case CDCMTK_TLS_WANTS_INPUT: .wantsInput
        case CDCMTK_TLS_WANTS_OUTPUT: .wantsOutput
        case CDCMTK_TLS_READY: .ready
        default: .failed(error.message)
        }
    }

    /// At most so many of the bytes that were read ahead.
    func early(_ count: Int) -> [UInt8] {
        guard let handle else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            filled = cdcmtk_tls_session_early(handle, start, count)
        }
    }

    var facts: TLSFacts? {
        guard let handle else { return nil }
        var description = cdcmtk_tls_description()
        cdcmtk_tls_session_describe(handle, &description)
        let certificate =
            description.has_certificate
            ? PeerCertificate(
                fingerprint: withUnsafeBytes(of: description.fingerprint) { $0.hexadecimal },
                subject: withUnsafeBytes(of: description.subject) { String(nulTerminated: $0) }) : nil
        return TLSFacts(
            version: withUnsafeBytes(of: description.version) { String(nulTerminated: $0) },
            cipherSuite: withUnsafeBytes(of: description.suite) { String(nulTerminated: $0) },
            certificate: certificate)
    }

    /// For whoever frees it from then on.
    func take() -> OpaquePointer? {
        defer { handle = nil }
        return handle
    }
}
