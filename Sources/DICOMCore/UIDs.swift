/// What is wrong with a UID.
public enum UIDError: Error, Equatable, Sendable {
    case empty
    /// More than 64 characters (PS3.5 9.1).
    case tooLong(characterCount: Int)
    /// Something other than digits and ".", or an empty component.
    case malformed

    /// Checks the encoding rules of PS3.5 9.1.
    ///
    /// A component with leading zeros is let through although 9.1 forbids it: modalities in daily use send
    /// such UIDs, and refusing them would lose studies that every other archive keeps.
    static func check(_ value: String) throws(UIDError) {
        guard !value.isEmpty else { throw .empty }
        let characters = value.utf8
        guard characters.count <= 64 else { throw .tooLong(characterCount: characters.count) }
        var componentIsEmpty = true
        for character in characters {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): componentIsEmpty = false
            case UInt8(ascii: ".") where !componentIsEmpty: componentIsEmpty = true
            default: throw .malformed
            }
        }
        guard !componentIsEmpty else { throw .malformed }
    }
}

extension UIDError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "empty UID"
        case .tooLong(let count): "UID of \(count) characters, at most 64 are allowed"
        case .malformed: "UID with other characters than digits and single dots"
        }
    }
}

extension UID {
    /// The value of a new one, made from a random UUID of version 4 (PS3.5 B.2).
    public static func randomValue() -> String {
        let version = UInt128(0xF) << 76
        let variant = UInt128(0x3) << 62
        let number = UInt128.random(in: .min ... .max) & ~version & ~variant | UInt128(0x4) << 76 | UInt128(0x2) << 62
        return "2.25.\(number)"
    }
}

/// A checked UID; which kind of thing it names is in the conforming type.
public protocol UID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    var value: String { get }
    /// - Throws: ``UIDError`` when `value` breaks the encoding rules of PS3.5 9.1.
    init(_ value: String) throws(UIDError)
}

extension UID {
    public var description: String { value }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// Identifies one Study, at most 64 characters of digits and "." (PS3.5 9.1).
public struct StudyInstanceUID: UID {
    public let value: String
    public init(_ value: String) throws(UIDError) {
        try UIDError.check(value)
        self.value = value
    }
}

/// Identifies one Series within its Study (PS3.5 9.1).
public struct SeriesInstanceUID: UID {
    public let value: String
    public init(_ value: String) throws(UIDError) {
        try UIDError.check(value)
        self.value = value
    }
}

/// Identifies one SOP Instance: an image, a report, a presentation state (PS3.5 9.1).
public struct SOPInstanceUID: UID {
    public let value: String
    public init(_ value: String) throws(UIDError) {
        try UIDError.check(value)
        self.value = value
    }
}

/// Identifies what kind of object a SOP Instance is (PS3.4 B.5).
public struct SOPClassUID: UID {
    public let value: String
    public init(_ value: String) throws(UIDError) {
        try UIDError.check(value)
        self.value = value
    }
}

/// How a Data Set is encoded (PS3.5 10). Any UID is allowed: priord keeps bytes as they come.
public struct TransferSyntaxUID: UID {
    public let value: String
    public init(_ value: String) throws(UIDError) {
        try UIDError.check(value)
        self.value = value
    }

    private init(known value: String) { self.value = value }
}

/// Those whose pixels are not compressed (PS3.5 A.1 to A.3, A.5).
extension TransferSyntaxUID {
    public static let implicitVRLittleEndian = TransferSyntaxUID(known: "1.2.840.10008.1.2")
    public static let explicitVRLittleEndian = TransferSyntaxUID(known: "1.2.840.10008.1.2.1")
    public static let explicitVRBigEndian = TransferSyntaxUID(known: "1.2.840.10008.1.2.2")
    public static let deflatedExplicitVRLittleEndian = TransferSyntaxUID(known: "1.2.840.10008.1.2.1.99")
}
