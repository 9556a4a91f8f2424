import Catalogue
import DICOMCore
import DICOMImaging

/// `hu-calibration`: the air around the patient measures -1000 HU.
///
/// Slices of a series that share Rescale Slope and Intercept are judged together by the median of those that show air,
/// so that one odd slice says nothing. A field of view inside the body, of a heart or a spine, has lung and bowel gas at
/// its edge and no air: what is darkest there is heard only if there is a lot of it. Air that was clipped is not measured;
/// if the value it was clipped to is no usual one, that value tells. Scanners that do not measure Hounsfield units, those
/// of dentists and of treatment rooms, and images of other units are left alone.
struct HounsfieldCalibration: QualityRule {
    let name = QualityRuleName.hounsfieldCalibration
    let parameters: HounsfieldCalibrationParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { series.isCT ? .slice : [] }

    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        guard series.series.isCT else { return [] }
        let groups = Dictionary(grouping: slices(of: series)) { image in
            image.decoded.first.map { _ in
                [image.instance.attributes[.rescaleSlope] ?? "", image.instance.attributes[.rescaleIntercept] ?? ""]
            } ?? []
        }
        return groups.sorted { $0.key.joined() < $1.key.joined() }.compactMap { finding(in: series, of: $0.value) }
    }

    func measures(in series: InspectedSeries) -> [Quality.Measure] {
        guard series.series.isCT, let level = level(of: slices(of: series)) else { return [] }
        return [
            Quality.Measure(rule: name, seriesInstanceUID: series.series.seriesInstanceUID, value: level, unit: "HU")
        ]
    }

    private func finding(in series: InspectedSeries, of images: [InspectedImage]) -> Quality.Finding? {
        guard let level = level(of: images) else { return nil }
        let deviation = abs(level - HounsfieldCalibration.air)
        guard deviation > parameters.accepted else { return nil }
        let severity: Quality.Severity =
            deviation > parameters.grossDeviation ? .fail : deviation > parameters.raised ? .review : .info
        return series.finding(
            name, severity, value: (level * 10).rounded() / 10, threshold: HounsfieldCalibration.air, unit: "HU",
            "air measures \(level.whole) HU in \(images.count) slices, more than \(parameters.accepted.whole) off"
        )
    }

    private static let air = -1000.0

    private func slices(of series: InspectedSeries) -> [InspectedImage] {
        series.images.filter { $0.instance.isHounsfieldSlice && !isUncalibrated($0.instance) }
    }

    /// Median level of the air, or nil when fewer than a tenth of the slices show any.
    private func level(of images: [InspectedImage]) -> Double? {
        let levels = images.compactMap { image in
            image.decoded.compactMap { level(of: $0.figures, least: leastShare(of: image.instance)) }.median
        }
        return levels.count * 10 >= images.count ? levels.median : nil
    }

    private func level(of figures: FrameFigures, least: Double) -> Double? {
        guard let slice = figures.slice else { return nil }
        if let level = slice.airLevel {
            let isInPlace = abs(level - HounsfieldCalibration.air) <= parameters.accepted
            return isInPlace || slice.airShare >= least ? level : nil
        }
        // Clipped air lies at -1000 or at the least value that can be stored, -1024 or below.
        guard let fill = slice.fillLevel, parameters.shiftedFill.contains(fill) else { return nil }
        return fill
    }

    /// How much of a slice has to be at a level that is not air's, to be air all the same.
    private func leastShare(of instance: InstanceContent) -> Double {
        guard let spacing = instance.attributes.decimals(.pixelSpacing)?.first,
            let rows = instance.attributes.integer(.rows), spacing > 0
        else { return parameters.leastShare }
        let isWithinBody = spacing * Double(rows) < parameters.bodyField
        return isWithinBody ? parameters.leastShareWithinBody : parameters.leastShare
    }

    /// Cone beams give grey values, not Hounsfield units (Pauwels et al., Dentomaxillofac Radiol 2015;44:20140238).
    private func isUncalibrated(_ instance: InstanceContent) -> Bool {
        let device = [Tag.manufacturer, .manufacturerModelName].compactMap { instance.attributes[$0]?.lowercased() }
        return device.contains { name in HounsfieldCalibration.coneBeams.contains { name.contains($0) } }
    }

    private static let coneBeams = [
        "cbct", "cone", "i-cat", "newtom", "planmeca", "promax", "morita", "accuitomo", "vatech", "sirona", "orthophos",
        "galileos", "carestream", "kodak 9", "kavo", "instrumentarium", "largev", "meyer", "fussen", "on-board imager",
        "xvi", "truebeam", "halcyon", "o-arm", "loran", "ziehm", "vimago",
    ]
}

/// Thresholds of `hu-calibration`. Air within 30 HU of -1000 is accepted and beyond 50 raised (DESIGN.md; the ACR's CT
/// phantom asks for -970…-1005); a measurement has its own error of some 10, so what is raised starts between the two.
public struct HounsfieldCalibrationParameters: RuleParameters {
    /// A smaller deviation is not noted.
    public var accepted = 30.0
    /// A greater one is raised.
    public var raised = 42.0
    /// A greater one fails.
    public var grossDeviation = 150.0
    /// How much of a slice air fills at least, to be heard when it measures wrong; a large patient leaves it a twentieth.
    var leastShare = 0.025
    /// The same for a field of view that holds a head or a limb, with much air around it, or lies inside a trunk.
    var leastShareWithinBody = 0.15
    /// Millimetres a field of view measures that holds a trunk.
    var bodyField = 300.0
    /// Levels at which no scanner clips air.
    var shiftedFill = -980.0 ... -800.0

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("accepted", \.accepted, unit: "HU", range: 0...1000),
            RuleSetting("raised", \.raised, unit: "HU", range: 0...1000),
            RuleSetting("gross-deviation", \.grossDeviation, unit: "HU", range: 0...5000),
        ]
    }

    public init() {}
}
