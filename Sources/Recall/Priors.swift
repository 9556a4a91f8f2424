public import DICOMCore

/// A person's comparable earlier studies, best first. Encodes as the answer of `priorctl priors --json`.
public struct Priors: Codable, Equatable, Sendable {
    public var person: Person
    public var priors: [Prior]
    /// How many there are here; more than `priors` has where a limit cut it.
    public var total: Int
    /// Studies of the person that are dated after today: none of them is a prior, and each has a wrong date.
    public var futureStudies: Int
    /// Studies of the whole index whose person is not known yet, counted to a thousand: one of them may be the person's.
    public var pendingStudies: Int
    /// How each source fared that was asked, in the order of the configuration; empty when none was.
    public var sources: [SourceReport] = []

    public init(person: Person, priors: [Prior], total: Int? = nil, futureStudies: Int = 0, pendingStudies: Int = 0) {
        self.person = person
        self.priors = priors
        self.total = total ?? priors.count
        self.futureStudies = futureStudies
        self.pendingStudies = pendingStudies
    }
}

/// The identities believed to be one human.
public struct Person: Codable, Equatable, Sendable {
    /// One identity: a Patient ID means nothing without its issuer.
    public struct Identity: Codable, Equatable, Sendable {
        /// The same on every run; a person is found by any of theirs. "" for a number that is not known here.
        public var id: String
        /// Issuer of Patient ID (0010,0021), "" when the sender names none.
        public var issuer: String
        /// Where no issuer is named, who numbered the patient: the institution's id of the configuration, else its name,
        /// folded, else `ae:` and the sender's AE Title. "" beside an issuer.
        public var institution: String
        public var patientID: String
        public var link: IdentityLink
    }

    /// The least id of the identities that are `same`, so the same on every run; "" when nobody is named for sure.
    public var personID: String
    public var identities: [Identity]

    /// A number as it was asked for, of which nothing is known here.
    init(asked patientID: String, issuer: String) {
        self.init(identities: [Identity(id: "", issuer: issuer, institution: "", patientID: patientID, link: .same)])
    }

    /// Nobody, or nobody for sure.
    init(identities: [Identity] = []) {
        personID = ""
        self.identities = identities
    }
}

/// How surely two identities are one human. Only `same` may produce a recognition.
public enum IdentityLink: String, Codable, Sendable {
    case same, possible
}

/// What an earlier study is to the item in question.
public enum PriorRelation: String, Codable, Sendable, Comparable {
    case same, contains, part, related

    /// Nil for `none`: such a study is no prior.
    init?(_ kind: ExamRelation.Kind) {
        switch kind {
        case .none: return nil
        case .related: self = .related
        case .part: self = .part
        case .contains: self = .contains
        case .same: self = .same
        }
    }

    public static func < (left: PriorRelation, right: PriorRelation) -> Bool { left.rank < right.rank }

    /// 3 for the best.
    var rank: Int {
        switch self {
        case .same: 3
        case .contains: 2
        case .part: 1
        case .related: 0
        }
    }
}

/// One earlier study of the same person.
public struct Prior: Codable, Equatable, Sendable {
    public var studyInstanceUID: StudyInstanceUID
    /// Institution Name (0008,0080), "" when the sender gives none.
    public var institution: String
    /// `YYYYMMDD`, "" when the study is not dated.
    public var studyDate: String
    /// Accession Number (0008,0050), "" for none.
    public var accessionNumber: String
    public var code: String
    public var identityLink: IdentityLink
    public var relation: PriorRelation
    /// 0...1; of two priors the better one has the greater score.
    public var score: Double
    public var recognition: Recognition
    /// Name of the source that has it; "" for this priord.
    public var source = ""
    /// Where sources tell other facts of it than are told here.
    public var differences: [FactDifference] = []

    public static func isBetter(_ left: Prior, _ right: Prior) -> Bool {
        left.score == right.score ? left.studyInstanceUID < right.studyInstanceUID : left.score > right.score
    }
}
