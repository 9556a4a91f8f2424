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
        var minimum = Int32.max
        var maximum = Int32.min
        var paddingCount = 0
        for index in samples.indices {
            let value = samples[index]
            if value >= first, value <= last {
                paddingCount += 1
            } else {
                minimum = min(minimum, value)
                maximum = max(maximum, value)
            }
        }
        sampleCount = samples.count - paddingCount
        self.paddingCount = paddingCount
        guard sampleCount > 0 else {
            (self.minimum, self.maximum, binWidth, bins) = (0, 0, 1, [])
            return
        }
        let range = Int(maximum) - Int(minimum) + 1
        let binWidth = (range + Self.binLimit - 1) / Self.binLimit
        var bins = [Int](repeating: 0, count: (range + binWidth - 1) / binWidth)
        for index in samples.indices {
            let value = samples[index]
            if value >= first, value <= last { continue }
            let offset = Int(value) - Int(minimum)
            bins[binWidth == 1 ? offset : offset / binWidth] += 1
        }
        self.minimum = minimum
        self.maximum = maximum
        self.binWidth = binWidth
        self.bins = bins
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
