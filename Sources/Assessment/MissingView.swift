import Catalogue
import DICOMCore

/// `missing-view`: the projections a radiography item asks for, against the received images.
///
/// Each image stands for one view, so a repeated projection does not stand in for a missing one. An image whose view
/// can't be told may be any; when such images could fill what lacks, the verdict is `unknown`.
struct MissingView: CompletenessRule {
    let name = CompletenessRuleName.missingView
    let words: ViewWords

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        guard let item = study.item, !item.views.isEmpty else { return [] }
        let images = MissingView.images(of: study)
        guard !images.isEmpty else {
            return [
                Completeness.Evidence(
                    rule: name, verdict: .unknown, detail: "no radiograph to compare with the item's views")
            ]
        }
        let fits = item.views.map { asked in images.map { fit($0, asked, item) } }
        let surelyFilled = Assignment.filled(fits.map { row in row.map { $0 == .yes } })
        let perhapsFilled = Assignment.filled(fits.map { row in row.map { $0 != .no } })
        let asked = item.views.map(\.token).joined(separator: ", ")
        let lacking = item.views.indices.filter { !surelyFilled.contains($0) }.map { item.views[$0].token }

        if lacking.isEmpty {
            return [Completeness.Evidence(rule: name, verdict: .complete, detail: "\(asked): all received")]
        }
        let lackCount = item.views.count - perhapsFilled.count
        guard lackCount > 0 else {
            return [
                Completeness.Evidence(
                    rule: name, verdict: .unknown,
                    detail: "\(asked) asked for; which views the \(images.count) images show can't be told")
            ]
        }
        let count = lackCount < lacking.count ? "\(lackCount) of \(lacking.count)" : "\(lackCount)"
        return [
            Completeness.Evidence(
                rule: name, verdict: .incomplete,
                detail: "\(asked) asked for, \(images.count) image(s) received, \(count) missing", missing: lacking)
        ]
    }

    private func fit(_ instance: InstanceContent, _ asked: ItemView, _ item: CatalogueItem) -> ReceivedView.Fit {
        let imaged = instance.imagedSide
        if let imaged, item.laterality == .left && imaged == .right || item.laterality == .right && imaged == .left {
            return .no
        }
        guard let view = ReceivedView(instance, words: words, item: item) else { return .perhaps }
        let fit = view.fit(asked)
        guard fit != .no, let side = asked.side else { return fit }
        // A paired part's side is the limb imaged, the trunk's the one nearest the detector.
        let seen = item.laterality == .none ? view.side ?? imaged : imaged ?? view.side
        guard let seen else { return .perhaps }
        return seen == side ? fit : .no
    }

    /// Radiographs that stand for a view: no captures, no localizers, and of raw and processed twins the processed.
    private static func images(of study: StudyContent) -> [InstanceContent] {
        let images = study.series.filter(\.isRadiography).flatMap(\.instances)
            .filter { $0.isImage && !$0.isCapture && !$0.isLocalizer }
        let processed = images.filter { $0.attributes[.presentationIntentType]?.uppercased() != "FOR PROCESSING" }
        return processed.isEmpty ? images : processed
    }
}

extension InstanceContent {
    /// The side of the body imaged: Image Laterality (0020,0062), else Laterality (0020,0060).
    fileprivate var imagedSide: ItemView.Side? {
        (attributes[.imageLaterality] ?? attributes[.laterality]).flatMap { ItemView.Side(rawValue: $0.uppercased()) }
    }
}

/// Gives every slot an applicant of its own, as far as possible.
enum Assignment {
    /// - Parameter allowed: for every slot, which applicants may fill it.
    /// - Returns: the slots filled in a largest assignment; earlier slots are preferred.
    static func filled(_ allowed: [[Bool]]) -> Set<Int> {
        var slotOf: [Int: Int] = [:]
        func fill(_ slot: Int, _ tried: inout Set<Int>) -> Bool {
            for applicant in allowed[slot].indices where allowed[slot][applicant] && tried.insert(applicant).inserted {
                if let other = slotOf[applicant], !fill(other, &tried) { continue }
                slotOf[applicant] = slot
                return true
            }
            return false
        }
        var filled: Set<Int> = []
        for slot in allowed.indices {
            var tried: Set<Int> = []
            if fill(slot, &tried) { filled.insert(slot) }
        }
        return filled
    }
}
