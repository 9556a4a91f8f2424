/// One frame as a picture for people, as PS3.18 8.3.5 lets a client ask for it.
public struct PictureRequest: Codable, Equatable, Sendable {
    public enum Format: Codable, Equatable, Sendable {
        case png
        /// 1...100; more is better and larger.
        case jpeg(quality: Int)
    }

    /// Which values are shown between black and white, in modality units (PS3.3 C.11.2.1.2).
    public struct Window: Codable, Equatable, Sendable {
        public enum Function: String, Codable, Sendable {
            case linear = "LINEAR"
            case linearExact = "LINEAR_EXACT"
            case sigmoid = "SIGMOID"
        }

        public var center: Double
        /// Above 0; of `linear` at least 1.
        public var width: Double
        public var function: Function

        public init(center: Double, width: Double, function: Function = .linear) {
            self.center = center
            self.width = width
            self.function = function
        }
    }

    /// A part of the frame, in pixels from its upper left corner; what lies outside is left out.
    public struct Region: Codable, Equatable, Sendable {
        public var left: Int
        public var top: Int
        public var columns: Int
        public var rows: Int

        public init(left: Int, top: Int, columns: Int, rows: Int) {
            (self.left, self.top, self.columns, self.rows) = (left, top, columns, rows)
        }
    }

    /// The picture fills one of its sides and keeps its shape; it grows too.
    public struct Viewport: Codable, Equatable, Sendable {
        /// No picture is made larger than this on a side.
        public static let limit = 8192
        /// Of a thumbnail.
        public static let thumbnail = Viewport(columns: 200, rows: 200)

        public var columns: Int
        public var rows: Int

        public init(columns: Int, rows: Int) { (self.columns, self.rows) = (columns, rows) }
    }

    /// From 0.
    public var frame: Int
    public var format: Format
    /// Nil: as the frame is.
    public var viewport: Viewport?
    public var region: Region?
    /// Nil: the object's own window or VOI LUT, else all values there are.
    public var window: Window?
    /// Bytes the values of the frame may take, 4 a sample.
    public var frameByteLimit = PixelReader.defaultFrameByteLimit

    public init(
        frame: Int = 0, format: Format = .png, viewport: Viewport? = nil, region: Region? = nil, window: Window? = nil
    ) {
        self.frame = frame
        self.format = format
        self.viewport = viewport
        self.region = region
        self.window = window
    }
}

/// A picture that was written.
public struct WrittenPicture: Codable, Equatable, Sendable {
    /// How grey values were shown, in modality units.
    public struct Grey: Codable, Equatable, Sendable {
        /// That of the request or the object, else all values there are; nil where a VOI LUT was applied.
        public let window: PictureRequest.Window?
        /// The least and greatest value of the frame, padding left out.
        public let lowest: Double
        public let highest: Double
    }

    public let columns: Int
    public let rows: Int
    public let byteCount: UInt64
    /// Nil for colours, and for a frame that is all padding.
    public let grey: Grey?
}
