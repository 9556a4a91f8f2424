/// What one CT slice shows of calibration and noise, in modality units (Hounsfield units when the header is right).
///
/// The slice is cut into cells of about 6 mm. Mean and spread of the cells are enough to
/// find air, which is uniform and the darkest thing there is, and noise, which is the spread of uniform tissue.
public struct SliceFigures: Codable, Equatable, Sendable {
    /// Level of the air around the patient, or nil when the slice shows none that can be told from lung, fat or fill.
    public let airLevel: Double?
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
        guard scale.table == nil, scale.slope > 0, frame.rows >= 64, frame.columns >= 64 else { return nil }
        let cells = CellMap(frame)
        let means = cells.textured.map { scale.slope * $0.mean + scale.intercept }
        // A cell with more spread than the noisiest air has an edge in it.
        let uniform = zip(cells.textured, means).filter { scale.slope * $0.0.deviation <= 120 }.map(\.1)
        let air = AirPeak(of: uniform)
        airLevel = air?.level
        fillLevel = cells.fill.map { scale.modalityValue($0) }

        // From fat to enhanced vessels, in units that are right even where the calibration is not.
        let water = (air?.level ?? -1000) + 1000
        let tissue = (water - 150)...(water + 250)
        let spreads = zip(cells.textured, means).filter { tissue.contains($1) }.map { scale.slope * $0.0.deviation }
        tissueCellCount = spreads.count
        // In less than a sixteenth of the slice edges outnumber the rest.
        let isEnough = spreads.count >= max(64, cells.count / 16)
        noise = isEnough ? spreads.sorted()[spreads.count / 5] : nil
    }
}
