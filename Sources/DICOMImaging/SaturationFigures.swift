/// How much of a radiograph's picture is cut off at one end of its values.
///
/// Values pile up at an end for good reasons too: air beside the limb, the shadow of the collimator, metal, lead marks
/// and burned-in text. What is lost differs from those by its rim: anatomy runs into the pile smoothly, while metal, lead,
/// collimator and text stop at a sharp edge. Fractions are of the field.
public struct SaturationFigures: Codable, Equatable, Sendable {
    /// Stored value from which on, or up to which, values count as cut off; nil when nothing piles up.
    public let level: Int32?
    /// Everything at this end, whatever the reason.
    public let total: Double
    /// In areas enclosed by picture.
    public let enclosed: Double
    /// In areas that reach a side of the field: air, or anatomy that leaves the field.
    public let open: Double
    /// Of these, the areas that the picture runs into smoothly.
    public let smoothEnclosed: Double
    public let smoothOpen: Double

    /// Least part of a cell that must be cut off.
    static let cellFraction: Float = 0.5
    /// A rim is sharp when the picture so many cells away differs by so much of what the image spans.
    static let rimWidth = 2
    static let rimStep: Float = 0.1
    /// Smaller areas are spots, in cells.
    static let spotLimit = 6

    /// - Parameters:
    ///   - fractions: parts of each cell at this end.
    ///   - mask: cells of the field.
    ///   - core: those well inside it.
    init(
        _ overview: RadiographOverview, fractions: [Float], mask: [Bool], core: [Bool], plateau: ClosedRange<Int32>?,
        isLow: Bool
    ) {
        guard let plateau else {
            (level, total, enclosed, open, smoothEnclosed, smoothOpen) = (nil, 0, 0, 0, 0, 0)
            return
        }
        let fieldCount = Float(max(mask.count { $0 }, 1))
        let edge = Float(isLow ? plateau.upperBound : plateau.lowerBound)
        var (total, enclosed, open, smoothEnclosed, smoothOpen) = (Float(0), Float(0), Float(0), Float(0), Float(0))
        for index in mask.indices where mask[index] { total += fractions[index] }
        var seen = mask.indices.map { !mask[$0] || fractions[$0] < Self.cellFraction }
        let isCut = seen.map(!)
        for start in seen.indices where !seen[start] {
            var patch = Patch()
            var waiting = [start]
            seen[start] = true
            while let index = waiting.popLast() {
                patch.cellCount += 1
                patch.area += fractions[index]
                patch.isOpen = patch.isOpen || !core[index]
                let (row, column) = (index / overview.columns, index % overview.columns)
                func isField(_ row: Int, _ column: Int) -> Bool {
                    (0..<overview.rows).contains(row) && (0..<overview.columns).contains(column)
                        && mask[row * overview.columns + column]
                }
                for (y, x) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                    let (nearRow, nearColumn) = (row + y, column + x)
                    guard isField(nearRow, nearColumn) else { continue }
                    let near = nearRow * overview.columns + nearColumn
                    if !isCut[near] {
                        let (farRow, farColumn) = (row + Self.rimWidth * y, column + Self.rimWidth * x)
                        guard isField(farRow, farColumn) else { continue }
                        let far = farRow * overview.columns + farColumn
                        guard !isCut[far], !overview.isPadding(far) else { continue }
                        patch.steps.append(abs(overview.means[far] - edge))
                    } else if !seen[near] {
                        seen[near] = true
                        waiting.append(near)
                    }
                }
            }
            guard patch.cellCount >= Self.spotLimit else { continue }
            if patch.isOpen { open += patch.area } else { enclosed += patch.area }
            guard !patch.isSharp(Self.rimStep * overview.width) else { continue }
            if patch.isOpen { smoothOpen += patch.area } else { smoothEnclosed += patch.area }
        }
        level = isLow ? plateau.upperBound : plateau.lowerBound
        self.total = Double(total / fieldCount)
        self.enclosed = Double(enclosed / fieldCount)
        self.open = Double(open / fieldCount)
        self.smoothEnclosed = Double(smoothEnclosed / fieldCount)
        self.smoothOpen = Double(smoothOpen / fieldCount)
    }

    /// Cells that hang together.
    private struct Patch {
        var cellCount = 0
        var area: Float = 0
        var isOpen = false
        /// How far the picture around it lies from the end.
        var steps: [Float] = []

        func isSharp(_ limit: Float) -> Bool {
            steps.isEmpty || steps.sorted()[steps.count / 2] >= limit
        }
    }
}
