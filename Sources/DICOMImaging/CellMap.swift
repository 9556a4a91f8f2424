/// Mean and spread of the square cells a frame is cut into; what is left at the right and lower edge is not looked at.
/// Values are stored values.
struct CellMap {
    struct Cell {
        let mean: Double
        /// Standard deviation about the plane that fits the cell best, so that slow changes of tissue do not count.
        let deviation: Double
    }

    /// Cells of the whole frame.
    let count: Int
    /// Cells that hold no padding and more than one value, row by row.
    let textured: [Cell]
    /// The greatest value, below most of the textured cells, that at least a fiftieth of all cells consist of: what
    /// clipped air or the outside of the field of view was filled with. Padding does not count.
    let fill: Int32?

    init(_ frame: GrayFrame) {
        // 8 pixels are some 6 mm of a body in 512 columns; in a coarser matrix they would be more than an organ is wide.
        let side = min(frame.rows, frame.columns) >= 384 ? 8 : 4
        let first = frame.scale.padding?.lowerBound ?? 1
        let last = frame.scale.padding?.upperBound ?? 0
        let (rows, columns) = (frame.rows / side, frame.columns / side)
        var textured: [Cell] = []
        textured.reserveCapacity(rows * columns)
        var constants: [Int32: Int] = [:]
        frame.values.withUnsafeBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<columns {
                    let start = row * side * frame.columns + column * side
                    let origin = values[start]
                    var least = Int32.max
                    var greatest = Int32.min
                    var isPadded = false
                    var (sum, across, down, squares): (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
                    for line in 0..<side {
                        var lineSum: Int64 = 0
                        for place in 0..<side {
                            let value = values[start + line * frame.columns + place]
                            least = min(least, value)
                            greatest = max(greatest, value)
                            isPadded = isPadded || (value >= first && value <= last)
                            let offset = Int64(value) - Int64(origin)
                            lineSum += offset
                            across += offset * Int64(2 * place - side + 1)
                            squares &+= offset &* offset
                        }
                        sum += lineSum
                        down += lineSum * Int64(2 * line - side + 1)
                    }
                    if isPadded { continue }
                    if least == greatest {
                        constants[least, default: 0] += 1
                        continue
                    }
                    let count = Double(side * side)
                    let mean = Double(sum) / count
                    // What a plane through the cell explains: its slopes are `across` and `down` over the squares of
                    // the distances, which are counted in half pixels.
                    let distances = count * Double(side * side - 1) / 3
                    let slopes = Double(across) * Double(across) + Double(down) * Double(down)
                    let variance = Double(squares) / count - mean * mean - slopes / distances / count
                    // Three numbers of the cell went into the plane.
                    let unbiased = max(0, variance) * count / (count - 3)
                    textured.append(Cell(mean: mean + Double(origin), deviation: unbiased.squareRoot()))
                }
            }
        }
        self.textured = textured
        count = rows * columns
        let middle = textured.map(\.mean).sorted().dropFirst(textured.count / 2).first ?? .infinity
        fill = constants.filter { $0.value * 50 >= rows * columns && Double($0.key) < middle }.keys.max()
    }
}
