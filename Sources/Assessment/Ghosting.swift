import Catalogue
import DICOMCore
import DICOMImaging

/// `ghosting` of MR: copies of the object along the phase encoding direction, by the median over the slices.
///
/// Two figures tell of them: the background at both edges of the frame in that direction (a copy is on both sides,
/// anatomy that reaches the edge mostly on one), and the background half a field of view from the object, or a quarter
/// to both sides. Where the edges can be measured they count, for anatomy too faint to be object lies near the object.
struct Ghosting: QualityRule {
    let name = QualityRuleName.ghosting
    let parameters: GhostingParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { series.isMR ? .resonance : [] }

    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        guard series.series.isMR else { return [] }
        let images = series.images.filter { $0.instance.isMagnitude && !$0.instance.isMosaic }
        let ghosts = images.compactMap { image in image.decoded.compactMap { ghost(of: $0.figures, image) }.median }
        guard ghosts.count * 5 >= images.count, let ghost = ghosts.median else { return [] }
        let isEchoPlanar = images.contains { $0.instance.isEchoPlanar }
        let limit = isEchoPlanar ? parameters.echoPlanarLimit : parameters.limit
        guard ghost > limit else { return [] }
        return [
            series.finding(
                name, ghost > parameters.gross ? .fail : .review, value: (ghost * 1000).rounded() / 1000,
                threshold: limit, unit: "fraction",
                "beside the object lies a ghost of \((ghost * 1000).rounded() / 10) % of its signal")
        ]
    }

    /// Over the signal; nil when the slice does not tell.
    private func ghost(of figures: FrameFigures, _ image: InspectedImage) -> Double? {
        guard let slice = figures.resonance, figures.statistics.minimum >= 0, slice.coherence >= 0.7,
            slice.objectFraction >= 0.02
        else { return nil }
        let edges = slice.edges
        switch image.instance.attributes[.inPlanePhaseEncodingDirection]?.uppercased() {
        case "COL", "COLUMN":
            return ghost(edges.top, edges.bottom, across: [edges.left, edges.right, edges.corner], slice.columnGhosts)
        case "ROW":
            return ghost(edges.left, edges.right, across: [edges.top, edges.bottom, edges.corner], slice.rowGhosts)
        default:
            return nil
        }
    }

    private func ghost(
        _ first: Double?, _ second: Double?, across: [Double?], _ ghosts: ResonanceFigures.Ghosts
    ) -> Double? {
        let rest = across.compactMap(\.self).min() ?? 0
        if let first, let second { return min(first, second) - rest }
        let side = [first, second].compactMap(\.self).first.map { $0 - rest }
        let copy = [ghosts.half, ghosts.quarter].compactMap(\.self).max()
        // One edge alone may be anatomy, and so may what lies where a copy would; together they are none.
        guard let side, let copy else { return side == nil ? copy.map { $0 / parameters.copyFactor } : nil }
        return (side + copy) / 2
    }
}

/// Thresholds of `ghosting`, over the signal of the object. The ACR's phantom may have 0.025 (MRI Quality Control Manual
/// 2015), which is this figure; patients breathe and pulsate.
public struct GhostingParameters: RuleParameters {
    public var limit = 0.035
    /// Echo-planar images have Nyquist ghosts of 0.01 to 0.05 on scanners in order.
    public var echoPlanarLimit = 0.06
    public var gross = 0.15
    /// Where the edges cannot be measured, so many times as much is asked where a copy would lie.
    public var copyFactor = 1.3

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("limit", \.limit, unit: "fraction", range: 0...1),
            RuleSetting("echo-planar-limit", \.echoPlanarLimit, unit: "fraction", range: 0...1),
            RuleSetting("gross", \.gross, unit: "fraction", range: 0...1),
            RuleSetting("copy-factor", \.copyFactor, unit: "ratio", range: 1...10),
        ]
    }

    public init() {}
}
