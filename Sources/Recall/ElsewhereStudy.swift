public import Archive
public import DICOMCore

/// A study that another system says it has, as far as it tells. "" stands for what it does not.
public struct ElsewhereStudy: Equatable, Sendable {
    public var studyInstanceUID: StudyInstanceUID
    /// With the issuer that its source is known to number for where it names none itself.
    public var patient: PatientRecord
    public var study: StudyRecord
    /// Nil when its description is no safe match.
    public var match: CatalogueMatch?
    /// As assessments say it, for a source that assesses; else "", since nothing can be known of images that are not here.
    public var completeness: String
    public var quality: String
    public var report: RecognitionFacts.Report
    /// Name of the source.
    public var source: String
    /// Where sources, or a source and what is here, tell different facts.
    public var differences: [FactDifference]
    /// Whether the source itself is not sure that it is the person's.
    public var isPossibleAtSource: Bool

    public init(
        _ studyInstanceUID: StudyInstanceUID, from source: String, patient: PatientRecord, study: StudyRecord,
        match: CatalogueMatch? = nil, completeness: String = "", quality: String = "",
        report: RecognitionFacts.Report = .absent, differences: [FactDifference] = [],
        isPossibleAtSource: Bool = false
    ) {
        self.studyInstanceUID = studyInstanceUID
        self.source = source
        self.patient = patient
        self.study = study
        self.match = match
        self.completeness = completeness
        self.quality = quality
        self.report = report
        self.differences = differences
        self.isPossibleAtSource = isPossibleAtSource
    }
}

/// A fact of one study that is told differently here and there. Nothing is merged: a person has to look.
public struct FactDifference: Codable, Equatable, Sendable {
    public enum Fact: String, Codable, Sendable, CaseIterable {
        case patientID, patientName, birthDate, sex, studyDate, description, instanceCount

        /// Whether it leaves open whose study it is, or of which day.
        var isDecisive: Bool {
            switch self {
            case .patientID, .birthDate, .sex, .studyDate: true
            case .patientName, .description, .instanceCount: false
            }
        }
    }

    public struct Told: Codable, Equatable, Sendable {
        /// Name of the source, "" for this priord.
        public var source: String
        public var value: String

        public init(source: String, value: String) {
            self.source = source
            self.value = value
        }
    }

    public var fact: Fact
    /// In the order of the configuration, this priord first.
    public var told: [Told]

    public init(_ fact: Fact, told: [Told]) {
        self.fact = fact
        self.told = told
    }
}

/// How a source fared with one question.
public struct SourceReport: Codable, Equatable, Sendable {
    public enum State: String, Codable, Sendable, CaseIterable {
        case answered
        /// It did not answer within its deadline.
        case deadline
        /// It answered that it will not, or to somebody else.
        case refused
        /// There was no connection.
        case unreachable
        /// What it answered is no answer.
        case unreadable
        /// It has more matches than are taken, or ends before all of them are told; those taken count.
        case tooMany
        /// It failed again and again, and is left alone for a while.
        case paused
    }

    public var name: String
    public var state: State
    public var millisecondsTaken: Int
    /// Studies that it told of.
    public var count: Int
    /// What went wrong, for operators; "" for nothing. Without patient data.
    public var detail: String

    public init(_ name: String, _ state: State, millisecondsTaken: Int = 0, count: Int = 0, detail: String = "") {
        self.name = name
        self.state = state
        self.millisecondsTaken = millisecondsTaken
        self.count = count
        self.detail = detail
    }
}
