public import DICOMCore
public import Foundation

/// One thing that happened to a proposal: what the log keeps, and all that indicators are counted from.
public struct RecognitionEvent: Equatable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// A comparable prior was shown to somebody who orders or reads.
        case reminded
        /// Its images or report were opened.
        case opened
        /// A doctor accepted it in the place of a new exam.
        case recognised
        /// A doctor refused it, with a reason.
        case declined
        /// A later diagnosis was held against the recognised one.
        case followedUp
        /// The exam was made all the same, inside the window, with nobody's reason.
        case repeated

        /// Whether somebody must stand for it by name.
        public var needsActor: Bool {
            switch self {
            case .recognised, .declined, .followedUp: true
            case .reminded, .opened, .repeated: false
            }
        }
    }

    public var kind: Kind
    public var at: Date
    /// What the events of one proposal share: the prior, and the exam or order it was proposed for.
    public var proposal: Proposal
    /// Who: the doctor's name or number as the site writes it; "" for what happened by itself.
    public var actor: String
    public var department: String
    /// Where the new exam was ordered or made: an id of the register, or the name where that knows none.
    public var institution: String
    /// Of the prior, as ZR-33 asks: institution, exam date, accession number.
    public var prior: PriorReference
    /// What the rules said when it was shown.
    public var verdict: Recognition.Verdict
    /// Id of the exception (`ZE-01`), for `declined`.
    public var reason: String?
    /// Free text, needed under the last exception.
    public var note: String?
    /// Whether patient or family were told of the repeat (ZR-35), for `declined`.
    public var isPatientInformed: Bool?
    /// Whether the later diagnosis agrees, for `followedUp`.
    public var agrees: Bool?
    /// The exam that was made all the same, for `repeated`.
    public var study: StudyInstanceUID?
    /// Whether the exam it was proposed for had been made by then: a reminder could save nothing any more.
    public var isExamMade: Bool
    /// The edition of the list and the notice that held.
    public var catalogue: String
    public var policy: String

    /// A prior and what it was proposed for.
    public struct Proposal: Codable, Hashable, Sendable {
        /// The person, as the index named them then (``Person/personID``).
        public var person: String
        public var item: String
        public var priorStudyInstanceUID: StudyInstanceUID
        /// Study Instance UID of the exam, or the order's number; "" for neither.
        public var reference: String

        public init(person: String, item: String, priorStudyInstanceUID: StudyInstanceUID, reference: String) {
            self.person = person
            self.item = item
            self.priorStudyInstanceUID = priorStudyInstanceUID
            self.reference = reference
        }

        /// Whether both are about one prior for one exam or order. The prior says whose it is: a person may have been known
        /// by another ID in between.
        func isSame(as other: Proposal) -> Bool {
            priorStudyInstanceUID == other.priorStudyInstanceUID && item == other.item && reference == other.reference
        }
    }

    /// What of a prior a decision keeps, so that it can be read when the study is elsewhere.
    public struct PriorReference: Codable, Equatable, Sendable {
        public var institution: String
        /// `YYYYMMDD`.
        public var examDate: String
        public var accessionNumber: String

        public init(institution: String, examDate: String, accessionNumber: String) {
            self.institution = institution
            self.examDate = examDate
            self.accessionNumber = accessionNumber
        }
    }

    public init(
        _ kind: Kind, at: Date, proposal: Proposal, actor: String = "", department: String = "",
        institution: String = "", prior: PriorReference, verdict: Recognition.Verdict, reason: String? = nil,
        note: String? = nil, isPatientInformed: Bool? = nil, agrees: Bool? = nil, study: StudyInstanceUID? = nil,
        isExamMade: Bool = false, catalogue: String, policy: String
    ) {
        self.kind = kind
        self.at = at
        self.proposal = proposal
        self.actor = actor
        self.department = department
        self.institution = institution
        self.prior = prior
        self.verdict = verdict
        self.reason = reason
        self.note = note
        self.isPatientInformed = isPatientInformed
        self.agrees = agrees
        self.study = study
        self.isExamMade = isExamMade
        self.catalogue = catalogue
        self.policy = policy
    }
}
