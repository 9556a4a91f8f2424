public import Catalogue

/// Names the catalogue item of a study, or says why it cannot.
///
/// Building one compiles lexicon and catalogue (milliseconds); then it is a value to share. Answers depend on nothing
/// but the arguments.
public struct Matcher: Sendable {
    /// Answers below this confidence are not given.
    static let confidenceThreshold = 0.6
    private static let candidateLimit = 8

    let catalogue: ImagingCatalogue
    let index: LexiconIndex
    /// By leading part.
    private let profiles: [Int: [ItemProfile]]
    private let judge: ItemJudge

    public init(catalogue: ImagingCatalogue, lexicon: Lexicon) {
        self.init(catalogue: catalogue, index: LexiconIndex(lexicon))
    }

    /// With a lexicon that is compiled already, which matchers of several catalogues share.
    init(catalogue: ImagingCatalogue, index: LexiconIndex) {
        self.catalogue = catalogue
        self.index = index
        profiles = Dictionary(
            grouping: catalogue.items.compactMap { ItemProfile($0, index: index) }, by: \.leadingPart)
        judge = ItemJudge(index: index)
    }

    /// With the catalogue and the lexicon that are part of the program.
    public static func bundled() throws(CatalogueError) -> Matcher {
        Matcher(catalogue: try .bundled(), lexicon: try .bundled())
    }

    /// - Complexity: bounded: texts beyond ``FoldedText/scalarLimit`` scalars and series beyond
    ///   ``StudyScan/seriesLimit`` are not read.
    public func match(_ study: StudyDescriptor) -> MatchOutcome { weigh(study).outcome }

    /// The same answer with the texts it came from, which lists of procedures are asked about too.
    public func read(_ study: StudyDescriptor) -> ReadStudy {
        let weighed = weigh(study)
        return ReadStudy(outcome: weighed.outcome, scan: weighed.scan, index: index)
    }

    /// The same answer with how it came about.
    public func explain(_ study: StudyDescriptor) -> Explanation {
        let weighed = weigh(study)
        let unknown = weighed.scan.leading.map { text in text.unknown.map { text.folded.original($0, of: text.text) } }
        let related = weighed.judgements.sorted { $0.objections.count < $1.objections.count }
        return Explanation(
            outcome: weighed.outcome, axes: weighed.reading?.evidence ?? [],
            considered: related.map { .init(code: $0.profile.item.code, objections: $0.objections) },
            unknownWords: unknown ?? [])
    }

    // MARK: One study

    private struct Weighed {
        var outcome: MatchOutcome
        let scan: StudyScan
        var reading: StudyReading?
        var judgements: [Judgement] = []
    }

    /// What a code table says was ordered outranks what somebody typed.
    private func weigh(_ study: StudyDescriptor) -> Weighed {
        if let coded = codedMatch(study) {
            return Weighed(outcome: coded, scan: StudyScan(study, index: index))
        }
        guard !study.procedureMeanings.isEmpty else { return weigh(StudyScan(study, index: index)) }
        let ordered = weigh(StudyScan(study, ledBy: .procedureCode, index: index))
        let described = weigh(StudyScan(study, index: index))
        guard case .matched(let match, let others) = ordered.outcome else { return described }
        guard !described.outcome.codes.isEmpty, described.outcome.codes != ordered.outcome.codes else { return ordered }
        // The description says something else: shown, and less sure.
        var weighed = ordered
        weighed.outcome = .matched(match.doubted(byText: described.reading?.evidence ?? []), others: others)
        return weighed
    }

    private func weigh(_ scan: StudyScan) -> Weighed {
        func abstain(_ reason: AbstentionReason) -> Weighed {
            Weighed(outcome: .unmapped(reason, candidates: []), scan: scan)
        }
        if scan.isUnreadable { return abstain(.unreadableText) }
        if scan.isLocalizerOnly { return abstain(.scope) }
        if scan.leading == nil, scan.series.allSatisfy(\.folded.scalars.isEmpty) { return abstain(.noDescription) }
        guard let family = scan.family else { return abstain(scan.modalityProblem ?? .modality) }

        let reader = StudyReader(index: index, scan: scan, family: family)
        var reading = reader.readWhole()
        var judgements = judgements(of: reading)
        if judgements.isEmpty, let area = reading.area {
            reading.regions = [area]
            reading.regionIsArea = true
            judgements = self.judgements(of: reading)
        }
        if judgements.isEmpty, let narrow = reader.narrowed(reading) {
            reading = narrow
            judgements = self.judgements(of: reading)
        }
        if reading.contrast == nil, reading.showsPlainProtocol,
            judgements.allSatisfy({ $0.profile.item.contrast == .without })
        {
            reading.contrast = .without
            reading.contrastIsAssumed = true
            reading.evidence.append(Evidence(axis: .contrast, value: "without", source: .seriesDescription, text: ""))
            judgements = self.judgements(of: reading)
        }
        let outcome = decide(reading, judgements, reader) ?? self.set(of: reading, reader, scan)
        return Weighed(
            outcome: outcome ?? .unmapped(reason(judgements, reading), candidates: candidates(judgements)), scan: scan,
            reading: reading, judgements: judgements)
    }

    /// A code of the catalogue itself in a Procedure Code Sequence outranks every text.
    private func codedMatch(_ study: StudyDescriptor) -> MatchOutcome? {
        let codes = study.procedureCodes.compactMap { try? ItemCode($0) }.filter { catalogue[$0] != nil }
        guard let code = codes.first, Set(codes).count == 1 else { return nil }
        let evidence = Evidence(axis: .technique, value: code.value, source: .procedureCode, text: code.value)
        return .matched(
            StudyMatch(
                catalogue: catalogue.id.value, code: code, confidence: 0.99, grade: .exact, evidence: [evidence]),
            others: [])
    }

    /// The items of the parts that were named, each weighed on the other axes.
    func judgements(of reading: StudyReading) -> [Judgement] {
        reading.regions.flatMap { profiles[$0] ?? [] }
            .filter { $0.family == reading.family && $0.isOf(reading.regions) }
            .map { judge.judge($0, by: reading) }
    }

    // MARK: Deciding

    /// The one item that is supported on every axis it needs, or nil.
    func winner(_ judgements: [Judgement]) -> Judgement? {
        var left = judgements.filter { $0.objections.isEmpty }
        func keep(_ isBetter: (Judgement) -> Bool) {
            let better = left.filter(isBetter)
            if !better.isEmpty { left = better }
        }
        keep { $0.saysTechnique }
        if let least = left.map({ $0.lacking }).min() { keep { $0.lacking == least } }
        keep { $0.profile.techniqueRole != .neutral }
        keep { $0.contrastIsExact }
        keep { $0.coversViewsExactly }
        if let most = left.map({ $0.profile.views.count }).max(), left.allSatisfy({ !$0.coversViewsExactly }) {
            keep { $0.profile.views.count == most }
        }
        return left.count == 1 ? left.first : nil
    }

    private func decide(
        _ reading: StudyReading, _ judgements: [Judgement], _ reader: StudyReader
    ) -> MatchOutcome? {
        let scan = reader.scan
        guard let winner = winner(judgements) else { return nil }
        let match = answer(winner, reading, judgements, scan)
        guard match.confidence >= Self.confidenceThreshold else {
            return .unmapped(.lowConfidence, candidates: [match.code])
        }
        if !winner.coversViewsExactly {
            let rest = remainders(of: winner, reading, scan)
            if !rest.isEmpty { return .matched(match, others: rest) }
        }
        if let set = clauseSet(of: reading, reader, scan), set.leadingParts.count > 1,
            !set.leadingParts.contains(where: { index.isInside($0, winner.profile.leadingPart) }),
            set.matches.contains(where: { $0.code == match.code }), let outcome = outcome(set.matches)
        {
            return outcome
        }
        return .matched(match, others: [])
    }

    func answer(
        _ judgement: Judgement, _ reading: StudyReading, _ judgements: [Judgement], _ scan: StudyScan
    ) -> StudyMatch {
        let doubts = doubts(judgement, reading, scan)
        let confidence = Confidence.value(doubts)
        let others = candidates(judgements).filter { $0 != judgement.profile.item.code }.prefix(3)
        return StudyMatch(
            catalogue: catalogue.id.value, code: judgement.profile.item.code, confidence: confidence,
            grade: judgement.isNearest ? .nearest : .exact,
            alternatives: others.map {
                .init(code: $0, confidence: ((1 - confidence) / Double(others.count) * 100).rounded() / 100)
            },
            evidence: reading.evidence, doubts: doubts)
    }

    private func doubts(_ judgement: Judgement, _ reading: StudyReading, _ scan: StudyScan) -> Doubts {
        var doubts: Doubts = []
        if judgement.isNearest { doubts.insert(.nearest) }
        if reading.contrastIsAssumed { doubts.insert(.contrastAssumed) }
        if reading.regionIsSecondary { doubts.insert(.regionElsewhere) }
        if !judgement.coversViewsExactly { doubts.insert(.moreViews) }
        if !judgement.saysTechnique { doubts.insert(.techniqueUnsaid) }
        if reading.attributeDiffers { doubts.insert(.attributeDiffers) }
        guard let leading = scan.leading else { return doubts }
        if leading.isRespelled { doubts.insert(.respelled) }
        if leading.hasUnknownClause { doubts.insert(.unknownClause) }
        if leading.unknown.count == 1 { doubts.insert(.unknownWord) }
        if leading.unknown.count > 1 { doubts.insert(.unknownWords) }
        return doubts
    }

    // MARK: Abstaining

    /// Items of the study's region with the fewest contradictions.
    private func near(_ judgements: [Judgement]) -> [Judgement] {
        guard let least = judgements.map({ $0.contradictionCount }).min(), least <= 2 else { return [] }
        return judgements.filter { $0.contradictionCount == least }
    }

    private func candidates(_ judgements: [Judgement]) -> [ItemCode] {
        near(judgements).sorted { $0.objections.count < $1.objections.count }.prefix(Self.candidateLimit)
            .map(\.profile.item.code)
    }

    private func reason(_ judgements: [Judgement], _ reading: StudyReading) -> AbstentionReason {
        if reading.hasAction { return .intervention }
        if reading.regions.isEmpty { return .ambiguousRegion }
        let near = near(judgements).sorted { $0.objections.count < $1.objections.count }
        guard let best = near.first else { return reading.regions.count > 1 ? .multiPart : .outOfList }
        let objection = best.objections.first(where: \.isContradiction) ?? best.objections.first
        return objection?.reason ?? .ambiguousItem
    }
}
