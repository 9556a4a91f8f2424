public import DICOMCore
public import Foundation

/// Where a Study stands on its way.
public enum StudyState: Int, Sendable, Codable, CaseIterable {
    /// Instances may still come.
    case receiving = 0
    /// Nothing came for the quiet period, or stronger evidence closed it.
    case settled = 1
}

/// One Study as the index knows it.
public struct StudySummary: Sendable, Equatable {
    public let studyInstanceUID: StudyInstanceUID
    /// As the first Instance of this Study said.
    public let patient: PatientRecord
    /// Each Attribute as the first Instance that had it said.
    public let study: StudyRecord
    /// Modality (0008,0060) of every Series, ascending, each once.
    public let modalities: [String]
    /// Calling AE Title of the first Instance.
    public let sourceAETitle: AETitle?
    public let seriesCount: Int
    public let instanceCount: Int
    public let byteCount: Int64
    public let state: StudyState
    public let firstInstanceAt: Date
    public let lastInstanceAt: Date
    public let settledAt: Date?
    /// Whether Instances of other patients than `patient` came under this Study Instance UID.
    public let identityDiffers: Bool
    /// Whether an assessment has been asked for and not been published.
    public let isAwaitingAssessment: Bool
    /// 0 before the first assessment.
    public let assessmentVersion: Int
    /// Of the newest assessment; nil when there is none, or when it found no safe match.
    public let match: CatalogueMatch?
    /// Verdicts of the newest assessment; "" when there is none.
    public let completeness: String
    public let quality: String
    /// How its text was decoded: the weakest of its Instances.
    public var text = TextOrigin.declared
}

/// The item that an assessment found a Study to be.
public struct CatalogueMatch: Sendable, Equatable {
    public var catalogue: String
    public var code: String
    /// 0...1.
    public var confidence: Double

    public init(catalogue: String, code: String, confidence: Double) {
        self.catalogue = catalogue
        self.code = code
        self.confidence = confidence
    }
}

/// One Series of a Study.
public struct SeriesSummary: Sendable, Equatable {
    public let seriesInstanceUID: SeriesInstanceUID
    public let series: SeriesRecord
    public let instanceCount: Int
    public let byteCount: Int64
}

/// A Study with all that was said about it.
public struct StudyDetail: Sendable, Equatable {
    public let summary: StudySummary
    /// By Series Number, then in order of arrival.
    public let series: [SeriesSummary]
    /// Oldest first.
    public let timeline: [Event]
    /// Every version, oldest first.
    public let assessments: [Assessment]
}

/// One stored Instance.
public struct StoredInstance: Sendable, Equatable {
    public let sopInstanceUID: SOPInstanceUID
    public let sopClassUID: SOPClassUID
    public let seriesInstanceUID: SeriesInstanceUID
    public let studyInstanceUID: StudyInstanceUID
    public let transferSyntaxUID: TransferSyntaxUID
    public let image: ImageRecord
    public let receivedAt: Date
    /// Bytes of the Data Set.
    public let byteCount: Int64
    /// Bytes before the Data Set in the Part-10 file.
    public let dataSetOffset: Int64
    public let digest: ObjectDigest
    let ordinal: Int64
}

/// A patient as one issuer knows them. Instances without Patient ID belong to none.
public struct PatientSummary: Sendable, Equatable {
    /// As the newest Study said.
    public let patient: PatientRecord
    public let studyCount: Int
}

/// Something that happened, in the order it happened. Never changed or removed.
public struct Event: Sendable, Equatable {
    public let id: Int64
    public let at: Date
    public let kind: EventKind
    /// nil for what concerns no single Study.
    public let studyInstanceUID: StudyInstanceUID?
    /// Facts for people, without patient data.
    public let detail: String
}

/// What happened. Further rooms add their own kinds.
public struct EventKind: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The first Instance of a Study came; the detail names the sender.
    public static let received = EventKind(rawValue: "received")
    /// An Instance of a settled Study came.
    public static let reopened = EventKind(rawValue: "reopened")
    public static let settled = EventKind(rawValue: "settled")
    /// An assessment was published; the detail names version and verdicts.
    public static let assessed = EventKind(rawValue: "assessed")
    /// The sender was asked what it has of the Study; the detail names it and its answer, or why there was none.
    public static let askedSender = EventKind(rawValue: "askedSender")
    /// What is missing was asked for at the sender (C-MOVE); the detail tells how much, and at which level.
    public static let retrievalRequested = EventKind(rawValue: "retrievalRequested")
    /// A retrieval ended; the detail has the counts of its sub-operations.
    public static let retrieved = EventKind(rawValue: "retrieved")
    /// An attempt to fetch the Study from a source ended; the detail names the source, what came and what went wrong.
    public static let fetchedFromSource = EventKind(rawValue: "fetchedFromSource")
    public static let forwardQueued = EventKind(rawValue: "forwardQueued")
    public static let forwarded = EventKind(rawValue: "forwarded")
    /// Everything was answered, and the destination refused some Instances.
    public static let forwardIncomplete = EventKind(rawValue: "forwardIncomplete")
    /// Everything was answered or given up: what was given up ended the connection again and again, or was never committed.
    public static let forwardFailed = EventKind(rawValue: "forwardFailed")
    /// The destination did not say in time what it keeps, however often it was asked.
    public static let forwardUncommitted = EventKind(rawValue: "forwardUncommitted")
    public static let forwardDropped = EventKind(rawValue: "forwardDropped")
    /// An operator had a rule applied to studies that were there before; the detail names rule, range, person and count.
    public static let forwardsAdded = EventKind(rawValue: "forwardsAdded")
    /// An operator holds back what is to be sent to a destination; the detail names both.
    public static let forwardsPaused = EventKind(rawValue: "forwardsPaused")
    public static let forwardsResumed = EventKind(rawValue: "forwardsResumed")
    /// An Instance of another patient came under this Study Instance UID.
    public static let identityDiffers = EventKind(rawValue: "identityDiffers")
    /// Text of a Series is in no encoding that is known; the detail names Series and first Instance.
    public static let textUndecodable = EventKind(rawValue: "textUndecodable")
    public static let quarantined = EventKind(rawValue: "quarantined")
    public static let released = EventKind(rawValue: "released")
    public static let discarded = EventKind(rawValue: "discarded")
    public static let recovered = EventKind(rawValue: "recovered")
    /// A catalogue was put in force, in the place of one with its id or beside the others; the detail names who and what.
    public static let catalogueAdded = EventKind(rawValue: "catalogueAdded")
    public static let catalogueRemoved = EventKind(rawValue: "catalogueRemoved")
    /// A catalogue file was found at start that is not put in force.
    public static let catalogueRefused = EventKind(rawValue: "catalogueRefused")
    /// Words of a site were put in force; the detail names who and the file.
    public static let lexiconAdded = EventKind(rawValue: "lexiconAdded")
    public static let lexiconRemoved = EventKind(rawValue: "lexiconRemoved")
    /// A file of words was found at start that is not put in force.
    public static let lexiconRefused = EventKind(rawValue: "lexiconRefused")
    /// A modality said that it started, ended or broke off a Performed Procedure Step; the detail names station and count.
    public static let stepStarted = EventKind(rawValue: "stepStarted")
    public static let stepCompleted = EventKind(rawValue: "stepCompleted")
    public static let stepDiscontinued = EventKind(rawValue: "stepDiscontinued")
    /// A list of Instances that a sender wants kept was checked, or its result delivered or given up; the detail names the
    /// sender and how many were committed.
    public static let commitmentChecked = EventKind(rawValue: "commitmentChecked")
    public static let commitmentReported = EventKind(rawValue: "commitmentReported")
    public static let commitmentGivenUp = EventKind(rawValue: "commitmentGivenUp")
    public static let commitmentDropped = EventKind(rawValue: "commitmentDropped")
    public static let reindexed = EventKind(rawValue: "reindexed")
    /// At the start the decision log did not reach as far as the index knew; the detail tells how far both go.
    public static let decisionsCut = EventKind(rawValue: "decisionsCut")
}

/// One published assessment of a Study.
public struct Assessment: Sendable, Equatable {
    /// 1 for the first.
    public let version: Int
    public let verdicts: AssessmentDraft
}

/// An assessment to be published.
public struct AssessmentDraft: Sendable, Equatable {
    /// Instances the Study had when it was read; a Study that grew since is not what was assessed.
    public var instanceCount: Int
    public var at: Date
    /// nil: no safe match, the Study is unmapped.
    public var match: CatalogueMatch?
    /// `complete`, `incomplete` or `unknown`.
    public var completeness: String
    /// `pass`, `review`, `fail` or `notAssessed`.
    public var quality: String
    /// Everything else, as the contract of `priorctl study --json` has it.
    public var json: String
    /// What others had said of the Study when it was read (``DueStudy/testimonyVersion``); nil when that does not matter.
    public var testimonyVersion: Int?
    /// What it rests on; kept in the index and no part of what is read back. nil when the Study could not be read.
    public var basis: AssessmentBasis?
    /// The sender from which what is missing is to be fetched, nil for nobody; no part of what is read back either.
    public var retrievesFrom: AETitle?
    /// Who made the Study, nil where that is not asked of it; kept in the index and no part of what is read back.
    public var operators: [StudyOperator]?

    public init(
        instanceCount: Int, at: Date, match: CatalogueMatch?, completeness: String, quality: String, json: String,
        testimonyVersion: Int? = nil, basis: AssessmentBasis? = nil, retrievesFrom: AETitle? = nil,
        operators: [StudyOperator]? = nil
    ) {
        self.instanceCount = instanceCount
        self.at = at
        self.match = match
        self.completeness = completeness
        self.quality = quality
        self.json = json
        self.testimonyVersion = testimonyVersion
        self.basis = basis
        self.retrievesFrom = retrievesFrom
        self.operators = operators
    }
}

/// What became of an assessment.
public enum PublishOutcome: Sendable, Equatable {
    case published(version: Int)
    /// The newest version says the same.
    case unchanged(version: Int)
    /// Something was taught since the Study was read; it waits still, to be assessed with that.
    case aliasesChanged
    /// A sender told what it has since the Study was read; it waits still, to be assessed with that.
    case senderAnswered
    /// Somebody said something of the Study since it was read; it waits still, to be assessed with that.
    case testimonyChanged
    /// New Instances came since the Study was read; it will settle and be assessed again.
    case studyChanged
    case unknownStudy
}

/// A Study that is due to settle or to be assessed, as it was when read.
public struct DueStudy: Sendable, Hashable {
    public let studyInstanceUID: StudyInstanceUID
    public let instanceCount: Int
    public let lastInstanceAt: Date
    /// Grows with everything that others say of the Study.
    public var testimonyVersion = 0
}
