/// Names an Application Entity: 1–16 characters of the default repertoire, no backslash, no control character,
/// not only spaces; leading and trailing spaces mean nothing (PS3.5 6.2, VR AE).
public struct AETitle: Hashable, Sendable, Codable, CustomStringConvertible {
    public let value: String

    /// - Throws: ``AETitleError`` when `value` is no AE Title.
    public init(_ value: String) throws(AETitleError) {
        // Some senders pad with NUL although PS3.5 6.2 asks for spaces; accept both.
        var characters = Substring(value).utf8
        while let last = characters.last, last == 0x20 || last == 0 { characters.removeLast() }
        while characters.first == 0x20 { characters.removeFirst() }
        guard !characters.isEmpty else { throw .empty }
        guard characters.count <= 16 else { throw .tooLong(characterCount: characters.count) }
        guard characters.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw .forbiddenCharacter
        }
        self.value = String(Substring(characters))
    }

    public static let priord = AETitle(known: "PRIORD")
    /// What `priorctl` calls itself where it is not told otherwise.
    public static let priorctl = AETitle(known: "PRIORCTL")

    private init(known value: String) { self.value = value }

    public var description: String { value }

    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

public enum AETitleError: Error, Equatable, Sendable {
    case empty
    case tooLong(characterCount: Int)
    case forbiddenCharacter
}

extension AETitleError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "an AE Title has at least one character that is not a space"
        case .tooLong(let count): "an AE Title has at most 16 characters, not \(count)"
        case .forbiddenCharacter: "an AE Title has printable ASCII characters other than backslash"
        }
    }
}
