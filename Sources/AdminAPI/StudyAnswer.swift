public import DICOMCore
public import Foundation

/// `priorctl study UID --json` and `GET /api/v1/studies/{uid}`: one study and all that was said about it.
public struct StudyAnswer: Sendable, Equatable {
    /// One Series.
    public struct Series: Codable, Sendable, Equatable {
        public var seriesInstanceUID: SeriesInstanceUID
        public var number: Int?
        public var modality: String
        public var description: String
        public var bodyPart: String
        public var laterality: String
        public var protocolName: String
        public var instanceCount: Int
        public var byteCount: Int64

        public init(
            seriesInstanceUID: SeriesInstanceUID, number: Int?, modality: String, description: String,
            bodyPart: String, laterality: String, protocolName: String, instanceCount: Int, byteCount: Int64
        ) {
            self.seriesInstanceUID = seriesInstanceUID
            self.number = number
            self.modality = modality
            self.description = description
            self.bodyPart = bodyPart
            self.laterality = laterality
            self.protocolName = protocolName
            self.instanceCount = instanceCount
            self.byteCount = byteCount
        }
    }

    /// Something that happened to the study.
    public struct Event: Codable, Sendable, Equatable {
        public var at: Date
        public var kind: String
        public var detail: String

        public init(at: Date, kind: String, detail: String) {
            self.at = at
            self.kind = kind
            self.detail = detail
        }
    }

    public var study: StudyRow
    public var assessment: AssessmentAnswer
    /// By Series Number.
    public var series: [Series]
    /// Oldest first.
    public var timeline: [Event]
    /// Oldest first.
    public var versions: [AssessmentVersion]
    /// Number of the assessment shown: the newest unless another was asked for; 0 before the first.
    public var assessmentVersion: Int

    /// - Parameter assessmentVersion: the newest when nil.
    public init(
        study: StudyRow, assessment: AssessmentAnswer, series: [Series], timeline: [Event],
        versions: [AssessmentVersion], assessmentVersion: Int? = nil
    ) {
        self.study = study
        self.assessmentVersion = assessmentVersion ?? study.assessmentVersion
        self.assessment = assessment
        self.series = series
        self.timeline = timeline
        self.versions = versions
    }
}

/// The judged part stands at the top level, beside `study`; `match` is null for a study without a safe match.
extension StudyAnswer: Codable {
    private enum CodingKeys: String, CodingKey {
        case studyInstanceUID, state, assessmentVersion
        case match, otherMatches, unmapped, completeness, quality, fault
        case study, series, timeline, versions
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(study.studyInstanceUID, forKey: .studyInstanceUID)
        try container.encode(study.state, forKey: .state)
        try container.encode(assessmentVersion, forKey: .assessmentVersion)
        try container.encode(assessment.match, forKey: .match)
        try container.encode(assessment.otherMatches, forKey: .otherMatches)
        try container.encodeIfPresent(assessment.unmapped, forKey: .unmapped)
        try container.encode(assessment.completeness, forKey: .completeness)
        try container.encode(assessment.quality, forKey: .quality)
        try container.encodeIfPresent(assessment.fault, forKey: .fault)
        try container.encode(study, forKey: .study)
        try container.encode(series, forKey: .series)
        try container.encode(timeline, forKey: .timeline)
        try container.encode(versions, forKey: .versions)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        study = try container.decode(StudyRow.self, forKey: .study)
        assessment = try AssessmentAnswer(from: decoder)
        series = try container.decode([Series].self, forKey: .series)
        timeline = try container.decode([Event].self, forKey: .timeline)
        versions = try container.decode([AssessmentVersion].self, forKey: .versions)
        assessmentVersion = try container.decode(Int.self, forKey: .assessmentVersion)
    }
}
