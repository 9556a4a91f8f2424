import Catalogue
import DICOMCore
import DICOMImaging

/// `noise` of radiographs: the grain in the collimated field, against the contrast of the picture.
struct RadiographNoise: QualityRule {
    let name = QualityRuleName.noise
    let parameters: RadiographNoiseParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure {
        series.isRadiography ? .radiograph : []
    }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard let value = noise(image), value > parameters.review else { return [] }
        return [
            image.finding(
                name, value > parameters.failure ? .fail : .review, value: value, threshold: parameters.review,
                unit: "fraction of contrast", "the picture is grainy against its contrast")
        ]
    }

    /// Noise over contrast, the middle one of the series: `fraction of contrast`.
    func measures(in series: InspectedSeries) -> [Quality.Measure] {
        let values = series.images.compactMap(noise).sorted()
        guard !values.isEmpty else { return [] }
        return [
            Quality.Measure(
                rule: name, seriesInstanceUID: series.series.seriesInstanceUID, value: values[values.count / 2],
                unit: "fraction of contrast")
        ]
    }

    /// Standard deviation of the noise over the spread of the picture, without what rounding to steps adds.
    private func noise(_ image: InspectedImage) -> Double? {
        guard let figures = image.radiograph, let noise = figures.texture.noise, figures.spread > 8 * figures.step
        else { return nil }
        return max(noise * noise - figures.step * figures.step / 12, 0).squareRoot() / figures.spread
    }
}

/// Thresholds of `noise` on radiographs, as fractions of the picture's contrast (its central 96 %). Good radiographs lie
/// between 0.001 and 0.01; AAPM TG-151 follows noise against each system's own history, which `report quality` does.
public struct RadiographNoiseParameters: RuleParameters {
    public var review = 0.017
    public var failure = 0.03

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("radiograph-review", \.review, unit: "fraction of contrast", range: 0...1),
            RuleSetting("radiograph-failure", \.failure, unit: "fraction of contrast", range: 0...1),
        ]
    }

    public init() {}
}
