import Catalogue

/// Judges items against readings, axis by axis.
struct ItemJudge {
    let index: LexiconIndex

    func judge(_ profile: ItemProfile, by reading: StudyReading) -> Judgement {
        var judgement = Judgement(profile: profile)
        judgement.isNearest = reading.regionIsArea
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
        if reading.extraStandsAlone, reading.contrastIsAssumed { judgement.miss(.technique, .technique) }
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
            let sides = reading.sides.isEmpty ? reading.viewSides : reading.sides
            if sides.isEmpty, !profile.saysSide {
                judgement.isNearest = true
            } else if sides.isEmpty || sides == .one {
                judgement.miss(.laterality, .ambiguousLaterality)
            } else if sides != own {
                judgement.contradict(.laterality, .scope)
            }
        }
    }

    private func judgePosition(_ reading: StudyReading, _ judgement: inout Judgement) {
        let profile = judgement.profile
        if reading.positions.contains(.decubitus), !profile.positions.contains(.decubitus) {
            return judgement.contradict(.position, .projection)
        }
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
            // The two views of a breast are those of the item.
            let isBreast = profile.family == .mammogram && count.contains(.two)
            guard let assumed = isBreast ? profile.views : Self.views(for: count) else {
                return judgement.contradict(.views, .projection)
            }
            named = assumed
            judgement.isNearest = true
        }
        compareViews(named, reading, &judgement)
    }

    /// Two views are frontal and lateral by convention, three add an oblique; one says too little.
    private static func views(for count: ViewSet) -> ViewSet? {
        if count.contains(.many) { return nil }
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
            // PA/AP: either may have been taken, and a chest AP is another examination.
            if named.isSuperset(of: [.ap, .pa]), profile.projectionIsStated || wanted.contains(.pa) {
                return judgement.contradict(.views, .projection)
            }
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
