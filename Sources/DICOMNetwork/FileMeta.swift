internal import CDCMTK
public import DICOMCore

/// File Meta Information of an object (PS3.10 7.1). Strings are as found and not checked.
public struct FileMeta: Sendable, Equatable {
    public var mediaStorageSOPClassUID = ""
    public var mediaStorageSOPInstanceUID = ""
    public var transferSyntaxUID = ""
    /// (0002,0016): who wrote the Data Set, which at ingest is who called.
    public var sourceAETitle = ""
    /// (0002,0017) and (0002,0018): the two ends of the Association it came over.
    public var sendingAETitle = ""
    public var receivingAETitle = ""
    /// What priord had learned of the sender's text when the object came, as its private information (0002,0102). Text that
    /// leaves open what it is in is so decoded alike for ever.
    public var learnedTextEncoding: TextEncoding?

    public init() {}

    /// (0002,0100) of priord's own information.
    private static let privateInformationCreatorUID = "2.25.156031363678294996793841896147348585017"
    private static let learnedTextKey = "text="

    /// File Meta Information is far shorter; DCMTK is not given more, since it recurses into Sequences there too.
    public static let byteCountLimit = 16 * 1024

    /// Preamble, prefix and File Meta Information as bytes, ready to be followed by the Data Set.
    ///
    /// - Throws: ``DataSetError/unreadable(_:)`` when DCMTK refuses a value.
    public func encoded() throws(DataSetError) -> [UInt8] {
        var meta = cdcmtk_file_meta()
        copy(mediaStorageSOPClassUID, to: &meta.media_storage_sop_class_uid)
        copy(mediaStorageSOPInstanceUID, to: &meta.media_storage_sop_instance_uid)
        copy(transferSyntaxUID, to: &meta.transfer_syntax_uid)
        copy(sourceAETitle, to: &meta.source_ae_title)
        copy(sendingAETitle, to: &meta.sending_ae_title)
        copy(receivingAETitle, to: &meta.receiving_ae_title)
        if let learnedTextEncoding {
            copy(FileMeta.privateInformationCreatorUID, to: &meta.private_information_creator_uid)
            copy(FileMeta.learnedTextKey + learnedTextEncoding.rawValue, to: &meta.private_information)
        }
        return try encodedBytes { cdcmtk_file_meta_encode(&meta, $0, $1, $2) }
    }

    /// Parses the first ``byteCountLimit`` bytes of a Part-10 file; `dataSetOffset` is where its Data Set begins.
    ///
    /// - Throws: ``DataSetError/noFileMeta(_:)``.
    public static func parse(_ start: [UInt8]) throws(DataSetError) -> (meta: FileMeta, dataSetOffset: Int) {
        var parsed = cdcmtk_file_meta()
        var offset = 0
        var error = cdcmtk_error()
        guard cdcmtk_file_meta_parse(start, min(start.count, byteCountLimit), &parsed, &offset, &error) == CDCMTK_OK
        else {
            throw .noFileMeta(error.message)
        }
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = withUnsafeBytes(of: parsed.media_storage_sop_class_uid) {
            String(nulTerminated: $0)
        }
        meta.mediaStorageSOPInstanceUID = withUnsafeBytes(of: parsed.media_storage_sop_instance_uid) {
            String(nulTerminated: $0)
        }
        meta.transferSyntaxUID = withUnsafeBytes(of: parsed.transfer_syntax_uid) { String(nulTerminated: $0) }
        meta.sourceAETitle = withUnsafeBytes(of: parsed.source_ae_title) { String(nulTerminated: $0) }
        meta.sendingAETitle = withUnsafeBytes(of: parsed.sending_ae_title) { String(nulTerminated: $0) }
        meta.receivingAETitle = withUnsafeBytes(of: parsed.receiving_ae_title) { String(nulTerminated: $0) }
        let creator = withUnsafeBytes(of: parsed.private_information_creator_uid) { String(nulTerminated: $0) }
        if creator == privateInformationCreatorUID {
            let text = withUnsafeBytes(of: parsed.private_information) { String(nulTerminated: $0) }
            if text.hasPrefix(learnedTextKey) {
                let name = text.dropFirst(learnedTextKey.count).prefix { $0 != " " }
                meta.learnedTextEncoding = TextEncoding(rawValue: String(name))
            }
        }
        guard !meta.transferSyntaxUID.isEmpty else { throw .noFileMeta("no Transfer Syntax UID") }
        return (meta, offset)
    }
}

/// Calls one of C's encoders and takes over the bytes it returns.
func encodedBytes(
    _ encode: (
        UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>,
        UnsafeMutablePointer<cdcmtk_error>
    ) -> cdcmtk_result
) throws(DataSetError) -> [UInt8] {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    var error = cdcmtk_error()
    defer { cdcmtk_bytes_free(bytes) }
    guard encode(&bytes, &count, &error) == CDCMTK_OK else { throw .unreadable(error.message) }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
}
