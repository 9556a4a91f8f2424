internal import CDCMTK
internal import DICOMCore

/// Visits every element of a Data Set whose structure ``DataSetStructure`` has checked, with its VR and the place of its
/// value. Reads no values but those it needs to know VRs.
struct ElementWalk<Source: ByteSource> {
    struct Element {
        let tag: Tag
        /// Two capitals, such as "LO".
        let vr: String
        /// Of the value, in the source.
        let offset: Int
        /// nil for fragments, of which the first Item begins at `offset`.
        let byteCount: Int?
        let isBigEndian: Bool
        let isInItem: Bool
    }

    enum Event {
        case element(Element)
        case beginSequence(Tag)
        case beginItem
        case endItem
        case endSequence
    }

    /// What an Item's elements say of the ones after them.
    private struct Context {
        var isSigned = false
        var creators: [Tag: String] = [:]
    }

    private var source: Source
    private let encoding: ElementEncoding

    init(_ source: Source, encoding: ElementEncoding) {
        self.source = source
        self.encoding = encoding
    }

    /// - Throws: ``DataSetError`` where the structure does not hold.
    mutating func run(_ visit: (inout Source, Event) -> Void) throws(DataSetError) {
        _ = try elements(from: 0, to: source.byteCount, encoding, depth: 0, isSigned: false, visit)
    }

    /// - Parameter end: nil when a delimiter ends the Item.
    /// - Returns: where what follows begins.
    private mutating func elements(
        from start: Int, to end: Int?, _ encoding: ElementEncoding, depth: Int, isSigned: Bool,
        _ visit: (inout Source, Event) -> Void
    ) throws(DataSetError) -> Int {
        guard depth <= DataSetStructure.nestingLimit else { throw .nestedTooDeep(offset: start) }
        var context = Context(isSigned: isSigned)
        var position = start
        let limit = end ?? source.byteCount
        while position < limit {
            // Fewer bytes than an element has are padding.
            if limit - position < 8, depth == 0 { break }
            let header = source.withBytes(at: position, count: 12) { ElementHeader($0, encoding) }
            guard let header else { throw .malformed(offset: position) }
            if header.tag == ElementWalkTag.itemDelimitation, end == nil { return position + header.headerByteCount }
            position = try take(header, at: position, limit, encoding, depth, &context, visit)
        }
        guard end != nil else { throw .malformed(offset: position) }
        return limit
    }

    private mutating func take(
        _ header: ElementHeader, at position: Int, _ limit: Int, _ encoding: ElementEncoding, _ depth: Int,
        _ context: inout Context, _ visit: (inout Source, Event) -> Void
    ) throws(DataSetError) -> Int {
        let valueStart = position + header.headerByteCount
        let tag = header.tag
        var vr = vr(of: header, context)
        if header.length == nil, tag != .pixelData { vr = "SQ" }
        if vr == "SQ" {
            // A Sequence whose VR was lost is Implicit VR Little Endian inside (PS3.5 6.2.2).
            let inner = header.isUnknown ? ElementEncoding.implicitLittleEndian : encoding
            visit(&source, .beginSequence(tag))
            let next = try items(
                from: valueStart, to: header.length.map { valueStart + $0 }, limit, inner, depth, context.isSigned,
                visit)
            visit(&source, .endSequence)
            return next
        }
        guard let length = header.length else {
            visit(&source, .element(element(tag, vr, valueStart, nil, encoding, depth)))
            return try endOfFragments(from: valueStart, limit)
        }
        guard length <= limit - valueStart else { throw .truncated(tag: tag, offset: position) }
        note(tag, at: valueStart, length, encoding, &context)
        visit(
            &source,
            .element(element(tag, vr, valueStart, length, header.isUnknown ? .explicitLittleEndian : encoding, depth)))
        return valueStart + length
    }

    private func element(
        _ tag: Tag, _ vr: String, _ offset: Int, _ byteCount: Int?, _ encoding: ElementEncoding, _ depth: Int
    ) -> Element {
        Element(
            tag: tag, vr: vr, offset: offset, byteCount: byteCount, isBigEndian: encoding == .explicitBigEndian,
            isInItem: depth > 0)
    }

    private mutating func items(
        from start: Int, to end: Int?, _ outer: Int, _ encoding: ElementEncoding, _ depth: Int, _ isSigned: Bool,
        _ visit: (inout Source, Event) -> Void
    ) throws(DataSetError) -> Int {
        var position = start
        let limit = end ?? outer
        guard limit <= outer else { throw .malformed(offset: start) }
        while position < limit {
            let header = source.withBytes(at: position, count: 8) { ElementHeader($0, encoding, hasVR: false) }
            guard let header else { throw .malformed(offset: position) }
            position += header.headerByteCount
            if header.tag == ElementWalkTag.sequenceDelimitation, end == nil { return position }
            guard header.tag == ElementWalkTag.item else { throw .malformed(offset: position) }
            if let length = header.length, length > limit - position { throw .malformed(offset: position) }
            visit(&source, .beginItem)
            position = try elements(
                from: position, to: header.length.map { position + $0 }, encoding, depth: depth + 1, isSigned: isSigned,
                visit)
            visit(&source, .endItem)
        }
        guard end != nil else { throw .malformed(offset: position) }
        return limit
    }

    private mutating func endOfFragments(from start: Int, _ limit: Int) throws(DataSetError) -> Int {
        var position = start
        while position < limit {
            let header = source.withBytes(at: position, count: 8) {
                ElementHeader($0, .explicitLittleEndian, hasVR: false)
            }
            guard let header, header.tag.group == 0xFFFE else { throw .malformed(offset: position) }
            position += header.headerByteCount
            if header.tag == ElementWalkTag.sequenceDelimitation { return position }
            guard let length = header.length, length <= limit - position else { throw .malformed(offset: position) }
            position += length
        }
        return limit
    }

    private func vr(of header: ElementHeader, _ context: Context) -> String {
        let tag = header.tag
        if let (first, second) = header.vr, !header.isUnknown {
            let isNamed = [first, second].allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            return isNamed ? String(decoding: [first, second], as: UTF8.self) : "UN"
        }
        if tag.element == 0 { return "UL" }
        if tag.group % 2 == 1, (0x10...0xFF).contains(tag.element) { return "LO" }
        // A value whose VR was lost on the way keeps its bytes; Implicit VR leaves every VR to the dictionary.
        if header.isUnknown, tag.group % 2 == 1 { return "UN" }
        var name = [CChar](repeating: 0, count: 3)
        cdcmtk_dictionary_vr(
            tag.group, tag.element, context.creators[Tag(tag.group, tag.element >> 8)], &name)
        switch String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) {
        case "ox": return "OW"
        case "xs": return context.isSigned ? "SS" : "US"
        case "lt": return "OW"
        case let known: return header.isUnknown && known == "SQ" ? "UN" : known
        }
    }

    /// Private Creators and Pixel Representation decide on the VRs of others.
    private mutating func note(
        _ tag: Tag, at offset: Int, _ length: Int, _ encoding: ElementEncoding, _ context: inout Context
    ) {
        if tag == .pixelRepresentation, length >= 2 {
            context.isSigned = source.withBytes(at: offset, count: 2) { $0.contains(1) }
        } else if tag.group % 2 == 1, (0x10...0xFF).contains(tag.element), length <= 64 {
            let text = source.withBytes(at: offset, count: length) { AttributeSetBuilder.trimmed($0) }
            context.creators[Tag(tag.group, tag.element)] = text
        }
    }
}

/// Items and delimiters (PS3.5 7.5).
private enum ElementWalkTag {
    static let item = Tag(0xFFFE, 0xE000)
    static let itemDelimitation = Tag(0xFFFE, 0xE00D)
    static let sequenceDelimitation = Tag(0xFFFE, 0xE0DD)
}
