import CDCMTK

// DICOMImaging: the Swift face of the pixels, over the C room CDCMTK. It owns opening an object, decoding one frame at
// a time and counting over it; what a number means for completeness or quality is decided in Assessment.
// Start reading at ``PixelReader``; ``ImageFigures/init(file:_:)`` is the whole of it in one pure call.

/// The pixels of one stored object, one frame at a time, as stored values (before the Modality LUT, PS3.3 C.11.1).
///
/// Holds the file's header; a decoded frame is the caller's. All calls block on the file and the
/// decoder, so they belong on a thread that may wait.
public struct PixelReader: ~Copyable {
    /// What the header says and what the file holds.
    public let description: PixelDescription
    /// Bytes the values of one frame may take, 4 a sample.
    public let frameByteLimit: UInt64
    private let handle: OpaquePointer

    /// 256 MiB: 67 million samples, four times the largest detector in use.
    public static let defaultFrameByteLimit: UInt64 = 256 << 20

    /// Opens the Part-10 file at `path`; decodes nothing yet.
    ///
    /// - Throws: ``PixelError/absent``, `corrupt` when the header cannot be parsed, `unreadable`.
    public init(file path: String, frameByteLimit: UInt64 = defaultFrameByteLimit) throws(PixelError) {
        try self.init(frameByteLimit: frameByteLimit) { cdcmtk_pixels_open(path, &$0, &$1) }
    }

    /// Opens the Part-10 file that is open at `descriptor`, which has to stay so while there is this reader.
    ///
    /// - Throws: as ``init(file:frameByteLimit:)``.
    public init(descriptor: Int32, frameByteLimit: UInt64 = defaultFrameByteLimit) throws(PixelError) {
        try self.init(frameByteLimit: frameByteLimit) { cdcmtk_pixels_open_descriptor(descriptor, &$0, &$1) }
    }

    private init(
        frameByteLimit: UInt64,
        _ open: (inout OpaquePointer?, inout cdcmtk_pixels_message) -> cdcmtk_pixels_result
    ) throws(PixelError) {
        var opened: OpaquePointer?
        var message = cdcmtk_pixels_message()
        let result = open(&opened, &message)
        guard let opened else { throw PixelError(result, message) }
        handle = opened
        let raw = cdcmtk_pixels_describe(opened).pointee
        let table = UnsafeBufferPointer(
            start: cdcmtk_pixels_modality_lut(opened), count: Int(raw.modality_lut_count))
        description = PixelDescription(raw, modalityLUT: Array(table))
        self.frameByteLimit = frameByteLimit
    }

    deinit { cdcmtk_pixels_close(handle) }

    /// Photometric Interpretation of the frame decoded last, which may be another than the header's: decoders give RGB for
    /// most YBR.
    var decodedPhotometricInterpretation: String { String(cString: cdcmtk_pixels_decoded_photometric(handle)) }

    /// The values of frame `index` (from 0): row by row, the samples of a pixel side by side.
    ///
    /// - Throws: ``PixelError``.
    public mutating func frame(_ index: Int) throws(PixelError) -> [Int32] {
        guard let number = Int32(exactly: index) else { throw .noSuchFrame(index) }
        var message = cdcmtk_pixels_message()
        var count = 0
        var result = cdcmtk_pixels_sample_count(handle, number, frameByteLimit, &count, &message)
        guard result == CDCMTK_PIXELS_OK else { throw PixelError(result, message, frame: index) }
        let values = [Int32](unsafeUninitializedCapacity: count) { room, filled in
            guard let start = room.baseAddress else { return }
            result = cdcmtk_pixels_decode(handle, number, start, &message)
            filled = result == CDCMTK_PIXELS_OK ? count : 0
        }
        guard result == CDCMTK_PIXELS_OK else { throw PixelError(result, message, frame: index) }
        return values
    }
}

extension PixelError {
    init(_ result: cdcmtk_pixels_result, _ message: cdcmtk_pixels_message, frame: Int = 0) {
        let detail = withUnsafeBytes(of: message.text, PixelDescription.text)
        self =
            switch result {
            case CDCMTK_PIXELS_ABSENT: .absent
            case CDCMTK_PIXELS_UNSUPPORTED: .unsupported(detail: detail)
            case CDCMTK_PIXELS_TOO_LARGE: .tooLarge(detail: detail)
            case CDCMTK_PIXELS_UNREADABLE: .unreadable(detail: detail)
            case CDCMTK_PIXELS_UNWRITABLE: .unwritable(detail: detail)
            case CDCMTK_PIXELS_NO_SUCH_FRAME: .noSuchFrame(frame)
            default: .corrupt(detail: detail)
            }
    }
}
