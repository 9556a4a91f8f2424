internal import Archive
internal import Catalogue
internal import Foundation
internal import Matching

extension AssessmentDocument {
    /// Everything the study was named in one canonical text, each item as `catalogue/key`, joined by `+`; `NONE` stands
    /// for what a person said is none of the items.
    var outcomeText: String {
        let first = match.map { "\($0.catalogue)/\($0.code)" } ?? (isTaughtNone ? AliasTable.noItem : nil)
        let others = otherMatches.map { other in
            "\(other.catalogue)/\(other.code?.value ?? other.no.map(String.init) ?? other.id ?? "")"
        }
        return ([first].compactMap { $0 } + others).joined(separator: "+")
    }

    /// Whether a person has to look at it: it has no safe match, and nobody said that it has none.
    var awaitsReview: Bool { match == nil && !isTaughtNone }

    private var isTaughtNone: Bool { unmapped?.reason == .taughtNone }

    mutating func set(_ naming: StudyNaming, by alias: Alias?) {
        otherMatches = naming.others
        match = nil
        unmapped = nil
        switch naming.outcome {
        case .matched(let match, others: _): self.match = match
        case .unmapped(let reason, let candidates):
            unmapped = Unmapped(reason: reason, candidates: candidates, alias: alias?.id)
        }
    }

    /// From what the index keeps; nil when another version wrote it.
    init?(json: String) {
        guard let document = try? JSONDecoder().decode(AssessmentDocument.self, from: Data(json.utf8)) else {
            return nil
        }
        self = document
    }
}

extension DescriptorRecord {
    init(_ study: StudyDescriptor) {
        let title = study.title
        self.init(
            foldedDescription: DescriptionKey(title)?.value ?? "", description: title, modality: study.imagingModality,
            json: study.json)
    }
}

extension StudyDescriptor {
    fileprivate var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings alone can't fail to encode.
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    init?(json: String) {
        guard let study = try? JSONDecoder().decode(StudyDescriptor.self, from: Data(json.utf8)) else { return nil }
        self = study
    }
}
