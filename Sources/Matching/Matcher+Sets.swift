import Catalogue

/// Studies that are several items at once.
extension Matcher {
    /// The items of the views that the winner leaves over, when they are items on their own; empty otherwise.
    func remainders(of winner: Judgement, _ reading: StudyReading, _ scan: StudyScan) -> [StudyMatch] {
        var rest = reading
        rest.views.subtract(.frontals.union(.laterals).union(.counts))
        guard !rest.views.isEmpty, rest.views != reading.views.subtracting(.counts) else { return [] }
        var matches: [StudyMatch] = []
        // A view that tells a part of its own (open mouth) is an examination of its own.
        for implication in index.implications where index.kind(implication.subject) == .view {
            var own = rest
            own.views = ViewSet(concept: index.concepts[implication.subject])
            own.regions = [implication.result]
            guard !own.views.isEmpty, rest.views.isSuperset(of: own.views),
                rest.regions.contains(where: { index.isInside(implication.result, $0) }),
                let match = exactMatch(own, scan)
            else { continue }
            matches.append(match)
            rest.views.subtract(own.views)
        }
        if !matches.isEmpty, rest.views.subtracting(.other).isEmpty { return matches }
        return exactMatch(rest, scan).map { matches + [$0] } ?? []
    }

    private func exactMatch(_ reading: StudyReading, _ scan: StudyScan) -> StudyMatch? {
        let judgements = judgements(of: reading)
        guard let winner = winner(judgements), winner.coversViewsExactly else { return nil }
        return answer(winner, reading, judgements, scan)
    }

    /// The items of a study that is several at once, or nil.
    func set(of reading: StudyReading, _ reader: StudyReader, _ scan: StudyScan) -> MatchOutcome? {
        if let both = bothSides(reading, scan) { return outcome(both) }
        if let postures = postures(reading, scan) { return outcome(postures) }
        return clauseSet(of: reading, reader, scan).flatMap { outcome($0.matches) }
    }

    /// Each clause of the text answered on its own, or nil when one of them cannot be.
    func clauseSet(
        of reading: StudyReading, _ reader: StudyReader, _ scan: StudyScan
    ) -> (matches: [StudyMatch], leadingParts: Set<Int>)? {
        let clauses = (scan.leading?.clauses() ?? []).flatMap { scan.language == .chinese ? reader.parted($0) : [$0] }
            .reduce(into: [[Mention]]()) { clauses, clause in
                if clauses.isEmpty || reader.namesSubject(clause) {
                    clauses.append(clause)
                } else if reader.addsOn(clause), let home = clauses.firstIndex(where: reader.isPlain) {
                    // 头颅MR+MRA+DWI: what is added belongs to the head and not to its arteries.
                    clauses[home] += clause
                } else {
                    clauses[clauses.count - 1] += clause
                }
            }
        guard (2...6).contains(clauses.count) else { return nil }
        var matches: [StudyMatch] = []
        var leadingParts: Set<Int> = []
        var previous: StudyReading?
        for clause in clauses {
            let part = reader.readClause(clause, after: previous, of: reading)
            previous = part
            let judgements = judgements(of: part)
            if let winner = winner(judgements) {
                leadingParts.insert(winner.profile.leadingPart)
                matches.append(answer(winner, part, judgements, scan))
            } else if let both = bothSides(part, scan) ?? postures(part, scan) {
                matches += both
            } else {
                return nil
            }
        }
        // English orders that join several regions are read as one examination of a wider one, which is not listed.
        if scan.language == .english, leadingParts.count > 1 { return nil }
        return (matches, leadingParts)
    }

    func outcome(_ matches: [StudyMatch]) -> MatchOutcome? {
        var codes: Set<ItemCode> = []
        let distinct = matches.filter { codes.insert($0.code).inserted }
        guard let first = distinct.first, distinct.count > 1,
            distinct.allSatisfy({ $0.confidence >= Self.confidenceThreshold })
        else { return nil }
        return .matched(first, others: Array(distinct.dropFirst()))
    }

    /// Left and right item of a study of both sides, where the list has no item of both.
    private func bothSides(_ reading: StudyReading, _ scan: StudyScan) -> [StudyMatch]? {
        guard reading.sides == .both else { return nil }
        return each(
            [SideSet.right, .left].map { side in
                var one = reading
                one.sides = side
                one.sideConflict = false
                return one
            }, scan)
    }

    private func postures(_ reading: StudyReading, _ scan: StudyScan) -> [StudyMatch]? {
        guard reading.positions.isSuperset(of: [.standing, .supine]) else { return nil }
        return each(
            [CatalogueItem.Position.standing, .supine].map { position in
                var one = reading
                one.positions = [position]
                // Two views of two postures are one each.
                one.views.remove(.two)
                return one
            }, scan)
    }

    private func each(_ readings: [StudyReading], _ scan: StudyScan) -> [StudyMatch]? {
        var matches: [StudyMatch] = []
        for reading in readings {
            let judgements = judgements(of: reading)
            guard let winner = winner(judgements) else { return nil }
            matches.append(answer(winner, reading, judgements, scan))
        }
        return Set(matches.map(\.code)).count == readings.count ? matches : nil
    }
}
