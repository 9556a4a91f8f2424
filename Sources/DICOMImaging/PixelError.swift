/// Why pixels could not be had. None of these says anything about the rest of the object.
public enum PixelError: Error, Equatable, Sendable, Codable {
    /// The object has no Pixel Data (7FE0,0010).
    case absent
    /// Intact as far as can be told, but not decoded here: video, HTJ2K, JPEG XL, float pixels, an unknown syntax.
    case unsupported(detail: String)
    /// Truncated or contradictory.
    case corrupt(detail: String)
    /// A decoded frame would be larger than ``PixelReader/frameByteLimit``.
    case tooLarge(detail: String)
    /// The file cannot be opened or read.
    case unreadable(detail: String)
    /// What was made of the object cannot be written, as on a full disk.
    case unwritable(detail: String)
    /// The process that decodes died of this image, twice where it may not have been the image's doing.
    case crashed(detail: String)
    /// Decoding and measuring took longer than an image may take.
    case timedOut(detail: String)
    /// There is no process to decode in; it says nothing of the image.
    case unavailable(detail: String)
    /// The object neither announces nor holds that frame.
    case noSuchFrame(Int)
}

extension PixelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .absent: "no Pixel Data"
        case .unsupported(let detail): "not decoded here: \(detail)"
        case .corrupt(let detail): detail
        case .tooLarge(let detail): detail
        case .unreadable(let detail): detail
        case .unwritable(let detail): "cannot write: \(detail)"
        case .crashed(let detail): detail
        case .timedOut(let detail): detail
        case .unavailable(let detail): "not looked at: \(detail)"
        case .noSuchFrame(let frame): "no frame \(frame)"
        }
    }
}
