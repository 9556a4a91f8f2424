/// How the text of an object came to be Unicode: from the best to the worst, so that of several the greatest counts.
public enum TextState: Int, Sendable, Comparable, CaseIterable, Codable {
    /// As Specific Character Set (0008,0005) declares.
    case declared = 0
    /// The declaration cannot be right, and what the text is in is certain.
    case repaired = 1
    /// By statistics, or by what the sender's other studies are in.
    case guessed = 2
    /// Nothing fits: what could not be decoded is U+FFFD.
    case undecodable = 3

    public static func < (left: TextState, right: TextState) -> Bool { left.rawValue < right.rawValue }

    /// `declared`, `repaired`, `guessed` or `undecodable`.
    public var name: String { "\(self)" }

    public init?(name: String) {
        guard let state = TextState.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

/// Encodings that text is in whatever it declares, by the names of the IANA; TCVN3 (the "ABC" fonts of Vietnam) has none.
public enum TextEncoding: String, Sendable, Hashable, CaseIterable, Codable {
    case utf8 = "UTF-8"
    /// With GBK and GB2312, which it contains.
    case gb18030 = "GB18030"
    /// With the characters of Hong Kong.
    case big5 = "Big5"
    case windows1258 = "windows-1258"
    case tcvn3 = "TCVN3"
    case windows1252 = "windows-1252"
    case shiftJIS = "Shift_JIS"
    case eucKR = "EUC-KR"
    /// Code extensions by escape sequences (PS3.5 6.1.2.5) that were not declared.
    case iso2022 = "ISO-2022"
}

/// What the text of one object was decoded from.
public struct TextOrigin: Sendable, Hashable {
    public var state: TextState
    /// What it was taken for instead of what it declares; nil when ``state`` is `declared` or `undecodable`.
    public var encoding: TextEncoding?

    public init(state: TextState, encoding: TextEncoding? = nil) {
        self.state = state
        self.encoding = encoding
    }

    public static let declared = TextOrigin(state: .declared)

    /// The one of two that is less sure.
    public func weaker(_ other: TextOrigin) -> TextOrigin { other.state > state ? other : self }
}
