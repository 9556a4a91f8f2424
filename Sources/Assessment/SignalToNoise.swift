import Catalogue
import DICOMCore
import DICOMImaging

/// `signal-to-noise` of MR: how far the object stands out of its noise, by the median over the slices.
///
/// Noise is measured in the object. Where structure is what differs from pixel to pixel, as in a coarse matrix, that is
/// too much, and the background's noise, if it was not masked, sets it right. Pictures without a coherent object say
/// nothing.
struct SignalToNoise: QualityRule {
    let name = QualityRuleName.signalToNoise
    let parameters: SignalToNoiseParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { series.isMR ? .resonance : [] }

    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        guard series.series.isMR, let ratio = ratio(in: series) else { return [] }
        let isDiffusion = series.images.contains { $0.instance.isDiffusion }
        let limit = isDiffusion ? parameters.diffusionLimit : parameters.limit
        guard ratio < limit else { return [] }
        return [
            series.finding(
                name, ratio < limit / 2 ? .fail : .review, value: (ratio * 10).rounded() / 10, threshold: limit,
                unit: "ratio", "the signal is only \((ratio * 10).rounded() / 10) times the noise")
        ]
    }

    func measures(in series: InspectedSeries) -> [Quality.Measure] {
        guard series.series.isMR, let ratio = ratio(in: series) else { return [] }
        return [
            Quality.Measure(rule: name, seriesInstanceUID: series.series.seriesInstanceUID, value: ratio, unit: "ratio")
        ]
    }

    private func ratio(in series: InspectedSeries) -> Double? {
        series.images.filter(\.instance.isMagnitude).compactMap { image in
            image.decoded.compactMap { ratio(of: $0.figures) }.median
        }.median
    }

    private func ratio(of figures: FrameFigures) -> Double? {
        // Magnitudes are not negative.
        guard let slice = figures.resonance, figures.statistics.minimum >= 0,
            slice.objectFraction >= parameters.objectFraction, slice.coherence >= parameters.coherence
        else { return nil }
        let isNoise = slice.objectStructure.map { $0 <= parameters.structure } ?? false
        let noise =
            isNoise
            ? slice.objectNoise : [slice.objectNoise, slice.backgroundNoise].compactMap(\.self).min()
        guard let noise, noise > 0 else { return nil }
        return slice.signal / noise
    }
}

/// Thresholds of `signal-to-noise`. No source names a limit for patients (NEMA MS 1 and the ACR compare a phantom with
/// its baseline): below five nothing is told from noise (Rose), readable images have 15 and more.
public struct SignalToNoiseParameters: RuleParameters {
    public var limit = 9.0
    /// Diffusion weighting takes signal away by design.
    public var diffusionLimit = 4.0
    /// Differences along rows and columns over those across, up to which noise is all there is.
    public var structure = 1.25
    /// Least part of the frame an object fills, and of its neighbours that are object.
    public var objectFraction = 0.02
    public var coherence = 0.56

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("limit", \.limit, unit: "ratio", range: 0...1000),
            RuleSetting("diffusion-limit", \.diffusionLimit, unit: "ratio", range: 0...1000),
            RuleSetting("structure", \.structure, unit: "ratio", range: 0...10),
            RuleSetting("object-fraction", \.objectFraction, unit: "fraction", range: 0...1),
            RuleSetting("coherence", \.coherence, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
