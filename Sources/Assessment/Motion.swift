import Catalogue
import DICOMCore
import DICOMImaging

/// `motion`: the picture has not moved between the mask of a run and the frames it is subtracted from.
///
/// The median over the frames looked at counts, so that one breath is none. What the header already shifts back
/// (Mask Sub-pixel Shift (0028,6114)) is taken off. Runs without a mask, of a beating heart say, move by nature.
struct Motion: QualityRule {
    let name = QualityRuleName.motion
    let parameters: MotionParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { series.isAngiography ? .run : [] }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard image.series.isAngiography, !image.instance.isSubtracted, let run = try? image.figures.get().run else {
            return []
        }
        let corrected = correction(of: image.instance)
        let distances = run.comparisons.compactMap(\.shift).map { shift in
            RunFigures.Shift(right: shift.right - corrected.right, down: shift.down - corrected.down).distance
        }
        guard distances.count * 2 >= run.comparisons.count, let distance = distances.median,
            distance > parameters.raised
        else { return [] }
        return [
            image.finding(
                name, distance > parameters.gross ? .fail : .review, value: (distance * 10).rounded() / 10,
                threshold: parameters.raised, unit: "pixels",
                "frames lie \((distance * 10).rounded() / 10) pixels from the mask, frame \(run.mask + 1)")
        ]
    }

    /// Rows down and columns to the right by which the mask is shifted before subtraction (PS3.3 C.7.6.10.1.1).
    private func correction(of instance: InstanceContent) -> RunFigures.Shift {
        let shift =
            instance.attributes.items(.maskSubtractionSequence).lazy
            .compactMap { $0.decimals(.maskSubPixelShift) }.first { $0.count == 2 } ?? [0, 0]
        return RunFigures.Shift(right: shift[1].bounded, down: shift[0].bounded)
    }
}

/// Thresholds of `motion`, in pixels of the stored matrix. Edges are seen in the subtraction from about one pixel on
/// (Meijering et al., Radiology 2001;219:227).
public struct MotionParameters: RuleParameters {
    public var raised = 1.3
    public var gross = 5.0

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("raised", \.raised, unit: "pixels", range: 0...100),
            RuleSetting("gross", \.gross, unit: "pixels", range: 0...100),
        ]
    }

    public init() {}
}
