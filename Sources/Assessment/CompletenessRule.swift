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

    /// How often a verdict of the rule is right: our judgement, no source gives any. Counts of the sender are right unless
    /// written wrongly; a gap between slices may have been planned; numbers are left out for many reasons.
    var usualConfidence: Double {
        switch self {
        case .mpps: 0.99
        case .commitmentList: 0.98
        case .senderCount: 0.97
        case .announcedCount, .frameCount: 0.95
        case .temporalPositions, .sliceGap, .missingView, .missingBValue: 0.9
        case .duplicatePosition, .missingPhase: 0.8
        case .instanceNumberGap: 0.6
        }
    }
}
