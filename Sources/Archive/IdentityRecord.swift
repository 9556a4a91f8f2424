public import DICOMCore
public import Foundation

/// One patient as one issuer knows them, or one place where no issuer is named.
public struct IdentityRecord: Sendable, Equatable {
    /// A Patient ID that somebody else gave the same patient.
    public struct Other: Sendable, Hashable, Codable {
        public var issuer: String
        public var patientID: String

        public init(issuer: String, patientID: String) {
            self.issuer = issuer
            self.patientID = patientID
        }
    }

    /// The number of the row; 0 for one that has none yet.
    public var id: Int64
    /// What the identity is called outside the index: the same on every run (``Archive/siteKey``).
    public var key: String
    public var patientID: String
    /// "" where none is named; then `place` tells who numbered the patient.
    public var issuer: String
    public var place: String
    /// 0; further ones are of the same number with traits that contradict.
    public var variant: Int
    /// The least id of the identities held to be the same human.
    public var person: Int64
    public var studyCount = 0
    /// Whether it was ever held to be, possibly or for sure, the same human as another; otherwise it is a person by itself.
    public internal(set) var isPaired = false
    /// Patient's Name, every component group.
    public var name = ""
    public var birthDate = ""
    public var sex = ""
    /// Keyed hash of a national ID and its last four characters; "" for none.
    public var nationalHash = ""
    public var nationalLastFour = ""
    public var phones: [String] = []
    /// Folded.
    public var address = ""
    public var others: [Other] = []

    public init(
        id: Int64 = 0, key: String, patientID: String, issuer: String, place: String, variant: Int = 0,
        person: Int64 = 0
    ) {
        self.id = id
        self.key = key
        self.patientID = patientID
        self.issuer = issuer
        self.place = place
        self.variant = variant
        self.person = person
    }
}

/// What two identities are to each other, by rule or by a person's decision.
public struct IdentityPair: Sendable, Equatable {
    public enum Link: Int, Sendable {
        case same = 0
        case possible = 1
        case different = 2
    }

    /// Rows of the two identities, the lesser one first.
    public var one: Int64
    public var other: Int64
    public var link: Link
    /// Bits of evidence that they are one human.
    public var weight: Double
    /// What spoke for or against, as the rules name it.
    public var reasons: [String]
    /// Whether somebody should look: a possible pair, or one that cannot be joined.
    public var isOpen = false
    public var foundAt: Date
    /// "" for what rules say.
    public var decidedBy = ""
    public var decidedAt: Date?
    public var note = ""

    public init(_ one: Int64, _ other: Int64, link: Link, weight: Double, reasons: [String], foundAt: Date) {
        precondition(one != other)
        self.one = min(one, other)
        self.other = max(one, other)
        self.link = link
        self.weight = weight
        self.reasons = reasons
        self.foundAt = foundAt
    }

    public var isDecided: Bool { !decidedBy.isEmpty }

    /// The one of the two that is not `id`.
    public func partner(of id: Int64) -> Int64 { one == id ? other : one }
}

/// A Study whose identity is asked for: what the index knows of its patient.
public struct IdentityStudy: Sendable, Equatable {
    /// Its row.
    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    public let patient: PatientRecord
    public let institution: String
    public let sourceAETitle: AETitle?
    /// Row of its identity; nil until it is resolved, and for ever without Patient ID.
    public let identity: Int64?
}

/// How many there are of each.
public struct PersonCounts: Sendable, Equatable {
    public var identities = 0
    public var persons = 0
    /// What is counted one by one is counted so far.
    public static let limit = 100_000

    /// Pairs that wait for a person's look, up to ``limit``.
    public var openReviews = 0
    /// Studies with a Patient ID that are not resolved yet, up to ``limit``.
    public var pendingStudies = 0
    /// How often a key was shared by so many identities that a finer one had to do.
    public var overfullKeys = 0

    public init() {}
}
