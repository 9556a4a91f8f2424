/// A frame in square cells, for what needs no single pixels: where the picture lies and which parts of it are
/// saturated. Cells cut by the right or lower edge stand for the pixels they have.
struct RadiographOverview {
    /// Greater stored values are shown darker.
    let isInverted: Bool
    /// Pixels along the side of a cell.
    let cellSize: Int
    let rows: Int
    let columns: Int
    /// Mean stored value of a cell without its padding; 0 where all of it is padding.
    let means: [Float]
    /// Fractions (0…1) of a cell's pixels: padding, at or below the lower plateau, at or above the upper one.
    let padding: [Float]
    let low: [Float]
    let high: [Float]
    /// The values that nearly all means lie between (0.5 % left out at either end), of cells that are no padding.
    let span: ClosedRange<Float>

    /// Cells along the longer side, at most.
    static let cellLimit = 384
    /// A single pixel tells noise from nothing.
    static let leastCellSize = 2

    init(_ frame: GrayFrame, plateaus: Plateaus) {
        let size = max(Self.leastCellSize, (max(frame.rows, frame.columns) + Self.cellLimit - 1) / Self.cellLimit)
        isInverted = frame.scale.isInverted
        cellSize = size
        let (rows, columns) = ((frame.rows + size - 1) / size, (frame.columns + size - 1) / size)
        let count = rows * columns
        var means = [Float](repeating: 0, count: count)
        var padding = means
        var low = means
        var high = means
        // A range that contains nothing costs less in the loop than an optional.
        let padFirst = frame.scale.padding?.lowerBound ?? 1
        let padLast = frame.scale.padding?.upperBound ?? 0
        let lowLimit = plateaus.low?.upperBound ?? .min
        let highLimit = plateaus.high?.lowerBound ?? .max
        frame.values.withUnsafeBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<columns {
                    let lastColumn = min((column + 1) * size, frame.columns)
                    let lastRow = min((row + 1) * size, frame.rows)
                    var (sum, padCount, lowCount, highCount) = (0, 0, 0, 0)
                    for y in row * size..<lastRow {
                        let line = UnsafeBufferPointer(
                            rebasing: values[y * frame.columns + column * size..<y * frame.columns + lastColumn])
                        for value in line {
                            let isPadding = value >= padFirst && value <= padLast
                            sum &+= isPadding ? 0 : Int(value)
                            padCount &+= isPadding ? 1 : 0
                            lowCount &+= !isPadding && value <= lowLimit ? 1 : 0
                            highCount &+= !isPadding && value >= highLimit ? 1 : 0
                        }
                    }
                    let pixels = (lastRow - row * size) * (lastColumn - column * size)
                    let index = row * columns + column
                    means[index] = pixels > padCount ? Float(sum) / Float(pixels - padCount) : 0
                    padding[index] = Float(padCount) / Float(pixels)
                    low[index] = Float(lowCount) / Float(pixels)
                    high[index] = Float(highCount) / Float(pixels)
                }
            }
        }
        (self.rows, self.columns) = (rows, columns)
        (self.means, self.padding, self.low, self.high) = (means, padding, low, high)
        var shown = means.indices.filter { padding[$0] < 0.5 }.map { means[$0] }
        let cut = shown.count / 200
        span = shown.isEmpty ? 0...0 : shown.element(ofRank: cut)...shown.element(ofRank: shown.count - 1 - cut)
    }

    /// What the cells span; at least 1, so that it divides.
    var width: Float { max(span.upperBound - span.lowerBound, 1) }

    func isPadding(_ index: Int) -> Bool { padding[index] >= 0.5 }
}
