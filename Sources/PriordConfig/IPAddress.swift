import Foundation

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 (`::ffff:10.1.2.3`) is its IPv4 address, because that is
/// how a socket bound to `::` names IPv4 peers.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// Network byte order; 4 bytes or 16.
    public let bytes: [UInt8]

    /// Nil unless `text` is an address alone: no host name, port, brackets or zone.
    public init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: v4) { Array($0) }
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let all = withUnsafeBytes(of: v6) { Array($0) }
        bytes = all.starts(with: Self.mappedPrefix) ? Array(all.suffix(4)) : all
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    public static let loopback = IPAddress(bytes: [127, 0, 0, 1])

    public var isIPv4: Bool { bytes.count == 4 }

    /// 127.0.0.0/8 and ::1.
    public var isLoopback: Bool {
        isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
}

/// The addresses that share a prefix: one host, or a block in CIDR notation (RFC 4632).
public struct HostBlock: Hashable, Sendable, CustomStringConvertible {
    public let address: IPAddress
    /// Bits of `address` that count; 0 takes every address of its family.
    public let prefixLength: Int

    /// Nil when `text` is neither an address nor a block whose bits after the prefix are 0. `10.1.2.3/8` is refused
    /// because it leaves open whether one host or sixteen million are meant.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let bitCount = address.bytes.count * 8
        self.address = address
        guard parts.count == 2 else {
            prefixLength = bitCount
            return
        }
        guard let length = decimal(parts[1]), (0...Int64(bitCount)).contains(length),
            // A mapped address would need its prefix shortened; write the IPv4 block instead.
            first.contains(":") != address.isIPv4
        else { return nil }
        prefixLength = Int(length)
        let hostBits = (prefixLength..<bitCount).contains { address.bytes[$0 / 8] & (0x80 >> ($0 % 8)) != 0 }
        guard !hostBits else { return nil }
    }

    /// One host alone.
    public init(_ address: IPAddress) {
        self.address = address
        prefixLength = address.bytes.count * 8
    }

    /// The address, when it is one host alone.
    public var onlyAddress: IPAddress? { prefixLength == address.bytes.count * 8 ? address : nil }

    public func contains(_ other: IPAddress) -> Bool {
        guard other.isIPv4 == address.isIPv4 else { return false }
        let (whole, rest) = prefixLength.quotientAndRemainder(dividingBy: 8)
        guard other.bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
        return rest == 0 || (other.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0
    }

    /// Two blocks share an address only when one lies inside the other.
    public func overlaps(_ other: HostBlock) -> Bool {
        contains(other.address) || other.contains(address)
    }

    public var description: String {
        onlyAddress?.description ?? "\(address)/\(prefixLength)"
    }
}
