import DICOMCore

// How evidence becomes a verdict. Two questions are asked apart: whether what the sender made arrived, and whether that
// is all the item asks for. On the first, rules stand on a ladder: what the modality or the sender says of the study,
// then what it wrote into the objects, then what positions and numbers show. In the same place a stronger rule overrules
// a weaker one. Confidence comes from odds: rules that agree multiply theirs, one that was overruled divides them.

extension Completeness {
    /// Combines the rules' evidence: a loss counts unless a stronger rule says that all came.
    ///
    /// The study is complete when a rule says so of all of it: of the study, of each series of original images, or of the
    /// item's views, which are the whole of a radiograph. While the modality is at work on another step, what it says itself
    /// can't be the whole: then it takes the sender's archive, or the item's views.
    init(evidence: [Evidence], of study: StudyContent) {
        let losses = evidence.filter { piece in
            piece.verdict == .incomplete && !evidence.contains { $0.overrules(piece) }
        }.sorted { $0.strength > $1.strength }
        guard losses.isEmpty else {
            let confidence = losses.map { $0.confidence(among: evidence) }.max()
            self.init(
                verdict: .incomplete, decidedBy: losses[0].rule, confidence: Completeness.rounded(confidence),
                evidence: losses + evidence.filter { !losses.contains($0) })
            return
        }
        guard let whole = Completeness.whole(study, by: evidence) else {
            self.init(
                verdict: .unknown,
                evidence: evidence.filter { $0.verdict == .unknown } + evidence.filter { $0.verdict != .unknown })
            return
        }
        self.init(
            verdict: .complete, decidedBy: whole.rule, confidence: Completeness.rounded(whole.confidence),
            evidence: evidence.filter { $0.verdict == .complete } + evidence.filter { $0.verdict != .complete })
    }

    private static func rounded(_ confidence: Double?) -> Double? {
        confidence.map { (min($0, 0.99) * 100).rounded() / 100 }
    }

    /// The rule that says that all of the study came, and how surely; nil when none does.
    private static func whole(_ study: StudyContent, by evidence: [Evidence]) -> (
        rule: CompletenessRuleName, confidence: Double
    )? {
        let complete = evidence.filter { piece in
            piece.verdict == .complete && (piece.rule.isIndependent || !study.testimony.isInProgress)
        }.sorted { $0.strength > $1.strength }
        if let piece = complete.first(where: { $0.coversStudy && $0.covers == nil }) {
            return (piece.rule, piece.confidence(among: evidence))
        }
        let images = study.series.filter { $0.instances.contains(where: \.isImage) }
        let needed = images.filter { !$0.isAccompanying }
        guard !needed.isEmpty else { return nil }
        func piece(of series: SeriesContent) -> Evidence? {
            complete.first { $0.covers(series.seriesInstanceUID) }
        }
        var weakest: (rule: CompletenessRuleName, confidence: Double)?
        for series in needed {
            guard let piece = piece(of: series) else { return nil }
            let confidence = piece.confidence(among: evidence)
            if confidence < weakest?.confidence ?? 1.1 { weakest = (piece.rule, confidence) }
        }
        // What nobody counted may be cut off without a trace.
        let isAllCounted = images.allSatisfy { piece(of: $0) != nil }
        return weakest.map { ($0.rule, isAllCounted ? $0.confidence : min($0.confidence, 0.9)) }
    }
}

extension CompletenessRuleName {
    /// Whether the rule, when it finds a study complete, means all of its images: the views of a radiograph are its images,
    /// but a study with all its phases may still lack a slice of each.
    fileprivate var coversStudy: Bool {
        switch self {
        case .missingPhase, .missingBValue: false
        default: true
        }
    }
}

extension CompletenessRuleName {
    /// Whether the rule speaks neither for the modality nor from what it wrote into the objects so far.
    fileprivate var isIndependent: Bool {
        switch self {
        case .senderCount, .missingView: true
        default: false
        }
    }
}

extension SeriesContent {
    /// Made beside the examination or from it: scouts, pages, reformats. Nobody announces how many there are.
    fileprivate var isAccompanying: Bool {
        instances.filter(\.isImage).allSatisfy { $0.isLocalizer || $0.isCapture || $0.isComputed }
    }
}

extension Completeness.Evidence {
    /// Place on the ladder; below it, what the item asks for.
    fileprivate var strength: Int {
        if case .transfer(let strength) = rule.question { strength } else { 0 }
    }

    /// Whether it is about the study, and the rule means all images of it.
    fileprivate var coversStudy: Bool { seriesInstanceUID == nil && rule.coversStudy }

    /// Whether this, saying that all came, says so of a series.
    fileprivate func covers(_ series: SeriesInstanceUID) -> Bool {
        seriesInstanceUID == series || coversStudy && covers?.contains(series) ?? true
    }

    /// A count that is itself in doubt, being smaller than what came, overrules nothing.
    private static let leastToOverrule = 0.8

    /// Whether this, saying that all came, outweighs `loss` in the same place.
    fileprivate func overrules(_ loss: Completeness.Evidence) -> Bool {
        guard verdict == .complete, strength > loss.strength, loss.strength > 0,
            confidence ?? 0 >= Completeness.Evidence.leastToOverrule
        else { return false }
        if let seriesInstanceUID { return seriesInstanceUID == loss.seriesInstanceUID }
        guard let covers else { return true }
        return loss.seriesInstanceUID.map(covers.contains) ?? false
    }

    /// Confidence in this piece's verdict with what other sources say of the same place, by their odds.
    fileprivate func confidence(among evidence: [Completeness.Evidence]) -> Double {
        func odds(_ confidence: Double) -> Double { confidence / max(1 - confidence, 0.001) }
        guard let confidence else { return 0 }
        var combined = odds(confidence)
        guard strength > 0 else { return confidence }
        for source in Completeness.Evidence.sources where !source.contains(rule) {
            let said = evidence.filter { source.contains($0.rule) && isAlsoAbout($0) }
            guard let witness = said.max(by: { $0.confidence ?? 0 < $1.confidence ?? 0 }),
                let weight = witness.confidence
            else { continue }
            combined *= witness.verdict == verdict ? odds(weight) : 1 / odds(weight)
        }
        return combined / (1 + combined)
    }

    private func isAlsoAbout(_ other: Completeness.Evidence) -> Bool {
        other.seriesInstanceUID == nil || seriesInstanceUID == nil || seriesInstanceUID == other.seriesInstanceUID
    }

    /// Rules that read the same thing are one witness, heard once as the surest of them.
    private static let sources: [Set<CompletenessRuleName>] = [
        [.mpps], [.commitmentList], [.senderCount], [.announcedCount],
        [.frameCount, .temporalPositions, .sliceGap, .duplicatePosition, .instanceNumberGap],
    ]
}
