import Catalogue
import DICOMCore

/// `coverage`: the slices of a study reach over the region its item names, in CT any region, in MR the head.
///
/// The length in CT is that of all axial stacks together, scouts and reformats left out. Only a length that no one's
/// region has is raised; what lies at either end is not looked at. Perfusion looks at one slab again and again, by design.
struct Coverage: QualityRule {
    let name = QualityRuleName.coverage
    let parameters: CoverageParameters

    func findings(in study: StudyContent) -> [Quality.Finding] {
        guard let item = study.item, let region = item.anatomy.first?.name else { return [] }
        if item.family == .mr { return region == "brain" ? head(in: study, item) : [] }
        guard item.family == .ct, let needed = ScanLength.ofAdults[region] else { return [] }
        let bySeries = study.series.map(AxialStack.all)
        let stacks = bySeries.flatMap(\.self)
        guard let first = stacks.first, !bySeries.contains(where: AxialStack.isRepeated) else { return [] }
        let age = age(in: study)
        // A field of view of less than most adults' width means a child, however old the header leaves it.
        if age == nil, needed.growth == .body, needed.least >= 100, stacks.allSatisfy({ $0.isNarrow(parameters) }) {
            return []
        }
        let least = needed.least(atAge: age) * parameters.share
        let length = AxialStack.length(of: stacks)
        guard length < least else { return [] }
        return [
            Quality.Finding(
                rule: name, severity: length < least * parameters.grossShare ? .fail : .review,
                seriesInstanceUID: first.seriesInstanceUID, value: length.rounded(), threshold: least.rounded(),
                unit: "mm",
                detail: "slices cover \(length.whole) mm, too little for \(item.name.en)")
        ]
    }

    /// MR looks at a head from any side: one stack that reaches over it, whichever way, shows all of it.
    private func head(in study: StudyContent, _ item: CatalogueItem) -> [Quality.Finding] {
        let stacks = study.series.filter(\.isMR).flatMap { series in
            var slices = series
            slices.instances = series.instances.filter { !$0.isDerived }
            return SliceStacks(slices).stacks.filter { $0.places.count >= 5 }.map { (series: series, stack: $0) }
        }
        let lengths = stacks.map { ($0.stack.places.last ?? 0) - ($0.stack.places.first ?? 0) }
        let least = ScanLength.ofHeadByMR.least(atAge: age(in: study)) * parameters.share
        guard let first = stacks.first, let length = lengths.max(), length < least else { return [] }
        return [
            Quality.Finding(
                rule: name, severity: length < least * parameters.grossShare ? .fail : .review,
                seriesInstanceUID: first.series.seriesInstanceUID, value: length.rounded(), threshold: least.rounded(),
                unit: "mm", detail: "no stack reaches over more than \(length.whole) mm of the head")
        ]
    }

    /// In years, from Patient's Age (0010,1010) or the dates.
    private func age(in study: StudyContent) -> Double? {
        let headers = study.instances.lazy.map(\.attributes)
        if let written = headers.compactMap({ $0[.patientAge].flatMap(Coverage.years) }).first { return written }
        guard let header = headers.first(where: { $0.contains(.patientBirthDate) }),
            let birth = header[.patientBirthDate].flatMap(CalendarDay.init(dicom:)),
            let day = header[.studyDate].flatMap(CalendarDay.init(dicom:)), birth < day
        else { return nil }
        return Double(birth.days(to: day)) / 365.25
    }

    /// A value of VR AS (PS3.5 6.2): `018M`.
    static func years(_ age: String) -> Double? {
        guard let number = Double(age.dropLast()), let unit = age.last else { return nil }
        switch unit {
        case "Y": return number
        case "M": return number / 12
        case "W": return number / 52
        case "D": return number / 365
        default: return nil
        }
    }
}

/// Slices across the body, one beside the other.
struct AxialStack {
    let seriesInstanceUID: SeriesInstanceUID
    /// From the lower face of the first slice to the upper face of the last, along the body, millimetres.
    let extent: ClosedRange<Double>
    /// Slice Thickness (0018,0050), and the distance from one slice to the next, millimetres; nil when not told.
    let thickness: Double?
    let spacing: Double?
    let sliceCount: Int
    /// Side of the field of view, millimetres, or nil.
    let fieldOfView: Double?

    var length: Double { extent.upperBound - extent.lowerBound }

    func isNarrow(_ parameters: CoverageParameters) -> Bool { fieldOfView.map { $0 < parameters.adultField } ?? false }

    /// The stacks of at least four slices in `series`.
    static func all(in series: SeriesContent) -> [AxialStack] {
        guard series.isCT else { return [] }
        var slices = series
        slices.instances = series.instances.filter(\.isHounsfieldSlice)
        guard let attributes = slices.instances.first?.attributes else { return [] }
        return SliceStacks(slices).stacks.compactMap { stack in
            guard stack.places.count >= 4, let first = stack.places.first, let last = stack.places.last,
                let slice = stack.slices.first, abs(slice.plane.normal.z) > 0.8
            else { return nil }
            let thickness = slice.thickness.flatMap { $0 > 0 ? $0 : nil }
            let field =
                attributes.decimal(.reconstructionDiameter)
                ?? slice.rowSpacing.flatMap { spacing in attributes.integer(.rows).map { spacing * Double($0) } }
            let half = (thickness ?? stack.spacing.spacing ?? 0) / 2
            return AxialStack(
                seriesInstanceUID: series.seriesInstanceUID, extent: (first - half)...(last + half),
                thickness: thickness, spacing: stack.spacing.spacing, sliceCount: stack.places.count,
                fieldOfView: field)
        }
    }

    /// Whether the stacks of one series are three or more passes over one slab.
    static func isRepeated(_ stacks: [AxialStack]) -> Bool {
        guard stacks.count > 2, let first = stacks.first else { return false }
        return stacks.count { stack in
            abs(stack.extent.lowerBound - first.extent.lowerBound) < first.length / 10
                && abs(stack.extent.upperBound - first.extent.upperBound) < first.length / 10
        } > 2
    }

    /// What `stacks` cover together; where they overlap, once.
    static func length(of stacks: [AxialStack]) -> Double {
        var (covered, end) = (0.0, -Double.infinity)
        for stack in stacks.sorted(by: { $0.extent.lowerBound < $1.extent.lowerBound }) {
            covered += max(0, stack.extent.upperBound - max(end, stack.extent.lowerBound))
            end = max(end, stack.extent.upperBound)
        }
        return covered
    }
}

/// Thresholds of `coverage`.
public struct CoverageParameters: RuleParameters {
    /// Of the least length of the region, what has to be covered.
    public var share = 1.0
    /// Of that, less fails.
    public var grossShare = 0.6
    /// Where the age is unknown, trunks in a narrower field of view than this are taken for a child's, millimetres.
    public var adultField = 260.0

    public static var settings: [RuleSetting<Self>] {
        [
            RuleSetting("share", \.share, unit: "fraction", range: 0...2),
            RuleSetting("gross-share", \.grossShare, unit: "fraction", range: 0...1),
            RuleSetting("adult-field", \.adultField, unit: "mm", range: 0...1000),
        ]
    }

    public init() {}
}
