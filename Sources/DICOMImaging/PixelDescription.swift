import CDCMTK

/// What an object's header says of its pixels, and what its file holds of them. Numbers are as read, not yet believed.
public struct PixelDescription: Equatable, Sendable {
    public let rows: Int
    public let columns: Int
    public let samplesPerPixel: Int
    public let bitsAllocated: Int
    public let bitsStored: Int
    public let isSigned: Bool
    /// Number of Frames (0028,0008); 1 when absent.
    public let framesAnnounced: Int
    /// Frames the file holds whole.
    public let framesPresent: Int
    /// Whether the pixels come as fragments of a codestream (PS3.5 A.4).
    public let isEncapsulated: Bool
    /// Uncompressed only, else nil: rows × columns × samples × bits × frames, in bytes without the pad byte.
    public let expectedByteCount: UInt64?
    /// Length of the value as its header says; of all fragments when encapsulated.
    public let announcedByteCount: UInt64
    /// Bytes of the value that are in the file; in a deflated one counted up to the expected number.
    public let presentByteCount: UInt64
    public let photometricInterpretation: String
    public let transferSyntaxUID: String

    init(_ raw: cdcmtk_pixels_description) {
        rows = Int(raw.rows)
        columns = Int(raw.columns)
        samplesPerPixel = Int(raw.samples_per_pixel)
        bitsAllocated = Int(raw.bits_allocated)
        bitsStored = Int(raw.bits_stored)
        isSigned = raw.is_signed != 0
        framesAnnounced = Int(raw.frames_announced)
        framesPresent = Int(raw.frames_present)
        isEncapsulated = raw.is_encapsulated != 0
        expectedByteCount = isEncapsulated ? nil : raw.expected_byte_count
        announcedByteCount = raw.announced_byte_count
        presentByteCount = raw.present_byte_count
        photometricInterpretation = withUnsafeBytes(of: raw.photometric_interpretation, PixelDescription.text)
        transferSyntaxUID = withUnsafeBytes(of: raw.transfer_syntax_uid, PixelDescription.text)
    }

    /// The characters before the NUL.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
