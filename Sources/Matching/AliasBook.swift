public import Catalogue

/// The aliases in force, found by description in constant time.
public struct AliasBook: Sendable {
    private let byDescription: [DescriptionKey: [Alias]]

    public static let empty = AliasBook([])

    /// - Parameter aliases: at most one of each description and scope; of two the one with the greater id counts.
    public init(_ aliases: [Alias]) {
        byDescription = Dictionary(grouping: aliases, by: \.key).mapValues { alike in
            // Most particular first, then newest.
            alike.sorted { ($0.scope.particularity, $0.id) > ($1.scope.particularity, $1.id) }
        }
    }

    public var isEmpty: Bool { byDescription.isEmpty }

    /// Whether anything was taught about the description.
    public func has(_ description: DescriptionKey) -> Bool { byDescription[description] != nil }

    /// The alias of exactly this description and scope.
    public func alias(for description: DescriptionKey, scope: Alias.Scope) -> Alias? {
        byDescription[description]?.first { $0.scope == scope }
    }

    /// The aliases that hold for some study of the description and modality, most particular first.
    public func aliases(for description: DescriptionKey, modality: String) -> [Alias] {
        byDescription[description]?.filter { $0.scope.modality == modality } ?? []
    }

    /// The most particular alias that holds for a study.
    public func alias(for study: StudyDescriptor, site: String, aeTitle: String) -> Alias? {
        guard !isEmpty, let key = DescriptionKey(study.title), let candidates = byDescription[key] else { return nil }
        let modality = study.imagingModality
        return candidates.first { $0.scope.modality == modality && $0.scope.includes(site: site, aeTitle: aeTitle) }
    }

    /// What was taught of a study, or nil when nothing was, or when what the study says of itself outranks it: a code of
    /// the catalogue, or an Attribute that names the other side. An item the catalogue does not list is no answer.
    public func answer(
        for study: StudyDescriptor, site: String, aeTitle: String, in catalogue: ImagingCatalogue
    ) -> (alias: Alias, outcome: MatchOutcome)? {
        guard let alias = alias(for: study, site: site, aeTitle: aeTitle) else { return nil }
        let isCoded = study.procedureCodes.contains { text in (try? ItemCode(text)).flatMap { catalogue[$0] } != nil }
        if isCoded { return nil }
        switch alias.meaning {
        case .noItem: return (alias, .unmapped(.taughtNone, candidates: []))
        case .item(let code):
            guard let item = catalogue[code], !item.isOfOtherSide(than: SideSet(attribute: study.laterality)) else {
                return nil
            }
            let evidence = Evidence(axis: .item, value: code.value, source: .alias, text: String(alias.id))
            let match = StudyMatch(
                catalogue: catalogue.id.value, code: code, confidence: alias.confidence, grade: alias.grade,
                evidence: [evidence])
            return (alias, .matched(match, others: []))
        }
    }
}

extension CatalogueItem {
    /// Whether the item is of the side opposite to the one that is named.
    func isOfOtherSide(than side: SideSet) -> Bool {
        switch laterality {
        case .left: side == .right
        case .right: side == .left
        case .both, .none: false
        }
    }
}
