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
        /// Finite; nil where the figure is none that a number can hold.
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
            self.value = value.flatMap { $0.isFinite ? $0 : nil }
            self.threshold = threshold.flatMap { $0.isFinite ? $0 : nil }
            self.unit = unit
            self.detail = detail
        }
    }

    /// One figure of a series that is followed over time (`report quality`), good or bad.
    public struct Measure: Codable, Equatable, Sendable {
        public var rule: QualityRuleName
        public var seriesInstanceUID: SeriesInstanceUID
        public var value: Double
        public var unit: String

        public init(rule: QualityRuleName, seriesInstanceUID: SeriesInstanceUID, value: Double, unit: String) {
            self.rule = rule
            self.seriesInstanceUID = seriesInstanceUID
            self.value = value
            self.unit = unit
        }
    }

    public var verdict: Verdict
    /// Worst first.
    public var findings: [Finding]
    public var measures: [Measure]

    public init(verdict: Verdict, findings: [Finding], measures: [Measure] = []) {
        self.verdict = verdict
        self.findings = findings
        self.measures = measures
    }

    /// Assessments kept by earlier versions of priord have no measures.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        verdict = try container.decode(Verdict.self, forKey: .verdict)
        findings = try container.decode([Finding].self, forKey: .findings)
        measures = try container.decodeIfPresent([Measure].self, forKey: .measures) ?? []
    }
}

/// The quality rules, by their names in reports.
public enum QualityRuleName: String, Codable, Sendable, CaseIterable {
    case pixelData = "pixel-data"
    case blankImage = "blank-image"
    case saturation
    case exposureIndex = "exposure-index"
    case contrastRange = "contrast-range"
    case blur
    case noise
    case collimation
    case laterality
    case hounsfieldCalibration = "hu-calibration"
    case sliceThickness = "slice-thickness"
    case coverage
    case inconsistentGeometry = "inconsistent-geometry"
    case ghosting
    case signalToNoise = "signal-to-noise"
    case frameTiming = "frame-timing"
    case maskFrame = "mask-frame"
    case motion
    case lossyCompression = "lossy-compression"
    case secondaryCapture = "secondary-capture"
    case identity
    case examDate = "exam-date"
}
