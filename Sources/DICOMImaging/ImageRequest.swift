/// What to measure of one object.
public struct ImageRequest: Codable, Equatable, Sendable {
    /// At most so many frames are decoded one by one, evenly spread from the first to the last.
    public var frameLimit: Int
    public var measures: ImageMeasure
    /// The frame, from 0, that a run's others are compared with for ``ImageFigures/run``.
    public var mask: Int?
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
        guard frameLimit > 1 else { return [0] }
        return (0..<frameLimit).map { $0 * (count - 1) / (frameLimit - 1) }
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
}
