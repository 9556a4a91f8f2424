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

/// Judges items against readings, axis by axis.
struct ItemJudge {
    let index: LexiconIndex

    func judge(_ profile: ItemProfile, by reading: StudyReading) -> Judgement {
        var judgement = Judgement(profile: profile)
        judgeTechnique(reading, &judgement)
        judgeContrast(reading, &judgement)
        judgeSide(reading, &judgement)
        if profile.family == .radiograph || profile.family == .mammogram {
            judgeViews(reading, &judgement)
            judgePosition(reading, &judgement)
        }
        return judgement
    }

    private func judgeTechnique(_ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        for technique in reading.techniques where technique != profile.technique {
            if index.role(of: technique) == .additive {
                judgement.lacking += 1
                judgement.isNearest = true
            } else {
                return judgement.contradict(.technique, reading.hasAction ? .intervention : .technique)
            }
        }
        guard profile.techniqueRole != .neutral, !reading.techniques.contains(profile.technique) else { return }
        judgement.saysTechnique = false
        if !profile.techniqueMayBeUnsaid { judgement.contradict(.technique, .technique) }
    }

    private func judgeContrast(_ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        guard profile.family == .ct || profile.family == .mr else { return }
        if reading.contrastConflict { return judgement.contradict(.contrast, .contrastConflict) }
        guard let contrast = reading.contrast else {
            let isSettled = profile.contrastIsSettled && judgement.saysTechnique
            if !isSettled { judgement.miss(.contrast, .contrastNotStated) }
            return
        }
        switch (profile.item.contrast, contrast) {
        case (.without, .without), (.withoutAndWith, .withoutAndWith), (.dynamic, .dynamic), (.with, .with),
            (.with, .withoutAndWith), (.with, .dynamic), (.delayed, .with), (.delayed, .withoutAndWith),
            (.delayed, .dynamic):
            break
        case (.withoutAndWith, .with):
            judgement.isNearest = judgement.isNearest || reading.language != .chinese
        case (.withoutAndWith, .dynamic), (.dynamic, .withoutAndWith), (.dynamic, .with):
            judgement.contrastIsExact = false
        case (.with, .without), (.delayed, .without):
            if !(reading.contrastIsAssumed && judgement.saysTechnique) {
                judgement.contradict(.contrast, .contrastNotInList)
            }
        default: judgement.contradict(.contrast, .contrastNotInList)
        }
        if reading.contrastIsAssumed, !profile.contrastIsSettled { judgement.isNearest = true }
    }

    private func judgeSide(_ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        let isOneSide = reading.sides == .left || reading.sides == .right || reading.sides == .one
        switch profile.item.laterality {
        case .none:
            let sideIsOfView =
                !reading.views.isDisjoint(with: ViewSet.laterals.union(.obliques))
                || reading.views.contains(.heartSeries)
            if isOneSide, !sideIsOfView, reading.sideIsSaid { judgement.contradict(.laterality, .scope) }
        case .both:
            if isOneSide, profile.coversBothSides { return judgement.contradict(.laterality, .scope) }
            if isOneSide { judgement.isNearest = true }
            if reading.sides.isEmpty, profile.saysBothSides { judgement.miss(.laterality, .ambiguousLaterality) }
        case .left, .right:
            if reading.sideConflict { return judgement.contradict(.laterality, .lateralityConflict) }
            let own: SideSet = profile.item.laterality == .left ? .left : .right
            if reading.sides.isEmpty, !profile.saysSide {
                judgement.isNearest = true
            } else if reading.sides.isEmpty || reading.sides == .one {
                judgement.miss(.laterality, .ambiguousLaterality)
            } else if reading.sides != own {
                judgement.contradict(.laterality, .scope)
            }
        }
    }

    private func judgePosition(_ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        guard profile.positionIsStated, !profile.positions.isEmpty else { return }
        if reading.positions.isEmpty {
            judgement.miss(.position, .ambiguousPosition)
        } else if reading.positions.isDisjoint(with: profile.positions) {
            judgement.contradict(.position, .projection)
        }
    }

    private func judgeViews(_ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        var named = reading.views
        if named.contains(.heartSeries) {
            if profile.views != [.pa, .leftOblique, .rightOblique] { judgement.contradict(.views, .projection) }
            return
        }
        if named.isEmpty {
            if profile.namesViews { judgement.miss(.views, .viewsNotStated) }
            return
        }
        let count = named.intersection(.counts)
        named.subtract(.counts)
        if named.isEmpty {
            guard let assumed = Self.views(for: count) else { return judgement.contradict(.views, .projection) }
            named = assumed
            judgement.isNearest = true
        }
        compareViews(named, reading, &judgement)
    }

    /// Two views are frontal and lateral by convention, three add an oblique; one says too little.
    private static func views(for count: ViewSet) -> ViewSet? {
        if count.contains(.threeOrMore) { return [.frontal, .lateral, .oblique] }
        return count.contains(.two) ? [.frontal, .lateral] : nil
    }

    private func compareViews(_ views: ViewSet, _ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        var named = views
        var wanted = profile.views
        // An image taken in bed or lying is AP whatever it is called.
        let isLying = reading.isBedside || !reading.positions.isDisjoint(with: [.supine, .decubitus])
        let saysPA = named.contains(.pa)
        if isLying, named.contains(.frontal), !saysPA {
            named.remove(.frontal)
            named.insert(.ap)
        }
        if !wanted.isDisjoint(with: .frontals) {
            if named.isDisjoint(with: .frontals) { return judgement.contradict(.views, .projection) }
            let isOther = wanted.contains(.pa) ? named.contains(.ap) && !saysPA : saysPA && !named.contains(.ap)
            if isOther, profile.projectionIsStated || reading.isBedside {
                return judgement.contradict(.views, .projection)
            }
            if isOther { judgement.isNearest = true }
            wanted.subtract(.frontals)
            named.subtract(.frontals)
            compareRest(named, wanted, hasFrontal: true, reading, &judgement)
        } else {
            compareRest(named, wanted, hasFrontal: !named.isDisjoint(with: .frontals), reading, &judgement)
        }
    }

    private func compareRest(
        _ given: ViewSet, _ wanted: ViewSet, hasFrontal: Bool, _ reading: StudyReading, _ judgement: inout Judgement
    ) {
        var named = given
        let isPaired = judgement.profile.item.laterality != .none
        if !wanted.isDisjoint(with: [.leftLateral, .rightLateral]) {
            if named.contains(.lateral), reading.sides == .left || reading.sides == .right {
                named.remove(.lateral)
                named.insert(reading.sides == .left ? .leftLateral : .rightLateral)
            } else if named == .lateral, !hasFrontal {
                return judgement.miss(.laterality, .ambiguousLaterality)
            }
        } else if !named.isDisjoint(with: .laterals) {
            named.subtract(.laterals)
            named.insert(.lateral)
        }
        if wanted == [.leftOblique, .rightOblique] {
            if !named.isDisjoint(with: .obliques), reading.sides == .both { named.formUnion(wanted) }
            if named.isSuperset(of: wanted) { named.remove(.oblique) }
        } else if isPaired || wanted.contains(.oblique), !named.isDisjoint(with: .obliques) {
            named.subtract(.obliques)
            named.insert(.oblique)
        }
        if wanted.contains(.flexion) { named.remove(.lateral) }
        let frontalWanted = !judgement.profile.views.isDisjoint(with: .frontals)
        guard named.isSuperset(of: wanted) else { return judgement.contradict(.views, .projection) }
        let extra = named.subtracting(wanted)
        guard !extra.isEmpty || (hasFrontal && !frontalWanted) else { return }
        let total = named.count + (hasFrontal ? 1 : 0)
        guard total >= 3, frontalWanted || !hasFrontal, judgement.profile.views.count >= 2, !extra.contains(.other)
        else {
            return judgement.contradict(.views, .projection)
        }
        judgement.coversViewsExactly = false
        judgement.isNearest = true
    }
}
