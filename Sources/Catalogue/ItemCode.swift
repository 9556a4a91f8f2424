/// The code of an imaging item: nine characters, digits and capitals without I and O, as ICD-10-PCS writes them.
///
/// What each position means is data, see ``CodeAxes``. A well-formed code need not be listed.
public struct ItemCode: Hashable, Sendable, Comparable {
    public static let length = 9

    public let value: String

    /// - Throws: ``ItemCodeError`` saying which character is at fault.
    public init(_ value: String) throws(ItemCodeError) {
        let characters = Array(value.utf8)
        guard characters.count == Self.length else { throw .length(value.count) }
        for (index, character) in characters.enumerated() where !Self.isAllowed(character) {
            throw .character(position: index + 1)
        }
        self.value = value
    }

    private static func isAllowed(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "I"), UInt8(ascii: "O"): false
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }

    public static func < (left: ItemCode, right: ItemCode) -> Bool { left.value < right.value }
}

/// Why a text is not an ``ItemCode``.
public enum ItemCodeError: Error, Equatable, Sendable {
    case length(Int)
    /// `position` counts from 1.
    case character(position: Int)

    /// What to tell a person.
    var reason: String {
        switch self {
        case .length(let count): "has \(count) characters where \(ItemCode.length) are expected"
        case .character(let position): "character \(position) is not allowed in a code"
        }
    }
}

extension ItemCode: CustomStringConvertible {
    public var description: String { value }
}

extension ItemCode: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
