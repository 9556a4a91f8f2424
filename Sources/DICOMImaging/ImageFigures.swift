/// What was measured of one object: everything rules learn of pixels.
public struct ImageFigures: Codable, Sendable {
    public let description: PixelDescription
    /// The frames looked at, ascending.
    public let frames: [Frame]
    /// The frames looked at beside the mask that was asked for; nil when none was, or when it does not decode.
    public let run: RunFigures?
    /// Whether the other frames decode as well; nil when that was not asked, or says nothing new.
    public let check: FrameCheck?

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

    /// Whether an object can have them: they may come from a process that hostile pixels took over, and rules calculate with
    /// them.
    var arePossible: Bool {
        description.isPossible && frames.allSatisfy { (0...Int(Int32.max)).contains($0.index) }
            && frames.allSatisfy { ((try? $0.figures.get())?.arePossible) ?? true } && (check?.isPossible ?? true)
    }

    public init(
        description: PixelDescription, frames: [Frame], run: RunFigures? = nil, check: FrameCheck? = nil
    ) {
        self.description = description
        self.frames = frames
        self.run = run
        self.check = check
    }

    /// Opens the Part-10 file at `path` and measures: a function of the file alone, so that it runs as well in another
    /// process. Holds one frame at a time, and a small copy of a run's mask. Blocks.
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
        let start = FrameCheck.processorSeconds
        let description = reader.description
        let mask = request.measures.contains(.run) ? ImageFigures.mask(&reader, request.mask) : nil
        var comparisons: [RunFigures.Comparison] = []
        var frames: [Frame] = []
        for index in request.frames(of: description.framesAnnounced) {
            do throws(PixelError) {
                let frame = GrayFrame(try reader.frame(index), of: description)
                frames.append(Frame(index: index, figures: .success(FrameFigures(frame, request.measures))))
                if let comparison = mask?.comparison(index, frame) { comparisons.append(comparison) }
            } catch {
                frames.append(Frame(index: index, figures: .failure(error)))
            }
        }
        self.init(
            description: description, frames: frames,
            run: mask.map { RunFigures(mask: $0.frame, comparisons: comparisons) },
            check: request.measures.contains(.everyFrame)
                ? FrameCheck(&reader, measured: frames, request, since: start) : nil)
    }

    private static func mask(_ reader: inout PixelReader, _ index: Int?) -> RunMask? {
        let description = reader.description
        guard let index, description.framesAnnounced > 1, (0..<description.framesAnnounced).contains(index) else {
            return nil
        }
        return (try? reader.frame(index)).map { RunMask(index, GrayFrame($0, of: description)) }
    }
}

/// What was measured of one frame.
public struct FrameFigures: Codable, Sendable {
    public let statistics: FrameStatistics
    public let tail: FrameTail
    /// When asked for.
    public let radiograph: RadiographFigures?
    public let slice: SliceFigures?
    public let resonance: ResonanceFigures?

    fileprivate var arePossible: Bool {
        let edges =
            radiograph.map { [$0.field.rows, $0.field.columns].flatMap { [$0.lowerBound, $0.upperBound] } } ?? []
        let counts = edges + [radiograph?.texture.tileCount, slice?.tissueCellCount].compactMap(\.self)
        return statistics.arePossible && edges.allSatisfy((0...65_535).contains)
            && counts.allSatisfy((0...PixelDescription.pixelLimit).contains)
    }

    public init(_ frame: GrayFrame, _ measures: ImageMeasure) {
        let histogram = frame.histogram()
        statistics = FrameStatistics(histogram)
        tail = FrameTail(frame)
        radiograph = measures.contains(.radiograph) ? RadiographFigures(frame, histogram) : nil
        slice = measures.contains(.slice) ? SliceFigures(frame) : nil
        resonance = measures.contains(.resonance) ? ResonanceFigures(frame, histogram: histogram) : nil
    }
}
