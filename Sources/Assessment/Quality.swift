public import DICOMCore

/// Whether a study is good enough to read, with what was found. Encodes as `quality` of `priorctl study`.
public struct Quality: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable {
        case pass
        /// A person should look.
        case review
        case fail
        /// No image of the study could be judged.
        case notAssessed
    }

    /// How much a finding weighs. `info` raises nothing.
    public enum Severity: String, Codable, Sendable, Comparable {
        case info, review, fail

        private var rank: Int {
            switch self {
            case .info: 0
            case .review: 1
            case .fail: 2
            }
        }

        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
    }

    /// One thing a rule noticed, with the figure it judged by and the place.
    public struct Finding: Codable, Equatable, Sendable {
        public var rule: QualityRuleName
        public var severity: Severity
        public var seriesInstanceUID: SeriesInstanceUID?
        public var sopInstanceUID: SOPInstanceUID?
        public var value: Double?
        public var threshold: Double?
        /// Of `value` and `threshold`.
        public var unit: String?
        /// For a reader; no patient data.
        public var detail: String

        public init(
            rule: QualityRuleName, severity: Severity, seriesInstanceUID: SeriesInstanceUID? = nil,
            sopInstanceUID: SOPInstanceUID? = nil, value: Double? = nil, threshold: Double? = nil,
            unit: String? = nil, detail: String
        ) {
            self.rule = rule
            self.severity = severity
            self.seriesInstanceUID = seriesInstanceUID
            self.sopInstanceUID = sopInstanceUID
            self.value = value
            self.threshold = threshold
            self.unit = unit
            self.detail = detail
        }
    }

    public var verdict: Verdict
    /// Worst first.
    public var findings: [Finding]

    public init(verdict: Verdict, findings: [Finding]) {
        self.verdict = verdict
        self.findings = findings
    }
}

/// The quality rules, by their names in reports.
public enum QualityRuleName: String, Codable, Sendable, CaseIterable {
    case pixelData = "pixel-data"
    case blankImage = "blank-image"
    case secondaryCapture = "secondary-capture"
    case examDate = "exam-date"
}
