import Catalogue
import DICOMCore
import DICOMImaging

/// `saturation`: anatomy lost because values are cut off at an end.
///
/// What is cut off for good reasons is left out: padding, borders, air that reaches a side of the field, and what has a
/// sharp rim as metal, lead and burned-in marks have (``SaturationFigures``).
struct Saturation: QualityRule {
    let name = QualityRuleName.saturation
    let parameters: SaturationParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure {
        series.isRadiography ? .radiograph : []
    }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard let figures = image.radiograph else { return [] }
        let (bright, dark) = image.isInverted ? (figures.low, figures.high) : (figures.high, figures.low)
        return [finding(image, bright, isBright: true), finding(image, dark, isBright: false)].compactMap(\.self)
    }

    private func finding(_ image: InspectedImage, _ figures: SaturationFigures, isBright: Bool) -> Quality.Finding? {
        // Before processing either end may be air.
        let isAir = !isBright || image.isForProcessing
        let hasImplant = image.instance.attributes[.breastImplantPresent]?.uppercased() == "YES"
        guard !(isBright && hasImplant) else { return nil }
        let smooth = figures.smoothEnclosed + (isAir ? 0 : figures.smoothOpen)
        let enclosedLimit = isBright ? parameters.enclosedBright : parameters.enclosedDark
        let lost: (value: Double, limit: Double)
        if smooth > parameters.smooth {
            lost = (max(smooth, figures.enclosed > enclosedLimit ? figures.enclosed : 0), parameters.smooth)
        } else if figures.enclosed > enclosedLimit {
            lost = (figures.enclosed, enclosedLimit)
        } else if !isAir, figures.enclosed + figures.open > parameters.open {
            lost = (figures.enclosed + figures.open, parameters.open)
        } else {
            return nil
        }
        let level = figures.level.map { " at stored value \($0)" } ?? ""
        return image.finding(
            name, lost.value > parameters.failure ? .fail : .review, value: lost.value, threshold: lost.limit,
            unit: "fraction",
            "part of the field is cut off\(level), the \(isBright ? "least" : "most") exposed end, where anatomy was")
    }
}

/// Thresholds of `saturation`, as fractions of the exposed field. No standard names a figure; AAPM TG-150 and TG-151 ask
/// that no anatomy be clipped. A physicist sees a lost area from a few per cent on, and metal covers less than a tenth.
public struct SaturationParameters: RuleParameters {
    /// Areas that anatomy runs into smoothly.
    public var smooth = 0.02
    /// Areas enclosed by picture with whatever rim, at the bright end (metal, contrast medium) and at the dark one (gas).
    public var enclosedBright = 0.1
    public var enclosedDark = 0.06
    /// All areas at the bright end: an odd collimator may be among them.
    public var open = 0.25
    /// Beyond it the image fails.
    public var failure = 0.1

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("smooth", \.smooth, unit: "fraction", range: 0...1),
            RuleSetting("enclosed-bright", \.enclosedBright, unit: "fraction", range: 0...1),
            RuleSetting("enclosed-dark", \.enclosedDark, unit: "fraction", range: 0...1),
            RuleSetting("open", \.open, unit: "fraction", range: 0...1),
            RuleSetting("failure", \.failure, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
