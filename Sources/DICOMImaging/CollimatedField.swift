/// The part of a radiograph that was exposed: what straight borders along the sides of the image leave, whether they
/// are shadows of the collimator or a shutter laid over the picture.
///
/// A cropped image has no borders and all of it is field. Air beside a limb is field too.
public struct CollimatedField: Codable, Equatable, Sendable {
    public enum Side: String, Codable, CaseIterable, Sendable {
        case left, right, top, bottom
    }

    /// A straight border along a side. It may be a few degrees askew.
    public struct Border: Codable, Equatable, Sendable {
        public let side: Side
        /// How far the border reaches into the image, in pixels, at the first and at the last row (left, right) or
        /// column (top, bottom).
        public let first: Double
        public let last: Double
        /// Stored value of the border.
        public let value: Double
    }

    /// At most one a side.
    public let borders: [Border]
    /// Part of the image inside the borders, 0…1.
    public let fraction: Double
    /// Rows and columns that hold the field: the smallest upright rectangle around it; empty when there is no field.
    public let rows: Range<Int>
    public let columns: Range<Int>

    /// What lies so near the side of the image, or a border with its penumbra and scatter, reaches it; in cells.
    static let sideReach = 3
    static let borderReach = 12

    /// - Returns: beside the field, whether each cell of `overview` lies inside, and whether it lies well inside.
    static func find(
        in overview: RadiographOverview, of frame: GrayFrame
    ) -> (field: CollimatedField, mask: [Bool], core: [Bool]) {
        let borders = Side.allCases.compactMap { BorderSearch(overview, $0).border() }
        var mask = [Bool](repeating: true, count: overview.rows * overview.columns)
        var core = mask
        var (top, bottom, left, right) = (overview.rows, -1, overview.columns, -1)
        for row in 0..<overview.rows {
            for column in 0..<overview.columns {
                var depth = Double.infinity
                for border in borders { depth = min(depth, border.depth(row, column, of: overview)) }
                let edge = min(row, column, overview.rows - 1 - row, overview.columns - 1 - column)
                mask[row * overview.columns + column] = depth >= 0
                core[row * overview.columns + column] = depth >= Double(borderReach) && edge >= sideReach
                guard depth >= 0 else { continue }
                (top, bottom) = (min(top, row), max(bottom, row))
                (left, right) = (min(left, column), max(right, column))
            }
        }
        let size = overview.cellSize
        let field = CollimatedField(
            borders: borders, fraction: Double(mask.count { $0 }) / Double(max(mask.count, 1)),
            rows: bottom < top ? 0..<0 : top * size..<min((bottom + 1) * size, frame.rows),
            columns: right < left ? 0..<0 : left * size..<min((right + 1) * size, frame.columns))
        return (field, mask, core)
    }
}

extension CollimatedField.Border {
    /// How far inside the border a cell lies, in cells; negative in the border.
    fileprivate func depth(_ row: Int, _ column: Int, of overview: RadiographOverview) -> Double {
        let isUpright = side == .left || side == .right
        let line = isUpright ? row : column
        let count = isUpright ? overview.rows : overview.columns
        let depth =
            switch side {
            case .left: column
            case .right: overview.columns - 1 - column
            case .top: row
            case .bottom: overview.rows - 1 - row
            }
        let reach = first + (last - first) * Double(line) / Double(max(count - 1, 1))
        return Double(depth) - reach / Double(overview.cellSize)
    }
}

/// Looks for a border along one side of an image.
private struct BorderSearch {
    let overview: RadiographOverview
    let side: CollimatedField.Side
    /// Lines of cells that run inward from the side, and cells in each.
    let lineCount: Int
    let depth: Int

    /// How even a band laid over the picture is, as a part of what the image spans.
    static let evenness: Float = 0.06
    /// Least step between a border and the picture, likewise.
    static let step: Float = 0.12
    /// Least part of all lines that meet the straight edge.
    static let straightness = 0.6
    /// A collimator turns with its patient by so much at most (rise over run, 15°).
    static let slope = 0.27

    init(_ overview: RadiographOverview, _ side: CollimatedField.Side) {
        self.overview = overview
        self.side = side
        let isUpright = side == .left || side == .right
        lineCount = isUpright ? overview.rows : overview.columns
        depth = isUpright ? overview.columns : overview.rows
    }

    private func value(_ line: Int, _ depth: Int) -> Float { overview.means[index(line, depth)] }

    private func index(_ line: Int, _ depth: Int) -> Int {
        switch side {
        case .left: line * overview.columns + depth
        case .right: line * overview.columns + overview.columns - 1 - depth
        case .top: depth * overview.columns + line
        case .bottom: (overview.rows - 1 - depth) * overview.columns + line
        }
    }

    /// The shadow of a leaf, else a mask.
    func border() -> CollimatedField.Border? {
        guard lineCount >= 16, depth >= 16 else { return nil }
        return shadow() ?? mask()
    }

    /// The shadow of a collimator's leaf is brighter than the picture (as displayed), though not evenly so, for
    /// scatter reaches under it. Anatomy has no straight edge from side to side that is brighter on its outside.
    private func shadow() -> CollimatedField.Border? {
        let sign: Float = overview.isInverted ? -1 : 1
        let points = (0..<lineCount).map { line -> (depth: Int, step: Float) in
            var best = (depth: 0, step: Float(0))
            for place in 2..<max(3, depth / 2) {
                let outside = value(line, place - 1) + value(line, place - 2)
                let inside = value(line, place + 1) + value(line, place + 2)
                let step = sign * (outside - inside) / 2
                if step > best.step { best = (place, step) }
            }
            return best
        }
        let steep = points.indices.filter { points[$0].step >= Self.step * overview.width }
        guard let edge = straightLine(steep.map { ($0, points[$0].depth) }) else { return nil }
        let fitting = steep.filter { abs(Double(points[$0].depth) - edge.at($0)) <= 1.5 }
        guard Double(fitting.count) >= Self.straightness * Double(lineCount), abs(edge.slope) <= Self.slope else {
            return nil
        }
        // The leaf covers all from the side on, and not just a bright part of the picture.
        let rises = fitting.map { line in
            let inside = min(max(Int(edge.at(line).rounded()), 0) + 2, depth - 1)
            return sign * (value(line, 0) - value(line, inside))
        }.sorted()
        guard rises[rises.count / 2] >= Self.step * overview.width else { return nil }
        return border(from: edge.at(0) + 0.5, to: edge.at(lineCount - 1) + 0.5, fitting.map { value($0, 0) })
    }

    /// A mask (shutter) is one value, near an end of those the image spans, with an edge parallel to the side. Air
    /// beside a straight limb is as even, so the edge has to be abrupt.
    private func mask() -> CollimatedField.Border? {
        let outermost = (0..<lineCount).map { value($0, 0) }.sorted()
        let level = outermost[lineCount / 2]
        let width = overview.width
        let isExtreme =
            level <= overview.span.lowerBound + 0.15 * width || level >= overview.span.upperBound - 0.15 * width
        guard isExtreme else { return nil }
        let reaches = (0..<lineCount).map { line in
            (0..<depth).first { abs(value(line, $0) - level) > Self.evenness * width } ?? depth
        }
        // Lines inside a mask of a neighbouring side see nothing but mask.
        let known = (0..<lineCount).filter { reaches[$0] > 0 && reaches[$0] < depth - 1 }
        guard known.count * 4 >= lineCount else { return nil }
        let reach = known.map { reaches[$0] }.sorted()[known.count / 2]
        let fitting = known.filter { abs(reaches[$0] - reach) <= 1 }
        let steps = fitting.map { abs(value($0, min(reach + 1, depth - 1)) - level) }.sorted()
        guard reach >= 2, fitting.count * 10 >= known.count * 9, steps[steps.count / 2] >= Self.step * width / 2 else {
            return nil
        }
        return border(from: Double(reach), to: Double(reach), outermost)
    }

    private func border(from first: Double, to last: Double, _ values: [Float]) -> CollimatedField.Border {
        let size = Double(overview.cellSize)
        return CollimatedField.Border(
            side: side, first: max(first * size, 0), last: max(last * size, 0),
            value: Double(values.reduce(0, +)) / Double(max(values.count, 1)))
    }

    /// The line most pairs agree on (Theil–Sen over pairs half the lines apart).
    private func straightLine(_ points: [(Int, Int)]) -> (slope: Double, at: (Int) -> Double)? {
        let half = points.count / 2
        guard half >= 4 else { return nil }
        let slopes = (0..<points.count - half).map {
            Double(points[$0 + half].1 - points[$0].1) / Double(points[$0 + half].0 - points[$0].0)
        }.sorted()
        let slope = slopes[slopes.count / 2]
        let offsets = points.map { Double($0.1) - slope * Double($0.0) }.sorted()
        let offset = offsets[offsets.count / 2]
        return (slope, { offset + slope * Double($0) })
    }
}
