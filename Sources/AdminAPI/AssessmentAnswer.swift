/// What the newest assessment says of a study: the judged part of ``StudyAnswer``, as it is kept in the index too.
public struct AssessmentAnswer: Codable, Sendable, Equatable {
    public var match: MatchAnswer?
    public var otherMatches: [OtherMatch]
    /// Set when there is no safe match.
    public var unmapped: Unmapped?
    public var completeness: CompletenessAnswer
    public var quality: QualityAnswer
    /// Why the study could not be read, or nil.
    public var fault: String?

    /// A further item of the same study, or the same examination in another catalogue.
    public struct OtherMatch: Codable, Sendable, Equatable {
        public var catalogue: String
        public var code: String?
        /// Number in a catalogue without codes.
        public var no: Int?
        /// Name of a technique within its catalogue.
        public var id: String?
    }

    public struct Unmapped: Codable, Sendable, Equatable {
        public var reason: String
        /// Best first.
        public var candidates: [String]
        /// Number of the alias that says so, when a person taught it.
        public var alias: Int64?
    }

    /// Before anything is known.
    public static let none = AssessmentAnswer(
        match: nil, otherMatches: [], unmapped: nil,
        completeness: CompletenessAnswer(verdict: "unknown", evidence: []),
        quality: QualityAnswer(verdict: "notAssessed", findings: []), fault: nil)
}

/// The item a study was found to be.
public struct MatchAnswer: Codable, Sendable, Equatable {
    public var catalogue: String
    public var code: String
    /// In 0...1.
    public var confidence: Double
    /// `exact` or `nearest`.
    public var grade: String
    public var alternatives: [Alternative]
    public var evidence: [Evidence]

    public struct Alternative: Codable, Sendable, Equatable {
        public var code: String
        public var confidence: Double
    }

    public struct Evidence: Codable, Sendable, Equatable {
        public var axis: String
        public var value: String
        /// Keyword of the Attribute it stands in, or `convention`.
        public var source: String
        /// The words as they stand there.
        public var text: String
    }
}

/// Whether all of a study came.
public struct CompletenessAnswer: Codable, Sendable, Equatable {
    /// `complete`, `incomplete` or `unknown`.
    public var verdict: String
    /// The rule that decided; nil when the verdict is `unknown`.
    public var decidedBy: String?
    /// In 0...1; nil when the verdict is `unknown`.
    public var confidence: Double?
    public var evidence: [Evidence]

    public struct Evidence: Codable, Sendable, Equatable {
        public var rule: String
        public var seriesInstanceUID: String?
        public var verdict: String
        public var detail: String
        public var missing: [String]
        /// In 0...1, of this rule alone; nil when its verdict is `unknown`.
        public var confidence: Double?
    }
}

/// Whether a study is good enough to read.
public struct QualityAnswer: Codable, Sendable, Equatable {
    /// `pass`, `review`, `fail` or `notAssessed`.
    public var verdict: String
    public var findings: [Finding]

    public struct Finding: Codable, Sendable, Equatable {
        public var rule: String
        /// `info`, `review` or `fail`.
        public var severity: String
        public var seriesInstanceUID: String?
        public var sopInstanceUID: String?
        public var value: Double?
        public var threshold: Double?
        public var unit: String?
        public var detail: String
    }
}
