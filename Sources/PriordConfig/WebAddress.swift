import Foundation

/// Scheme, host and port of web pages, as browsers write them in `Origin` (RFC 6454 6.1): `https://viewer.example:8443`.
public struct WebOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Lower case, without the scheme's own port.
    public let description: String

    /// Nil unless `text` is an origin alone: no path, no user, no `null`.
    public init?(_ text: String) {
        guard let address = WebAddress(text), address.path.isEmpty else { return nil }
        description = address.origin
    }
}

/// Where clients reach the HTTP port when they do not reach it directly: behind a proxy, under a path of its own.
public struct WebBase: Hashable, Sendable, CustomStringConvertible {
    /// Without a slash at its end: `https://pacs.example/priord`.
    public let description: String
    /// Without its port; an IPv6 address in brackets.
    public var host: String {
        let authority = description.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
        return String(authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" })
    }

    /// Nil unless `text` is an absolute URL of http or https, without query, fragment or user.
    public init?(_ text: String) {
        guard let address = WebAddress(text) else { return nil }
        description = address.origin + address.path
    }
}

/// Whose pages may read what the HTTP port answers.
public enum WebOrigins: Equatable, Sendable, CustomStringConvertible {
    /// Empty: none but our own.
    case only([WebOrigin])
    /// Every page there is.
    case any

    public init?(_ text: String) {
        switch text {
        case "none": self = .only([])
        case "*": self = .any
        default:
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            let origins = parts.compactMap { part in
                WebOrigin(String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
            }
            guard origins.count == parts.count, origins.count <= Self.limit else { return nil }
            self = .only(origins)
        }
    }

    private static let limit = 100

    public var description: String {
        switch self {
        case .any: "*"
        case .only(let origins): origins.isEmpty ? "none" : origins.map(\.description).joined(separator: ", ")
        }
    }
}

/// The parts of an absolute URL of http or https (RFC 3986 3).
private struct WebAddress {
    let origin: String
    /// Without a slash at its end.
    let path: String

    init?(_ text: String) {
        guard (1...2048).contains(text.utf8.count), let mark = text.range(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound].lowercased()
        guard let ownPort = ["http": 80, "https": 443][scheme] else { return nil }
        let rest = text[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        guard let (host, port) = Self.hostAndPort(authority) else { return nil }
        let path = rest.dropFirst(authority.count)
        guard path.utf8.allSatisfy({ Self.isPathByte($0) }), !path.contains("//"),
            !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." })
        else { return nil }
        origin = "\(scheme)://\(host)" + (port == nil || port == ownPort ? "" : ":\(port ?? ownPort)")
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : String(path)
    }

    private static func hostAndPort(_ authority: Substring) -> (host: String, port: Int?)? {
        var rest = authority[...]
        let host: String
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]"),
                let address = IPAddress(String(rest[rest.index(after: rest.startIndex)..<end])), !address.isIPv4
            else { return nil }
            host = "[\(address)]"
            rest = rest[rest.index(after: end)...]
        } else {
            let name = rest.prefix { $0 != ":" }
            guard isHostName(name) else { return nil }
            host = name.lowercased()
            rest = rest.dropFirst(name.count)
        }
        guard !rest.isEmpty else { return (host, nil) }
        guard rest.first == ":", let port = decimal(rest.dropFirst()), (1...65535).contains(port) else { return nil }
        return (host, Int(port))
    }

    /// Labels of letters, digits and hyphens (RFC 1123 2.1), which IPv4 addresses are too.
    private static func isHostName(_ name: Substring) -> Bool {
        name.utf8.count <= 253
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isPathByte(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "/-._~".utf8.contains(byte) }
}

extension SettingFormat where Value == WebBase? {
    /// `host` is nil: the name by which each request calls.
    static var webBase: Self {
        Self(
            allowed: "a URL of http or https without query, such as https://pacs.example/priord, or host: "
                + "the name by which each request calls",
            parse: { $0 == "host" ? .some(nil) : WebBase($0).map(Optional.some) }, text: { $0?.description ?? "host" })
    }
}

extension SettingFormat where Value == WebOrigins {
    static var webOrigins: Self {
        Self(
            allowed: "origins such as https://viewer.example or http://10.20.0.7:3000 with commas between, none, "
                + "or * for every page there is",
            parse: { WebOrigins($0) }, text: \.description)
    }
}
