internal import DICOMCore
internal import Foundation

/// Writes the DICOM JSON Model of what it visits (PS3.18 F.2).
struct JSONWriter {
    private let baseURI: String?
    private let inlineByteLimit: Int
    private let texts: [String]
    private var nextText = 0
    private var place = JSONPlace()
    private var json = JSONText()

    /// - Parameter texts: of ``JSONTexts``.
    init(baseURI: String?, inlineByteLimit: Int, texts: [String]) {
        self.baseURI = baseURI
        self.inlineByteLimit = inlineByteLimit
        self.texts = texts
        json.beginObject()
    }

    var byteCount: Int { json.bytes.count }

    consuming func finished() -> [UInt8] {
        json.endObject()
        return json.bytes
    }

    mutating func visit<Source: ByteSource>(_ source: inout Source, _ event: ElementWalk<Source>.Event) {
        place.follow(event)
        switch event {
        case .beginSequence(let tag): json.beginSequence(tag)
        case .beginItem: json.beginObject()
        case .endItem: json.endObject()
        case .endSequence: json.endSequence()
        case .element(let element):
            // Group lengths are of an encoding that JSON has not.
            if element.tag.element != 0 { write(element, &source) }
        }
    }

    private mutating func write<Source: ByteSource>(
        _ element: ElementWalk<Source>.Element, _ source: inout Source
    ) {
        json.begin(element.tag, element.vr)
        defer { json.end() }
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
            json.inlineBinary(Data(bytes).base64EncodedString())
        }
    }

    private mutating func reference<Source: ByteSource>(_ element: ElementWalk<Source>.Element) {
        guard element.byteCount != 0, let baseURI else { return }
        json.bulkDataURI("\(baseURI)/\(place.path(element.tag))")
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
        if element.tag == .specificCharacterSet { return json.values(["ISO_IR 192"], element.vr) }
        let parts = kind == .text ? [whole[...]] : whole.split(separator: "\\", omittingEmptySubsequences: false)
        json.values(parts.map { JSONText.trimmed($0, keepsIndent: kind == .text) }, element.vr)
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
        json.literals(values)
    }

    private static func value(_ raw: UInt64, _ vr: String) -> String {
        switch vr {
        case "SS": String(Int16(truncatingIfNeeded: raw))
        case "SL": String(Int32(truncatingIfNeeded: raw))
        case "SV": String(Int64(bitPattern: raw))
        case "FL": float(Double(Float(bitPattern: UInt32(raw))), "\(Float(bitPattern: UInt32(raw)))")
        case "FD": float(Double(bitPattern: raw), "\(Double(bitPattern: raw))")
        case "AT": "\"\(JSONText.hex(Tag(UInt16(raw & 0xFFFF), UInt16(raw >> 16))))\""
        default: String(raw)
        }
    }

    /// JSON has no number for these three.
    private static func float(_ value: Double, _ text: String) -> String {
        if value.isFinite { return text }
        return value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\""
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
