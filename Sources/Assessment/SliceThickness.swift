import Catalogue
import DICOMCore

/// `slice-thickness`: an item of thin slices, of 3D or of high resolution has a stack of them.
///
/// One thin stack over most of the region is enough, whatever thick ones lie beside it. Where pictures are to be computed
/// from the stack, slices farther apart than they are thick count by their distance.
struct SliceThickness: QualityRule {
    let name = QualityRuleName.sliceThickness
    let parameters: SliceThicknessParameters

    func findings(in study: StudyContent) -> [Quality.Finding] {
        guard let item = study.item, item.family == .ct, asksForThinSlices(item) else { return [] }
        let stacks = study.series.flatMap(AxialStack.all)
        let longest = stacks.map(\.length).max() ?? 0
        let measured = stacks.filter { $0.length >= longest * parameters.reach }.compactMap { stack in
            thickness(of: stack, item).map { (stack: stack, thickness: $0) }
        }
        guard let best = measured.min(by: { $0.thickness < $1.thickness }), best.thickness > parameters.accepted else {
            return []
        }
        // Thickness is written with up to 1 % of rounding.
        let severity: Quality.Severity = best.thickness > parameters.raised * 0.99 ? .review : .info
        return [
            Quality.Finding(
                rule: name, severity: severity, seriesInstanceUID: best.stack.seriesInstanceUID,
                value: best.thickness, threshold: severity == .info ? parameters.accepted : parameters.raised,
                unit: "mm",
                detail: "the thinnest slices are \(best.thickness) mm, too thick for \(item.name.en)")
        ]
    }

    /// Tokens of the catalogue (Resources/README.md, "Series tokens").
    private func asksForThinSlices(_ item: CatalogueItem) -> Bool {
        item.requiredSeries.contains { alternatives in
            alternatives.contains { token in token.split(separator: ":").contains { $0 == "THIN" || $0 == "HR" } }
        }
    }

    private func thickness(of stack: AxialStack, _ item: CatalogueItem) -> Double? {
        // High resolution may sample: 1 mm every 10 mm.
        let samples = item.technique.name == "hrct"
        guard let thickness = stack.thickness else { return stack.spacing }
        return samples ? thickness : max(thickness, stack.spacing ?? thickness)
    }
}

/// Thresholds of `slice-thickness` (DESIGN.md; the ACR asks for 1.25 mm and less of high resolution CT).
public struct SliceThicknessParameters: RuleParameters {
    /// Thicker slices are noted.
    public var accepted = 1.26
    /// From here on they are raised.
    public var raised = 2.5
    /// Of the longest stack's length, what a thin one has to cover.
    public var reach = 0.5

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("accepted", \.accepted, unit: "mm", range: 0...20),
            RuleSetting("raised", \.raised, unit: "mm", range: 0...20),
            RuleSetting("reach", \.reach, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
