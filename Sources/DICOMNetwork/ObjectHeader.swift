internal import CDCMTK
public import DICOMCore
internal import Glibc

/// What the header of a stored object says: its File Meta Information and the Attributes before its Pixel Data.
public struct ObjectHeader: Sendable {
    public let meta: FileMeta
    /// Where the Data Set begins, bytes from the start of the file.
    public let dataSetOffset: Int
    public let byteCount: Int
    public let attributes: AttributeSet
    /// How the text of ``attributes`` was decoded.
    public let textOrigin: TextOrigin

    /// Deflated Data Sets are inflated no further than this to find their header, bytes.
    private static let inflationLimit = 2 << 20
    static let deflated = TransferSyntaxUID.deflatedExplicitVRLittleEndian.value

    /// Reads the header of the Part-10 file at `path`, after checking the structure of the whole Data Set.
    ///
    /// - Parameters:
    ///   - start: the file's first bytes as far as the caller holds them; they are not read again.
    ///   - characterSets: what text is in that some senders declare wrongly, by their AE Title.
    /// - Throws: ``DataSetError``.
    public init(
        path: String, start: [UInt8] = [], characterSets: [AETitle: TextEncoding] = [:]
    ) throws(DataSetError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(lastSystemError()) }
        defer { close(descriptor) }
        try self.init(descriptor: descriptor, start: start, characterSets: characterSets)
    }

    /// As ``init(path:start:characterSets:)``, from an open file.
    ///
    /// - Parameter keepsAllGroups: also Attributes of groups of which priord itself reads nothing.
    public init(
        descriptor: Int32, start: [UInt8] = [], characterSets: [AETitle: TextEncoding] = [:],
        keepsAllGroups: Bool = false
    ) throws(DataSetError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .cannotOpen("not a regular file")
        }
        let fileByteCount = Int(status.st_size)
        var file = FileBytes(descriptor: descriptor, byteCount: fileByteCount, window: start)
        let (meta, dataSetOffset) = try FileMeta.parse(
            file.withBytes(at: 0, count: FileMeta.byteCountLimit) { Array($0) })
        (self.meta, self.dataSetOffset, byteCount) = (meta, dataSetOffset, fileByteCount)

        var sender = TextRepair.Sender(learned: meta.learnedTextEncoding)
        if !characterSets.isEmpty, let title = try? AETitle(meta.sourceAETitle) {
            sender.configured = characterSets[title]
        }
        let encoding = ElementEncoding(transferSyntax: meta.transferSyntaxUID)
        if meta.transferSyntaxUID == ObjectHeader.deflated {
            let compressed = file.withBytes(at: dataSetOffset, count: ObjectHeader.inflationLimit) { Array($0) }
            let isWhole = dataSetOffset + compressed.count == fileByteCount
            var inflated = MemoryBytes(bytes: try ObjectHeader.inflate(compressed))
            let structure = try ObjectHeader.structure(
                of: &inflated, isWhole: isWhole && inflated.byteCount < ObjectHeader.inflationLimit, encoding)
            (attributes, textOrigin) = try inflated.withBytes(at: 0, count: structure) {
                ObjectHeader.parse(
                    $0, meta.transferSyntaxUID, sender, AttributeSetBuilder(keepsAllGroups: keepsAllGroups))
            }.get()
        } else {
            var dataSet = file.dropFirst(dataSetOffset)
            let structure = try DataSetStructure(of: &dataSet, encoding: encoding)
            (attributes, textOrigin) = try dataSet.withBytes(at: 0, count: structure.headerByteCount) {
                ObjectHeader.parse(
                    $0, meta.transferSyntaxUID, sender, AttributeSetBuilder(keepsAllGroups: keepsAllGroups))
            }.get()
        }
    }

    /// Parses a Data Set held in memory.
    static func attributes(
        of bytes: [UInt8], transferSyntax: String, keepsAllGroups: Bool, textEncoding: TextEncoding?
    ) throws(DataSetError) -> AttributeSet {
        var dataSet = MemoryBytes(bytes: transferSyntax == deflated ? try inflate(bytes) : bytes)
        let structure = try DataSetStructure(of: &dataSet, encoding: ElementEncoding(transferSyntax: transferSyntax))
        return try dataSet.withBytes(at: 0, count: structure.headerByteCount) {
            // Nothing of a message is passed over: a list of UIDs may be long, and without it a query would ask for all.
            parse(
                $0, transferSyntax, TextRepair.Sender(configured: textEncoding),
                AttributeSetBuilder(keepsAllGroups: keepsAllGroups, valueLimit: bytes.count))
        }.get().0
    }

    private static func inflate(_ compressed: [UInt8]) throws(DataSetError) -> [UInt8] {
        var error = cdcmtk_error()
        var result = CDCMTK_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: inflationLimit) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            result = cdcmtk_inflate(compressed, compressed.count, base, buffer.count, &count, &error)
        }
        guard result == CDCMTK_OK else { throw .unreadable(error.message) }
        return bytes
    }

    /// Header length of an inflated Data Set, whose end is missing when it is larger than ``inflationLimit``.
    private static func structure(
        of dataSet: inout MemoryBytes, isWhole: Bool, _ encoding: ElementEncoding
    ) throws(DataSetError) -> Int {
        do {
            return try DataSetStructure(of: &dataSet, encoding: encoding).headerByteCount
        } catch .truncated(_, let offset) where !isWhole {
            return offset
        }
    }

    private static func parse(
        _ bytes: UnsafeRawBufferPointer, _ transferSyntax: String, _ sender: TextRepair.Sender,
        _ builder: AttributeSetBuilder = AttributeSetBuilder()
    ) -> Result<(AttributeSet, TextOrigin), DataSetError> {
        guard let base = bytes.baseAddress else { return .success((AttributeSet(), .declared)) }
        var visitor = AttributeSetBuilder.visitor
        var error = cdcmtk_error()
        let result = cdcmtk_data_set_parse(
            base.assumingMemoryBound(to: UInt8.self), bytes.count, transferSyntax, &visitor,
            Unmanaged.passUnretained(builder).toOpaque(), &error)
        guard result == CDCMTK_OK else { return .failure(.unreadable(error.message)) }
        return .success(builder.finished(sender))
    }
}
