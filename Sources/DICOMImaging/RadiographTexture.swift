/// What the finest detail of a radiograph looks like: how noisy it is, and whether it is as fine as pixels can be.
///
/// Measured on small tiles spread over the field, away from what is cut off, by second differences between pixels at
/// several distances. A detector that is in focus leaves noise and edges at the finest distance; a blurred picture has
/// hardly any there compared with those at four or eight pixels, whatever it shows and however much contrast it has.
public struct RadiographTexture: Codable, Equatable, Sendable {
    /// Tiles measured. With fewer than ``leastTileCount`` the figures are nil.
    public let tileCount: Int
    /// Energy of differences between neighbours over that at a distance of four pixels, along rows and along columns:
    /// 1 for white noise, 0.06–0.5 on detectors, below 0.012 after a Gaussian of 2 pixels. Nil when the tiles are flat.
    public let fineAlongRows: Double?
    public let fineAlongColumns: Double?
    /// The same over a distance of eight pixels.
    public let fineAlongRowsWide: Double?
    public let fineAlongColumnsWide: Double?
    /// Along the diagonals, at a distance of one and four diagonal steps.
    public let fineAlongFalling: Double?
    public let fineAlongRising: Double?
    /// Energy of differences between neighbours along rows over that along columns; small, or great, when the picture
    /// is smeared one way.
    public let rowsToColumns: Double?
    /// Along the falling diagonal over that along the rising one.
    public let fallingToRising: Double?
    /// The sharpest structures, along rows and along columns: the ratio of energies at two and at eight pixels that one
    /// in ten structured tiles exceeds, when the noise is taken away. Anatomy in focus reaches 0.09 to 1; a smear of a few
    /// millimetres leaves 0.01, however grainy the picture. Nil when hardly anything stands out of the noise.
    public let edgesAlongRows: Double?
    public let edgesAlongColumns: Double?
    /// Standard deviation of the noise in stored values: the median over the tiles of what is left when anything that
    /// runs evenly through three by three pixels is taken away (Immerkær 1996).
    public let noise: Double?
    /// Noise at several exposures, from the least stored value to the greatest.
    public let noiseLevels: [NoiseLevel]

    public struct NoiseLevel: Codable, Equatable, Sendable {
        /// Mean stored value and noise (stored values) of the tiles.
        public let value: Double
        public let noise: Double
        public let tileCount: Int
    }

    static let tileSize = 32
    static let margin = 8
    public static let leastTileCount = 12
    /// Structured tiles among which one in ten is looked for.
    static let leastEdgeCount = 40
    /// Tiles measured, at most, evenly spread.
    static let tileLimit = 1200
    static let levelCount = 6

    init(_ frame: GrayFrame, overview: RadiographOverview, mask: [Bool], step: Double) {
        let tiles = Self.tiles(frame, overview, mask)
        tileCount = tiles.count
        // Rounding to whole steps leaves noise of its own: 1/12 of a step squared, six times in a second difference.
        let rounding = 6 * step * step / 12
        func ratio(_ fine: KeyPath<Tile, Double>, _ coarse: KeyPath<Tile, Double>) -> Double? {
            median(
                tiles.compactMap { tile in
                    let energy = tile[keyPath: coarse] - rounding
                    return energy > 6 * rounding ? max(tile[keyPath: fine] - rounding, 0) / energy : nil
                })
        }
        fineAlongRows = ratio(\.rows1, \.rows4)
        fineAlongColumns = ratio(\.columns1, \.columns4)
        fineAlongRowsWide = ratio(\.rows1, \.rows8)
        fineAlongColumnsWide = ratio(\.columns1, \.columns8)
        func balance(_ one: KeyPath<Tile, Double>, _ other: KeyPath<Tile, Double>) -> Double? {
            median(
                tiles.filter { $0[keyPath: one] + $0[keyPath: other] > 6 * rounding }.map {
                    ($0[keyPath: one] + rounding) / ($0[keyPath: other] + rounding)
                })
        }
        fineAlongFalling = ratio(\.falling1, \.falling4)
        fineAlongRising = ratio(\.rising1, \.rising4)
        rowsToColumns = balance(\.rows1, \.columns1)
        fallingToRising = balance(\.falling1, \.rising1)
        let sorted = tiles.sorted { $0.mean < $1.mean }
        edgesAlongRows = Self.edges(sorted, \.rows2, \.rows8)
        edgesAlongColumns = Self.edges(sorted, \.columns2, \.columns8)
        noise = median(tiles.map(\.noise))
        noiseLevels =
            noise == nil
            ? []
            : (0..<Self.levelCount).compactMap { level in
                let part = sorted[
                    level * sorted.count / Self.levelCount..<(level + 1) * sorted.count / Self.levelCount]
                guard !part.isEmpty else { return nil }
                return NoiseLevel(
                    value: part.reduce(0) { $0 + $1.mean } / Double(part.count),
                    noise: part.map(\.noise).sorted()[part.count / 2], tileCount: part.count)
            }
    }

    /// Energies at a short and a long distance, without the noise, where a tile shows far more than noise at the long one.
    /// Noise depends on exposure, so it is what the quietest tiles of like brightness have.
    private static func edges(
        _ sorted: [Tile], _ short: KeyPath<Tile, Double>, _ long: KeyPath<Tile, Double>
    ) -> Double? {
        let ratios = (0..<levelCount).flatMap { level -> [Double] in
            let part = sorted[level * sorted.count / levelCount..<(level + 1) * sorted.count / levelCount]
            guard part.count >= 8 else { return [] }
            let floor = part.map { $0[keyPath: short] }.sorted()[part.count * 15 / 100]
            return part.compactMap { tile in
                let energy = tile[keyPath: long]
                guard energy > 8 * floor, energy > 0 else { return nil }
                return max(tile[keyPath: short] - 1.25 * floor, 0) / (energy - 1.25 * floor)
            }
        }
        return ratios.count < leastEdgeCount ? nil : ratios.sorted()[ratios.count * 9 / 10]
    }

    /// Mean squares of second differences, named after the direction and the distance in pixels.
    private struct Tile {
        var mean = 0.0
        var rows1 = 0.0
        var columns1 = 0.0
        var falling1 = 0.0
        var rising1 = 0.0
        var rows2 = 0.0
        var columns2 = 0.0
        var rows4 = 0.0
        var columns4 = 0.0
        var falling4 = 0.0
        var rising4 = 0.0
        var rows8 = 0.0
        var columns8 = 0.0
        var noise = 0.0
    }

    private static func tiles(_ frame: GrayFrame, _ overview: RadiographOverview, _ mask: [Bool]) -> [Tile] {
        let reach = tileSize + 2 * margin
        guard frame.rows >= reach, frame.columns >= reach else { return [] }
        let (down, across) = ((frame.rows - 2 * margin) / tileSize, (frame.columns - 2 * margin) / tileSize)
        let places = (0..<down * across).compactMap { index -> (row: Int, column: Int)? in
            let place = (row: index / across * tileSize, column: index % across * tileSize)
            return isUsable(place, overview, mask) ? place : nil
        }
        // An odd stride through rows of tiles spreads those that are taken over the whole field.
        let taken = min(places.count, tileLimit)
        var buffer = [Float](repeating: 0, count: reach * reach)
        return (0..<taken).map { measure(frame, places[$0 * places.count / taken], &buffer) }
    }

    /// Whether a tile lies in the field and shows something that is not cut off.
    private static func isUsable(
        _ place: (row: Int, column: Int), _ overview: RadiographOverview, _ mask: [Bool]
    ) -> Bool {
        let size = overview.cellSize
        let reach = tileSize + 2 * margin - 1
        var (cells, cut) = (0, Float(0))
        for row in place.row / size...min((place.row + reach) / size, overview.rows - 1) {
            for column in place.column / size...min((place.column + reach) / size, overview.columns - 1) {
                let index = row * overview.columns + column
                guard mask[index], overview.padding[index] == 0 else { return false }
                cells += 1
                cut += overview.low[index] + overview.high[index]
            }
        }
        return cut < 0.02 * Float(cells)
    }

    private static func measure(_ frame: GrayFrame, _ place: (row: Int, column: Int), _ buffer: inout [Float]) -> Tile {
        let reach = tileSize + 2 * margin
        return frame.values.withUnsafeBufferPointer { values in
            buffer.withUnsafeMutableBufferPointer { cells in
                for row in 0..<reach {
                    let start = (place.row + row) * frame.columns + place.column
                    for column in 0..<reach { cells[row * reach + column] = Float(values[start + column]) }
                }
                return measure(UnsafeRawBufferPointer(cells), reach)
            }
        }
    }

    /// Eight pixels at a time; the pixels of the tile lie `margin` inside a square of `reach`.
    private static func measure(_ cells: UnsafeRawBufferPointer, _ reach: Int) -> Tile {
        typealias Lane = SIMD8<Float>
        func load(_ index: Int) -> Lane {
            cells.loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.stride, as: Lane.self)
        }
        var (sum, deviation) = (Lane(), Lane())
        var (rows1, columns1, falling1, rising1) = (Lane(), Lane(), Lane(), Lane())
        var (rows4, columns4, falling4, rising4) = (Lane(), Lane(), Lane(), Lane())
        var (rows2, columns2, rows8, columns8) = (Lane(), Lane(), Lane(), Lane())
        for row in margin..<margin + tileSize {
            for column in stride(from: margin, to: margin + tileSize, by: 8) {
                let here = row * reach + column
                let centre = load(here)
                let twice = centre + centre
                func squared(_ offset: Int) -> Lane {
                    let difference = twice - load(here - offset) - load(here + offset)
                    return difference * difference
                }
                sum += centre
                rows1 += squared(1)
                columns1 += squared(reach)
                falling1 += squared(reach + 1)
                rising1 += squared(reach - 1)
                rows2 += squared(2)
                columns2 += squared(2 * reach)
                rows4 += squared(4)
                columns4 += squared(4 * reach)
                falling4 += squared(4 * (reach + 1))
                rising4 += squared(4 * (reach - 1))
                rows8 += squared(8)
                columns8 += squared(8 * reach)
                let corners =
                    load(here - reach - 1) + load(here - reach + 1) + load(here + reach - 1) + load(here + reach + 1)
                let sides = load(here - 1) + load(here + 1) + load(here - reach) + load(here + reach)
                let left = corners - (sides + sides) + (twice + twice)
                deviation += left.replacing(with: -left, where: left .< 0)
            }
        }
        let count = Double(tileSize * tileSize)
        func mean(_ lane: Lane) -> Double { Double(lane.sum()) / count }
        return Tile(
            mean: mean(sum), rows1: mean(rows1), columns1: mean(columns1), falling1: mean(falling1),
            rising1: mean(rising1), rows2: mean(rows2), columns2: mean(columns2), rows4: mean(rows4),
            columns4: mean(columns4), falling4: mean(falling4),
            rising4: mean(rising4), rows8: mean(rows8), columns8: mean(columns8),
            // The mean of a Gaussian's absolute values is √(2/π) of its deviation; the mask's weights make it 6 times.
            noise: mean(deviation) * (Double.pi / 2).squareRoot() / 6)
    }
}

/// The middle of `values`, nil when there are too few tiles to tell.
private func median(_ values: [Double]) -> Double? {
    values.count < RadiographTexture.leastTileCount ? nil : values.sorted()[values.count / 2]
}
