/// Counts over one frame's stored values, padding left out: enough for the rules that ask whether there is a picture.
public struct FrameStatistics: Codable, Equatable, Sendable {
    /// Values counted, padding not among them. When 0, the other figures are 0 as well.
    public let sampleCount: Int
    /// Values equal to the padding.
    public let paddingCount: Int
    public let minimum: Int32
    public let maximum: Int32
    /// Different values; exact for ranges up to 65,536, else a lower bound (different bins).
    public let distinctValueCount: Int
    /// How often each value, or each bin of ``binWidth`` values, occurs, from ``minimum`` on. At most 65,536 bins.
    public let histogram: [Int]
    /// Stored values a bin covers.
    public let binWidth: Int

    static let binLimit = 65_536

    /// - Parameters:
    ///   - samples: stored values.
    ///   - padding: values that are no picture (Pixel Padding Value (0028,0120), or a range of them), left out.
    public init(_ samples: borrowing Span<Int32>, padding: ClosedRange<Int32>? = nil) {
        var minimum = Int32.max
        var maximum = Int32.min
        var paddingCount = 0
        for index in samples.indices {
            let value = samples[index]
            if let padding, padding.contains(value) {
                paddingCount += 1
                continue
            }
            minimum = min(minimum, value)
            maximum = max(maximum, value)
        }
        let sampleCount = samples.count - paddingCount
        self.sampleCount = sampleCount
        self.paddingCount = paddingCount
        guard sampleCount > 0 else {
            self.minimum = 0
            self.maximum = 0
            distinctValueCount = 0
            histogram = []
            binWidth = 1
            return
        }

        let range = Int(maximum) - Int(minimum) + 1
        let binWidth = (range + Self.binLimit - 1) / Self.binLimit
        var histogram = [Int](repeating: 0, count: (range + binWidth - 1) / binWidth)
        for index in samples.indices {
            let value = samples[index]
            if let padding, padding.contains(value) { continue }
            let offset = Int(value) - Int(minimum)
            histogram[binWidth == 1 ? offset : offset / binWidth] += 1
        }
        self.minimum = minimum
        self.maximum = maximum
        self.distinctValueCount = histogram.count { $0 > 0 }
        self.histogram = histogram
        self.binWidth = binWidth
    }

    /// Opens, decodes and counts one frame: a function of the file alone, so that it can run in another process.
    ///
    /// - Throws: ``PixelError``.
    public init(
        file path: String, frame: Int = 0, padding: ClosedRange<Int32>? = nil,
        frameByteLimit: UInt64 = PixelReader.defaultFrameByteLimit
    ) throws(PixelError) {
        var reader = try PixelReader(file: path, frameByteLimit: frameByteLimit)
        self = try reader.statistics(ofFrame: frame, padding: padding)
    }

    /// The smallest stored value that at least `fraction` (0…1) of the counted values do not exceed; the lower edge of
    /// its bin when bins are wide. 0 when nothing was counted.
    public func quantile(_ fraction: Double) -> Int {
        let wanted = Int((fraction * Double(sampleCount)).rounded(.up))
        var seen = 0
        for (bin, count) in histogram.enumerated() {
            seen += count
            if seen >= wanted, seen > 0 { return Int(minimum) + bin * binWidth }
        }
        return Int(maximum)
    }
}

extension PixelReader {
    /// Decodes frame `index` and counts over it.
    ///
    /// - Throws: ``PixelError``.
    public mutating func statistics(
        ofFrame index: Int, padding: ClosedRange<Int32>? = nil
    ) throws(PixelError) -> FrameStatistics {
        try withFrame(index) { samples in FrameStatistics(samples, padding: padding) }
    }
}
