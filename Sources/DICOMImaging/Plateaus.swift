/// Where values pile up at either end of those a frame has: what a detector, an amplifier or a table cut off.
///
/// An end need not be that of Bits Stored: detectors stop below it, tables end where they like, and a mark burned in
/// lies beyond.
public struct Plateaus: Codable, Equatable, Sendable {
    /// Stored values of the pile at the lower end, nil when values run out gently.
    public let low: ClosedRange<Int32>?
    public let high: ClosedRange<Int32>?

    /// Values beyond a pile that may be marks, as a fraction of all.
    static let beyondFraction = 0.01
    /// Least part of all values that makes a pile.
    static let leastFraction = 0.003
    /// How many times as many values a pile has as windows of its width beside it hold on average.
    static let prominence = 4.0
    /// Windows beside a pile that it is compared with.
    static let neighbourCount = 6

    public init(_ histogram: Histogram) {
        low = Plateaus.pile(histogram, isLow: true)
        high = Plateaus.pile(histogram, isLow: false)
    }

    private static func pile(_ histogram: Histogram, isLow: Bool) -> ClosedRange<Int32>? {
        let bins = histogram.bins
        let total = Double(histogram.sampleCount)
        // What is cut off has one value; lossy compression spreads it over a few.
        let wide = max(1, bins.count / 256)
        guard bins.count > wide * (neighbourCount + 1), total > 0 else { return nil }
        func bin(_ place: Int) -> Int { isLow ? place : bins.count - 1 - place }
        func count(_ places: Range<Int>) -> Double {
            places.clamped(to: 0..<bins.count).reduce(0) { $0 + Double(bins[bin($1)]) }
        }
        var beyond = 0.0
        var place = 0
        while place < bins.count - wide * (neighbourCount + 1), beyond <= beyondFraction * total {
            let here = Double(bins[bin(place)])
            // The pile begins where a single value is common.
            if here >= leastFraction * total / 2 {
                for width in [1, wide] {
                    let pile = count(place..<place + width)
                    // Beside the pile, and never within what compression made of it.
                    let neighbours = count(place + wide..<place + wide * (neighbourCount + 1))
                    let beside = neighbours * Double(width) / Double(wide * neighbourCount)
                    guard pile >= leastFraction * total, pile >= prominence * beside else { continue }
                    let first = bin(place + wide - 1) * histogram.binWidth + Int(histogram.minimum)
                    return isLow
                        ? histogram.minimum...Int32(clamping: first + histogram.binWidth - 1)
                        : Int32(clamping: first)...histogram.maximum
                }
            }
            beyond += here
            place += 1
        }
        return nil
    }
}
