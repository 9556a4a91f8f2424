public import DICOMCore

/// Writes the DICOM JSON Model (PS3.18 F.2), whatever its values come from: Attributes in their Items, values by their VR.
public struct JSONText: Sendable {
    /// UTF-8.
    public private(set) var bytes: [UInt8] = []
    /// Whether a comma has to come before what is next.
    private var needsComma = false

    public init() {}

    /// A Data Set, or an Item of the Sequence that was begun.
    public mutating func beginObject() {
        comma()
        put("{")
        needsComma = false
    }

    public mutating func endObject() {
        put("}")
        needsComma = true
    }

    /// An Attribute; what it has is written next, and then it is ended.
    public mutating func begin(_ tag: Tag, _ vr: String) {
        comma()
        put("\"")
        hexadecimal(UInt32(tag.group) << 16 | UInt32(tag.element), digits: 8)
        put("\":{\"vr\":\"")
        put(vr)
        put("\"")
    }

    public mutating func end() {
        put("}")
        needsComma = true
    }

    private static let valueMark = Array(",\"Value\":[".utf8)

    public mutating func beginSequence(_ tag: Tag) {
        begin(tag, "SQ")
        bytes += JSONText.valueMark
        needsComma = false
    }

    public mutating func endSequence() {
        // An empty Sequence has no Value (PS3.18 F.2.5).
        if bytes.suffix(JSONText.valueMark.count).elementsEqual(JSONText.valueMark) {
            bytes.removeLast(JSONText.valueMark.count)
        } else {
            put("]")
        }
        end()
    }

    /// Values without padding, of a VR that is text; "" keeps its place. None where all are empty.
    public mutating func values(_ values: [String], _ vr: String) {
        guard values.contains(where: { !$0.isEmpty }) else { return }
        bytes += JSONText.valueMark
        for (index, value) in values.enumerated() {
            if index > 0 { put(",") }
            if value.isEmpty {
                put("null")
            } else if vr == "PN" {
                name(value)
            } else if vr == "DS" || vr == "IS", let number = JSONText.number(value) {
                put(number)
            } else {
                string(value)
            }
        }
        put("]")
    }

    /// Values as JSON writes them; none where there is none.
    public mutating func literals(_ values: [String]) {
        guard !values.isEmpty else { return }
        bytes += JSONText.valueMark
        put(values.joined(separator: ","))
        put("]")
    }

    /// Numbers and tags that are text, as an ``AttributeSet`` has them; what is none of these keeps its place.
    public mutating func spelled(_ values: [String], _ vr: String) {
        guard values.contains(where: { !$0.isEmpty }) else { return }
        literals(
            values.map { value in
                if vr == "AT" { return Tag(written: value).map { "\"\(JSONText.hex($0))\"" } ?? "null" }
                if let number = JSONText.number(value) { return number }
                guard vr == "FL" || vr == "FD", let number = Double(value) else { return "null" }
                // JSON has no number for these three.
                return number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\""
            })
    }

    /// - Parameter base64: of bytes in little endian order.
    mutating func inlineBinary(_ base64: String) {
        put(",\"InlineBinary\":\"")
        put(base64)
        put("\"")
    }

    mutating func bulkDataURI(_ uri: String) {
        put(",\"BulkDataURI\":")
        string(uri)
    }

    /// Component groups: alphabetic, ideographic, phonetic (PS3.5 6.2.1.2).
    private mutating func name(_ value: String) {
        put("{")
        var isFirst = true
        for (key, part) in zip(
            ["Alphabetic", "Ideographic", "Phonetic"], value.split(separator: "=", omittingEmptySubsequences: false))
        where !part.isEmpty {
            if !isFirst { put(",") }
            isFirst = false
            put("\"\(key)\":")
            string(JSONText.trimmed(part, keepsIndent: false))
        }
        put("}")
    }

    /// A decimal or integer string as JSON has numbers, digit by digit; nil when it is none.
    public static func number(_ text: String) -> String? {
        var rest = text[...]
        var result = ""
        if let sign = rest.first, sign == "-" || sign == "+" {
            if sign == "-" { result = "-" }
            rest = rest.dropFirst()
        }
        func digits() -> Substring {
            let taken = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(taken.count)
            return taken
        }
        let whole = digits()
        var fraction: Substring = ""
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let significant = whole.drop { $0 == "0" }
        result += significant.isEmpty ? "0" : significant
        if !fraction.isEmpty { result += "." + fraction }
        if let mark = rest.first, mark == "e" || mark == "E" {
            rest = rest.dropFirst()
            var sign = ""
            if let found = rest.first, found == "-" || found == "+" {
                sign = String(found)
                rest = rest.dropFirst()
            }
            let exponent = digits()
            guard !exponent.isEmpty else { return nil }
            result += "e" + sign + exponent
        }
        return rest.isEmpty ? result : nil
    }

    static func trimmed(_ text: Substring, keepsIndent: Bool) -> String {
        func isPadding(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\0" }
        let scalars = text.unicodeScalars
        let start = keepsIndent ? scalars.startIndex : scalars.firstIndex { !isPadding($0) } ?? scalars.endIndex
        let end = scalars.lastIndex { !isPadding($0) }.map { scalars.index(after: $0) } ?? start
        return start < end ? String(scalars[start..<end]) : ""
    }

    private mutating func comma() {
        if needsComma { put(",") }
    }

    private mutating func put(_ text: String) { bytes += text.utf8 }

    private mutating func string(_ text: String) { bytes.appendJSON(text) }

    private mutating func hexadecimal(_ number: UInt32, digits: Int) {
        for place in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: number >> (4 * UInt32(place)) & 0xF)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") - 10 + digit)
        }
    }

    /// Eight hexadecimal digits: `0020000D`.
    public static func hex(_ tag: Tag) -> String {
        var text = JSONText()
        text.hexadecimal(UInt32(tag.group) << 16 | UInt32(tag.element), digits: 8)
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
