import Catalogue
import DICOMCore
import DICOMImaging
import Foundation

/// `collimation`: whether the exposed field shows enough of the body, and whether the header tells the truth about it.
///
/// A cropped image has no borders and raises nothing; a small field of a finger on a large plate is seldom less than a
/// third of what is stored. Attributes of collimator (0018,17xx) and shutter (0018,16xx) are held against the pixels where
/// both are there.
struct Collimation: QualityRule {
    let name = QualityRuleName.collimation
    let parameters: CollimationParameters

    func measures(of series: SeriesContent, item: CatalogueItem?) -> ImageMeasure {
        series.isRadiography ? .radiograph : []
    }

    func findings(in image: InspectedImage) -> [Quality.Finding] {
        guard let field = image.radiograph?.field, case .success(let pixels) = image.pixels else { return [] }
        let size = (rows: pixels.rows, columns: pixels.columns)
        if field.fraction < parameters.field {
            return [
                image.finding(
                    name, field.fraction < parameters.failure ? .fail : .review, value: field.fraction,
                    threshold: parameters.field, unit: "fraction",
                    "the exposed field is a small part of the image: \(field.rows.count) rows, \(field.columns.count) columns"
                )
            ]
        }
        return [trunk(image, field), open(image, field), shutter(image, field, size), collimator(image, field, size)]
            .compactMap(\.self).prefix(1).map(\.self)
    }

    /// A limb in the middle of a detector that lies open. A console that cuts the picture to the field leaves no borders
    /// either, but a picture smaller than any detector.
    private func open(_ image: InspectedImage, _ field: CollimatedField) -> Quality.Finding? {
        guard let air = image.radiograph?.air, field.borders.isEmpty, air > parameters.air, !image.isForProcessing,
            let item = image.item, item.family == .radiograph, item.laterality != .none,
            let spacing = image.pixelSpacing,
            Double(min(field.rows.count, field.columns.count)) * spacing >= parameters.detector
        else { return nil }
        return image.finding(
            name, .review, value: air, threshold: parameters.air, unit: "fraction",
            "the field is not collimated, and most of it is air")
    }

    /// A field that can't hold the trunk of a grown-up.
    private func trunk(_ image: InspectedImage, _ field: CollimatedField) -> Quality.Finding? {
        guard !field.borders.isEmpty, field.fraction < parameters.collimated, isTrunk(image), isGrownUp(image),
            let spacing = image.pixelSpacing
        else { return nil }
        let least = Double(min(field.rows.count, field.columns.count)) * spacing
        guard least < parameters.trunk else { return nil }
        return image.finding(
            name, .review, value: least.rounded(), threshold: parameters.trunk, unit: "mm",
            "the exposed field is narrower than a grown-up's trunk")
    }

    /// Collimator edges that can't be, or that lie far inside the field the pixels show. Only noted: devices count them in
    /// pixels of the detector, or in millimetres, as often as in those of the image.
    private func collimator(
        _ image: InspectedImage, _ field: CollimatedField, _ size: (rows: Int, columns: Int)
    ) -> Quality.Finding? {
        let edges = Edges(
            image, shape: .collimatorShape, left: .collimatorLeftVerticalEdge, right: .collimatorRightVerticalEdge,
            upper: .collimatorUpperHorizontalEdge, lower: .collimatorLowerHorizontalEdge)
        guard let edges else { return nil }
        guard edges.isOrdered else {
            return image.finding(
                name, .info, "the collimator's edges in the header lie on the wrong side of each other")
        }
        let part = edges.part(of: field, in: size)
        guard part < parameters.agreement else { return nil }
        return image.finding(
            name, .info, value: part, threshold: parameters.agreement, unit: "fraction",
            "the collimator's edges in the header leave out most of the exposed field")
    }

    /// A shutter that a viewer would draw over the picture.
    private func shutter(
        _ image: InspectedImage, _ field: CollimatedField, _ size: (rows: Int, columns: Int)
    ) -> Quality.Finding? {
        let edges = Edges(
            image, shape: .shutterShape, left: .shutterLeftVerticalEdge, right: .shutterRightVerticalEdge,
            upper: .shutterUpperHorizontalEdge, lower: .shutterLowerHorizontalEdge)
        guard let edges, edges.isOrdered, edges.isWithin(size) else { return nil }
        let part = edges.part(of: field, in: size)
        guard part < parameters.agreement else { return nil }
        return image.finding(
            name, .review, value: part, threshold: parameters.agreement, unit: "fraction",
            "the shutter in the header hides most of the exposed field")
    }

    private func isTrunk(_ image: InspectedImage) -> Bool {
        if let leading = image.item?.anatomy.first { return Self.trunkConcepts.contains(leading.name.lowercased()) }
        let part = image.instance.attributes[.bodyPartExamined]?.uppercased() ?? ""
        return ["CHEST", "THORAX", "ABDOMEN", "PELVIS"].contains(part)
    }

    private static let trunkConcepts: Set<String> = ["chest", "abdomen", "pelvis"]

    /// By Patient's Age (0010,1010), else birth and study date; false when neither tells.
    private func isGrownUp(_ image: InspectedImage) -> Bool {
        let attributes = image.instance.attributes
        if let age = attributes[.patientAge]?.uppercased(), age.count == 4, age.hasSuffix("Y"),
            let years = Int(age.dropLast())
        {
            return years >= 16
        }
        guard let birth = attributes[.patientBirthDate].flatMap({ Int($0.prefix(4)) }),
            let study = attributes[.studyDate].flatMap({ Int($0.prefix(4)) })
        else { return false }
        return study - birth > 16
    }
}

/// A rectangle of the header, in pixels from 1.
private struct Edges {
    let left: Int
    let right: Int
    let upper: Int
    let lower: Int

    /// Nil when there is none, or when all of it is 0, which devices write for "unknown".
    init?(_ image: InspectedImage, shape: Tag, left: Tag, right: Tag, upper: Tag, lower: Tag) {
        let attributes = image.instance.attributes
        guard attributes.strings(shape).contains(where: { $0.uppercased() == "RECTANGULAR" }),
            let leftEdge = attributes.integer(left), let rightEdge = attributes.integer(right),
            let upperEdge = attributes.integer(upper), let lowerEdge = attributes.integer(lower),
            (leftEdge, rightEdge, upperEdge, lowerEdge) != (0, 0, 0, 0)
        else { return nil }
        (self.left, self.right, self.upper, self.lower) = (leftEdge, rightEdge, upperEdge, lowerEdge)
    }

    var isOrdered: Bool { left < right && upper < lower }

    /// Whether the edges lie in the image or right beside it.
    func isWithin(_ size: (rows: Int, columns: Int)) -> Bool {
        left >= 0 && upper >= 0 && right <= size.columns + 1 && lower <= size.rows + 1
    }

    /// How much of the field lies inside, 0…1.
    func part(of field: CollimatedField, in size: (rows: Int, columns: Int)) -> Double {
        let rows = max(0, min(lower, field.rows.upperBound) - max(upper, field.rows.lowerBound))
        let columns = max(0, min(right, field.columns.upperBound) - max(left, field.columns.lowerBound))
        let area = field.rows.count * field.columns.count
        return area > 0 ? Double(rows * columns) / Double(area) : 1
    }
}

/// Thresholds of `collimation`. ACR–SPR (General Radiography) and AAPM TG-151 ask that the field hold the anatomy of
/// interest and little else; neither names a figure.
public struct CollimationParameters: RuleParameters {
    /// Least part of the image inside the borders.
    public var field = 0.35
    /// Below it the image fails.
    public var failure = 0.18
    /// Least side of a field on the trunk of a grown-up, in mm.
    public var trunk = 200.0
    /// An image with more field than this counts as not collimated.
    public var collimated = 0.75
    /// Most air around a limb in an image without borders. Spread fingers leave half of it.
    public var air = 0.65
    /// Least side of a detector, in mm: cassettes and panels begin at 18 cm by 24 cm.
    public var detector = 180.0
    /// Least part of the field in the pixels that lies inside edges of the header.
    public var agreement = 0.5

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("field", \.field, unit: "fraction", range: 0...1),
            RuleSetting("failure", \.failure, unit: "fraction", range: 0...1),
            RuleSetting("trunk", \.trunk, unit: "mm", range: 0...500),
            RuleSetting("collimated", \.collimated, unit: "fraction", range: 0...1),
            RuleSetting("air", \.air, unit: "fraction", range: 0...1),
            RuleSetting("detector", \.detector, unit: "mm", range: 0...500),
            RuleSetting("agreement", \.agreement, unit: "fraction", range: 0...1),
        ]
    }

    public init() {}
}
