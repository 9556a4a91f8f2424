/// What to measure of one object.
public struct ImageRequest: Codable, Equatable, Sendable {
    /// At most so many frames are decoded one by one, evenly spread from the first to the last.
    public var frameLimit: Int
    public var measures: ImageMeasure
    /// The frame, from 0, that a run's others are compared with for ``ImageFigures/run``.
    public var mask: Int?
    /// For ``ImageMeasure/everyFrame``: at most so many samples of frames beyond are decoded, in JPEG 2000, which takes its
    /// time, a quarter of them. A run of 250 frames of 1024² is whole.
    public var checkedSampleLimit = 256 << 20
    /// For the same, CPU seconds spent on the object after which no other frame is begun: a codestream may be made to take its
    /// time.
    public var checkSeconds = 8.0
    /// Bytes the values of one frame may take, 4 a sample.
    public var frameByteLimit: UInt64

    public init(
        frameLimit: Int = 5, measures: ImageMeasure = [], frameByteLimit: UInt64 = PixelReader.defaultFrameByteLimit
    ) {
        self.frameLimit = frameLimit
        self.measures = measures
        self.frameByteLimit = frameByteLimit
    }

    /// The frames to decode of `count`: at most ``frameLimit``, the first and the last among them.
    public func frames(of count: Int) -> [Int] {
        guard count > frameLimit else { return Array(0..<max(count, 1)) }
        return ImageRequest.spread(frameLimit, over: count)
    }

    /// At most `limit` of `count` numbers from 0, evenly spread from the first to the last.
    static func spread(_ limit: Int, over count: Int) -> [Int] {
        guard count > limit else { return Array(0..<count) }
        guard limit > 1 else { return limit == 1 ? [0] : [] }
        return (0..<limit).map { $0 * (count - 1) / (limit - 1) }
    }
}

/// What to measure beyond ``FrameStatistics``, which every frame gets. Each costs time, so rules ask for what they read.
public struct ImageMeasure: OptionSet, Codable, Hashable, Sendable {
    public let rawValue: UInt8

    /// ``RadiographFigures`` of every frame.
    public static let radiograph = ImageMeasure(rawValue: 1 << 0)

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ``FrameFigures/slice``, of CT.
    public static let slice = ImageMeasure(rawValue: 1 << 4)
    /// ``FrameFigures/resonance``, of MR.
    public static let resonance = ImageMeasure(rawValue: 1 << 5)
    /// ``ImageFigures/run``, of angiography.
    public static let run = ImageMeasure(rawValue: 1 << 6)
    /// ``ImageFigures/check``, of compressed objects of many frames.
    public static let everyFrame = ImageMeasure(rawValue: 1 << 7)
}
