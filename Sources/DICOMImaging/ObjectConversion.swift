internal import CDCMTK
internal import DICOMCore

/// An object to be written in another Transfer Syntax.
struct ObjectConversion: Codable, Equatable, Sendable {
    var transferSyntax: TransferSyntaxUID
    /// Bytes the values of one frame may take, 4 a sample.
    var frameByteLimit = PixelReader.defaultFrameByteLimit
    /// Bytes that may be written.
    var byteLimit = ObjectConversion.defaultByteLimit

    /// Pixel Data as long as a value can be (PS3.5 7.1.1), and a header.
    static let defaultByteLimit: UInt64 = (4 << 30) + (512 << 20)

    /// Reads the Part-10 file that is open at `input` and writes `output` from its start.
    ///
    /// - Returns: how many bytes were written.
    /// - Throws: ``PixelError``; what `output` holds then means nothing.
    func run(from input: Int32, to output: Int32) throws(PixelError) -> UInt64 {
        var message = cdcmtk_pixels_message()
        var byteCount: UInt64 = 0
        let result = cdcmtk_pixels_convert(
            input, output, transferSyntax.value, frameByteLimit, byteLimit, &byteCount, &message)
        guard result == CDCMTK_PIXELS_OK else { throw PixelError(result, message) }
        return byteCount
    }
}
