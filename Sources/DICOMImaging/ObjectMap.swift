/// Which pixels of a frame are the object, which are background, and what both look like.
struct ObjectMap {
    let objectCount: Int
    /// Mean of the object, from the least value of the frame.
    let signal: Double
    private let frame: GrayFrame
    private let floor: Double
    private let isObject: [Bool]
    private let isBackground: [Bool]

    /// - Parameter threshold: stored value that the object exceeds.
    init(_ frame: GrayFrame, above threshold: Int32) {
        self.frame = frame
        let values = frame.values
        let padding = frame.scale.padding
        isObject = values.map { $0 > threshold && padding?.contains($0) != true }
        var (count, sum, least) = (0, 0.0, Int32.max)
        for index in values.indices {
            if padding?.contains(values[index]) == true { continue }
            least = min(least, values[index])
            if isObject[index] {
                count += 1
                sum += Double(values[index])
            }
        }
        objectCount = count
        floor = Double(least)
        signal = count > 0 ? sum / Double(count) - floor : 0
        // Blur, ringing and the shift of fat surround an object; 3 % of the frame is beyond them.
        let radius = max(2, min(frame.rows, frame.columns) / 32)
        var background = ObjectMap.dilated(isObject, rows: frame.rows, columns: frame.columns, by: radius).map { !$0 }
        if let padding {
            for index in values.indices where padding.contains(values[index]) { background[index] = false }
        }
        isBackground = background
    }

    /// Part of the right and lower neighbours of object pixels that are object.
    func coherence() -> Double {
        var (alike, all) = (0, 0)
        for row in 0..<(frame.rows - 1) {
            for index in (row * frame.columns)..<((row + 1) * frame.columns - 1) where isObject[index] {
                all += 2
                alike += (isObject[index + 1] ? 1 : 0) + (isObject[index + frame.columns] ? 1 : 0)
            }
        }
        return all > 0 ? Double(alike) / Double(all) : 0
    }

    /// Noise from the diagonal differences of 2 × 2 pixels that are all object, and how much greater the straight ones
    /// are. Nil when there are fewer than 100 such squares.
    func differences() -> (noise: Double, structure: Double)? {
        var diagonal: [Int32] = []
        var straight: [Int32] = []
        let columns = frame.columns
        frame.values.withUnsafeBufferPointer { values in
            for row in stride(from: 0, to: frame.rows - 1, by: 2) {
                for index in stride(from: row * columns, to: (row + 1) * columns - 1, by: 2) {
                    guard isObject[index], isObject[index + 1], isObject[index + columns], isObject[index + columns + 1]
                    else { continue }
                    let (a, b) = (Int64(values[index]), Int64(values[index + 1]))
                    let (c, d) = (Int64(values[index + columns]), Int64(values[index + columns + 1]))
                    diagonal.append(Int32(clamping: abs(a - b - c + d)))
                    straight.append(Int32(clamping: abs(a + b - c - d)))
                    straight.append(Int32(clamping: abs(a - b + c - d)))
                }
            }
        }
        guard diagonal.count >= 100 else { return nil }
        let middle = Double(ObjectMap.median(&diagonal))
        // The sum of four values of deviation s deviates by 2 s, and its median size is 0.6745 of that.
        return (middle / 2 / 0.6745, Double(ObjectMap.median(&straight)) / max(middle, 0.5))
    }

    /// From the quarter of the background's cells of 8 × 8 pixels with the least spread, see
    /// ``ResonanceFigures/backgroundNoise``.
    func backgroundNoise() -> Double? {
        var spreads: [Double] = []
        for row in stride(from: 0, to: frame.rows - 7, by: 8) {
            for column in stride(from: 0, to: frame.columns - 7, by: 8) {
                if let spread = backgroundSpread(row, column), spread > 0 { spreads.append(spread) }
            }
        }
        guard spreads.count >= 12 else { return nil }
        spreads.sort()
        return spreads[spreads.count / 4] / 0.655
    }

    /// Standard deviation of a cell that is all background.
    private func backgroundSpread(_ row: Int, _ column: Int) -> Double? {
        var (sum, squares) = (0.0, 0.0)
        for line in row..<(row + 8) {
            for index in (line * frame.columns + column)..<(line * frame.columns + column + 8) {
                guard isBackground[index] else { return nil }
                let value = Double(frame.values[index]) - floor
                sum += value
                squares += value * value
            }
        }
        return max(0, squares / 64 - sum * sum / 4096).squareRoot()
    }

    /// Median of the background that the object covers when it is moved by each of `moves`, round the frame, less the
    /// median of the background it never covers, over the signal; the least of them. Nil without a hundredth of the
    /// frame of each.
    func ghost(_ moves: [(down: Int, across: Int)]) -> Double? {
        let (rows, columns) = (frame.rows, frame.columns)
        var covered = [[Int32]](repeating: [], count: moves.count)
        var free: [Int32] = []
        for row in 0..<rows {
            for column in 0..<columns where isBackground[row * columns + column] {
                let value = frame.values[row * columns + column]
                var isFree = true
                for (place, move) in moves.enumerated() {
                    let source = (row + rows + move.down) % rows * columns + (column + columns + move.across) % columns
                    guard isObject[source] else { continue }
                    covered[place].append(value)
                    isFree = false
                }
                if isFree { free.append(value) }
            }
        }
        let fewest = max(32, rows * columns / 100)
        guard free.count >= fewest, covered.allSatisfy({ $0.count >= fewest }) else { return nil }
        let level = Double(ObjectMap.median(&free))
        return covered.map { values in
            var values = values
            return (Double(ObjectMap.median(&values)) - level) / signal
        }.min()
    }

    /// See ``ResonanceFigures/edges``.
    func edgeLevels() -> ResonanceFigures.EdgeLevels {
        let (rows, columns) = (frame.rows, frame.columns)
        var rowCounts = [Int](repeating: 0, count: rows)
        var columnCounts = [Int](repeating: 0, count: columns)
        for row in 0..<rows {
            for column in 0..<columns where isObject[row * columns + column] {
                rowCounts[row] += 1
                columnCounts[column] += 1
            }
        }
        let (high, wide) = (ObjectMap.extent(of: rowCounts), ObjectMap.extent(of: columnCounts))
        let (topRows, bottomRows) = (0..<max(2, rows / 24), (rows - max(2, rows / 24))..<rows)
        let (leftColumns, rightColumns) = (0..<max(2, columns / 24), (columns - max(2, columns / 24))..<columns)
        let corners = [0..<high.lowerBound, high.upperBound..<rows].flatMap { across in
            [0..<wide.lowerBound, wide.upperBound..<columns].compactMap { level(rows: across, columns: $0) }
        }
        return ResonanceFigures.EdgeLevels(
            top: level(rows: topRows, columns: wide), bottom: level(rows: bottomRows, columns: wide),
            left: level(rows: high, columns: leftColumns), right: level(rows: high, columns: rightColumns),
            corner: corners.min())
    }

    /// Mean of the background in a part of the frame over the signal; nil unless nine tenths of it are background.
    private func level(rows: Range<Int>, columns: Range<Int>) -> Double? {
        var (sum, count) = (0.0, 0)
        for row in rows {
            for column in columns where isBackground[row * frame.columns + column] {
                sum += Double(frame.values[row * frame.columns + column]) - floor
                count += 1
            }
        }
        guard count >= 32, count * 10 >= rows.count * columns.count * 9 else { return nil }
        return sum / Double(count) / signal
    }

    /// The lines between the first and the last that hold at least a third of what the fullest holds: the object's
    /// bulk, without what sticks out of it.
    private static func extent(of counts: [Int]) -> Range<Int> {
        let most = counts.max() ?? 0
        guard most > 0, let first = counts.firstIndex(where: { $0 * 3 >= most }),
            let last = counts.lastIndex(where: { $0 * 3 >= most })
        else { return 0..<0 }
        return first..<(last + 1)
    }

    private static func median(_ values: inout [Int32]) -> Int32 {
        values.sort()
        return values[values.count / 2]
    }

    /// Every pixel within `radius` rows and columns of one that is set.
    private static func dilated(_ mask: [Bool], rows: Int, columns: Int, by radius: Int) -> [Bool] {
        var wide = [Bool](repeating: false, count: mask.count)
        for row in 0..<rows {
            spread(mask, into: &wide, from: row * columns, step: 1, count: columns, by: radius)
        }
        var high = [Bool](repeating: false, count: mask.count)
        for column in 0..<columns {
            spread(wide, into: &high, from: column, step: columns, count: rows, by: radius)
        }
        return high
    }

    /// One line of ``dilated(_:rows:columns:by:)``.
    private static func spread(
        _ mask: [Bool], into result: inout [Bool], from start: Int, step: Int, count: Int, by radius: Int
    ) {
        var reach = -1
        var next = 0
        for place in 0..<count {
            while next < count, next <= place + radius {
                if mask[start + next * step] { reach = next + radius }
                next += 1
            }
            if place <= reach { result[start + place * step] = true }
        }
    }
}
