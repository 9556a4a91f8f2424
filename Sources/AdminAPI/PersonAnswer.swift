public import Foundation

/// `priorctl person show --json` and `GET /api/v1/persons/{personID}`: the identities believed to be one human.
public struct PersonAnswer: Codable, Sendable, Equatable {
    public struct Identity: Codable, Sendable, Equatable {
        /// The same on every run.
        public var id: String
        /// "" when the sender names none; `institution` then tells who numbered the patient.
        public var issuer: String
        public var institution: String
        public var patientID: String
        /// `same` or `possible`; nil in a review, where that is the question.
        public var link: String?
        /// Every component group of Patient's Name.
        public var name: String
        /// `YYYYMMDD`, "" when not given.
        public var birthDate: String
        public var sex: String
        /// Of the national ID; "" when none is known. The number itself is not kept.
        public var nationalIDLastFour: String
        public var studyCount: Int

        public init(
            id: String, issuer: String, institution: String, patientID: String, link: String?, name: String,
            birthDate: String, sex: String, nationalIDLastFour: String, studyCount: Int
        ) {
            self.id = id
            self.issuer = issuer
            self.institution = institution
            self.patientID = patientID
            self.link = link
            self.name = name
            self.birthDate = birthDate
            self.sex = sex
            self.nationalIDLastFour = nationalIDLastFour
            self.studyCount = studyCount
        }
    }

    /// What two identities are to each other.
    public struct Pair: Codable, Sendable, Equatable {
        /// Ids of the two.
        public var one: String
        public var other: String
        /// `same`, `possible` or `different`: by a person's decision, else by the rules.
        public var link: String
        /// Bits of evidence that they are one human.
        public var weight: Double
        /// What spoke for or against: `sameNationalID`, `otherBirthDay` …
        public var reasons: [String]
        /// Whether somebody should look: a possible pair, or one that is the same and cannot be joined.
        public var isOpen: Bool
        /// nil for what rules say.
        public var decidedBy: String?
        public var decidedAt: Date?
        public var note: String?

        public init(
            one: String, other: String, link: String, weight: Double, reasons: [String], isOpen: Bool,
            decidedBy: String? = nil, decidedAt: Date? = nil, note: String? = nil
        ) {
            self.one = one
            self.other = other
            self.link = link
            self.weight = weight
            self.reasons = reasons
            self.isOpen = isOpen
            self.decidedBy = decidedBy
            self.decidedAt = decidedAt
            self.note = note
        }
    }

    public var personID: String
    public var identities: [Identity]
    /// Of the person's own identities, with each other and with possible ones.
    public var pairs: [Pair]

    public init(personID: String, identities: [Identity], pairs: [Pair]) {
        self.personID = personID
        self.identities = identities
        self.pairs = pairs
    }
}

/// `priorctl person find --json` and `GET /api/v1/persons`.
public struct PersonsAnswer: Codable, Sendable, Equatable {
    public var persons: [PersonAnswer]

    public init(persons: [PersonAnswer]) { self.persons = persons }
}

/// `priorctl person reviews --json` and `GET /api/v1/persons/reviews`: pairs that wait for a look, the likeliest first.
public struct PersonReviewPage: Codable, Sendable, Equatable {
    public struct Review: Codable, Sendable, Equatable {
        public var one: PersonAnswer.Identity
        public var other: PersonAnswer.Identity
        public var pair: PersonAnswer.Pair

        public init(one: PersonAnswer.Identity, other: PersonAnswer.Identity, pair: PersonAnswer.Pair) {
            self.one = one
            self.other = other
            self.pair = pair
        }
    }

    public var reviews: [Review]
    public var total: Int
    public var limit: Int
    public var offset: Int

    public init(reviews: [Review], total: Int, limit: Int, offset: Int) {
        self.reviews = reviews
        self.total = total
        self.limit = limit
        self.offset = offset
    }
}

/// `POST /api/v1/persons/link`, `…/unlink` and `…/reviews`: somebody decides.
public struct PersonDecisionRequest: Codable, Sendable, Equatable {
    /// Id of an identity.
    public var one: String
    /// The one it is or is not the same human with; nothing when an identity is taken out of its person.
    public var other: String?
    /// `same` or `different`, of a review; `undecided` takes back what was decided.
    public var decision: String?
    /// Who decides.
    public var by: String
    public var note: String?

    public init(one: String, other: String? = nil, decision: String? = nil, by: String, note: String? = nil) {
        self.one = one
        self.other = other
        self.decision = decision
        self.by = by
        self.note = note
    }
}
