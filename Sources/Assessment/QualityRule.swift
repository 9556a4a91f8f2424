import Catalogue
import DICOMCore
import DICOMImaging

/// A rule that notices what is wrong with a study's images. A rule with nothing to notice is silent.
///
/// Chosen by what they find: each looks at the modality, the item and the figures it is given, and says nothing of
/// what is not its own.
protocol QualityRule: Sendable {
    var name: QualityRuleName { get }
    /// What has to be measured of the images of `series` for this rule.
    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure
    /// What the headers alone show, once per study.
    func findings(in study: StudyContent) -> [Quality.Finding]
    /// What one image's pixels show, once per image.
    func findings(in image: InspectedImage) -> [Quality.Finding]
    /// What the images of a series show together, once per series that has images.
    func findings(in series: InspectedSeries) -> [Quality.Finding]
    /// Figures to be kept over time, whatever they are, once per series that has images.
    func measures(in series: InspectedSeries) -> [Quality.Measure]
}

extension QualityRule {
    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { [] }
    func findings(in study: StudyContent) -> [Quality.Finding] { [] }
    func findings(in image: InspectedImage) -> [Quality.Finding] { [] }
    func findings(in series: InspectedSeries) -> [Quality.Finding] { [] }
    func measures(in series: InspectedSeries) -> [Quality.Measure] { [] }
}
