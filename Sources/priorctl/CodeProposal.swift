internal import Catalogue
internal import Matching

extension CodeBook {
    /// The code that could be proposed for a study that is in no list; nil unless everything in its description was
    /// understood, one value an axis, and the grammar can say it.
    func proposal(for explanation: Explanation, modality: String) -> ProposedCode? {
        guard case .unmapped(let reason, candidates: _) = explanation.outcome,
            reason == .outOfList || reason == .contrastNotInList, explanation.unknownWords.isEmpty,
            let asked = ExaminationAxes(explanation.axes, modality: modality),
            case .proposed(let proposed)? = try? code(for: asked)
        else { return nil }
        return proposed
    }
}

extension ExaminationAxes {
    /// Nil when an axis has two values, or one that no code says.
    fileprivate init?(_ evidence: [Evidence], modality: String) {
        let values = Dictionary(grouping: evidence, by: \.axis).mapValues { Set($0.map(\.value)) }
        guard values.filter({ $0.key != .views }).allSatisfy({ $0.value.count == 1 }) else { return nil }
        func value(_ axis: Evidence.Axis) -> String? { values[axis]?.first }
        guard let family = ModalityFamily(dicomModality: value(.modality) ?? modality),
            let region = value(.region).flatMap({ ConceptID(kind: .anatomy, name: $0) })
        else { return nil }
        self.init(modality: family, regions: [region])
        if let side = value(.laterality) {
            guard let read = CatalogueItem.Laterality(rawValue: side) else { return nil }
            laterality = read
        }
        if let said = value(.contrast), family == .ct || family == .mr {
            guard let read = CatalogueItem.Contrast(rawValue: said) else { return nil }
            contrast = read != .without && read != .none
        }
        if let said = value(.technique) { technique = ConceptID(kind: .technique, name: said) }
        if let said = value(.position) {
            guard let read = CatalogueItem.Position(rawValue: said) else { return nil }
            position = read
        }
        for said in values[.views] ?? [] {
            for token in said.split(whereSeparator: { "+_;".contains($0) }) {
                guard let view = ItemView(token: String(token)) else { return nil }
                views.insert(view)
            }
        }
    }
}
