/// What was measured of a projection radiograph.
public struct RadiographFigures: Codable, Equatable, Sendable {
    public let field: CollimatedField
    /// The values between which 96 % of the picture lies, small areas averaged, without what is cut off for good
    /// reasons: borders, padding, metal, marks. Stored values; equal when there is no picture.
    public let contrast: ClosedRange<Double>
    /// What is cut off at the lower and at the upper end of stored values.
    public let low: SaturationFigures
    public let high: SaturationFigures
    /// Part of the field that is as dark (as displayed) as its darkest, 0…1: the air beside a limb.
    public let air: Double
    public let texture: RadiographTexture
    /// The least distance values keep, in stored values: more than 1 where fewer bits were stretched.
    public let step: Double

    public init(_ frame: GrayFrame, _ histogram: Histogram) {
        let plateaus = Plateaus(histogram)
        let overview = RadiographOverview(frame, plateaus: plateaus)
        let (field, mask, core) = CollimatedField.find(in: overview, of: frame)
        self.field = field
        low = SaturationFigures(
            overview, fractions: overview.low, mask: mask, core: core, plateau: plateaus.low, isLow: true)
        high = SaturationFigures(
            overview, fractions: overview.high, mask: mask, core: core, plateau: plateaus.high, isLow: false)
        air = RadiographFigures.air(overview, mask)
        step = RadiographFigures.step(histogram)
        texture = RadiographTexture(frame, overview: overview, mask: mask, step: step)
        var shown = mask.indices.filter {
            mask[$0] && !overview.isPadding($0) && overview.low[$0] + overview.high[$0] < SaturationFigures.cellFraction
        }.map { Double(overview.means[$0]) }
        let cut = shown.count / 50
        contrast = shown.isEmpty ? 0...0 : shown.element(ofRank: cut)...shown.element(ofRank: shown.count - 1 - cut)
    }

    /// Cells within a twelfth of the image's span of the darkest twentieth.
    private static func air(_ overview: RadiographOverview, _ mask: [Bool]) -> Double {
        let sign: Float = overview.isInverted ? -1 : 1
        var shown = mask.indices.filter { mask[$0] && !overview.isPadding($0) }.map { sign * overview.means[$0] }
        guard !shown.isEmpty else { return 0 }
        let limit = shown.element(ofRank: shown.count / 20) + overview.width / 12
        return Double(shown.count { $0 <= limit }) / Double(shown.count)
    }

    /// The usual distance between neighbouring values that occur.
    private static func step(_ histogram: Histogram) -> Double {
        var gaps: [Int: Int] = [:]
        var last: (bin: Int, count: Int)?
        for (bin, count) in histogram.bins.enumerated() where count > 0 {
            // A border of one value says little of the steps in the picture.
            if let last { gaps[bin - last.bin, default: 0] += min(count, last.count) }
            last = (bin, count)
        }
        let total = gaps.values.reduce(0, +)
        var seen = 0
        for (gap, count) in gaps.sorted(by: { $0.key < $1.key }) {
            seen += count
            if 2 * seen >= total { return Double(gap * histogram.binWidth) }
        }
        return 1
    }
}
