import Catalogue
import DICOMCore
import DICOMImaging

/// One image as the rules see it: its header, what its file holds, and figures of a few of its frames.
struct InspectedImage {
    let instance: InstanceContent
    let series: SeriesContent
    /// The item the study was matched to, or nil.
    let item: CatalogueItem?
    /// Place of the image in its series by Instance Number, from 0, and how many images the series has.
    let rank: Int
    let imageCount: Int
    /// What was measured, or why nothing could be.
    let figures: Result<ImageFigures, PixelError>

    /// What the file holds, or why it could not be opened.
    var pixels: Result<PixelDescription, PixelError> { figures.map(\.description) }

    /// The frames looked at, ascending; empty when there are none.
    var frames: [ImageFigures.Frame] { (try? figures.get().frames) ?? [] }

    /// Figures of the frames that could be decoded, by their index.
    var decoded: [(index: Int, figures: FrameFigures)] {
        frames.compactMap { frame in (try? frame.figures.get()).map { (frame.index, $0) } }
    }

    /// Whether at least one frame was decoded.
    var isDecoded: Bool { !decoded.isEmpty }

    /// A finding about this image.
    func finding(
        _ rule: QualityRuleName, _ severity: Quality.Severity, value: Double? = nil, threshold: Double? = nil,
        unit: String? = nil, _ detail: String
    ) -> Quality.Finding {
        Quality.Finding(
            rule: rule, severity: severity, seriesInstanceUID: series.seriesInstanceUID,
            sopInstanceUID: instance.sopInstanceUID, value: value, threshold: threshold, unit: unit, detail: detail)
    }
}

/// A series with the figures of all its images, in the order of their Instance Numbers.
struct InspectedSeries {
    let series: SeriesContent
    /// The item the study was matched to, or nil.
    let item: CatalogueItem?
    let images: [InspectedImage]

    /// A finding about this series.
    func finding(
        _ rule: QualityRuleName, _ severity: Quality.Severity, value: Double? = nil, threshold: Double? = nil,
        unit: String? = nil, _ detail: String
    ) -> Quality.Finding {
        Quality.Finding(
            rule: rule, severity: severity, seriesInstanceUID: series.seriesInstanceUID, value: value,
            threshold: threshold, unit: unit, detail: detail)
    }
}
