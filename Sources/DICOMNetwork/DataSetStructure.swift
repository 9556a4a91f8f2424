public import DICOMCore

/// Why the bytes of a Data Set cannot be parsed, or written.
public enum DataSetError: Error, Equatable, Sendable {
    /// No preamble and prefix, or no readable File Meta Information (PS3.10 7.1).
    case noFileMeta(String)
    /// The value of `tag` reaches beyond the Sequence, Item or Data Set that holds it.
    case truncated(tag: Tag, offset: Int)
    /// What stands at `offset` is no Data Element.
    case malformed(offset: Int)
    /// Sequences nested deeper than ``DataSetStructure/nestingLimit``.
    case nestedTooDeep(offset: Int)
    /// DCMTK could not read it.
    case unreadable(String)
    case cannotOpen(String)
    /// What was to be made of it would have more than `byteLimit` bytes.
    case tooLarge(byteLimit: Int)
    /// The Attribute cannot be written with the value it has.
    case unwritable(Tag)
}

extension DataSetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noFileMeta(let why): "no file meta information: \(why)"
        case .truncated(let tag, let offset): "the value of \(tag) at byte \(offset) is cut off"
        case .malformed(let offset): "no data element at byte \(offset)"
        case .nestedTooDeep(let offset):
            "sequences nested deeper than \(DataSetStructure.nestingLimit) at byte \(offset)"
        case .unreadable(let why): why
        case .cannotOpen(let why): "cannot open: \(why)"
        case .tooLarge(let byteLimit): "more than \(byteLimit) bytes would come of it"
        case .unwritable(let tag): "\(tag) cannot be written"
        }
    }
}

/// Walks the elements of a Data Set without reading their values, to check before anything is parsed that they follow one
/// another to its end (PS3.5 7), and to find where its header ends.
///
/// DCMTK recurses into Sequences and allocates what lengths announce; this walk does neither, so hostile bytes end here.
public struct DataSetStructure: Equatable, Sendable {
    /// Sequences within Sequences. Structured reports in use stay below 20.
    public static let nestingLimit = 64
    /// No more than this much of a Data Set is parsed as its header, bytes. What an index needs is in the first kilobytes.
    static let headerLimit = 1 << 20

    /// Bytes from the start to the first element that is not header: Pixel Data and what follows it, or whatever
    /// does not fit ``headerLimit``.
    public let headerByteCount: Int

    /// - Throws: ``DataSetError`` naming the first element that does not fit.
    init(of source: inout some ByteSource, encoding: ElementEncoding) throws(DataSetError) {
        var walk = Walk(encoding: encoding, byteCount: source.byteCount)
        while try walk.step(&source) {}
        headerByteCount = walk.headerByteCount
    }
}

/// How elements are laid out (PS3.5 7.1, A.1 to A.3).
enum ElementEncoding: Sendable {
    case implicitLittleEndian, explicitLittleEndian, explicitBigEndian

    /// Every encapsulated Transfer Syntax, private ones too, is Explicit VR Little Endian (PS3.5 A.4).
    init(transferSyntax: String) {
        self =
            switch transferSyntax {
            case TransferSyntaxUID.implicitVRLittleEndian.value: .implicitLittleEndian
            case TransferSyntaxUID.explicitVRBigEndian.value: .explicitBigEndian
            default: .explicitLittleEndian
            }
    }
}

private struct Walk {
    private enum Kind { case dataSet, sequence, item, fragments }

    private struct Container {
        let kind: Kind
        /// nil when a delimiter ends it.
        let end: Int?
        let encoding: ElementEncoding
        /// Entered on a guess: a value that only looks like a Sequence is passed over, not refused.
        let isGuess: Bool
    }

    private static let item = Tag(0xFFFE, 0xE000)
    private static let itemDelimitation = Tag(0xFFFE, 0xE00D)
    private static let sequenceDelimitation = Tag(0xFFFE, 0xE0DD)
    private static let firstPixelData = Tag(0x7FE0, 0x0000)
    private static let noTag = Tag(0, 0)

    private let byteCount: Int
    private var containers: [Container]
    private var position = 0
    private(set) var headerByteCount = 0
    private var isInHeader = true

    init(encoding: ElementEncoding, byteCount: Int) {
        self.byteCount = byteCount
        containers = [Container(kind: .dataSet, end: byteCount, encoding: encoding, isGuess: false)]
    }

    /// Takes one element, Item or delimiter; false at the end.
    mutating func step(_ source: inout some ByteSource) throws(DataSetError) -> Bool {
        guard let container = containers.last else { return false }
        if let end = container.end, position >= end {
            guard position == end else { throw .malformed(offset: position) }
            return leave()
        }
        do throws(DataSetError) {
            let element = try header(source: &source, in: container)
            guard let element else { return leave() }
            try take(element, in: container, &source)
        } catch {
            // Bytes nested so deep by chance are none; passed over, they would be for DCMTK to recurse into.
            if case .nestedTooDeep = error { throw error }
            guard container.isGuess, let end = container.end else { throw error }
            position = end
            containers.removeLast()
        }
        return true
    }

    private mutating func leave() -> Bool {
        containers.removeLast()
        noteBoundary()
        return !containers.isEmpty
    }

    /// Between two elements of the outermost level the header may end.
    private mutating func noteBoundary() {
        guard containers.count == 1, isInHeader else { return }
        if position <= DataSetStructure.headerLimit { headerByteCount = position } else { isInHeader = false }
    }

    /// nil where a Data Set ends in fewer bytes than an element has, all zero: padding that some senders append.
    private mutating func header(source: inout some ByteSource, in container: Container) throws(DataSetError)
        -> ElementHeader?
    {
        let isDelimited = container.kind == .sequence || container.kind == .fragments
        let start = position
        let encoding = container.encoding
        let (read, padding) = source.withBytes(at: start, count: 12) { bytes -> (ElementHeader?, Bool) in
            guard bytes.count >= 8 else { return (nil, bytes.allSatisfy { $0 == 0 }) }
            return (ElementHeader(bytes, encoding, hasVR: !isDelimited), false)
        }
        if let read { return read }
        guard padding, container.kind == .dataSet else {
            throw byteCount - start < 8 ? .truncated(tag: Walk.noTag, offset: start) : .malformed(offset: start)
        }
        position = byteCount
        return nil
    }

    private mutating func take(
        _ element: ElementHeader, in container: Container, _ source: inout some ByteSource
    ) throws(DataSetError) {
        let start = position
        let valueStart = start + element.headerByteCount
        let limit = container.end ?? enclosingEnd
        guard valueStart <= limit else { throw .truncated(tag: element.tag, offset: start) }
        if containers.count == 1, element.tag >= Walk.firstPixelData { isInHeader = false }

        if let length = element.length, length > limit - valueStart {
            throw .truncated(tag: element.tag, offset: start)
        }
        switch container.kind {
        case .sequence, .fragments: try takeItem(element, in: container, valueStart)
        case .dataSet, .item:
            if element.tag == Walk.itemDelimitation, container.kind == .item, container.end == nil {
                position = valueStart
                containers.removeLast()
                return
            }
            try takeElement(element, in: container, valueStart, &source)
        }
        noteBoundary()
    }

    private mutating func takeItem(_ element: ElementHeader, in container: Container, _ valueStart: Int)
        throws(DataSetError)
    {
        let start = position
        position = valueStart
        switch element.tag {
        case Walk.sequenceDelimitation where container.end == nil:
            containers.removeLast()
        case Walk.item where container.kind == .fragments:
            guard let length = element.length else { throw .malformed(offset: start) }
            position += length
        case Walk.item:
            try enter(.item, end: element.length.map { valueStart + $0 }, container.encoding, container.isGuess)
        default:
            throw .malformed(offset: start)
        }
    }

    private mutating func takeElement(
        _ element: ElementHeader, in container: Container, _ valueStart: Int, _ source: inout some ByteSource
    ) throws(DataSetError) {
        let start = position
        position = valueStart
        let isSequence = element.vr.map { $0 == (UInt8(ascii: "S"), UInt8(ascii: "Q")) }
        let isUnknown = element.vr.map { $0 == (UInt8(ascii: "U"), UInt8(ascii: "N")) } ?? false
        guard let length = element.length else {
            if element.tag == .pixelData { return try enter(.fragments, end: nil, container.encoding, false) }
            guard isSequence ?? true || isUnknown else { throw .malformed(offset: start) }
            // A Sequence whose VR was lost on the way is Implicit VR inside (PS3.5 6.2.2).
            return try enter(
                .sequence, end: nil, isUnknown ? .implicitLittleEndian : container.encoding, container.isGuess)
        }
        if isSequence == true {
            return try enter(.sequence, end: valueStart + length, container.encoding, container.isGuess)
        }
        // In Implicit VR only the dictionary knows a Sequence; DCMTK would enter it, so its depth is to be seen here.
        if isSequence == nil, length >= 8, beginsWithItem(&source, at: valueStart) {
            return try enter(.sequence, end: valueStart + length, container.encoding, true)
        }
        position += length
    }

    private func beginsWithItem(_ source: inout some ByteSource, at offset: Int) -> Bool {
        source.withBytes(at: offset, count: 4) { $0.elementsEqual([0xFE, 0xFF, 0x00, 0xE0]) }
    }

    private mutating func enter(
        _ kind: Kind, end: Int?, _ encoding: ElementEncoding, _ isGuess: Bool
    ) throws(DataSetError) {
        // Each Sequence brings its Items along.
        guard containers.count <= 2 * DataSetStructure.nestingLimit else { throw .nestedTooDeep(offset: position) }
        containers.append(Container(kind: kind, end: end, encoding: encoding, isGuess: isGuess))
    }

    /// Where at the latest an undefined length has to end.
    private var enclosingEnd: Int { containers.last { $0.end != nil }?.end ?? byteCount }
}
