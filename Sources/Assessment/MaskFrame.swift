import Catalogue
import DICOMCore
import DICOMImaging

/// `mask-frame`: a run that is to be subtracted names a mask that it has, and the mask shows no contrast medium
/// (Mask Module, PS3.3 C.7.6.10).
struct MaskFrame: QualityRule {
    let name = QualityRuleName.maskFrame
    let parameters: MaskFrameParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { series.isAngiography ? .run : [] }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        let instance = image.instance
        guard image.series.isAngiography, !instance.isCapture, !instance.isSubtracted,
            let frames = instance.attributes.integer(.numberOfFrames), frames > 1
        else { return [] }
        let subtractions = instance.attributes.items(.maskSubtractionSequence)
        guard !subtractions.isEmpty else { return missing(image) }
        for subtraction in subtractions {
            if let finding = fault(of: subtraction, frames, image) { return [finding] }
        }
        return contrast(image)
    }

    /// A run shown subtracted needs a mask; one that only its description calls a DSA may have been kept for another use.
    private func missing(_ image: InspectedImage) -> [Quality.Finding] {
        let attributes = image.instance.attributes
        if attributes[.recommendedViewingMode]?.uppercased() == "SUB" {
            return [image.finding(name, .review, "the run is to be shown subtracted and names no mask")]
        }
        let described = [Tag.seriesDescription, .protocolName, .studyDescription]
            .compactMap { attributes[$0]?.uppercased() }
        guard described.contains(where: { $0.contains("DSA") }) else { return [] }
        return [image.finding(name, .info, "the run is called a DSA, is not subtracted and names no mask")]
    }

    private func fault(of subtraction: AttributeSet, _ frames: Int, _ image: InspectedImage) -> Quality.Finding? {
        let masks = subtraction.decimals(.maskFrameNumbers) ?? []
        if subtraction[.maskOperation]?.uppercased() == "AVG_SUB" {
            guard !masks.isEmpty else {
                return image.finding(name, .review, "the mask to be subtracted is not named")
            }
            if let beyond = masks.first(where: { $0 < 1 || $0 > Double(frames) }) {
                return image.finding(
                    name, .review, value: beyond, threshold: Double(frames), unit: "frame",
                    "the mask is frame \(beyond.whole) of a run of \(frames)")
            }
        }
        let range = subtraction.decimals(.applicableFrameRange) ?? []
        let pairs = stride(from: 0, to: range.count - 1, by: 2).map { (range[$0], range[$0 + 1]) }
        guard let odd = pairs.first(where: { $0.0 < 1 || $0.1 > Double(frames) || $0.0 > $0.1 }) else { return nil }
        return image.finding(
            name, .review, value: odd.1, threshold: Double(frames), unit: "frame",
            "the mask is for frames \(odd.0.whole) to \(odd.1.whole) of a run of \(frames)")
    }

    /// Iodine darkens: where the first frame is brighter than the mask, and nowhere darker, the mask has some already.
    private func contrast(_ image: InspectedImage) -> [Quality.Finding] {
        guard let figures = try? image.figures.get(), let run = figures.run, run.mask > 0,
            !figures.description.scale.isInverted,
            let first = run.comparisons.first(where: { $0.frame == 0 }),
            first.shift.map({ $0.distance < 1 }) ?? true,
            first.higherFraction >= parameters.contrastFraction,
            first.higherFraction >= parameters.contrastRatio * first.lowerFraction
        else { return [] }
        return [
            image.finding(
                name, .review, value: first.higherFraction, threshold: parameters.contrastFraction, unit: "fraction",
                "the mask, frame \(run.mask + 1), shows contrast medium that frame 1 does not")
        ]
    }
}

extension InstanceContent {
    /// Whether the mask was already taken off: no mask is needed any more.
    var isSubtracted: Bool {
        imageType.contains { word in
            let word = word.uppercased()
            return word.hasPrefix("SUBTRACT") || word == "SUB" || word == "DSA"
        }
    }

    /// The frame, from 0, that a run's others are to be compared with: the mask they are subtracted from.
    var maskFrame: Int? {
        attributes.items(.maskSubtractionSequence).lazy
            .compactMap { $0.decimals(.maskFrameNumbers)?.first.flatMap { Int(exactly: $0) } }.first { $0 > 0 }
            .map { $0 - 1 }
    }
}

/// Thresholds of `mask-frame`.
public struct MaskFrameParameters: RuleParameters {
    /// Part of the frame that is brighter before the mask than in it.
    public var contrastFraction = 0.004
    /// So many times the part that is darker.
    public var contrastRatio = 4.0

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("contrast-fraction", \.contrastFraction, unit: "fraction", range: 0...1),
            RuleSetting("contrast-ratio", \.contrastRatio, unit: "ratio", range: 1...1000),
        ]
    }

    public init() {}
}
