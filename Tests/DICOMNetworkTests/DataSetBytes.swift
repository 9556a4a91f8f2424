import DICOMCore

@testable import DICOMNetwork

/// Swift Testing has a `Tag` too.
typealias AttributeTag = Tag

/// Spells Data Sets byte by byte (PS3.5 7.1), sound and unsound ones.
struct DataSetBytes {
    var encoding = ElementEncoding.explicitLittleEndian

    static let undefined = UInt32.max
    private static let longVRs: Set = ["OB", "OW", "SQ", "UN", "UT", "UC"]

    func number<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        let ordered = encoding == .explicitBigEndian ? number.bigEndian : number.littleEndian
        return withUnsafeBytes(of: ordered, Array.init)
    }

    /// - Parameter length: written in place of the value's own.
    func element(_ tag: Tag, _ vr: String, _ value: [UInt8], length: UInt32? = nil) -> [UInt8] {
        let length = length ?? UInt32(value.count)
        let head = number(tag.group) + number(tag.element)
        if encoding == .implicitLittleEndian { return head + number(length) + value }
        if DataSetBytes.longVRs.contains(vr) { return head + Array(vr.utf8) + [0, 0] + number(length) + value }
        return head + Array(vr.utf8) + number(UInt16(truncatingIfNeeded: length)) + value
    }

    func element(_ tag: Tag, _ vr: String, _ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return element(tag, vr, bytes + (bytes.count % 2 == 0 ? [] : [vr == "UI" ? 0 : 0x20]))
    }

    func item(_ content: [UInt8], isDelimited: Bool = false) -> [UInt8] {
        let head = number(UInt16(0xFFFE)) + number(UInt16(0xE000))
        guard isDelimited else { return head + number(UInt32(content.count)) + content }
        return head + number(DataSetBytes.undefined) + content + delimiter(0xE00D)
    }

    func sequence(_ tag: Tag, _ items: [UInt8], isDelimited: Bool = false, vr: String = "SQ") -> [UInt8] {
        guard isDelimited else { return element(tag, vr, items) }
        return element(tag, vr, items, length: DataSetBytes.undefined) + delimiter(0xE0DD)
    }

    /// An Item or Sequence Delimitation Item.
    func delimiter(_ element: UInt16) -> [UInt8] { number(UInt16(0xFFFE)) + number(element) + number(UInt32(0)) }

    /// `depth` Sequences within one another around an empty Item.
    func nested(_ depth: Int, isDelimited: Bool) -> [UInt8] {
        (0..<depth).reduce([]) { content, _ in
            sequence(Tag(0x0040, 0xA730), item(content, isDelimited: isDelimited), isDelimited: isDelimited)
        }
    }

    func structure(of bytes: [UInt8]) throws(DataSetError) -> DataSetStructure {
        var source = MemoryBytes(bytes: bytes)
        return try DataSetStructure(of: &source, encoding: encoding)
    }
}
