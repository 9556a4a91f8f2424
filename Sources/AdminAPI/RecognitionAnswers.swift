public import Foundation

/// `POST /api/v1/recognition/events`: what became of a proposal. Either `study`, or `patient` and `item`.
public struct RecognitionEventRequest: Codable, Sendable, Equatable {
    /// `reminded`, `opened`, `recognised`, `declined` or `followedUp`.
    public var kind: String
    /// The exam that priors are proposed for, or an order without images: Patient ID, its issuer, item code, order number.
    public var study: String?
    public var patient: String?
    public var issuer: String?
    public var item: String?
    public var order: String?
    /// Study Instance UID; a reminder without one is of the best prior that may be recognised.
    public var prior: String?
    /// Who; needed for all but `reminded` and `opened`.
    public var actor: String?
    public var department: String?
    public var institution: String?
    /// Of a decline: an exception of the notice, free text, whether the patient was told.
    public var reason: String?
    public var note: String?
    public var patientInformed: Bool?
    /// Of a follow-up.
    public var agrees: Bool?

    public init(kind: String) { self.kind = kind }
}

/// One event of the decision log.
public struct RecognitionEventRow: Codable, Sendable, Equatable {
    /// Its line in the log, counted from 1.
    public var line: Int
    public var kind: String
    public var at: Date
    public var personID: String
    public var item: String
    /// Study Instance UID of the exam, or the number of the order; "" for neither.
    public var reference: String
    /// Study Instance UID of the prior.
    public var prior: String
    public var priorInstitution: String
    /// `YYYYMMDD`.
    public var priorDate: String
    public var priorAccessionNumber: String
    public var actor: String
    public var department: String
    public var institution: String
    /// `recognised`, `notRecognised` or `doctorDecides`, when it happened.
    public var verdict: String
    public var reason: String?
    public var note: String?
    public var patientInformed: Bool?
    public var agrees: Bool?
    /// The exam that was made all the same.
    public var study: String?
    public var catalogue: String
    public var policy: String

    public init(
        line: Int, kind: String, at: Date, personID: String, item: String, reference: String, prior: String,
        priorInstitution: String, priorDate: String, priorAccessionNumber: String, actor: String, department: String,
        institution: String, verdict: String, reason: String?, note: String?, patientInformed: Bool?, agrees: Bool?,
        study: String?, catalogue: String, policy: String
    ) {
        self.line = line
        self.kind = kind
        self.at = at
        self.personID = personID
        self.item = item
        self.reference = reference
        self.prior = prior
        self.priorInstitution = priorInstitution
        self.priorDate = priorDate
        self.priorAccessionNumber = priorAccessionNumber
        self.actor = actor
        self.department = department
        self.institution = institution
        self.verdict = verdict
        self.reason = reason
        self.note = note
        self.patientInformed = patientInformed
        self.agrees = agrees
        self.study = study
        self.catalogue = catalogue
        self.policy = policy
    }
}

/// What became of a request.
public struct RecognitionEventAnswer: Codable, Sendable, Equatable {
    /// False when the log said so already.
    public var isNew: Bool
    /// The event that stands in the log; nil for a reminder of nothing.
    public var event: RecognitionEventRow?

    public init(isNew: Bool, event: RecognitionEventRow?) {
        self.isNew = isNew
        self.event = event
    }
}

/// `GET /api/v1/recognition/events`. Further ones are asked for with `after`, the last `line` of this page.
public struct RecognitionEventsPage: Codable, Sendable, Equatable {
    /// In the order of the log.
    public var events: [RecognitionEventRow]
    public init(events: [RecognitionEventRow]) { self.events = events }
}

/// `GET /api/v1/recognition/reasons`: why a prior may be declined.
public struct RecognitionReasonsAnswer: Codable, Sendable, Equatable {
    public struct Reason: Codable, Sendable, Equatable {
        public var id: String
        /// In the language asked for.
        public var text: String
        public var needsNote: Bool

        public init(id: String, text: String, needsNote: Bool) {
            self.id = id
            self.text = text
            self.needsNote = needsNote
        }
    }

    /// The notice they stand in.
    public var policy: String
    /// In its order.
    public var reasons: [Reason]

    public init(policy: String, reasons: [Reason]) {
        self.policy = policy
        self.reasons = reasons
    }
}

/// `GET /api/v1/reports/recognition`: the notice's four indicators, from the decision log alone.
public struct RecognitionReport: Codable, Sendable, Equatable {
    public struct Indicator: Codable, Sendable, Equatable {
        public var id: String
        /// In the language asked for, as are the definitions.
        public var name: String
        public var numerator: String
        public var denominator: String
        /// Section of the notice.
        public var source: String
        /// All together first, with an empty `group`; then groups ascending.
        public var values: [Value]

        public init(
            id: String, name: String, numerator: String, denominator: String, source: String, values: [Value]
        ) {
            self.id = id
            self.name = name
            self.numerator = numerator
            self.denominator = denominator
            self.source = source
            self.values = values
        }
    }

    public struct Value: Codable, Sendable, Equatable {
        public var group: String
        public var numerator: Int
        public var denominator: Int
        /// In 0...1; nil where nothing was offered.
        public var rate: Double?

        public init(group: String, numerator: Int, denominator: Int, rate: Double?) {
            self.group = group
            self.numerator = numerator
            self.denominator = denominator
            self.rate = rate
        }
    }

    /// Days of the first offer, `YYYYMMDD`, both included; nil for an open end.
    public var from: String?
    public var to: String?
    /// Events after this day do not count.
    public var asOf: String?
    /// nil for all together alone.
    public var by: String?
    public var policy: String
    public var indicators: [Indicator]
    /// Events counted, and those of a later version that were passed over.
    public var eventCount: Int
    public var unknownCount: Int
    /// Where the log stood: with these two the figures can be held against it later.
    public var logCount: Int
    public var logHash: String

    public init(
        from: String?, to: String?, asOf: String?, by: String?, policy: String, indicators: [Indicator],
        eventCount: Int, unknownCount: Int, logCount: Int, logHash: String
    ) {
        self.from = from
        self.to = to
        self.asOf = asOf
        self.by = by
        self.policy = policy
        self.indicators = indicators
        self.eventCount = eventCount
        self.unknownCount = unknownCount
        self.logCount = logCount
        self.logHash = logHash
    }
}
