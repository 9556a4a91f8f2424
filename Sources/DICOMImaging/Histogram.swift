/// How often each stored value occurs in a frame, padding left out.
public struct Histogram: Equatable, Sendable {
    /// The smallest value counted; 0 when nothing was.
    public let minimum: Int32
    /// The greatest value counted; 0 when nothing was.
    public let maximum: Int32
    /// Values counted.
    public let sampleCount: Int
    /// Values that were padding.
    public let paddingCount: Int
    /// Stored values a bin covers; more than 1 only for ranges beyond ``binLimit``.
    public let binWidth: Int
    /// How often each value, or each bin of ``binWidth`` values, occurs, from ``minimum`` on.
    public let bins: [Int]

    static let binLimit = 65_536

    /// - Parameters:
    ///   - samples: stored values.
    ///   - padding: values that are no picture (Pixel Padding Value (0028,0120), or a range of them), left out.
    public init(_ samples: borrowing Span<Int32>, padding: ClosedRange<Int32>? = nil) {
        // A range that contains nothing costs less in the loop than an optional.
        let first = padding?.lowerBound ?? 1
        let last = padding?.upperBound ?? 0
        let (minimum, maximum, paddingCount) = samples.withUnsafeBufferPointer { Self.range(of: $0, first, last) }
        sampleCount = samples.count - paddingCount
        self.paddingCount = paddingCount
        guard sampleCount > 0 else {
            (self.minimum, self.maximum, binWidth, bins) = (0, 0, 1, [])
            return
        }
        let range = Int(maximum) - Int(minimum) + 1
        let binWidth = (range + Self.binLimit - 1) / Self.binLimit
        let count = (range + binWidth - 1) / binWidth
        bins = samples.withUnsafeBufferPointer { samples in
            if binWidth == 1, paddingCount == 0 { return Self.count(samples, from: minimum, binCount: count) }
            var bins = [Int](repeating: 0, count: count)
            for value in samples where value < first || value > last {
                bins[(Int(value) - Int(minimum)) / binWidth] += 1
            }
            return bins
        }
        self.minimum = minimum
        self.maximum = maximum
        self.binWidth = binWidth
    }

    /// Without a branch a value, so that several are compared at once. Where all is padding, the least is above the greatest.
    static func range(
        of samples: UnsafeBufferPointer<Int32>, _ first: Int32, _ last: Int32
    ) -> (minimum: Int32, maximum: Int32, paddingCount: Int) {
        var (minimum, maximum, paddingCount) = (Int32.max, Int32.min, 0)
        for value in samples {
            let isPadding = value >= first && value <= last
            minimum = min(minimum, isPadding ? .max : value)
            maximum = max(maximum, isPadding ? .min : value)
            paddingCount &+= isPadding ? 1 : 0
        }
        return (minimum, maximum, paddingCount)
    }

    /// Neighbours are often alike, and one counter would wait for its own last step: so even and odd places have their own.
    private static func count(_ samples: UnsafeBufferPointer<Int32>, from minimum: Int32, binCount: Int) -> [Int] {
        let counters = [UInt32](unsafeUninitializedCapacity: 2 * binCount) { counters, filled in
            counters.initialize(repeating: 0)
            for pair in 0..<samples.count / 2 {
                counters[2 * Int(samples[2 * pair] &- minimum)] &+= 1
                counters[2 * Int(samples[2 * pair + 1] &- minimum) + 1] &+= 1
            }
            if samples.count % 2 == 1, let last = samples.last { counters[2 * Int(last &- minimum)] &+= 1 }
            filled = 2 * binCount
        }
        return (0..<binCount).map { Int(counters[2 * $0]) + Int(counters[2 * $0 + 1]) }
    }

    /// The smallest stored value that at least `fraction` (0…1) of the counted values do not exceed; the lower edge of
    /// its bin when bins are wide. 0 when nothing was counted.
    ///
    /// - Complexity: O(*n*) in the bins.
    public func quantile(_ fraction: Double) -> Int { quantiles([fraction])[0] }

    /// ``quantile(_:)`` of several fractions, which ascend, in one pass.
    func quantiles(_ fractions: [Double]) -> [Int] {
        var result: [Int] = []
        var seen = 0
        var bin = -1
        for fraction in fractions {
            let wanted = max(1, Int((fraction * Double(sampleCount)).rounded(.up)))
            while seen < wanted, bin + 1 < bins.count {
                bin += 1
                seen += bins[bin]
            }
            result.append(bin < 0 ? 0 : Int(minimum) + bin * binWidth)
        }
        return result
    }

    /// The value that parts the counted ones into two classes of least spread within (Otsu 1979): greater ones are of
    /// the upper class. Values beyond the greatest thousandth count as its least. Nil when all are one value.
    ///
    /// - Complexity: O(*n*) in the bins.
    func otsuThreshold() -> Int32? {
        let top = quantile(0.999)
        let last = min(bins.count - 1, (top - Int(minimum)) / binWidth)
        guard last > 0 else { return nil }
        let tail = bins[(last + 1)...].reduce(0, +)
        func weight(_ bin: Int) -> Double { Double(bins[bin] + (bin == last ? tail : 0)) }
        let total = (0...last).reduce(0.0) { $0 + Double($1) * weight($1) }
        var (count, sum, best, threshold) = (0.0, 0.0, -1.0, 0)
        for bin in 0..<last {
            count += weight(bin)
            sum += Double(bin) * weight(bin)
            let rest = Double(sampleCount) - count
            guard count > 0, rest > 0 else { continue }
            let distance = sum / count - (total - sum) / rest
            let between = count * rest * distance * distance
            if between > best { (best, threshold) = (between, bin) }
        }
        return Int32(clamping: Int(minimum) + (threshold + 1) * binWidth - 1)
    }
}
