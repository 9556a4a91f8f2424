public import DICOMCore
internal import Foundation
internal import Glibc

/// A stored object in the DICOM JSON Model (PS3.18 Annex F): every Attribute of the Data Set with its VR, text as UTF-8, small
/// binary values in Base64, others by URI.
///
/// Deflated objects are refused: inflating belongs into the pixel worker, which writes them in Explicit VR Little Endian.
public struct DICOMJSON: Sendable {
    /// Binary values and lists of numbers longer than this are left out and named by their URI, bytes.
    public static let defaultInlineByteLimit = 1024
    /// Text longer than this is left out and named by its URI, bytes.
    static let inlineTextByteLimit = 64 * 1024
    /// Of the JSON of one object, and of its text that is not ASCII. The headers of tens of thousands of frames are shorter.
    public static let defaultByteLimit = 128 << 20

    private let meta: FileMeta
    private let dataSet: FileBytes
    private let encoding: ElementEncoding
    private let sender: TextRepair.Sender

    /// Checks the structure of the Part-10 file that is open at `descriptor`, which has to stay so.
    ///
    /// - Parameter characterSets: as of ``ObjectHeader``; text then reads as in the index.
    /// - Throws: ``DataSetError``, `unreadable` for deflated objects.
    public init(descriptor: Int32, characterSets: [AETitle: TextEncoding] = [:]) throws(DataSetError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotOpen("not a regular file")
        }
        var file = FileBytes(descriptor: descriptor, byteCount: Int(status.st_size), window: [])
        let (meta, offset) = try FileMeta.parse(file.withBytes(at: 0, count: FileMeta.byteCountLimit) { Array($0) })
        guard meta.transferSyntaxUID != ObjectHeader.deflated else { throw .unreadable("a deflated Data Set") }
        self.meta = meta
        var sender = TextRepair.Sender(learned: meta.learnedTextEncoding)
        if !characterSets.isEmpty, let title = try? AETitle(meta.sourceAETitle) {
            sender.configured = characterSets[title]
        }
        self.sender = sender
        encoding = ElementEncoding(transferSyntax: meta.transferSyntaxUID)
        var dataSet = file.dropFirst(offset)
        _ = try DataSetStructure(of: &dataSet, encoding: encoding)
        self.dataSet = dataSet
    }

    /// The object as JSON, in UTF-8: `{"00080005":{"vr":"CS",…},…}`.
    ///
    /// - Parameters:
    ///   - baseURI: what the path of an Attribute is appended to, after a slash, as its BulkDataURI; nil leaves out large
    ///     values but not their Attributes.
    ///   - inlineByteLimit: of binary values; Pixel Data is never inline.
    /// - Throws: ``DataSetError``; `tooLarge` when there are millions of elements.
    public func encoded(
        baseURI: String?, inlineByteLimit: Int = DICOMJSON.defaultInlineByteLimit,
        byteLimit: Int = DICOMJSON.defaultByteLimit
    ) throws(DataSetError) -> [UInt8] {
        var texts = JSONTexts(sender: sender)
        var walk = ElementWalk(dataSet, encoding: encoding)
        try walk.run { source, event in
            if texts.byteCount <= byteLimit { texts.visit(&source, event) }
        }
        guard texts.byteCount <= byteLimit else { throw .tooLarge(byteLimit: byteLimit) }
        var writer = JSONWriter(baseURI: baseURI, inlineByteLimit: inlineByteLimit, texts: texts.decoded())
        walk = ElementWalk(dataSet, encoding: encoding)
        try walk.run { source, event in
            if writer.byteCount <= byteLimit { writer.visit(&source, event) }
        }
        guard writer.byteCount <= byteLimit else { throw .tooLarge(byteLimit: byteLimit) }
        return writer.finished()
    }

    /// Where the value at `path` lies; nil when there is none there.
    ///
    /// - Throws: ``DataSetError``.
    public func bulkData(at path: BulkDataPath) throws(DataSetError) -> BulkData? {
        var place = JSONPlace()
        var found: BulkData?
        var walk = ElementWalk(dataSet, encoding: encoding)
        let base = dataSet.start
        try walk.run { _, event in
            place.follow(event)
            guard case .element(let element) = event, found == nil, place.path(element.tag) == path else { return }
            found = BulkData(
                vr: element.vr, offset: base + element.offset, byteCount: element.byteCount,
                wordByteCount: element.isBigEndian ? JSONWriter.wordByteCount(element.vr) : 1)
        }
        return found
    }
}

/// A value of a stored object, by its place in the file.
public struct BulkData: Equatable, Sendable {
    public let vr: String
    /// First byte of the value, from the start of the file.
    public let offset: Int
    /// Nil for encapsulated Pixel Data: its frames are asked for one by one.
    public let byteCount: Int?
    /// Bytes of a word whose order has to be turned, 1 when they are right: bulk data is little endian (PS3.18 F.2.7).
    let wordByteCount: Int

    /// At most `count` bytes of the value from `start` on, in little endian order; both whole words.
    ///
    /// - Throws: ``DataSetError/cannotOpen(_:)`` when they cannot be read.
    public func read(_ descriptor: Int32, from start: Int, count: Int) throws(DataSetError) -> [UInt8] {
        let wanted = max(0, min(count, (byteCount ?? 0) - start))
        var failure: Int32 = 0
        var bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted, let base = buffer.baseAddress {
                let got = pread(descriptor, base + filled, wanted - filled, off_t(offset + start + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { break }
                filled += got
            }
        }
        guard bytes.count == wanted else { throw .cannotOpen(String(cString: strerror(failure))) }
        JSONWriter.turn(&bytes, wordByteCount)
        return bytes
    }
}

/// The way to an Attribute through Sequences, as BulkDataURIs end: `00880200/1/7FE00010`, Items counted from 1.
public struct BulkDataPath: Hashable, Sendable, CustomStringConvertible {
    public struct Step: Hashable, Sendable {
        public let sequence: Tag
        /// From 1.
        public let item: Int
    }

    public let steps: [Step]
    public let tag: Tag

    public init(steps: [Step], tag: Tag) {
        self.steps = steps
        self.tag = tag
    }

    /// Nil when `text` is no path.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1, parts.count <= 2 * DataSetStructure.nestingLimit + 1, let last = parts.last,
            let tag = BulkDataPath.tag(last)
        else { return nil }
        var steps: [Step] = []
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let sequence = BulkDataPath.tag(parts[index]), let item = Int(parts[index + 1]), item > 0,
                parts[index + 1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            steps.append(Step(sequence: sequence, item: item))
        }
        (self.steps, self.tag) = (steps, tag)
    }

    private static func tag(_ text: Substring) -> Tag? {
        guard text.utf8.count == 8, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let number = UInt32(text, radix: 16)
        else { return nil }
        return Tag(UInt16(number >> 16), UInt16(number & 0xFFFF))
    }

    public var description: String {
        (steps.flatMap { [JSONText.hex($0.sequence), String($0.item)] } + [JSONText.hex(tag)])
            .joined(separator: "/")
    }
}
