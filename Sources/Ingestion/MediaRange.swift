/// One media range of an Accept header, or one media type (RFC 9110 8.3, 12.5.1).
public struct MediaRange: Equatable, Sendable {
    /// Lower case: `multipart/related`, `image/*`.
    public var type: String
    /// Names in lower case.
    public var parameters: [String: String]
    public var quality: Double

    /// Nil when `text` is none.
    public init?(_ text: some StringProtocol) {
        var fields = Self.divided(text, by: ";").map { Self.trimmed($0) }[...]
        guard let type = fields.popFirst()?.lowercased(), type.split(separator: "/").count == 2 else { return nil }
        self.type = type
        parameters = [:]
        quality = 1
        for field in fields {
            guard let equals = field.firstIndex(of: "=") else { continue }
            let name = Self.trimmed(field[..<equals]).lowercased()
            let value = Self.unquoted(Self.trimmed(field[field.index(after: equals)...]))
            if name == "q" { quality = Double(value) ?? 1 } else { parameters[name] = value }
        }
    }

    /// What `accept` takes, what is preferred first; what has quality 0 is left out.
    public static func list(_ accept: String) -> [MediaRange] {
        divided(accept, by: ",").compactMap { MediaRange($0) }.filter { $0.quality > 0 }.enumerated()
            .sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }.map(\.element)
    }

    /// Whether `mediaType` is in the range.
    public func takes(_ mediaType: String) -> Bool {
        type == "*/*" || type == mediaType || type == mediaType.prefix { $0 != "/" } + "/*"
    }

    /// Whether it asks for parts of that type; any where it does not say.
    public func takesParts(of mediaType: String) -> Bool {
        guard takes("multipart/related") else { return false }
        guard let type = parameters["type"]?.lowercased() else { return true }
        return type == "*/*" || type == mediaType || type == mediaType.prefix { $0 != "/" } + "/*"
    }

    /// The Transfer Syntax that is asked for: a UID, `*`, or nil.
    public var transferSyntax: String? { parameters["transfer-syntax"] }

    /// Divides outside of quotes.
    private static func divided(_ text: some StringProtocol, by separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == separator, !isQuoted {
                parts.append("")
                continue
            }
            if character == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && character == "\\" && !isEscaped
            parts[parts.count - 1].append(character)
        }
        return parts
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        var result = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            isEscaped = character == "\\" && !isEscaped
            if !isEscaped { result.append(character) }
        }
        return result
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
