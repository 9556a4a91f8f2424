public import Foundation

/// Who may use the HTTP port. Every part that is configured must agree: with hosts and tokens both, a request needs
/// both. At least one of them is configured.
public struct HTTPAccess: Sendable, Equatable {
    /// Addresses requests may come from; empty for any.
    public var hosts: [HostBlock]
    /// Tokens of which a request must carry one (`Authorization: Bearer`, RFC 6750); empty for none.
    public var tokens: [BearerToken]
    /// Where `tokens` were read from.
    public var tokenFile: URL?

    public init(hosts: [HostBlock] = [], tokens: [BearerToken] = [], tokenFile: URL? = nil) {
        self.hosts = hosts
        self.tokens = tokens
        self.tokenFile = tokenFile
    }

    /// - Parameter bearerToken: what followed `Bearer ` in the request; nil without that header.
    public func admits(host: IPAddress, bearerToken: String?) -> Bool {
        let hostIsAdmitted = hosts.isEmpty || hosts.contains { $0.contains(host) }
        let tokenIsAdmitted = tokens.isEmpty || bearerToken.map { sent in tokens.contains { $0.matches(sent) } } == true
        return hostIsAdmitted && tokenIsAdmitted
    }
}

/// A secret that lets a program use the HTTP API. Prints as nothing but its name.
public struct BearerToken: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    private let value: [UInt8]

    /// Nil unless `text` is 32 to 256 characters of `token68` (RFC 9110 11.2).
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let body = bytes.reversed().drop { $0 == UInt8(ascii: "=") }
        guard (32...256).contains(bytes.count), !body.isEmpty, body.allSatisfy(Self.alphabet.contains) else {
            return nil
        }
        value = bytes
    }

    /// Takes the same time whichever byte differs, so that a token cannot be found byte by byte.
    public func matches(_ sent: String) -> Bool {
        let other = Array(sent.utf8)
        guard other.count == value.count else { return false }
        return zip(value, other).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    public var description: String { "(bearer token)" }
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static let alphabet = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/".utf8)
}
