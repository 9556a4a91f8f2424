import Catalogue
import DICOMCore
import DICOMImaging

/// `contrast-range`: whether the picture uses the values it could.
///
/// The range is what Bits Stored allows. Devices that store less than they announce show it by their window or VOI LUT, or
/// by using no value beyond; none of these raises anything.
struct ContrastRange: QualityRule {
    let name = QualityRuleName.contrastRange
    let parameters: ContrastRangeParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure {
        series.isRadiography ? .radiograph : []
    }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard let figures = image.radiograph, let decoded = image.decoded.first?.figures.statistics,
            case .success(let pixels) = image.pixels, figures.spread > 0
        else { return [] }
        let range = Double(pixels.scale.range.upperBound) - Double(pixels.scale.range.lowerBound)
        let ofRange = figures.spread / range
        let window = window(image, pixels.scale)
        let ofWindow = window.map { figures.spread / $0 }
        // Raw values run over several decades of exposure, of which anatomy may take few.
        let scale = image.isForProcessing ? parameters.rawFactor : 1
        // What has hardly any values is for `blank-image`.
        guard ofRange > parameters.least else { return [] }
        let value: Double
        if ofRange < parameters.review * scale {
            if let window, let ofWindow, ofWindow > parameters.windowAgreement, window < range / 2 { return [] }
            if window == nil, isWiderThanUsed(pixels, decoded, range) { return [] }
            value = ofRange
        } else if let ofWindow, ofWindow < parameters.review * scale, ofRange < 2 * parameters.review {
            value = ofWindow
        } else {
            return []
        }
        return [
            image.finding(
                name, value < parameters.failure * scale ? .fail : .review, value: value,
                threshold: parameters.review * scale, unit: "fraction",
                "the values of the picture keep within \(figures.spread.whole) of each other")
        ]
    }

    /// Width of the first window or of what the VOI LUT tells apart, the narrower of the two, in stored values.
    private func window(_ image: InspectedImage, _ scale: GrayScale) -> Double? {
        guard scale.table == nil, !image.isForProcessing, scale.slope != 0 else { return nil }
        let widths = [image.instance.attributes.decimal(.windowWidth), scale.voiWidth].compactMap(\.self)
        return widths.filter { $0 > 1 }.min().map { $0 / abs(scale.slope) }
    }

    /// Whether the device just announces more bits than it has: whole cells, and nothing beyond a smaller power of two.
    private func isWiderThanUsed(_ pixels: PixelDescription, _ statistics: FrameStatistics, _ range: Double) -> Bool {
        pixels.bitsStored == pixels.bitsAllocated && pixels.bitsStored > 8 && Double(statistics.maximum) < range / 8
            && Double(statistics.maximum) - Double(statistics.minimum) > 0.5 * Double(statistics.maximum)
    }
}

/// Thresholds of `contrast-range`, as fractions of the values possible: processed radiographs spread over half of them
/// and more, an obese patient's over a third. No standard names a figure; ACR–AAPM–SIM (Digital Radiography) asks that the
/// full range of the anatomy be shown.
public struct ContrastRangeParameters: RuleParameters {
    /// With less the image is blank.
    var least = 0.005
    public var review = 0.16
    public var failure = 0.08
    /// For images not yet processed, the thresholds are multiplied by this.
    public var rawFactor = 0.125
    /// A window that the picture fills to this part was chosen for it.
    public var windowAgreement = 0.3

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("review", \.review, unit: "fraction", range: 0...1),
            RuleSetting("failure", \.failure, unit: "fraction", range: 0...1),
            RuleSetting("raw-factor", \.rawFactor, unit: "factor", range: 0...1),
            RuleSetting("window-agreement", \.windowAgreement, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
