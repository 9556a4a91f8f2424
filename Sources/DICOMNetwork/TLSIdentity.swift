internal import CDCMTK

/// What priord is towards those who call by TLS 1.2 or 1.3 (PS3.15 B.12), and whose certificates it believes.
// @unchecked: C documents that several threads may use a context.
public final class TLSIdentity: @unchecked Sendable {
    /// Paths of files in PEM.
    public struct Files: Sendable, Equatable {
        /// Certificate, and those between it and its authority.
        public var certificate: String
        /// Its private key, without passphrase.
        public var key: String
        /// Certificates of authorities, or of single peers, that are believed.
        public var authorities: String
        /// Whether a caller without certificate is turned away.
        public var requiresCertificate: Bool

        public init(certificate: String, key: String, authorities: String, requiresCertificate: Bool) {
            self.certificate = certificate
            self.key = key
            self.authorities = authorities
            self.requiresCertificate = requiresCertificate
        }
    }

    /// Which of the files is of no use, and why.
    public enum Fault: Error, Equatable, Sendable {
        case certificate(String)
        case key(String)
        case authorities(String)
        case library(String)
    }

    let handle: OpaquePointer

    public init(_ files: Files) throws(Fault) {
        var handle: OpaquePointer?
        var error = cdcmtk_error()
        let part = cdcmtk_tls_context_create(
            files.certificate, files.key, files.authorities, files.requiresCertificate, &handle, &error)
        guard part == CDCMTK_TLS_NOTHING, let handle else {
            throw switch part {
            case CDCMTK_TLS_CERTIFICATE: .certificate(error.message)
            case CDCMTK_TLS_KEY: .key(error.message)
            case CDCMTK_TLS_AUTHORITIES: .authorities(error.message)
            default: .library(error.message)
            }
        }
        self.handle = handle
    }

    deinit { cdcmtk_tls_context_free(handle) }

    /// When our certificate ends, in seconds since 1970.
    public var expiry: Int64 { cdcmtk_tls_context_expiry(handle) }

    /// What is spoken, the preferred first (RFC 8446, RFC 5246); C sets the least.
    public static let versions = ["TLS 1.3", "TLS 1.2"]

    /// Names of the cipher suites (IANA), the preferred first.
    public static var cipherSuites: [String] {
        (0..<cdcmtk_tls_suite_count()).map { index in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { name in
                guard let start = name.baseAddress else { return "" }
                cdcmtk_tls_suite_name(index, start)
                return String(cString: start)
            }
        }
    }
}

extension TLSIdentity.Fault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .certificate(let reason): "certificate: \(reason)"
        case .key(let reason): "key: \(reason)"
        case .authorities(let reason): "authorities: \(reason)"
        case .library(let reason): reason
        }
    }
}

/// What TLS has agreed on for one connection, and who called.
public struct TLSFacts: Sendable, Equatable {
    /// E.g. `TLSv1.3`.
    public var version: String
    /// Its name in the IANA registry.
    public var cipherSuite: String
    /// What the caller has shown; valid, and signed by somebody who is believed.
    public var certificate: PeerCertificate?
}

/// Who a caller has proved to be.
public struct PeerCertificate: Sendable, Equatable {
    /// SHA-256 of the certificate, 64 lower-case hexadecimal digits.
    public var fingerprint: String
    /// As in RFC 2253, such as `CN=ct1,O=Hospital`.
    public var subject: String

    public init(fingerprint: String, subject: String) {
        self.fingerprint = fingerprint
        self.subject = subject
    }
}
