internal import CDCMTK

/// How the bytes of a frame are wanted.
public enum FrameEncoding: String, Codable, Sendable {
    /// Cells of Bits Allocated in little endian order, as Explicit VR Little Endian has them; single bits packed, each frame
    /// from a byte of its own.
    case decoded
    /// As stored: the fragments of an encapsulated frame put together, else as `decoded`.
    case stored
}

/// Frames to be written one after another.
struct FrameExport: Codable, Equatable, Sendable {
    /// More are asked for in several requests, so that their numbers fit a message.
    static let frameLimit = 100_000

    /// From 0, in the order wanted.
    var frames: [Int]
    var encoding: FrameEncoding
    /// Bytes the values of one frame may take, 4 a sample.
    var frameByteLimit = PixelReader.defaultFrameByteLimit
    /// Bytes that may be written.
    var byteLimit = ObjectConversion.defaultByteLimit

    /// Reads the Part-10 file that is open at `input` and writes `output` from its start.
    ///
    /// - Returns: bytes of each frame.
    /// - Throws: ``PixelError``; what `output` holds then means nothing.
    func run(from input: Int32, to output: Int32) throws(PixelError) -> [UInt64] {
        var numbers: [Int32] = []
        for frame in frames {
            guard let number = Int32(exactly: frame), number >= 0 else { throw .noSuchFrame(frame) }
            numbers.append(number)
        }
        var message = cdcmtk_pixels_message()
        var failed: Int32 = -1
        var counts = [UInt64](repeating: 0, count: numbers.count)
        let result = cdcmtk_pixels_write_frames(
            input, output, numbers, Int32(numbers.count), encoding == .stored, frameByteLimit, byteLimit, &counts,
            &failed, &message)
        guard result == CDCMTK_PIXELS_OK else { throw PixelError(result, message, frame: Int(failed)) }
        return counts
    }
}
