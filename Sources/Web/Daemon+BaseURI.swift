internal import HTTPTypes
internal import HummingbirdCore

extension Daemon {
    /// What URLs in the answer to `request` begin with: the configured base, else the name by which the request calls.
    ///
    /// Neither `Forwarded` nor `X-Forwarded-…` is believed: anybody can write them. "" when the name is none of a host, which
    /// leaves URIs relative to the server.
    func baseURI(of request: Request) -> String {
        if let base = settings.baseURL { return base }
        guard let authority = request.head.authority, Self.isAuthority(authority) else { return "" }
        return "http://\(authority)"
    }

    /// Host and perhaps port (RFC 3986 3.2): a name of letters, digits and hyphens, or an address.
    static func isAuthority(_ text: String) -> Bool {
        var rest = text[...]
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return false }
            let address = rest[rest.index(after: rest.startIndex)..<end]
            guard address.contains(":"), address.utf8.allSatisfy({ isHexDigit($0) || ":.".utf8.contains($0) }),
                address.utf8.count <= 45
            else { return false }
            rest = rest[rest.index(after: end)...]
        } else {
            let name = rest.prefix { $0 != ":" }
            let labels = name.split(separator: ".", omittingEmptySubsequences: false)
            guard name.utf8.count <= 253,
                labels.allSatisfy({ label in
                    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                        && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
                })
            else { return false }
            rest = rest.dropFirst(name.count)
        }
        guard !rest.isEmpty else { return true }
        let digits = rest.dropFirst()
        return rest.first == ":" && (1...5).contains(digits.utf8.count)
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (1...65535).contains(Int(digits) ?? 0)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(byte))
        return byte < 0x80 && (character.isLetter || character.isNumber)
    }
}
