/// What was measured of one object: everything rules learn of pixels.
public struct ImageFigures: Codable, Sendable {
    public let description: PixelDescription
    /// The frames looked at, ascending.
    public let frames: [Frame]

    /// A frame's figures, or why it could not be decoded.
    public struct Frame: Codable, Sendable {
        /// From 0.
        public let index: Int
        public let figures: Result<FrameFigures, PixelError>

        public init(index: Int, figures: Result<FrameFigures, PixelError>) {
            self.index = index
            self.figures = figures
        }

        private enum Key: CodingKey {
            case index, figures, error
        }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            index = try container.decode(Int.self, forKey: .index)
            if let error = try container.decodeIfPresent(PixelError.self, forKey: .error) {
                figures = .failure(error)
            } else {
                figures = .success(try container.decode(FrameFigures.self, forKey: .figures))
            }
        }

        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(index, forKey: .index)
            switch figures {
            case .success(let value): try container.encode(value, forKey: .figures)
            case .failure(let error): try container.encode(error, forKey: .error)
            }
        }
    }

    public init(description: PixelDescription, frames: [Frame]) {
        self.description = description
        self.frames = frames
    }

    /// Opens the Part-10 file at `path` and measures: a function of the file alone, so that it runs as well in another
    /// process. Holds one frame at a time. Blocks.
    ///
    /// - Throws: ``PixelError`` when nothing can be said of any frame.
    public init(file path: String, _ request: ImageRequest) throws(PixelError) {
        var reader = try PixelReader(file: path, frameByteLimit: request.frameByteLimit)
        self.init(&reader, request)
    }

    /// Measures the Part-10 file that is open at `descriptor`; see ``init(file:_:)``.
    public init(descriptor: Int32, _ request: ImageRequest) throws(PixelError) {
        var reader = try PixelReader(descriptor: descriptor, frameByteLimit: request.frameByteLimit)
        self.init(&reader, request)
    }

    init(_ reader: inout PixelReader, _ request: ImageRequest) {
        let description = reader.description
        let frames = request.frames(of: description.framesAnnounced).map { index in
            do throws(PixelError) {
                let figures = try reader.withFrame(index) { samples in
                    FrameFigures(GrayFrame(samples, of: description), request.measures)
                }
                return Frame(index: index, figures: .success(figures))
            } catch {
                return Frame(index: index, figures: .failure(error))
            }
        }
        self.init(description: description, frames: frames)
    }
}

/// What was measured of one frame.
public struct FrameFigures: Codable, Sendable {
    public let statistics: FrameStatistics
    /// When asked for.
    public let radiograph: RadiographFigures?

    public init(_ frame: GrayFrame, _ measures: ImageMeasure) {
        let histogram = frame.histogram()
        statistics = FrameStatistics(histogram)
        radiograph = measures.contains(.radiograph) ? RadiographFigures(frame, histogram) : nil
    }
}
