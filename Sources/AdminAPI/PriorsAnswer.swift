public import DICOMCore

/// `priorctl priors --json` and `GET /api/v1/priors`: the earlier studies of one person, best first.
public struct PriorsAnswer: Codable, Sendable, Equatable {
    public struct Person: Codable, Sendable, Equatable {
        public var personID: String
        public var identities: [Identity]
    }

    public struct Identity: Codable, Sendable, Equatable {
        /// The same on every run.
        public var id: String
        public var issuer: String
        /// Who numbered the patient where no issuer is named; "" beside an issuer.
        public var institution: String
        public var patientID: String
        /// `same` or `possible`.
        public var link: String
    }

    public struct Prior: Codable, Sendable, Equatable {
        public var studyInstanceUID: StudyInstanceUID
        public var institution: String
        public var studyDate: String
        public var accessionNumber: String
        /// Of the prior's own match; nil when it has none.
        public var code: String?
        public var identityLink: String
        /// `same`, `contains`, `part` or `related`.
        public var relation: String
        public var score: Double
        public var recognition: Recognition
        /// Name of the source that has it; "" for this priord.
        public var source: String
        /// Where sources tell other facts of it.
        public var differences: [Difference]
    }

    /// A fact of one study that is told differently here and there.
    public struct Difference: Codable, Sendable, Equatable {
        public struct Told: Codable, Sendable, Equatable {
            /// "" for this priord.
            public var source: String
            public var value: String
        }
        public var fact: String
        public var told: [Told]
    }

    /// How a source fared that was asked.
    public struct Source: Codable, Sendable, Equatable {
        public var name: String
        /// `answered`, `deadline`, `refused`, `unreachable`, `unreadable`, `tooMany` or `paused`.
        public var state: String
        public var millisecondsTaken: Int
        public var count: Int
        public var detail: String

        public init(name: String, state: String, millisecondsTaken: Int, count: Int, detail: String) {
            self.name = name
            self.state = state
            self.millisecondsTaken = millisecondsTaken
            self.count = count
            self.detail = detail
        }
    }

    public struct Recognition: Codable, Sendable, Equatable {
        /// `recognised`, `notRecognised` or `doctorDecides`.
        public var verdict: String
        public var rules: [Rule]
    }

    public struct Rule: Codable, Sendable, Equatable {
        /// As in the catalogue of recognition rules.
        public var id: String
        /// nil when it could not be decided.
        public var holds: Bool?
        public var detail: String
    }

    public var person: Person
    public var priors: [Prior]
    /// Priors there are, where a limit cut them.
    public var total: Int
    /// Studies of the person dated after today.
    public var futureStudies: Int
    /// Studies of the whole index whose person is not known yet, counted to a thousand.
    public var pendingStudies: Int
    /// Empty when no source was asked.
    public var sources: [Source]
}
