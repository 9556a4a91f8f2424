import Catalogue
import DICOMCore
import DICOMImaging
import Foundation

/// `exposure-index`: whether the detector got the exposure it was meant to get.
///
/// The deviation index is 10·log₁₀(EI / EI_T) of exposure index and target (IEC 62494-1), +3 for twice the target and
/// −3 for half. What the device says is believed, and computed where it says nothing. Older scales of makers
/// ((0018,1405) Relative X-Ray Exposure, (0018,6000) Sensitivity) can't be compared and are not read; an exposure index
/// without a target says nothing of one image alone, but is followed over time.
struct ExposureIndex: QualityRule {
    let name = QualityRuleName.exposureIndex
    let parameters: ExposureIndexParameters

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard let exposure = Exposure(image) else { return [] }
        let stated = exposure.statedDeviation
        let computed = exposure.computedDeviation
        let values = [stated, computed].compactMap(\.self).filter { abs($0) <= parameters.plausible }
        guard let worst = values.max(by: { abs($0) < abs($1) }) else {
            return [stated, computed].compactMap(\.self).first.map {
                [
                    image.finding(
                        name, .info, value: $0, threshold: parameters.plausible, unit: "deviation index",
                        "the deviation index is beyond what exposures can be off by; scales of makers may be mixed up")
                ]
            } ?? []
        }
        let contradiction =
            values.count == 2 && abs(values[0] - values[1]) > parameters.agreement
            ? "; stated as \(values[0].oneDecimal), but index and target make \(values[1].oneDecimal)" : ""
        func finding(_ severity: Quality.Severity, _ threshold: Double, _ text: String) -> [Quality.Finding] {
            [
                image.finding(
                    name, severity, value: worst, threshold: worst < 0 ? -threshold : threshold,
                    unit: "deviation index", text + contradiction)
            ]
        }
        let direction = worst < 0 ? "less" : "more"
        if abs(worst) > parameters.failure {
            return finding(.fail, parameters.failure, "the detector got far \(direction) than its target exposure")
        }
        if abs(worst) > parameters.review {
            return finding(.review, parameters.review, "the detector got \(direction) than its target exposure")
        }
        if abs(worst) > parameters.accepted || !contradiction.isEmpty {
            return finding(.info, parameters.accepted, "the detector got \(direction) than its target exposure")
        }
        return []
    }

    /// The middle one of a series stands for it: `deviation index` and `exposure index`.
    func measures(in series: InspectedSeries) -> [Quality.Measure] {
        let exposures = series.images.compactMap { Exposure($0) }
        func measure(_ values: [Double], _ unit: String) -> Quality.Measure? {
            guard !values.isEmpty else { return nil }
            return Quality.Measure(
                rule: name, seriesInstanceUID: series.series.seriesInstanceUID,
                value: values.sorted()[values.count / 2], unit: unit)
        }
        let deviations = exposures.compactMap { $0.statedDeviation ?? $0.computedDeviation }
            .filter { abs($0) <= parameters.plausible }
        return [
            measure(deviations, "deviation index"), measure(exposures.compactMap(\.index), "exposure index"),
        ].compactMap(\.self)
    }
}

/// What an image says of its exposure.
private struct Exposure {
    /// (0018,1411) and (0018,1412), nil when absent or not positive: devices write 0 for "not determined".
    let index: Double?
    let target: Double?
    /// (0018,1413).
    let statedDeviation: Double?

    init?(_ image: InspectedImage) {
        let attributes = image.instance.attributes
        guard image.series.isRadiography || image.series.modality?.uppercased() == "RF", !image.instance.isCapture
        else { return nil }
        index = attributes.decimal(.exposureIndex).flatMap { $0 > 0 ? $0 : nil }
        target = attributes.decimal(.targetExposureIndex).flatMap { $0 > 0 ? $0 : nil }
        statedDeviation = attributes.decimal(.deviationIndex)
    }

    var computedDeviation: Double? {
        guard let index, let target else { return nil }
        return 10 * log10(index / target)
    }
}

extension Double {
    /// For a reader, with one decimal.
    fileprivate var oneDecimal: String { String(format: "%.1f", self) }
}

/// Thresholds of `exposure-index`, of the deviation index either way. AAPM TG-116 (table 4) takes ±1 as the range aimed
/// at, beyond ±1 as off, beyond ±3 as a reason to repeat or to look into; practice since accepts ±2.
public struct ExposureIndexParameters: RuleParameters {
    /// Within it nothing is said.
    public var accepted = 2.0
    /// Beyond it the image is raised.
    public var review = 3.0
    /// Beyond it, a quarter or four times the target, it fails.
    public var failure = 6.0
    /// How far stated and computed may differ: both are rounded.
    var agreement = 1.0
    /// Beyond it a figure is a mistake of scales and no exposure.
    var plausible = 20.0

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("accepted", \.accepted, unit: "deviation index", range: 0...10),
            RuleSetting("review", \.review, unit: "deviation index", range: 0...20),
            RuleSetting("failure", \.failure, unit: "deviation index", range: 0...20),
        ]
    }

    public init() {}
}
