internal import AdminAPI
internal import HTTPTypes
internal import HummingbirdCore

/// One media range of an Accept header, or one media type (RFC 9110 8.3, 12.5.1).
struct MediaRange: Equatable, Sendable {
    /// Lower case: `multipart/related`, `image/*`.
    var type: String
    /// Names in lower case.
    var parameters: [String: String]
    var quality: Double

    /// Nil when `text` is none.
    init?(_ text: some StringProtocol) {
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
    static func list(_ accept: String) -> [MediaRange] {
        divided(accept, by: ",").compactMap { MediaRange($0) }.filter { $0.quality > 0 }.enumerated()
            .sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }.map(\.element)
    }

    /// Whether `mediaType` is in the range.
    func takes(_ mediaType: String) -> Bool {
        type == "*/*" || type == mediaType || type == mediaType.prefix { $0 != "/" } + "/*"
    }

    /// Whether it asks for parts of that type; any where it does not say.
    func takesParts(of mediaType: String) -> Bool {
        guard takes("multipart/related") else { return false }
        guard let type = parameters["type"]?.lowercased() else { return true }
        return type == "*/*" || type == mediaType || type == mediaType.prefix { $0 != "/" } + "/*"
    }

    /// The Transfer Syntax that is asked for: a UID, `*`, or nil.
    var transferSyntax: String? { parameters["transfer-syntax"] }

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

extension Request {
    /// What the client takes, best first: the query's `accept` goes before the header (PS3.18 8.3.3.1).
    ///
    /// - Throws: a problem with status 400 when nothing of it can be read.
    func mediaRanges(_ query: QueryParameters) throws(Problem) -> [MediaRange] {
        try mediaRanges(preferring: query["accept"])
    }

    private func mediaRanges(preferring accept: String?) throws(Problem) -> [MediaRange] {
        guard let text = accept ?? headers[.accept] else { return MediaRange.list("*/*") }
        let ranges = MediaRange.list(text)
        guard !ranges.isEmpty else { throw .badRequest("no media type is accepted") }
        return ranges
    }

    /// The first of `types` that the client takes, by its own preference.
    ///
    /// - Parameter accept: that of the query, nil for none.
    /// - Throws: a problem with status 406 that says `refusal` when it takes none.
    func accepted(of types: [String], preferring accept: String?, else refusal: String) throws(Problem) -> String {
        for range in try mediaRanges(preferring: accept) {
            if let type = types.first(where: { range.takes($0) }) { return type }
        }
        throw .notAcceptable(refusal)
    }

    func accepted(of types: [String], _ query: QueryParameters, else refusal: String) throws(Problem) -> String {
        try accepted(of: types, preferring: query["accept"], else: refusal)
    }
}
