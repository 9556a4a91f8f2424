import Catalogue

/// A catalogue item made ready to be compared with readings. A class, as judgements hand it around by the thousand.
final class ItemProfile: Sendable {
    let item: CatalogueItem
    let family: ModalityFamily
    /// The part the item is of.
    let leadingPart: Int
    let parts: Set<Int>
    /// The short name tells the side; where it does not (骨龄), neither need a text that means the item.
    let saysSide: Bool
    /// The short name itself says both sides, so a text that means the item must say so too.
    let saysBothSides: Bool
    /// Name or definition says both sides, so one side is not the item.
    let coversBothSides: Bool
    let views: ViewSet
    /// The short name tells the views, so a text that means the item must tell them too.
    let namesViews: Bool
    /// AP or PA is in the words of the source and not convention.
    let projectionIsStated: Bool
    let positions: Set<CatalogueItem.Position>
    let positionIsStated: Bool
    let technique: Int
    let techniqueRole: LexiconRule.Role
    let techniqueMayBeUnsaid: Bool
    let contrastIsSettled: Bool

    init?(_ item: CatalogueItem, index: LexiconIndex) {
        let parts = item.anatomy.compactMap(index.number(of:))
        guard let leading = parts.first, parts.count == item.anatomy.count,
            let technique = index.number(of: item.technique)
        else { return nil }
        self.item = item
        family = item.family
        leadingPart = leading
        self.parts = Set(parts)
        let name = Set(index.words(in: FoldedText(item.name.zh)).mentions.map(\.concept))
        let definition = index.words(in: FoldedText(item.definitionZH)).mentions.map(\.concept)
        func saysBoth(_ concepts: some Sequence<Int>) -> Bool {
            concepts.contains { index.kind($0) == .laterality && index.concepts[$0].name == "both" }
        }
        saysSide = name.contains { index.kind($0) == .laterality }
        saysBothSides = item.laterality == .both && saysBoth(name)
        coversBothSides = item.laterality == .both && (saysBothSides || saysBoth(definition))
        views = ViewSet(item)
        namesViews = name.contains { index.kind($0) == .view }
        projectionIsStated = item.viewsBasis == .stated
        positions = Set(item.positions)
        positionIsStated = item.positionBasis == .stated
        self.technique = technique
        techniqueRole = index.role(of: technique) ?? .defining
        techniqueMayBeUnsaid = index.maybeUnsaid.contains(technique)
        contrastIsSettled = index.settlesContrast.contains(technique)
    }
}

extension ItemProfile {
    /// Whether the item is of exactly these parts: its leading one is named, and none that it does not have.
    func isOf(_ regions: [Int]) -> Bool { regions.contains(leadingPart) && regions.allSatisfy(parts.contains) }
}

/// How one item of the right parts stands against a reading.
struct Judgement {
    let profile: ItemProfile
    var objections: [Explanation.Objection] = []
    /// The list has nothing closer, or a value was left to convention.
    var isNearest = false
    var saysTechnique = true
    /// Wanted extras, e.g. diffusion, that the item lacks.
    var lacking = 0
    var coversViewsExactly = true
    var contrastIsExact = true

    var contradictionCount: Int { objections.count(where: \.isContradiction) }

    mutating func contradict(_ axis: Evidence.Axis, _ reason: AbstentionReason) {
        objections.append(.init(axis: axis, reason: reason, isContradiction: true))
    }

    mutating func miss(_ axis: Evidence.Axis, _ reason: AbstentionReason) {
        objections.append(.init(axis: axis, reason: reason, isContradiction: false))
    }
}
