import Catalogue
import DICOMCore
import DICOMImaging

/// `blur`: a radiograph out of focus or smeared by motion.
///
/// What is measured does not depend on what is shown (``RadiographTexture``): a sharp picture has, at the distance of one
/// pixel, at least a few per cent of the detail it has at four. Blur takes it away, in all directions or in one.
struct Blur: QualityRule {
    let name = QualityRuleName.blur
    let parameters: BlurParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure {
        series.isRadiography ? .radiograph : []
    }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard let texture = image.radiograph?.texture else { return [] }
        let fine = [texture.fineAlongRows, texture.fineAlongColumns].compactMap(\.self).min()
        let wide = [texture.fineAlongRowsWide, texture.fineAlongColumnsWide].compactMap(\.self).min()
        if let fine, fine < parameters.fine {
            return [
                finding(
                    image, fine, parameters.fine,
                    "hardly any detail is as fine as a pixel, compared with detail of four pixels")
            ]
        }
        if let wide, wide < parameters.wide {
            return [
                finding(
                    image, wide, parameters.wide,
                    "hardly any detail is as fine as a pixel, compared with detail of eight pixels")
            ]
        }
        let edges = [texture.edgesAlongRows, texture.edgesAlongColumns].compactMap(\.self).min()
        if let edges, edges < parameters.edges {
            return [
                finding(
                    image, edges, parameters.edges,
                    "no structure that stands out of the noise is sharp, compared with detail of eight pixels")
            ]
        }
        let smears = [
            smear(texture.fineAlongRows, texture.fineAlongColumns, texture.rowsToColumns, "rows", "columns"),
            smear(
                texture.fineAlongFalling, texture.fineAlongRising, texture.fallingToRising, "a diagonal", "a diagonal"),
        ]
        return smears.compactMap(\.self).prefix(1).map {
            finding(image, $0.ratio, parameters.smear, "detail is smeared along \($0.direction)")
        }
    }

    private func finding(_ image: InspectedImage, _ value: Double, _ threshold: Double, _ text: String)
        -> Quality.Finding
    {
        let size = image.pixelSpacing.map { " (a pixel is \($0) mm)" } ?? ""
        return image.finding(
            name, value < parameters.failure * threshold ? .fail : .review, value: value, threshold: threshold,
            unit: "energy ratio", text + size)
    }

    /// Detail along one direction against that along the direction across, when both the ratio to coarser detail and the
    /// energy itself are far less there. Bones and grids alone show one of the two.
    private func smear(
        _ one: Double?, _ other: Double?, _ balance: Double?, _ oneName: String, _ otherName: String
    ) -> (ratio: Double, direction: String)? {
        guard let one, let other, let balance, one > 0, other > 0 else { return nil }
        if one < parameters.smear * other, balance < parameters.balance { return (one / other, oneName) }
        if other < parameters.smear * one, 1 / balance < parameters.balance { return (other / one, otherName) }
        return nil
    }
}

/// Thresholds of `blur`, as ratios of energies of second differences. Sharp detectors reach 0.05 to 0.9 over four pixels and
/// 0.024 to 0.6 over eight; a Gaussian of 1.5 pixels leaves at most 0.017 and 0.006, one of 2 pixels 0.011 and 0.002.
public struct BlurParameters: RuleParameters {
    /// Over a distance of four pixels.
    public var fine = 0.0165
    /// Over a distance of eight pixels.
    public var wide = 0.004
    /// Of the sharpest structures, their noise taken away, over a distance of two and of eight pixels.
    public var edges = 0.03
    /// One direction against the other: how much finer detail must be across than along a smear.
    public var smear = 0.35
    /// Likewise of the energies themselves.
    public var balance = 0.45
    /// Below this part of a threshold the image fails.
    public var failure = 0.6

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("fine", \.fine, unit: "energy ratio", range: 0...1),
            RuleSetting("wide", \.wide, unit: "energy ratio", range: 0...1),
            RuleSetting("edges", \.edges, unit: "energy ratio", range: 0...1),
            RuleSetting("smear", \.smear, unit: "energy ratio", range: 0...1),
            RuleSetting("balance", \.balance, unit: "energy ratio", range: 0...1),
            RuleSetting("failure", \.failure, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
