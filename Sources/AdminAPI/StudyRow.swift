public import DICOMCore
public import Foundation

/// One line of `priorctl studies`. Text is as the first instance of the study said it; "" stands for absent.
public struct StudyRow: Codable, Sendable, Equatable {
    public var studyInstanceUID: StudyInstanceUID
    public var patientID: String
    public var issuer: String
    public var patientName: String
    public var patientBirthDate: String
    public var patientSex: String
    /// `YYYYMMDD`.
    public var studyDate: String
    public var studyTime: String
    public var accessionNumber: String
    public var studyDescription: String
    public var institution: String
    public var modalities: [String]
    public var sourceAETitle: String
    public var seriesCount: Int
    public var instanceCount: Int
    /// Of all Data Sets.
    public var byteCount: Int64
    /// `receiving` or `settled`.
    public var state: String
    public var firstInstanceAt: Date
    public var lastInstanceAt: Date
    public var settledAt: Date?
    /// 0 before the first assessment.
    public var assessmentVersion: Int
    /// Of the newest assessment; nil without a safe match.
    public var catalogue: String?
    public var code: String?
    public var confidence: Double?
    /// Verdicts of the newest assessment; "" when there is none yet.
    public var completeness: String
    public var quality: String
    /// Whether instances of another patient came under this Study Instance UID.
    public var identityDiffers: Bool
    /// How text was decoded, the weakest of the instances: `declared`, `repaired`, `guessed` or `undecodable`.
    public var textState: String
    /// What it was taken for instead of what it declares, or nil.
    public var textEncoding: String?

    public init(
        studyInstanceUID: StudyInstanceUID, patientID: String = "", issuer: String = "", patientName: String = "",
        patientBirthDate: String = "", patientSex: String = "", studyDate: String = "", studyTime: String = "",
        accessionNumber: String = "", studyDescription: String = "", institution: String = "",
        modalities: [String] = [], sourceAETitle: String = "", seriesCount: Int = 0, instanceCount: Int = 0,
        byteCount: Int64 = 0, state: String, firstInstanceAt: Date, lastInstanceAt: Date, settledAt: Date? = nil,
        assessmentVersion: Int = 0, catalogue: String? = nil, code: String? = nil, confidence: Double? = nil,
        completeness: String = "", quality: String = "", identityDiffers: Bool = false,
        textState: String = "declared", textEncoding: String? = nil
    ) {
        self.studyInstanceUID = studyInstanceUID
        self.patientID = patientID
        self.issuer = issuer
        self.patientName = patientName
        self.patientBirthDate = patientBirthDate
        self.patientSex = patientSex
        self.studyDate = studyDate
        self.studyTime = studyTime
        self.accessionNumber = accessionNumber
        self.studyDescription = studyDescription
        self.institution = institution
        self.modalities = modalities
        self.sourceAETitle = sourceAETitle
        self.seriesCount = seriesCount
        self.instanceCount = instanceCount
        self.byteCount = byteCount
        self.state = state
        self.firstInstanceAt = firstInstanceAt
        self.lastInstanceAt = lastInstanceAt
        self.settledAt = settledAt
        self.assessmentVersion = assessmentVersion
        self.catalogue = catalogue
        self.code = code
        self.confidence = confidence
        self.completeness = completeness
        self.quality = quality
        self.identityDiffers = identityDiffers
        self.textState = textState
        self.textEncoding = textEncoding
    }
}

/// A page of studies, newest Study Date first: `GET /api/v1/studies`.
public struct StudyPage: Codable, Sendable, Equatable {
    public var studies: [StudyRow]
    /// How many match the filters, on all pages.
    public var total: Int
    public var limit: Int
    public var offset: Int

    public init(studies: [StudyRow], total: Int, limit: Int, offset: Int) {
        self.studies = studies
        self.total = total
        self.limit = limit
        self.offset = offset
    }
}

/// Studies without a safe match, for a person to look at: `priorctl review list`.
public struct ReviewPage: Codable, Sendable, Equatable {
    public struct Entry: Codable, Sendable, Equatable {
        public var study: StudyRow
        /// Why the matcher gave no answer.
        public var reason: String
        /// Codes a person would be offered, best first.
        public var candidates: [String]

        public init(study: StudyRow, reason: String, candidates: [String]) {
            self.study = study
            self.reason = reason
            self.candidates = candidates
        }
    }

    public var studies: [Entry]
    public var total: Int
    public var limit: Int
    public var offset: Int

    public init(studies: [Entry], total: Int, limit: Int, offset: Int) {
        self.studies = studies
        self.total = total
        self.limit = limit
        self.offset = offset
    }
}
