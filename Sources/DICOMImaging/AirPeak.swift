/// The level of the air around a patient, found among the means of a CT slice's uniform cells.
///
/// Air is the lowest level that cells share, and nothing is darker, so their number rises at once from nothing to many.
/// Foam, blankets and lung lie above it in any number; lung alone, in a field of view inside the chest, has no such edge:
/// its cells thin out downwards over a hundred units. And nothing but air has soft tissue some 1000 units above it.
struct AirPeak {
    let level: Double

    /// - Parameter means: in modality units, any order.
    init?(of means: [Double]) {
        let sorted = means.sorted()
        guard let lowest = sorted.first, let highest = sorted.last, highest - lowest < 100_000 else { return nil }
        /// How many lie in the range.
        func count(_ from: Double, _ to: Double) -> Int {
            max(0, AirPeak.firstIndex(in: sorted, atLeast: to) - AirPeak.firstIndex(in: sorted, atLeast: from))
        }
        let fewest = max(16, sorted.count / 200)
        var edge = lowest
        while edge < highest {
            defer { edge += 4 }
            guard count(edge - 12, edge + 12) >= fewest else { continue }
            // From the edge up to where most cells are.
            let steps = stride(from: edge, through: edge + 24, by: 4)
            let peak = steps.max { count($0 - 12, $0 + 12) < count($1 - 12, $1 + 12) } ?? edge
            let near = count(peak - 12, peak + 12)
            guard 4 * count(peak - 64, peak - 16) <= near else { continue }
            let level = sorted[AirPeak.firstIndex(in: sorted, atLeast: peak - 12) + near / 2]
            let tissue = count(level + 850, level + 1250)
            if level < -1300, tissue < fewest || 4 * count(level + 1850, level + 2300) >= tissue {
                // Fill that is not quite constant: it has no tissue, or its tissue is air that has tissue of its own.
                edge = level + 200
                continue
            }
            // Out of place by hundreds of units, what lies above fat, which is muscle, tells it from air.
            let isInPlace = abs(level + 1000) <= 250
            guard tissue >= fewest, isInPlace || 2 * tissue >= count(level + 60, level + 400) else { return nil }
            // The edge of a wide peak lies below its middle.
            self.level = (0..<2).reduce(level) { level, _ in
                let first = AirPeak.firstIndex(in: sorted, atLeast: level - 24)
                return sorted[first + count(level - 24, level + 24) / 2]
            }
            return
        }
        return nil
    }

    /// Index of the first element of `sorted` that is not less than `value`.
    private static func firstIndex(in sorted: [Double], atLeast value: Double) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
