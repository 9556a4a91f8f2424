import Catalogue
import DICOMCore
import DICOMImaging
import Foundation

/// `noise` of CT: the noise of soft tissue, against what slice thickness, kernel and region lead one to expect.
///
/// Noise falls with the square root of the slice thickness (Brooks & Di Chiro 1976), so that a thin slice may be noisy
/// by design; a sharp kernel multiplies it, and is chosen to look at bone or lung. The median over the slices counts.
struct TomographyNoise: QualityRule {
    let name = QualityRuleName.noise
    let parameters: TomographyNoiseParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure { series.isCT ? .slice : [] }

    func findings(in series: InspectedSeries) -> [Quality.Finding] {
        guard series.series.isCT, let noise = noise(in: series), let first = slices(of: series).first else { return [] }
        let limit = limit(for: first.instance, series)
        guard noise > limit else { return [] }
        return [
            series.finding(
                name, noise > parameters.gross * limit ? .fail : .review, value: (noise * 10).rounded() / 10,
                threshold: (limit * 10).rounded() / 10, unit: "HU",
                "noise of soft tissue is \(noise.whole) HU, beyond what slice thickness and kernel explain")
        ]
    }

    func measures(in series: InspectedSeries) -> [Quality.Measure] {
        guard series.series.isCT, let noise = noise(in: series) else { return [] }
        return [
            Quality.Measure(rule: name, seriesInstanceUID: series.series.seriesInstanceUID, value: noise, unit: "HU")
        ]
    }

    private func slices(of series: InspectedSeries) -> [InspectedImage] {
        series.images.filter(\.instance.isHounsfieldSlice)
    }

    /// Median over the slices with enough tissue.
    private func noise(in series: InspectedSeries) -> Double? {
        slices(of: series).compactMap { image in image.decoded.compactMap(\.figures.slice?.noise).median }.median
    }

    private func limit(for instance: InstanceContent, _ series: InspectedSeries) -> Double {
        let attributes = instance.attributes
        var limit = isHead(instance, series.item) ? parameters.headLimit : parameters.bodyLimit
        let thickness = attributes.decimal(.sliceThickness) ?? 5
        // Thicker slices blur structure, not noise alone; they are not held to less.
        limit *= (5 / min(max(thickness, 0.5), 5)).squareRoot()
        switch attributes[.convolutionKernel].flatMap(ReconstructionKernel.init) {
        case .sharp: limit *= parameters.sharpKernelFactor
        case .smooth: break
        case nil: limit *= parameters.unknownKernelFactor
        }
        if series.item?.technique.name == "low_dose" { limit *= parameters.lowDoseFactor }
        return limit
    }

    private func isHead(_ instance: InstanceContent, _ item: CatalogueItem?) -> Bool {
        if let item { return item.anatomy.first?.name == "brain" }
        return ["HEAD", "BRAIN"].contains(instance.attributes[.bodyPartExamined]?.uppercased())
    }
}

/// Whether a reconstruction kernel is made for edges, by the names its maker gives (0018,1210).
enum ReconstructionKernel {
    case smooth, sharp

    /// Nil for a name that tells nothing.
    init?(_ name: String) {
        let name = name.uppercased()
        if ["BONE", "LUNG", "EDGE", "SHARP", "ULTRA", "HIGH RES", "DETAIL"].contains(where: name.contains) {
            self = .sharp
        } else if ["STANDARD", "STD", "SOFT", "SMOOTH", "BRAIN", "HEAD", "CHEST"].contains(where: name.contains) {
            self = .smooth
        } else if let number = ReconstructionKernel.number(in: name) {
            // Toshiba and Canon: FC30-39 bone and ear, FC50-59 lung, FC80-89 high resolution. Siemens: sharper upwards.
            if name.hasPrefix("FC") {
                self = (30..<40).contains(number) || (50..<60).contains(number) || number >= 80 ? .sharp : .smooth
            } else {
                self = number >= 50 ? .sharp : .smooth
            }
        } else if ["Y", "D", "E", "L"].contains(where: name.hasPrefix) {
            // Philips: YA…YD, D, E and L are the sharp ones.
            self = .sharp
        } else if ["A", "B", "C", "U"].contains(where: name.hasPrefix) {
            self = .smooth
        } else {
            return nil
        }
    }

    /// The first number of at least two digits: 40 of "Br40d\\3".
    private static func number(in name: String) -> Int? {
        name.split { !$0.isASCII || !$0.isNumber }.lazy.filter { $0.count >= 2 }.compactMap { Int($0) }.first
    }
}

/// Thresholds of `noise` of CT: greatest noise of soft tissue on 5 mm slices of a smooth kernel. Clinical abdomens have
/// 5…15 HU (Christianson et al. 2015; 2358 patients), heads 3…5.
public struct TomographyNoiseParameters: RuleParameters {
    public var bodyLimit = 26.0
    public var headLimit = 11.0
    /// How much more a sharp kernel, one of unknown name, and a low-dose protocol may have.
    public var sharpKernelFactor = 5.0
    public var unknownKernelFactor = 1.5
    public var lowDoseFactor = 1.6
    /// So many times the limit fails.
    public var gross = 2.5

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("body-limit", \.bodyLimit, unit: "HU", range: 1...1000),
            RuleSetting("head-limit", \.headLimit, unit: "HU", range: 1...1000),
            RuleSetting("sharp-kernel-factor", \.sharpKernelFactor, unit: "ratio", range: 1...100),
            RuleSetting("unknown-kernel-factor", \.unknownKernelFactor, unit: "ratio", range: 1...100),
            RuleSetting("low-dose-factor", \.lowDoseFactor, unit: "ratio", range: 1...100),
            RuleSetting("gross", \.gross, unit: "ratio", range: 1...100),
        ]
    }

    public init() {}
}
