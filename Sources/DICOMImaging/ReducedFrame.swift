/// A frame of at most some 512 columns, each value the mean of a square of pixels, to find movement in.
struct ReducedFrame {
    let rows: Int
    let columns: Int
    /// Pixels a side of a square.
    private let factor: Int
    private let values: [Float]

    init(_ frame: GrayFrame) {
        let factor = max(1, min(frame.rows, frame.columns) / 512)
        let (rows, columns) = (frame.rows / factor, frame.columns / factor)
        var sums = [Float](repeating: 0, count: rows * columns)
        let scale = 1 / Float(factor * factor)
        frame.values.withUnsafeBufferPointer { source in
            for row in 0..<(rows * factor) {
                let target = row / factor * columns
                for column in 0..<(columns * factor) {
                    sums[target + column / factor] += Float(source[row * frame.columns + column]) * scale
                }
            }
        }
        values = sums
        (self.factor, self.rows, self.columns) = (factor, rows, columns)
    }

    private init(rows: Int, columns: Int, factor: Int, values: [Float]) {
        (self.rows, self.columns, self.factor, self.values) = (rows, columns, factor, values)
    }

    private func reduced(by side: Int) -> ReducedFrame {
        guard side > 1 else { return self }
        let (fewer, narrower) = (rows / side, columns / side)
        var sums = [Float](repeating: 0, count: fewer * narrower)
        for row in 0..<(fewer * side) {
            for column in 0..<(narrower * side) {
                sums[row / side * narrower + column / side] += values[row * columns + column]
            }
        }
        return ReducedFrame(
            rows: fewer, columns: narrower, factor: factor * side, values: sums.map { $0 / Float(side * side) })
    }

    /// How well a square must be found again.
    private static let likeness: Float = 0.6

    /// How far the picture of `other` lies from this one, up to a fifteenth of its side: the median over the squares that
    /// are found again. Vessels that fill change few of them.
    func shift(to other: ReducedFrame) -> RunFigures.Shift? {
        // A coarse copy tells where to look.
        let coarse = max(1, min(rows, columns) / 128)
        let guess = reduced(by: coarse).displacement(to: other.reduced(by: coarse), block: 16, about: (0, 0), reach: 10)
        let start = guess.map { (right: $0.right * coarse, down: $0.down * coarse) } ?? (0, 0)
        let found = displacements(to: other, block: 48, about: start, reach: guess == nil ? 6 : coarse + 1)
        guard found.count >= 5 else { return nil }
        return RunFigures.Shift(
            right: ReducedFrame.median(found.map(\.right)) * Double(factor),
            down: ReducedFrame.median(found.map(\.down)) * Double(factor))
    }

    /// The median displacement in whole squares, or nil when too few squares are found.
    private func displacement(
        to other: ReducedFrame, block: Int, about start: (right: Int, down: Int), reach: Int
    ) -> (right: Int, down: Int)? {
        let found = displacements(to: other, block: block, about: start, reach: reach)
        guard found.count >= 5 else { return nil }
        return (
            Int(ReducedFrame.median(found.map(\.right)).rounded()),
            Int(ReducedFrame.median(found.map(\.down)).rounded())
        )
    }

    private func displacements(
        to other: ReducedFrame, block: Int, about start: (right: Int, down: Int), reach: Int
    ) -> [(right: Double, down: Double)] {
        let noise = medianStep()
        // The outermost parts show collimators and marks, which do not move with the patient.
        let (above, beside) = (rows / 12, columns / 12)
        return stride(from: above, through: rows - block - above, by: block).flatMap { row in
            stride(from: beside, through: columns - block - beside, by: block).compactMap { column in
                displacement(of: (row, column), block, in: other, about: start, reach, noise: noise)
            }
        }
    }

    /// Where the square at `place` lies in `other`, to a part of a pixel, by normalised correlation; nil when it is too
    /// flat, or not found again clearly within reach.
    private func displacement(
        of place: (row: Int, column: Int), _ block: Int, in other: ReducedFrame, about start: (right: Int, down: Int),
        _ reach: Int, noise: Float
    ) -> (right: Double, down: Double)? {
        let own = patch(at: place, block)
        guard own.deviation > 3 * noise, own.deviation > 0 else { return nil }
        let side = 2 * reach + 1
        var scores = [Float](repeating: -1, count: side * side)
        var best = 0
        other.values.withUnsafeBufferPointer { theirs in
            for down in 0..<side {
                for right in 0..<side {
                    let row = place.row + start.down + down - reach
                    let column = place.column + start.right + right - reach
                    guard row >= 0, column >= 0, row + block <= rows, column + block <= columns else { continue }
                    var (sum, squares, products): (Float, Float, Float) = (0, 0, 0)
                    for line in 0..<block {
                        let begin = (row + line) * columns + column
                        for index in 0..<block {
                            let value = theirs[begin + index] - own.mean
                            sum += value
                            squares += value * value
                            products += value * own.values[line * block + index]
                        }
                    }
                    let count = Float(block * block)
                    let deviation = max(0, squares / count - sum / count * (sum / count)).squareRoot()
                    let score = deviation > 0 ? products / count / (deviation * own.deviation) : -1
                    scores[down * side + right] = score
                    if score > scores[best] { best = down * side + right }
                }
            }
        }
        let (down, right) = (best / side, best % side)
        guard scores[best] >= ReducedFrame.likeness, down > 0, down < side - 1, right > 0, right < side - 1 else {
            return nil
        }
        // A square with one straight edge can slide along it: its likeness hardly falls in that direction.
        let falls = [best - 1, best + 1, best - side, best + side].map { scores[best] - scores[$0] }
        guard falls.allSatisfy({ $0 > 0.002 }) else { return nil }
        return (
            Double(start.right + right - reach)
                + ReducedFrame.vertex(scores[best - 1], scores[best], scores[best + 1]),
            Double(start.down + down - reach)
                + ReducedFrame.vertex(scores[best - side], scores[best], scores[best + side])
        )
    }

    /// A square's values about their mean.
    private func patch(
        at place: (row: Int, column: Int), _ block: Int
    ) -> (values: [Float], mean: Float, deviation: Float) {
        var values: [Float] = []
        values.reserveCapacity(block * block)
        for line in 0..<block {
            let start = (place.row + line) * columns + place.column
            values += self.values[start..<(start + block)]
        }
        let mean = values.reduce(0, +) / Float(values.count)
        for index in values.indices { values[index] -= mean }
        let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
        return (values, mean, variance.squareRoot())
    }

    /// Median difference of neighbours in a row, a measure of the frame's noise.
    private func medianStep() -> Float {
        var steps: [Float] = []
        for index in stride(from: 0, to: values.count - 1, by: 17) {
            steps.append(abs(values[index + 1] - values[index]))
        }
        steps.sort()
        return steps.isEmpty ? 0 : steps[steps.count / 2]
    }

    /// Parts of `other` that lie clearly below and above this frame, the median difference taken out: by six times the
    /// median deviation.
    func tails(of other: ReducedFrame) -> (lower: Double, higher: Double) {
        var differences: [Float] = []
        differences.reserveCapacity(values.count / 4)
        for index in stride(from: 0, to: values.count, by: 3) {
            differences.append(other.values[index] - values[index])
        }
        guard !differences.isEmpty else { return (0, 0) }
        let middle = differences.sorted()[differences.count / 2]
        let deviation = differences.map { abs($0 - middle) }.sorted()[differences.count / 2]
        let limit = max(6 * deviation, 1)
        let lower = differences.count { $0 < middle - limit }
        let higher = differences.count { $0 > middle + limit }
        return (Double(lower) / Double(differences.count), Double(higher) / Double(differences.count))
    }

    /// Where between -1/2 and 1/2 a parabola through three values at -1, 0 and 1 is greatest.
    private static func vertex(_ before: Float, _ here: Float, _ after: Float) -> Double {
        let bend = before - 2 * here + after
        return bend < 0 ? Double((before - after) / (2 * bend)) : 0
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
