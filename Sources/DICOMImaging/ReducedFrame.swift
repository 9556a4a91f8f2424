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

    /// Side of the squares that are followed, how far they are searched for, and how well they must be found again.
    private static let block = 48
    private static let reach = 6
    private static let likeness: Float = 0.6

    /// How far the picture of `other` lies from this one: the median over the squares that are found again. Vessels
    /// that fill change few of them.
    func shift(to other: ReducedFrame) -> RunFigures.Shift? {
        let (block, reach) = (ReducedFrame.block, ReducedFrame.reach)
        let texture = values.span.isEmpty ? 0 : medianStep()
        var right: [Double] = []
        var down: [Double] = []
        // The outermost parts show collimators and marks, which do not move with the patient.
        for row in stride(from: max(reach, rows / 12), through: rows - block - max(reach, rows / 12), by: block) {
            for column in stride(
                from: max(reach, columns / 12), through: columns - block - max(reach, columns / 12), by: block)
            {
                guard let found = displacement(of: (row, column), in: other, noise: texture) else { continue }
                right.append(found.right * Double(factor))
                down.append(found.down * Double(factor))
            }
        }
        guard right.count >= 5 else { return nil }
        return RunFigures.Shift(right: ReducedFrame.median(right), down: ReducedFrame.median(down))
    }

    /// Where the square at `place` lies in `other`, to a part of a pixel, by normalised correlation; nil when it is too
    /// flat, or not found again clearly within reach.
    private func displacement(
        of place: (row: Int, column: Int), in other: ReducedFrame, noise: Float
    ) -> (right: Double, down: Double)? {
        let (block, reach) = (ReducedFrame.block, ReducedFrame.reach)
        let own = patch(at: place)
        guard own.deviation > 3 * noise, own.deviation > 0 else { return nil }
        let side = 2 * reach + 1
        var scores = [Float](repeating: -1, count: side * side)
        var best = 0
        other.values.withUnsafeBufferPointer { theirs in
            for down in 0..<side {
                for right in 0..<side {
                    let (row, column) = (place.row + down - reach, place.column + right - reach)
                    var (sum, squares, products): (Float, Float, Float) = (0, 0, 0)
                    for line in 0..<block {
                        let start = (row + line) * columns + column
                        for index in 0..<block {
                            let value = theirs[start + index] - own.mean
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
            Double(right - reach) + ReducedFrame.vertex(scores[best - 1], scores[best], scores[best + 1]),
            Double(down - reach) + ReducedFrame.vertex(scores[best - side], scores[best], scores[best + side])
        )
    }

    /// A square's values about their mean.
    private func patch(at place: (row: Int, column: Int)) -> (values: [Float], mean: Float, deviation: Float) {
        let block = ReducedFrame.block
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
