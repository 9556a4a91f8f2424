internal import DICOMCore

/// How the value of an Attribute is written, by the dictionary.
enum ElementRepresentation {
    case text(ValueRepresentation)
    case number(ValueRepresentation)
    case sequence
    /// Bytes, and whatever no dictionary knows.
    case bulk

    init(_ tag: Tag) {
        guard let vr = DICOMLibrary.valueRepresentation(of: tag) else {
            self = .bulk
            return
        }
        self =
            switch vr {
            case .applicationEntity, .ageString, .codeString, .date, .decimalString, .dateTime, .integerString,
                .longString, .longText, .personName, .shortString, .shortText, .time, .unlimitedCharacters,
                .uniqueIdentifier, .universalResource, .unlimitedText:
                .text(vr)
            case .attributeTag, .floatingPointSingle, .floatingPointDouble, .signedLong, .signedShort,
                .signedVeryLong, .unsignedLong, .unsignedShort, .unsignedVeryLong:
                .number(vr)
            case .sequence: .sequence
            case .otherByte, .otherDouble, .otherFloat, .otherLong, .otherVeryLong, .otherWord, .unknown: .bulk
            }
    }

    /// Of an empty value.
    var vr: ValueRepresentation {
        switch self {
        case .text(let vr), .number(let vr): vr
        case .sequence: .sequence
        case .bulk: .unknown
        }
    }
}

/// Writes Data Elements one after another (PS3.5 7.1), Sequences and Items with their lengths.
struct ElementWriter {
    let encoding: ElementEncoding
    private(set) var bytes: [UInt8] = []

    init(encoding: ElementEncoding) {
        self.encoding = encoding
        bytes.reserveCapacity(1024)
    }

    /// Longest value whose length has 16 bits, and is even.
    private static let shortLimit = 0xFFFE

    /// - Parameter value: of any length; it is padded to an even one.
    mutating func put(_ tag: Tag, _ vr: ValueRepresentation, _ value: [UInt8]) {
        let isPadded = value.count % 2 != 0
        begin(tag, vr, byteCount: value.count + (isPadded ? 1 : 0))
        bytes += value
        if isPadded { bytes.append(vr == .uniqueIdentifier ? 0 : UInt8(ascii: " ")) }
    }

    /// - Throws: ``DataSetError/unwritable(_:)`` when a value is no such number.
    mutating func put(_ tag: Tag, _ vr: ValueRepresentation, numbers values: [String]) throws(DataSetError) {
        // Where the dictionary leaves open whether words have a sign, a message has no Pixel Representation to tell it.
        let hasSign = vr == .unsignedShort && values.contains { $0.hasPrefix("-") }
        let vr = hasSign ? .signedShort : vr
        var number = ElementWriter(encoding: encoding)
        for value in values { guard number.append(value, as: vr) else { throw .unwritable(tag) } }
        put(tag, vr, number.bytes)
    }

    /// - Returns: what to ``end(_:)`` it with.
    mutating func beginSequence(_ tag: Tag) -> Int {
        begin(tag, .sequence, byteCount: 0)
        return bytes.count
    }

    mutating func beginItem() -> Int {
        append(UInt16(0xFFFE))
        append(UInt16(0xE000))
        append(UInt32(0))
        return bytes.count
    }

    /// Fills in the length of a Sequence or Item.
    mutating func end(_ start: Int) {
        var length = ElementWriter(encoding: encoding)
        length.append(UInt32(truncatingIfNeeded: bytes.count - start))
        bytes.replaceSubrange(start - 4..<start, with: length.bytes)
    }

    private mutating func begin(_ tag: Tag, _ vr: ValueRepresentation, byteCount: Int) {
        append(tag.group)
        append(tag.element)
        guard encoding != .implicitLittleEndian else { return append(UInt32(truncatingIfNeeded: byteCount)) }
        // What is too long for its VR is written as UN (PS3.5 6.2.2).
        let isLong = vr.hasLongLength || byteCount > ElementWriter.shortLimit
        bytes += (isLong && !vr.hasLongLength ? ValueRepresentation.unknown : vr).rawValue.utf8
        if isLong {
            append(UInt16(0))
            append(UInt32(truncatingIfNeeded: byteCount))
        } else {
            append(UInt16(byteCount))
        }
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        let ordered = encoding == .explicitBigEndian ? number.bigEndian : number.littleEndian
        withUnsafeBytes(of: ordered) { bytes += $0 }
    }

    private mutating func append(_ value: String, as vr: ValueRepresentation) -> Bool {
        switch vr {
        case .signedShort: append(Int16(value))
        case .unsignedShort: append(UInt16(value))
        case .signedLong: append(Int32(value))
        case .unsignedLong: append(UInt32(value))
        case .signedVeryLong: append(Int64(value))
        case .unsignedVeryLong: append(UInt64(value))
        case .floatingPointSingle: append(Float(value)?.bitPattern)
        case .floatingPointDouble: append(Double(value)?.bitPattern)
        case .attributeTag: Tag(written: value).map { append($0.group) && append($0.element) } ?? false
        default: false
        }
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number?) -> Bool {
        guard let number else { return false }
        append(number) as Void
        return true
    }
}

extension ValueRepresentation {
    /// Whether its length has 32 bits in Explicit VR (PS3.5 Table 7.1-1).
    fileprivate var hasLongLength: Bool {
        switch self {
        case .otherByte, .otherDouble, .otherFloat, .otherLong, .otherVeryLong, .otherWord, .sequence, .signedVeryLong,
            .unknown, .unlimitedCharacters, .universalResource, .unlimitedText, .unsignedVeryLong:
            true
        default: false
        }
    }
}
