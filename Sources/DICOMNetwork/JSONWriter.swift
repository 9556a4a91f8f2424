internal import DICOMCore
internal import Foundation

/// Writes the DICOM JSON Model of what it visits (PS3.18 F.2).
struct JSONWriter {
    private let baseURI: String?
    private let inlineByteLimit: Int
    private let texts: [String]
    private var nextText = 0
    private var place = JSONPlace()
    private var json: [UInt8] = [UInt8(ascii: "{")]
    /// Whether a comma has to come before what is next.
    private var needsComma = false

    /// - Parameter texts: of ``JSONTexts``.
    init(baseURI: String?, inlineByteLimit: Int, texts: [String]) {
        self.baseURI = baseURI
        self.inlineByteLimit = inlineByteLimit
        self.texts = texts
    }

    var byteCount: Int { json.count }

    consuming func finished() -> [UInt8] { json + [UInt8(ascii: "}")] }

    mutating func visit<Source: ByteSource>(_ source: inout Source, _ event: ElementWalk<Source>.Event) {
        place.follow(event)
        switch event {
        case .beginSequence(let tag):
            begin(tag, "SQ")
            put(",\"Value\":[")
            needsComma = false
        case .beginItem:
            comma()
            put("{")
            needsComma = false
        case .endItem:
            put("}")
            needsComma = true
        case .endSequence:
            // An empty Sequence has no Value (PS3.18 F.2.5).
            let empty = Array(",\"Value\":[".utf8)
            if json.count >= empty.count, json.suffix(empty.count).elementsEqual(empty) {
                json.removeLast(empty.count)
            } else {
                put("]")
            }
            put("}")
            needsComma = true
        case .element(let element):
            // Group lengths are of an encoding that JSON has not.
            if element.tag.element != 0 { write(element, &source) }
        }
    }

    private mutating func write<Source: ByteSource>(
        _ element: ElementWalk<Source>.Element, _ source: inout Source
    ) {
        begin(element.tag, element.vr)
        defer {
            put("}")
            needsComma = true
        }
        let kind = JSONTexts.kind(element.vr)
        guard let count = element.byteCount, count > 0 || kind == nil else { return reference(element) }
        guard count > 0 else { return }
        let limit = kind == nil ? inlineByteLimit : DICOMJSON.inlineTextByteLimit
        guard count <= limit, element.tag != .pixelData || element.isInItem else { return reference(element) }
        let bytes = source.withBytes(at: element.offset, count: count) { Array($0) }
        if let kind {
            text(element, bytes, kind)
        } else if let width = JSONWriter.numberByteCount(element.vr) {
            numbers(element, bytes, width)
        } else {
            var bytes = bytes
            JSONWriter.turn(&bytes, element.isBigEndian ? JSONWriter.wordByteCount(element.vr) : 1)
            put(",\"InlineBinary\":\"")
            put(Data(bytes).base64EncodedString())
            put("\"")
        }
    }

    private mutating func reference<Source: ByteSource>(_ element: ElementWalk<Source>.Element) {
        guard element.byteCount != 0, let baseURI else { return }
        put(",\"BulkDataURI\":")
        string("\(baseURI)/\(place.path(element.tag))")
    }

    private mutating func text<Source: ByteSource>(
        _ element: ElementWalk<Source>.Element, _ bytes: [UInt8], _ kind: RawText.Kind
    ) {
        let whole: String
        if RawText.isPlain(bytes) {
            whole = String(decoding: bytes, as: UTF8.self)
        } else {
            whole = nextText < texts.count ? texts[nextText] : ""
            nextText += 1
        }
        // JSON is in UTF-8, and says so (PS3.18 F.2.4).
        if element.tag == .specificCharacterSet { return values(["ISO_IR 192"], element.vr) }
        let parts = kind == .text ? [whole[...]] : whole.split(separator: "\\", omittingEmptySubsequences: false)
        values(parts.map { JSONWriter.trimmed($0, keepsIndent: kind == .text) }, element.vr)
    }

    private mutating func values(_ values: [String], _ vr: String) {
        guard values.contains(where: { !$0.isEmpty }) else { return }
        put(",\"Value\":[")
        for (index, value) in values.enumerated() {
            if index > 0 { put(",") }
            if value.isEmpty {
                put("null")
            } else if vr == "PN" {
                name(value)
            } else if vr == "DS" || vr == "IS", let number = JSONWriter.number(value) {
                put(number)
            } else {
                string(value)
            }
        }
        put("]")
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
            string(JSONWriter.trimmed(part, keepsIndent: false))
        }
        put("}")
    }

    private mutating func numbers<Source: ByteSource>(
        _ element: ElementWalk<Source>.Element, _ bytes: [UInt8], _ width: Int
    ) {
        var bytes = bytes
        JSONWriter.turn(&bytes, element.isBigEndian ? (element.vr == "AT" ? 2 : width) : 1)
        let values = stride(from: 0, to: bytes.count - width + 1, by: width).map { start in
            let raw = (0..<width).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
            return JSONWriter.value(raw, element.vr)
        }
        guard !values.isEmpty else { return }
        put(",\"Value\":[" + values.joined(separator: ",") + "]")
    }

    private static func value(_ raw: UInt64, _ vr: String) -> String {
        switch vr {
        case "SS": String(Int16(truncatingIfNeeded: raw))
        case "SL": String(Int32(truncatingIfNeeded: raw))
        case "SV": String(Int64(bitPattern: raw))
        case "FL": float(Double(Float(bitPattern: UInt32(raw))), "\(Float(bitPattern: UInt32(raw)))")
        case "FD": float(Double(bitPattern: raw), "\(Double(bitPattern: raw))")
        case "AT": "\"\(hex(Tag(UInt16(raw & 0xFFFF), UInt16(raw >> 16))))\""
        default: String(raw)
        }
    }

    /// JSON has no number for these three.
    private static func float(_ value: Double, _ text: String) -> String {
        if value.isFinite { return text }
        return value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\""
    }

    /// A decimal or integer string as JSON has numbers, digit by digit; nil when it is none.
    static func number(_ text: String) -> String? {
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

    private static func trimmed(_ text: Substring, keepsIndent: Bool) -> String {
        func isPadding(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\0" }
        let scalars = text.unicodeScalars
        let start = keepsIndent ? scalars.startIndex : scalars.firstIndex { !isPadding($0) } ?? scalars.endIndex
        let end = scalars.lastIndex { !isPadding($0) }.map { scalars.index(after: $0) } ?? start
        return start < end ? String(scalars[start..<end]) : ""
    }

    private mutating func begin(_ tag: Tag, _ vr: String) {
        comma()
        put("\"\(JSONWriter.hex(tag))\":{\"vr\":\"\(vr)\"")
    }

    private mutating func comma() {
        if needsComma { put(",") }
    }

    private mutating func put(_ text: String) { json += text.utf8 }

    private mutating func string(_ text: String) {
        put("\"")
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: put("\\u00" + JSONWriter.hex(UInt64(byte), digits: 2))
            default: json.append(byte)
            }
        }
        put("\"")
    }

    static func hex(_ tag: Tag) -> String { hex(UInt64(tag.group) << 16 | UInt64(tag.element), digits: 8) }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Bytes of a number; nil for VRs that are none.
    private static func numberByteCount(_ vr: String) -> Int? {
        switch vr {
        case "US", "SS": 2
        case "UL", "SL", "FL", "AT": 4
        case "FD", "SV", "UV": 8
        default: nil
        }
    }

    /// Bytes of the words a binary value is made of (PS3.5 7.3).
    static func wordByteCount(_ vr: String) -> Int {
        switch vr {
        case "OW": 2
        case "OF", "OL": 4
        case "OD", "OV": 8
        case "AT": 2
        default: numberByteCount(vr) ?? 1
        }
    }

    /// Turns the order of bytes in each word.
    static func turn(_ bytes: inout [UInt8], _ width: Int) {
        guard width > 1 else { return }
        for start in stride(from: 0, to: bytes.count - width + 1, by: width) {
            bytes[start..<(start + width)].reverse()
        }
    }
}
