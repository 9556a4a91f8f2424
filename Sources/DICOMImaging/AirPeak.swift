/// The level of the air around a patient, found among the means of a CT slice's cells.
///
/// Air is the lowest level that many cells share to within a few units. Lung is dark as well but its cells differ by
/// far more, fat and water have darker neighbours of other kinds, and nothing but air has tissue some 1000 units above.
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
        var candidate = lowest
        // Air is among the darkest 300 units of an image that has any.
        var limit = min(highest, lowest + 300)
        while candidate < limit {
            defer { candidate += 4 }
            let near = count(candidate - 12, candidate + 12)
            guard near >= fewest, near >= count(candidate - 8, candidate + 16),
                near >= count(candidate - 16, candidate + 8),
                Double(near) >= 0.55 * Double(count(candidate - 36, candidate + 48)),
                Double(count(candidate - 200, candidate - 36)) <= 0.15 * Double(near)
            else { continue }
            let level = sorted[AirPeak.firstIndex(in: sorted, atLeast: candidate - 12) + near / 2]
            let tissue = count(level + 850, level + 1250)
            if level < -1300, tissue >= fewest, 4 * count(level + 1850, level + 2300) >= tissue {
                // Fill that is not quite constant: its "tissue" has tissue of its own, so it is the air.
                candidate = level + 200
                limit = min(highest, candidate + 1000)
                continue
            }
            // Out of place by hundreds of units, only what lies between tells air from fat beside bone.
            let isInPlace = abs(level + 1000) <= 250
            guard tissue >= fewest, isInPlace || tissue > 2 * count(level + 60, level + 850) else { return nil }
            self.level = level
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
