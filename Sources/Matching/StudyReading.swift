import Catalogue

/// What a study, or one clause of its text, says on each axis.
struct StudyReading {
    enum Contrast {
        case without, with, withoutAndWith, dynamic
    }

    let family: ModalityFamily
    /// Parts of the body, the particular ones only: an area that is named along with a part inside it is left out.
    var regions: [Int] = []
    var sides: SideSet = []
    /// Text and Attribute name opposite sides.
    var sideConflict = false
    /// The side stands in the leading text and not only in an Attribute, which senders fill for unpaired parts too.
    var sideIsSaid = false
    var views: ViewSet = []
    var positions: Set<CatalogueItem.Position> = []
    var isBedside = false
    var contrast: Contrast?
    /// Text and series or agent contradict each other on contrast.
    var contrastConflict = false
    var contrastIsAssumed = false
    var contrastIsSettled = false
    /// Techniques and actions that ask something of an item.
    var techniques: Set<Int> = []
    var hasAction = false
    var language: Language
    /// The region stands only in a secondary Attribute or in series.
    var regionIsSecondary = false
    var evidence: [Evidence] = []

}

/// Finds the axes of a study in its scanned texts.
struct StudyReader {
    let index: LexiconIndex
    let scan: StudyScan
    let family: ModalityFamily

    /// The axes of the whole study.
    func readWhole() -> StudyReading {
        let mentions = scan.leading?.mentions ?? []
        var reading = read(mentions, in: scan.leading)
        addSecondaryRegion(to: &reading)
        addSecondarySides(to: &reading, said: mentions)
        addViewPositions(to: &reading)
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
                reading.regions = regions(source.regions.map { ($0, []) }, beside: company(of: mentions))
            }
            if reading.sides.isEmpty { reading.sides = source.sides }
            if reading.views.isEmpty { reading.views = source.views }
            if reading.positions.isEmpty { reading.positions = source.positions }
        }
        if reading.contrast == nil {
            reading.contrast = whole.contrast
            reading.contrastIsAssumed = whole.contrastIsAssumed
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

    // MARK: One text

    private func read(_ mentions: [Mention], in text: ScannedText?) -> StudyReading {
        var reading = StudyReading(family: family, language: scan.language)
        let company = company(of: mentions)
        var anatomy: [(concept: Int, languages: LanguageSet)] = []
        var named = company
        var contrastWords: Set<String> = []
        func add(_ axis: Evidence.Axis, _ concept: Int, _ mention: Mention) {
            guard let text else { return }
            reading.evidence.append(
                Evidence(
                    axis: axis, value: index.concepts[concept].name, source: text.source, text: text.words(of: mention))
            )
        }
        for mention in mentions {
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
                    anatomy.append((mention.concept, mention.languages))
                }
                add(.region, concept, mention)
            case .laterality:
                reading.sides.formUnion(SideSet(concept: id))
                add(.laterality, concept, mention)
            case .view:
                reading.views.formUnion(ViewSet(concept: id))
                add(.views, concept, mention)
            case .position:
                addPosition(id, to: &reading)
                add(.position, concept, mention)
            case .contrast:
                contrastWords.insert(id.name)
                if family == .ct || family == .mr { add(.contrast, concept, mention) }
            case .technique, .action:
                if index.role(of: concept) != .neutral {
                    reading.techniques.insert(concept)
                    if id.kind == .action { reading.hasAction = true }
                    add(.technique, concept, mention)
                }
            case .modality, .finding: break
            }
        }
        reading.regions = regions(anatomy, beside: company)
        for implication in index.implications where named.contains(implication.subject) {
            apply(implication, named: &named, to: &reading, contrastWords: &contrastWords)
        }
        reading.regions = particular(reading.regions)
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
        _ implication: LexiconIndex.Implication, named: inout Set<Int>, to reading: inout StudyReading,
        contrastWords: inout Set<String>
    ) {
        guard implication.families.isEmpty || implication.families.contains(family) else { return }
        if let condition = implication.condition, !named.contains(condition) { return }
        let id = index.concepts[implication.result]
        switch id.kind {
        case .anatomy:
            let refines = reading.regions.contains { index.isInside(implication.result, $0) }
            guard reading.regions.isEmpty || refines else { return }
            reading.regions.append(implication.result)
        case .technique:
            guard index.role(of: implication.result) != .neutral else { break }
            reading.techniques.insert(implication.result)
        case .view: if reading.views.isEmpty { reading.views.formUnion(ViewSet(concept: id)) }
        case .contrast: contrastWords.insert(id.name)
        case .modality, .position, .laterality, .action, .finding: break
        }
        named.insert(implication.result)
    }

    // MARK: Region

    private func regions(_ anatomy: [(concept: Int, languages: LanguageSet)], beside company: Set<Int>) -> [Int] {
        var parts = anatomy
        for combination in index.combinations {
            guard parts.contains(where: { $0.concept == combination.first }),
                parts.contains(where: { $0.concept == combination.second })
            else { continue }
            parts.removeAll { part in
                part.concept == combination.first || part.concept == combination.second
                    || index.isInside(part.concept, combination.result)
            }
            parts.append((combination.result, []))
        }
        var result: [Int] = []
        let concepts = parts.map(\.concept)
        for part in parts {
            let beside = company.union(concepts)
            guard
                let concept = index.reading(
                    of: part.concept, languages: part.languages, family: family, beside: beside,
                    insteadOfConvention: { detail(of: part.concept, around: $0) })
            else { continue }
            if !result.contains(concept) { result.append(concept) }
        }
        return particular(result)
    }

    /// The part of `area` that protocol or series name and that reaches beyond `habit`, if there is one.
    private func detail(of area: Int, around habit: Int) -> Int? {
        (scan.secondary + scan.series).lazy.flatMap(\.mentions).map(\.concept).first {
            index.isInside($0, area) && index.isInside(habit, $0)
        }
    }

    /// Without the areas that contain another part named.
    private func particular(_ regions: [Int]) -> [Int] {
        regions.filter { whole in !regions.contains { index.isInside($0, whole) } }
    }

    private func addSecondaryRegion(to reading: inout StudyReading) {
        guard reading.regions.isEmpty else { return }
        // Series are named after windows and phases as well; they are asked only where nothing was left unread.
        let isUnderstood = scan.leading?.unknown.isEmpty ?? true
        for text in scan.secondary + (isUnderstood ? [seriesTogether].compactMap(\.self) : []) {
            let other = read(text.mentions, in: text)
            guard !other.regions.isEmpty else { continue }
            reading.regions = other.regions
            reading.regionIsSecondary = true
            reading.evidence += other.evidence.filter { $0.axis == .region }
            return
        }
    }

    private var seriesTogether: ScannedText? {
        scan.series.isEmpty
            ? nil
            : ScannedText(
                scan.series.prefix(16).map(\.text).joined(separator: "; "), source: .seriesDescription, index: index)
    }

    // MARK: Side

    private func addSecondarySides(to reading: inout StudyReading, said mentions: [Mention]) {
        if !scan.attributeSide.isEmpty, scan.attributeSide != .both {
            if reading.sides == .left || reading.sides == .right {
                reading.sideConflict = reading.sides != scan.attributeSide
            } else if reading.sides.isEmpty {
                reading.sides = scan.attributeSide
                reading.evidence.append(
                    Evidence(
                        axis: .laterality, value: scan.attributeSide.text, source: .laterality,
                        text: scan.attributeSide == .left ? "L" : "R"))
            }
        }
        guard reading.sides.isEmpty else { return }
        for text in scan.secondary + scan.series {
            for mention in text.mentions where index.kind(mention.concept) == .laterality {
                reading.sides.formUnion(SideSet(concept: index.concepts[mention.concept]))
                reading.evidence.append(
                    Evidence(
                        axis: .laterality, value: index.concepts[mention.concept].name, source: text.source,
                        text: text.words(of: mention)))
            }
            if text.source != .seriesDescription, !reading.sides.isEmpty { return }
        }
    }

    // MARK: Views

    private func addViewPositions(to reading: inout StudyReading) {
        guard family == .radiograph || family == .mammogram else { return }
        if reading.views.subtracting(.counts).isEmpty {
            let counts = reading.views
            var views = scan.attributeViews
            var source = Evidence.Source.viewPosition
            for text in views.isEmpty ? scan.series + scan.secondary : [] {
                for mention in text.mentions where index.kind(mention.concept) == .view {
                    views.formUnion(ViewSet(concept: index.concepts[mention.concept]))
                    source = text.source
                }
            }
            views.subtract(.counts)
            if !views.isEmpty {
                reading.views = views
                reading.evidence.append(Evidence(axis: .views, value: views.text, source: source, text: views.text))
            } else {
                reading.views = counts
            }
        } else if reading.views.contains(.frontal), scan.attributeViews.contains(.ap),
            !scan.attributeViews.contains(.pa)
        {
            reading.views.remove(.frontal)
            reading.views.insert(.ap)
            reading.evidence.append(Evidence(axis: .views, value: "AP", source: .viewPosition, text: "AP"))
        }
    }

    // MARK: Contrast

    private func contrast(_ words: Set<String>) -> StudyReading.Contrast? {
        let phases: Set<String> = [
            "with", "delayed", "phase_arterial", "phase_portal", "phase_nephrographic", "phase_excretory",
            "tissue_specific",
        ]
        if words.contains("dynamic") { return .dynamic }
        let with = !words.isDisjoint(with: phases)
        if words.contains("without_and_with") || (with && words.contains("without")) { return .withoutAndWith }
        if with { return .with }
        return words.contains("without") ? .without : nil
    }

    private func settleContrast(of reading: inout StudyReading) {
        guard family == .ct || family == .mr else { return }
        var seen: Set<String> = []
        for text in scan.series + scan.secondary {
            for mention in text.mentions where index.kind(mention.concept) == .contrast {
                seen.insert(index.concepts[mention.concept].name)
            }
        }
        var shown = contrast(seen)
        if shown == .dynamic, family == .ct { shown = .with }
        if scan.hasContrastAgent {
            shown = shown == .without ? .withoutAndWith : (shown ?? .with)
        }
        switch (reading.contrast, shown) {
        case (.without, .with), (.without, .withoutAndWith), (.without, .dynamic):
            reading.contrastConflict = true
        case (.with, .withoutAndWith): reading.contrast = .withoutAndWith
        case (nil, let shown?):
            reading.contrast = shown
            let source: Evidence.Source = scan.hasContrastAgent ? .contrastAgent : .seriesDescription
            reading.evidence.append(Evidence(axis: .contrast, value: "\(shown)", source: source, text: ""))
        case (nil, nil):
            guard scan.language != .english, !reading.contrastIsSettled else { break }
            reading.contrast = .without
            reading.contrastIsAssumed = true
            reading.evidence.append(Evidence(axis: .contrast, value: "without", source: .convention, text: ""))
        default: break
        }
    }

    /// Sequences that make a study another item may stand only in its series.
    private func addSeriesTechniques(to reading: inout StudyReading) {
        guard family == .mr else { return }
        for text in scan.series {
            for mention in text.mentions
            where index.kind(mention.concept) == .technique && index.role(of: mention.concept) == .additive {
                guard reading.techniques.insert(mention.concept).inserted else { continue }
                reading.evidence.append(
                    Evidence(
                        axis: .technique, value: index.concepts[mention.concept].name, source: .seriesDescription,
                        text: text.words(of: mention)))
            }
        }
    }
}
