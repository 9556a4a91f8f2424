public import Catalogue

/// Why an alias should not be put in force without a second thought.
public enum AliasObjection: Sendable, Equatable {
    /// No catalogue in force lists the item.
    case notListed(ItemCode)
    /// The item is made with other modalities.
    case modality(item: [String])
    /// What the studies say speaks against the item; how many studies say so, 0 when it is the description itself.
    case contradiction(axis: Evidence.Axis, reason: AbstentionReason, studyCount: Int)
    /// The same description is taught otherwise for the same scope.
    case taughtOtherwise(id: Int64, Alias.Meaning)
    /// So many studies have a safe match to another item.
    case safeMatches(code: String, studyCount: Int)
}

extension AliasObjection: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notListed(let code): return "no catalogue in force lists \(code)"
        case .modality(let item): return "the item is made with \(item.joined(separator: ", "))"
        case .contradiction(let axis, let reason, 0):
            return "the description contradicts the item on \(axis.rawValue) (\(reason.rawValue))"
        case .contradiction(let axis, let reason, let count):
            return "\(count) studies contradict the item on \(axis.rawValue) (\(reason.rawValue))"
        case .taughtOtherwise(let id, let meaning):
            let code = if case .item(let code) = meaning { code.value } else { "NONE" }
            return "alias \(id) teaches \(code) for the same description and scope"
        case .safeMatches(let code, let count): return "\(count) studies are safely matched to \(code)"
        }
    }
}

/// Holds an alias against what the description, the catalogue and the aliases in force say.
public struct AliasCheck: Sendable {
    private let catalogue: ImagingCatalogue
    private let explain: @Sendable (StudyDescriptor) -> Explanation

    /// - Parameter explain: the matcher of the catalogue.
    public init(catalogue: ImagingCatalogue, explain: @escaping @Sendable (StudyDescriptor) -> Explanation) {
        self.catalogue = catalogue
        self.explain = explain
    }

    /// What speaks against `alias`, apart from studies.
    public func objections(to alias: Alias, in book: AliasBook) -> [AliasObjection] {
        var objections: [AliasObjection] = []
        if let other = book.alias(for: alias.key, scope: alias.scope), other.meaning != alias.meaning {
            objections.append(.taughtOtherwise(id: other.id, other.meaning))
        }
        guard case .item(let code) = alias.meaning else { return objections }
        guard let item = catalogue[code] else { return objections + [.notListed(code)] }
        if !alias.scope.modality.split(separator: "+").allSatisfy({ item.dicomModalities.contains(String($0)) }) {
            objections.append(.modality(item: item.dicomModalities))
        }
        let study = StudyDescriptor(
            modality: item.dicomModalities.first ?? "", studyDescription: alias.description)
        return objections
            + contradictions(of: study, to: item).map {
                .contradiction(axis: $0.axis, reason: $0.reason, studyCount: 0)
            }
    }

    /// What a study says that speaks against the item of an alias. Silence does not: that is what aliases are for.
    public func contradictions(
        of study: StudyDescriptor, to code: ItemCode
    ) -> [Explanation.Objection] {
        catalogue[code].map { contradictions(of: study, to: $0) } ?? []
    }

    private func contradictions(of study: StudyDescriptor, to item: CatalogueItem) -> [Explanation.Objection] {
        let explanation = explain(study)
        if let weighed = explanation.considered.first(where: { $0.code == item.code }) {
            return weighed.objections.filter(\.isContradiction)
        }
        // The item was not weighed, so it is of another part, or the text names none.
        let said = explanation.axes.filter { $0.source != .convention }
        var objections: [Explanation.Objection] = []
        func contradict(_ axis: Evidence.Axis, _ reason: AbstentionReason) {
            objections.append(.init(axis: axis, reason: reason, isContradiction: true))
        }
        let parts = Set(item.anatomy.map(\.name))
        if said.contains(where: { $0.axis == .region && !parts.contains($0.value) }) { contradict(.region, .outOfList) }
        let sides = said.filter { $0.axis == .laterality }.map(\.value)
        if sides.contains(where: { item.isOfOtherSide(than: SideSet(name: $0)) }) {
            contradict(.laterality, .lateralityConflict)
        }
        let contrasts = said.filter { $0.axis == .contrast }.map(\.value)
        if contrasts.contains(where: { item.contrast.isOpposite(of: $0) }) { contradict(.contrast, .contrastConflict) }
        return objections
    }
}

extension SideSet {
    /// From the lexicon's name of a side.
    init(name: String) {
        self = ConceptID(kind: .laterality, name: name).map(SideSet.init(concept:)) ?? []
    }
}

extension CatalogueItem.Contrast {
    /// Whether a text that says `contrast` means something else than the item.
    fileprivate func isOpposite(of contrast: String) -> Bool {
        let isPlain = contrast == CatalogueItem.Contrast.without.rawValue
        return switch self {
        case .none: false
        case .without: !isPlain
        case .with, .withoutAndWith, .dynamic, .delayed: isPlain
        }
    }
}
