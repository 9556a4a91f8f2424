/// What one CT slice shows of calibration and noise, in modality units (Hounsfield units when the header is right).
///
/// The slice is cut into cells of about 6 mm. Mean and spread of the cells are enough to
/// find air, which is uniform and the darkest thing there is, and noise, which is the spread of uniform tissue.
public struct SliceFigures: Codable, Equatable, Sendable {
    /// Level of the air around the patient, or nil when the slice shows none that can be told from lung, fat or fill.
    public let airLevel: Double?
    /// How much of the frame has that level, 0...1. Gas in a bowel is air too, but there is little of it.
    public let airShare: Double
    /// Level that the outside of the picture or clipped air was filled with, or nil without any: one constant value,
    /// below the tissue, over at least a fiftieth of the slice; the greatest, if there are several.
    public let fillLevel: Double?
    /// Noise: the spread that the most uniform fifth of the soft tissue stays below. It follows the global noise level
    /// of Christianson et al. (AJR 2015;205:W93), which takes the most frequent spread; where tissue is scarce that is
    /// the spread of edges, while structure can only add to the least. Nil when the slice has too little tissue.
    public let noise: Double?
    /// Cells of soft tissue.
    public let tissueCellCount: Int

    /// Nil when stored values are no linear measure of anything, or the frame is smaller than a few cells.
    public init?(_ frame: GrayFrame) {
        let scale = frame.scale
        guard scale.table == nil, scale.slope > 0, scale.slope < 1e4, abs(scale.intercept) < 1e6, frame.rows >= 64,
            frame.columns >= 64
        else { return nil }
        let cells = CellMap(frame)
        let measured = cells.textured.map { cell in
            (mean: scale.slope * cell.mean + scale.intercept, deviation: scale.slope * cell.deviation)
        }
        // A cell with more spread than the noisiest air has an edge in it.
        let air = AirPeak(of: measured.filter { $0.deviation <= 120 }.map(\.mean))
        let fill = cells.fill.map { scale.modalityValue($0) }

        // From fat to enhanced vessels, in units that are right even where the calibration is not.
        let water = (air?.level ?? -1000) + 1000
        let tissue = (water - 150)...(water + 250)
        let spreads = measured.filter { tissue.contains($0.mean) }.map(\.deviation).sorted()
        tissueCellCount = spreads.count
        // In less than a sixteenth of the slice edges outnumber the rest.
        let noise = spreads.count >= max(64, cells.count / 16) ? spreads[spreads.count / 5] : nil
        self.noise = noise
        fillLevel = fill
        let airLevel = air.flatMap { air -> Double? in
            // Where air was clipped to a constant, the lowest level that is none is foam.
            if let fill, (40...300).contains(air.level - fill) { return nil }
            // Lung differs within its cells too; air has no more noise than tissue.
            let own = measured.filter { abs($0.mean - air.level) <= 12 }.map(\.deviation).sorted()
            let spread = own[own.count / 2]
            if let noise, spread > 2 * noise + 5 { return nil }
            // Lung in a field of view within the chest, of the spine or the heart, differs from cell to cell as well, by as much as
            // within them; air does so by its noise, little of which is left in a cell's mean, and by streaks.
            let below = measured.filter { (air.level - 150..<air.level).contains($0.mean) }.map { air.level - $0.mean }
            let isAboveAir = air.level > -960
            if isAboveAir, below.sorted().dropFirst(below.count / 2).first ?? 0 > 0.3 * spread + 5 { return nil }
            return air.level
        }
        self.airLevel = airLevel
        let airCount = airLevel.map { level in measured.count { abs($0.mean - level) <= 24 } } ?? 0
        airShare = Double(airCount) / Double(max(1, cells.count))
    }
}
