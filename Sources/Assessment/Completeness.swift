public import DICOMCore

/// Whether all of a study came, with the evidence that decided it. Encodes as `completeness` of `priorctl study`.
public struct Completeness: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        case complete
        /// Something is missing; the evidence names it.
        case incomplete
        /// Nothing tells how much there should be.
        case unknown
    }

    /// What one rule says of one series, or of the study when no series is named.
    public struct Evidence: Codable, Equatable, Sendable {
        public var rule: CompletenessRuleName
        public var seriesInstanceUID: SeriesInstanceUID?
        public var verdict: Verdict
        /// For a reader: what was counted or compared.
        public var detail: String
        /// What is missing, in ascending order: `instance 7`, `slice at 716.2 mm`, `LAT`, `2 instances`. Empty unless
        /// `incomplete`.
        public var missing: [String]
        /// How surely the verdict is right as far as this rule alone can tell, in 0...1; nil when it is `unknown`.
        public var confidence: Double?
        /// Series that this, when `complete`, vouches for, and in which it outweighs weaker losses; nil: all. Not reported.
        var covers: Set<SeriesInstanceUID>?

        private enum CodingKeys: CodingKey { case rule, seriesInstanceUID, verdict, detail, missing, confidence }

        /// - Parameter confidence: what the rule is usually worth when nil.
        public init(
            rule: CompletenessRuleName, seriesInstanceUID: SeriesInstanceUID? = nil, verdict: Verdict, detail: String,
            missing: [String] = [], confidence: Double? = nil
        ) {
            self.rule = rule
            self.seriesInstanceUID = seriesInstanceUID
            self.verdict = verdict
            self.detail = detail
            self.missing = missing
            self.confidence = verdict == .unknown ? nil : confidence ?? rule.usualConfidence
        }
    }

    public var verdict: Verdict
    /// The rule that decided, the strongest where several did; nil when the verdict is `unknown`.
    public var decidedBy: CompletenessRuleName?
    /// How surely the verdict is right with all evidence weighed, in 0...1; nil when it is `unknown`.
    public var confidence: Double?
    /// The evidence that decided first.
    public var evidence: [Evidence]

    public init(
        verdict: Verdict, decidedBy: CompletenessRuleName? = nil, confidence: Double? = nil, evidence: [Evidence]
    ) {
        self.verdict = verdict
        self.decidedBy = decidedBy
        self.confidence = confidence
        self.evidence = evidence
    }
}

/// The completeness rules, by their names in reports.
public enum CompletenessRuleName: String, Codable, Sendable, CaseIterable {
    case mpps
    case commitmentList = "commitment-list"
    case senderCount = "sender-count"
    case announcedCount = "announced-count"
    case frameCount = "frame-count"
    case temporalPositions = "temporal-positions"
    case sliceGap = "slice-gap"
    case duplicatePosition = "duplicate-position"
    case instanceNumberGap = "instance-number-gap"
    case missingView = "missing-view"
    case missingPhase = "missing-phase"
    case missingBValue = "missing-b-value"
}
