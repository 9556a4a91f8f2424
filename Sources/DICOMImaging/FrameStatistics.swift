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
    /// Values equal to ``minimum`` and to ``maximum`` (in their bins).
    public let minimumCount: Int
    public let maximumCount: Int
    /// The quantiles at ``fractions``.
    private let quantiles: [Int]

    /// Fractions at which quantiles are kept, ascending.
    static let fractions = [
        0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1,
    ]

    public init(_ histogram: Histogram) {
        sampleCount = histogram.sampleCount
        paddingCount = histogram.paddingCount
        minimum = histogram.minimum
        maximum = histogram.maximum
        distinctValueCount = histogram.bins.count { $0 > 0 }
        minimumCount = histogram.bins.first ?? 0
        maximumCount = histogram.bins.last ?? 0
        quantiles = histogram.quantiles(Self.fractions)
    }

    /// Whether a frame can have them: they may come from a process that hostile pixels took over.
    var arePossible: Bool {
        let frame = 0...PixelDescription.pixelLimit
        return quantiles.count == Self.fractions.count
            && [sampleCount, paddingCount, distinctValueCount, minimumCount, maximumCount].allSatisfy(frame.contains)
            && quantiles.allSatisfy { (Int(Int32.min)...Int(Int32.max)).contains($0) }
    }

    /// The smallest stored value that at least `fraction` (0…1) of the counted values do not exceed, at the nearest of
    /// the fractions kept (0.1 % steps at either end). 0 when nothing was counted.
    public func quantile(_ fraction: Double) -> Int {
        let nearest = Self.fractions.indices.min {
            abs(Self.fractions[$0] - fraction) < abs(Self.fractions[$1] - fraction)
        }
        return nearest.map { quantiles[$0] } ?? 0
    }
}
