import Catalogue

/// Finds the axes of a study in its scanned texts.
struct StudyReader {
    let index: LexiconIndex
    let scan: StudyScan
    let family: ModalityFamily

    /// The axes of the whole study.
    func readWhole() -> StudyReading {
        var reading = read(scan.leading?.mentions ?? [], in: scan.leading)
        addSecondaryRegion(to: &reading)
        checkRegionAgainstSeries(of: &reading)
        noteOtherRegion(in: &reading)
        addSecondarySides(to: &reading)
        addViewPositions(to: &reading)
        addPatientPosition(to: &reading)
        settleContrast(of: &reading)
        addSeriesTechniques(to: &reading)
        return reading
    }

    /// The axes of one clause; what it does not say it takes from the clause before, then from `whole`.
    func readClause(_ mentions: [Mention], after previous: StudyReading?, of whole: StudyReading) -> StudyReading {
        var reading = read(mentions, in: scan.leading)
        for source in [previous, whole].compactMap(\.self) {
            if reading.regions.isEmpty {
                // What the part is read as depends on the company it is in here: the head of an MRA is its arteries.
                let inherited = source.regions.map { NamedPart(concept: $0, languages: [], clause: 0) }
                reading.regions = regions(inherited, beside: company(of: mentions)).map(\.concept)
            }
            if reading.sides.isEmpty { reading.sides = source.sides }
            if reading.viewSides.isEmpty { reading.viewSides = source.viewSides }
            if reading.views.isEmpty { reading.views = source.views }
            if reading.positions.isEmpty { reading.positions = source.positions }
        }
        if reading.contrast == nil, !reading.contrastIsSettled {
            reading.contrast = whole.contrast
            reading.contrastIsAssumed = whole.contrastIsAssumed
            // Another clause (MRA) settles its own contrast, so the whole leaves nothing to convention.
            if reading.contrast == nil, whole.contrastIsSettled, scan.language != .english {
                reading.contrast = .without
                reading.contrastIsAssumed = true
            }
        }
        reading.contrastConflict = whole.contrastConflict
        reading.sideConflict = whole.sideConflict
        return reading
    }

    /// Whether words name something to be examined, rather than only how.
    func namesSubject(_ mentions: [Mention]) -> Bool {
        mentions.contains { mention in
            switch index.kind(mention.concept) {
            case .anatomy, .view, .position: true
            case .technique, .action: ![.neutral, .additive].contains(index.role(of: mention.concept))
            case .modality, .laterality, .contrast, .finding: false
            }
        }
    }

    /// Whether words name a technique that is added to another examination.
    func addsOn(_ mentions: [Mention]) -> Bool { mentions.contains { index.role(of: $0.concept) == .additive } }

    /// Whether words name no technique that makes an examination another one.
    func isPlain(_ mentions: [Mention]) -> Bool {
        mentions.allSatisfy { mention in
            ![.technique, .action].contains(index.kind(mention.concept))
                || [.neutral, .additive].contains(index.role(of: mention.concept))
        }
    }

    /// A clause parted where it names one more part of the body without a sign between (头颅胸部CT平扫).
    func parted(_ clause: [Mention]) -> [[Mention]] {
        var clauses: [[Mention]] = [[]]
        var parts: [Int] = []
        for mention in clause {
            if index.kind(mention.concept) == .anatomy,
                let part = index.reading(
                    of: mention.concept, languages: mention.languages, family: family, beside: [])
            {
                // The same part once more, after a view of it, is there for another view.
                let isAgain =
                    parts == [mention.concept]
                    && clauses[clauses.count - 1].contains { index.kind($0.concept) == .view }
                let isApart = parts.allSatisfy { index.isApart($0, part) && index.isApart($0, mention.concept) }
                if !parts.isEmpty, isAgain || isApart {
                    // The side stands before its part.
                    let last = clauses[clauses.count - 1]
                    let sides = last.reversed().prefix { index.kind($0.concept) == .laterality }.count
                    clauses[clauses.count - 1] = Array(last.dropLast(sides))
                    clauses.append(Array(last.suffix(sides)))
                    parts = []
                }
                parts.append(mention.concept)
            }
            clauses[clauses.count - 1].append(mention)
        }
        return clauses
    }

    // MARK: One text

    func read(_ mentions: [Mention], in text: ScannedText?) -> StudyReading {
        var reading = StudyReading(family: family, language: scan.language)
        let company = company(of: mentions)
        let clauses = text?.clauseNumbers(of: mentions) ?? []
        var anatomy: [NamedPart] = []
        var named = company
        var contrastWords: Set<String> = []
        func add(_ axis: Evidence.Axis, _ concept: Int, _ mention: Mention) {
            guard let text else { return }
            reading.evidence.append(
                Evidence(
                    axis: axis, value: index.concepts[concept].name, source: text.source, text: text.words(of: mention))
            )
        }
        for (place, mention) in mentions.enumerated() {
            guard
                let concept = index.reading(
                    of: mention.concept, languages: mention.languages, family: family, beside: company)
            else { continue }
            named.insert(concept)
            let id = index.concepts[concept]
            switch id.kind {
            case .anatomy:
                // Combinations come before readings, so the word itself is kept until both are known.
                if !anatomy.contains(where: { $0.concept == mention.concept }) {
                    anatomy.append(
                        NamedPart(
                            concept: mention.concept, languages: mention.languages,
                            clause: clauses.isEmpty ? 0 : clauses[place]))
                }
                add(.region, concept, mention)
                if mention.languages == .vietnamese, text?.folded.hasTwo(before: mention.range.lowerBound) == true {
                    reading.sides.formUnion(.both)
                }
            case .laterality:
                reading.sides.formUnion(SideSet(concept: id))
                add(.laterality, concept, mention)
            case .view:
                let views = ViewSet(concept: id)
                reading.views.formUnion(views)
                if let side = views.side { reading.viewSides.insert(side) }
                add(.views, concept, mention)
            case .position:
                addPosition(id, to: &reading)
                add(.position, concept, mention)
            case .contrast:
                let said = contrast(saidBy: id.name, at: place, of: mentions, in: text)
                if let said { contrastWords.insert(said) }
                if family == .ct || family == .mr { add(.contrast, concept, mention) }
            case .technique, .action:
                if index.role(of: concept) != .neutral {
                    reading.techniques.insert(concept)
                    if id.kind == .action { reading.hasAction = true }
                    if index.role(of: concept) == .additive, clauses.last == 0 { reading.extraStandsAlone = true }
                    add(.technique, concept, mention)
                }
            case .modality, .finding: break
            }
        }
        var parts = regions(anatomy, beside: company)
        for implication in index.implications where named.contains(implication.subject) {
            let place = mentions.firstIndex { $0.concept == implication.subject }
            let clause = place.map { clauses.isEmpty ? 0 : clauses[$0] }
            apply(
                implication, in: clause, named: &named, to: &reading, parts: &parts, contrastWords: &contrastWords)
        }
        reading.regions = particular(parts).map(\.concept)
        reading.area = area(around: reading.regions, among: anatomy)
        if !reading.sides.isDisjoint(with: .both) { reading.sides.remove(.one) }
        reading.sideIsSaid = !reading.sides.isEmpty
        reading.contrast = contrast(contrastWords)
        reading.contrastIsSettled = !named.isDisjoint(with: index.settlesContrast)
        return reading
    }

    /// What is named together, words that stand for a technique on this modality included.
    private func company(of mentions: [Mention]) -> Set<Int> {
        var company = Set(mentions.map(\.concept))
        for mention in mentions where [.modality, .technique].contains(index.kind(mention.concept)) {
            let meant = index.reading(
                of: mention.concept, languages: mention.languages, family: family, beside: company)
            if let meant { company.insert(meant) }
        }
        let views = mentions.map(\.concept).filter { index.kind($0) == .view }
        let isSeries =
            views.contains { !ViewSet(concept: index.concepts[$0]).isDisjoint(with: .frontals) }
            && views.contains { !ViewSet(concept: index.concepts[$0]).isDisjoint(with: .laterals) }
        // What a view makes of a part it makes where it is the only one.
        if isSeries { company.subtract(views) }
        return company
    }

    private func addPosition(_ id: ConceptID, to reading: inout StudyReading) {
        switch id.name {
        case "STANDING": reading.positions.insert(.standing)
        case "SUPINE": reading.positions.insert(.supine)
        case "STANDING_SUPINE": reading.positions.formUnion([.standing, .supine])
        case "PRONE": reading.positions.insert(.prone)
        case "DECUBITUS": reading.positions.insert(.decubitus)
        case "BEDSIDE": reading.isBedside = true
        default: break
        }
    }

    private func apply(
        _ implication: LexiconIndex.Implication, in clause: Int?, named: inout Set<Int>,
        to reading: inout StudyReading, parts: inout [NamedPart], contrastWords: inout Set<String>
    ) {
        guard implication.families.isEmpty || implication.families.contains(family) else { return }
        // A view tells its part where it is the only one: beside a frontal and a lateral it is one more of theirs.
        let own = index.concepts[implication.subject]
        if own.kind == .view, index.kind(implication.result) == .anatomy, !parts.isEmpty,
            !reading.views.subtracting(ViewSet(concept: own)).isDisjoint(with: .frontals.union(.laterals))
        {
            return
        }
        if let condition = implication.condition, !named.contains(condition) { return }
        let id = index.concepts[implication.result]
        switch id.kind {
        case .anatomy:
            // A finding is the reason for the examination; it and an agent tell the part only where nothing else does.
            let refines =
                ![.finding, .contrast].contains(index.kind(implication.subject))
                && parts.contains { index.isInside(implication.result, $0.concept) }
            guard parts.isEmpty || refines else { return }
            parts.append(
                NamedPart(concept: implication.result, languages: [], clause: clause ?? parts.first?.clause ?? 0))
        case .technique:
            guard index.role(of: implication.result) != .neutral else { break }
            reading.techniques.insert(implication.result)
        case .view: if reading.views.isEmpty { reading.views.formUnion(ViewSet(concept: id)) }
        case .contrast: if contrastWords.isEmpty { contrastWords.insert(id.name) }
        case .modality, .position, .laterality, .action, .finding: break
        }
        named.insert(implication.result)
    }

    // MARK: Region

    /// A part of the body as the text names it, with the clause it stands in.
    private struct NamedPart {
        let concept: Int
        let languages: LanguageSet
        let clause: Int
    }

    private func regions(_ anatomy: [NamedPart], beside company: Set<Int>) -> [NamedPart] {
        var parts = anatomy
        for combination in index.combinations {
            guard parts.contains(where: { $0.concept == combination.first }),
                parts.contains(where: { $0.concept == combination.second })
            else { continue }
            parts.removeAll { part in
                part.concept == combination.first || part.concept == combination.second
                    || index.isInside(part.concept, combination.result)
            }
            parts.append(NamedPart(concept: combination.result, languages: [], clause: 0))
        }
        var result: [NamedPart] = []
        let concepts = parts.map(\.concept)
        for part in parts {
            let beside = company.union(concepts)
            guard
                let concept = index.reading(
                    of: part.concept, languages: part.languages, family: family, beside: beside,
                    insteadOfConvention: { detail(of: part.concept, around: $0) })
            else { continue }
            if !result.contains(where: { $0.concept == concept }) {
                result.append(NamedPart(concept: concept, languages: part.languages, clause: part.clause))
            }
        }
        return particular(result)
    }

    /// The part of `area` that protocol or series name and that reaches beyond `habit`, if there is one.
    private func detail(of area: Int, around habit: Int) -> Int? {
        (scan.secondary + scan.series).lazy.flatMap(\.mentions).map(\.concept).first {
            index.isInside($0, area) && index.isInside(habit, $0)
        }
    }

    /// The area that `anatomy` names besides `regions` and that contains them all: what the study is of when the list
    /// has nothing for the part itself. Vessels and bones are examined in ways of their own.
    private func area(around regions: [Int], among anatomy: [NamedPart]) -> Int? {
        guard family == .ct || family == .mr, !regions.contains(where: { index.isVessel($0) || index.isBone($0) })
        else { return nil }
        let areas = anatomy.compactMap {
            index.reading(of: $0.concept, languages: $0.languages, family: family, beside: [])
        }.filter { area in !regions.isEmpty && regions.allSatisfy { index.isInside($0, area) } }
        return areas.first { area in areas.allSatisfy { $0 == area || index.isInside(area, $0) } }
    }

    /// Without the areas that contain another part named in the same clause. An area joined to one of its parts
    /// (上腹部+胰腺) is an examination of its own.
    private func particular(_ parts: [NamedPart]) -> [NamedPart] {
        parts.filter { whole in
            !parts.contains { $0.clause == whole.clause && index.isInside($0.concept, whole.concept) }
        }
    }
}
