import CDCMTK

/// What an object's header says of its pixels, and what its file holds of them. Numbers are as read, not yet believed.
public struct PixelDescription: Codable, Equatable, Sendable {
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
    /// Whether the first codestream says that coding lost something (DCT, 9-7 wavelet, near-lossless); nil when it does
    /// not tell, or there is none.
    public let isIrreversible: Bool?
    /// Uncompressed only, else nil: rows × columns × samples × bits × frames, in bytes without the pad byte.
    public let expectedByteCount: UInt64?
    /// Length of the value as its header says; of all fragments when encapsulated.
    public let announcedByteCount: UInt64
    /// Bytes of the value that are in the file; in a deflated one counted up to the expected number.
    public let presentByteCount: UInt64
    public let photometricInterpretation: String
    public let transferSyntaxUID: String
    /// What stored values mean.
    public let scale: GrayScale

    init(_ raw: cdcmtk_pixels_description, modalityLUT: [UInt16]) {
        rows = Int(raw.rows)
        columns = Int(raw.columns)
        samplesPerPixel = Int(raw.samples_per_pixel)
        bitsAllocated = Int(raw.bits_allocated)
        bitsStored = Int(raw.bits_stored)
        isSigned = raw.is_signed != 0
        framesAnnounced = Int(raw.frames_announced)
        framesPresent = Int(raw.frames_present)
        isEncapsulated = raw.is_encapsulated != 0
        isIrreversible = raw.irreversibility < 0 ? nil : raw.irreversibility > 0
        expectedByteCount = isEncapsulated ? nil : raw.expected_byte_count
        announcedByteCount = raw.announced_byte_count
        presentByteCount = raw.present_byte_count
        photometricInterpretation = withUnsafeBytes(of: raw.photometric_interpretation, PixelDescription.text)
        transferSyntaxUID = withUnsafeBytes(of: raw.transfer_syntax_uid, PixelDescription.text)
        scale = GrayScale(
            range: PixelDescription.range(bits: bitsStored, isSigned: isSigned),
            padding: raw.has_padding == 0 ? nil : PixelDescription.padding(raw, bitsAllocated: bitsAllocated),
            isInverted: photometricInterpretation == "MONOCHROME1" || raw.is_inverse != 0,
            rescale: raw.has_rescale == 0 ? nil : (raw.rescale_slope, raw.rescale_intercept),
            table: modalityLUT.isEmpty ? nil : .init(first: raw.modality_lut_first, entries: modalityLUT),
            voiWidth: raw.voi_lut_width > 0 ? Double(raw.voi_lut_width) : nil)
    }

    /// Whether an object can have them (VR US and IS; a file's length): they may come from a process that hostile pixels took
    /// over.
    var isPossible: Bool {
        let lengths = [expectedByteCount ?? 0, announcedByteCount, presentByteCount]
        return [rows, columns, samplesPerPixel, bitsAllocated, bitsStored].allSatisfy((0...65_535).contains)
            && [framesAnnounced, framesPresent].allSatisfy((Int(Int32.min)...Int(Int32.max)).contains)
            && lengths.allSatisfy { $0 < 1 << 62 }
    }

    /// Pixels of the largest frame that Rows and Columns can describe.
    static let pixelLimit = 65_535 * 65_535

    private static func range(bits: Int, isSigned: Bool) -> ClosedRange<Int32> {
        let width = Int64(min(max(bits, 1), 32))
        let greatest = (Int64(1) << (isSigned ? width - 1 : width)) - 1
        return (isSigned ? Int32(clamping: -greatest - 1) : 0)...Int32(clamping: greatest)
    }

    /// The values that fill the frame around the picture (PS3.3 C.7.5.1.1.2).
    private static func padding(_ raw: cdcmtk_pixels_description, bitsAllocated: Int) -> ClosedRange<Int32> {
        // Written with the VR of the other sign, -2000 reads as 63536, or 63536 as -2000.
        func value(_ number: Int32) -> Int32 {
            guard bitsAllocated == 16 else { return number }
            if raw.is_signed != 0 { return number > Int16.max ? number - 65_536 : number }
            return number < 0 ? number + 65_536 : number
        }
        let (first, second) = (value(raw.padding_first), value(raw.padding_last))
        return min(first, second)...max(first, second)
    }

    /// The characters before the NUL.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
