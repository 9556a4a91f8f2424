import Catalogue
import DICOMCore

/// `missing-b-value`: an item with diffusion asks for images below b 100 and above. That one lacks takes a b-value of every
/// diffusion-weighted image; words about a series tell only what is there.
struct MissingBValue: CompletenessRule {
    let name = CompletenessRuleName.missingBValue

    /// Seconds per square millimetre; below it an image is hardly diffusion-weighted.
    static let border = 100.0
    static let low = "b < 100"
    static let high = "b >= 100"

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        guard let item = study.item, item.requiredSeries.flatMap(\.self).contains(where: { $0.hasPrefix("DWI:B") })
        else {
            return []
        }
        let all = study.series.filter { $0.modality?.uppercased() == "MR" && $0.instances.contains(where: \.isImage) }
        guard !all.isEmpty else { return [unknown("no MR series to compare with the item")] }
        let protocols = Set(all.flatMap { $0.instances.filter(\.isImage).map { $0.attributes[.protocolName] } })
        let examProtocol = all.count > 1 && protocols.count == 1 ? protocols.first.flatMap(\.self) : nil
        let read = all.map { DiffusionSeries($0, examProtocol: examProtocol) }
        let weighted = read.filter(\.isWeighted)
        // A series of b 0 alone need not look diffusion-weighted.
        let values = read.reduce(into: Set<Double>()) { $0.formUnion($1.bValues) }
        let told = values.sorted().map { Int(exactly: $0.rounded()).map(String.init) ?? "\($0)" }.joined(
            separator: ", ")

        var missing: [String] = []
        if !values.contains(where: { $0 < MissingBValue.border }) { missing.append(MissingBValue.low) }
        if !values.contains(where: { $0 >= MissingBValue.border }) { missing.append(MissingBValue.high) }
        if missing.isEmpty {
            return [Completeness.Evidence(rule: name, verdict: .complete, detail: "b-values \(told) received")]
        }
        if weighted.isEmpty {
            // A series that says nothing of itself may be it.
            guard all.allSatisfy(\.isDescribed) else {
                return [unknown("no series says that it is diffusion-weighted")]
            }
            return [loss(missing, "no diffusion-weighted series among \(all.count)", confidence: 0.8)]
        }
        guard weighted.allSatisfy(\.areTold) else {
            return [unknown("b-values are not given\(told.isEmpty ? "" : " of all images; \(told) are")")]
        }
        return [loss(missing, "b-values \(told) received, one below 100 and one above asked for")]
    }

    private func unknown(_ detail: String) -> Completeness.Evidence {
        Completeness.Evidence(rule: name, verdict: .unknown, detail: detail)
    }

    private func loss(_ missing: [String], _ detail: String, confidence: Double? = nil) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, verdict: .incomplete, detail: detail, missing: missing, confidence: confidence)
    }
}

extension SeriesContent {
    /// Whether every image has a description or a protocol's name.
    fileprivate var isDescribed: Bool {
        instances.filter(\.isImage).allSatisfy { image in
            image.attributes[.seriesDescription] != nil || image.attributes[.protocolName] != nil
        }
    }
}
