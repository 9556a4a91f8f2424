/// A rule that says of series, or of the whole study, whether all of it came. A rule with nothing to say is silent.
protocol CompletenessRule: Sendable {
    var name: CompletenessRuleName { get }
    /// Evidence in the order of the study's series.
    func evidence(in study: StudyContent) -> [Completeness.Evidence]
}

extension CompletenessRuleName {
    /// What a rule's evidence is about.
    enum Question {
        /// Whether what the sender made arrived; stronger rules overrule weaker ones.
        case transfer(strength: Int)
        /// Whether what arrived is all the item asks for; no count of the sender's can answer that.
        case item
    }

    var question: Question {
        switch self {
        case .mpps: .transfer(strength: 7)
        case .commitmentList: .transfer(strength: 6)
        case .senderCount: .transfer(strength: 5)
        case .announcedCount: .transfer(strength: 4)
        case .frameCount, .temporalPositions: .transfer(strength: 3)
        case .sliceGap, .duplicatePosition: .transfer(strength: 2)
        case .instanceNumberGap: .transfer(strength: 1)
        case .missingView, .missingPhase, .missingBValue: .item
        }
    }
}

extension Completeness {
    /// Combines the rules' evidence: a loss counts unless a stronger rule says that all came.
    ///
    /// The study is complete when a rule says so of all of it: of the study, of each of its image series, or of the
    /// item's views, which are the whole of a radiograph.
    init(evidence: [Evidence], of study: StudyContent) {
        let losses = evidence.filter { piece in
            piece.verdict == .incomplete && !evidence.contains { $0.overrules(piece) }
        }
        let verdict: Verdict
        if !losses.isEmpty {
            verdict = .incomplete
        } else if Completeness.isWhole(study, by: evidence) {
            verdict = .complete
        } else {
            verdict = .unknown
        }
        let deciding: (Evidence) -> Bool = { piece in
            verdict == .incomplete ? losses.contains(piece) : piece.verdict == verdict
        }
        self.init(verdict: verdict, evidence: evidence.filter(deciding) + evidence.filter { !deciding($0) })
    }

    private static func isWhole(_ study: StudyContent, by evidence: [Evidence]) -> Bool {
        let complete = evidence.filter { $0.verdict == .complete }
        if complete.contains(where: { $0.seriesInstanceUID == nil }) { return true }
        let series = study.series.filter { $0.instances.contains(where: \.isImage) }
        return !series.isEmpty
            && series.allSatisfy { one in complete.contains { $0.seriesInstanceUID == one.seriesInstanceUID } }
    }
}

extension Completeness.Evidence {
    /// Whether this, saying that all came, outweighs `loss` in the same place.
    fileprivate func overrules(_ loss: Completeness.Evidence) -> Bool {
        guard verdict == .complete, case .transfer(let strength) = rule.question,
            case .transfer(let other) = loss.rule.question, strength > other
        else { return false }
        return seriesInstanceUID == nil || seriesInstanceUID == loss.seriesInstanceUID
    }
}
