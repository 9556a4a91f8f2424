public import Archive
public import Catalogue
public import DICOMCore
internal import Foundation

/// What somebody tells the desk: that a prior was shown, opened, recognised, declined or followed up.
public struct DeskOrder: Sendable, Equatable {
    /// The exam that priors are proposed for.
    public enum Subject: Sendable, Equatable {
        case study(StudyInstanceUID)
        /// One without images yet.
        ///
        /// - Parameters:
        ///   - issuer: nil where only one issuer numbers a patient so.
        ///   - item: ordered, see ``Recall/orderedItem(_:)``.
        ///   - number: of the order, "" for none.
        case order(patientID: String, issuer: String?, item: String, number: String)
    }

    public var kind: RecognitionEvent.Kind
    public var subject: Subject
    /// Nil stands for the best prior that may be recognised, of a reminder alone.
    public var prior: StudyInstanceUID?
    public var actor = ""
    public var department = ""
    /// Where the new exam is ordered, by name or id; when "" that of the study, or for an order the one priord stands in.
    public var institution = ""
    public var reason: String?
    public var note: String?
    public var isPatientInformed: Bool?
    public var agrees: Bool?

    public init(_ kind: RecognitionEvent.Kind, for subject: Subject, prior: StudyInstanceUID? = nil) {
        self.kind = kind
        self.subject = subject
        self.prior = prior
    }

    /// Characters of a name at most, and of a note.
    static let nameLimit = 64
    static let noteLimit = 1000

    /// Whether everything is there that such an order needs, and nothing that it cannot have.
    func check() throws(DeskError) {
        var texts = [("actor", actor), ("department", department), ("institution", institution)]
        if case .order(let patientID, let issuer, _, let number) = subject {
            texts += [("patient", patientID), ("issuer", issuer ?? ""), ("order", number)]
            if patientID.isEmpty { throw .missing("patient") }
        }
        for (name, text) in texts where text.count > Self.nameLimit || text.contains(where: \.isControl) {
            throw .text(name, limit: Self.nameLimit)
        }
        if let note, note.count > Self.noteLimit || note.contains(where: { $0.isControl && !$0.isNewline }) {
            throw .text("note", limit: Self.noteLimit)
        }
        if kind.needsActor, actor.allSatisfy(\.isWhitespace) { throw .missing("actor") }
        if kind != .reminded, prior == nil { throw .missing("prior") }
        if kind == .followedUp, agrees == nil { throw .missing("agrees") }
        if kind == .declined, reason == nil { throw .missing("reason") }
        for (name, isGiven, isTaken) in [
            ("reason", reason != nil, kind == .declined), ("note", note != nil, kind == .declined),
            ("patientInformed", isPatientInformed != nil, kind == .declined),
            ("agrees", agrees != nil, kind == .followedUp),
        ] where isGiven && !isTaken {
            throw .notTaken(name, kind)
        }
    }

    /// Whether a decline has a reason of the notice that the prior was judged by, told in words where these are asked for.
    func checkReason(against policy: RecognitionPolicy) throws(DeskError) {
        guard let reason else { return }
        guard let exception = policy.exceptions.first(where: { $0.id == reason }) else {
            throw .unknownReason(reason, known: policy.exceptions.map(\.id))
        }
        if policy.needsNote(exception), note?.allSatisfy(\.isWhitespace) ?? true { throw .noteNeeded(reason) }
    }
}

/// Why the desk does not take an order. Nothing is written then.
public enum DeskError: Error, Equatable, Sendable {
    case recall(RecallError)
    /// The study has no item that priors could be sought for.
    case unmapped(StudyInstanceUID)
    /// No list has an entry of that code.
    case unknownItem(String)
    /// Several issuers number a patient so.
    case ambiguousPatient
    /// Not among the priors that are proposed now.
    case notAPrior(StudyInstanceUID)
    case missing(_ field: String)
    case text(_ field: String, limit: Int)
    case notTaken(_ field: String, RecognitionEvent.Kind)
    case unknownReason(String, known: [String])
    case noteNeeded(_ reason: String)
    /// `repeated` is found, not told.
    case notForPeople
    /// The rules that say no.
    case notRecognisable([Recognition.Rule])
    /// Nobody has said that the prior's patient is the same human.
    case onlyPossiblyThePerson
    /// Nobody recognised what is to be followed up.
    case notRecognisedBefore
    case archive(ArchiveError)
}

extension DeskError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .recall(let error): "\(error)"
        case .unmapped: "the study has no item yet, so nothing is proposed for it"
        case .unknownItem: "no list that is loaded has an item of that code"
        case .ambiguousPatient: "several issuers number a patient so; issuer says which is meant"
        case .notAPrior: "that study is not among the priors proposed now"
        case .missing(let field): "\(field) is needed"
        case .text(let field, let limit): "\(field) is one text of at most \(limit) characters"
        case .notTaken(let field, let kind): "\(field) says nothing of an event \(kind.rawValue)"
        case .unknownReason(_, let known): "reason is one of \(known.joined(separator: ", "))"
        case .noteNeeded(let reason): "\(reason) needs a note that tells why"
        case .notForPeople: "repeats are found by priord itself"
        case .onlyPossiblyThePerson:
            "the prior is only possibly the same person's; settle who it is first (priorctl person reviews)"
        case .notRecognisable(let rules):
            "the prior may not be recognised: " + rules.map { "\($0.id) \($0.detail)" }.joined(separator: "; ")
        case .notRecognisedBefore: "nobody has recognised that prior for this exam"
        case .archive(let error): "\(error)"
        }
    }
}

extension Character {
    fileprivate var isControl: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}

extension RecognitionPolicy {
    /// Why a prior may be declined, in the order of the notice.
    public var exceptions: [RecognitionRule] { rules.filter { $0.category == "exception" } }

    /// Whether a decline for that reason has to be told in words.
    public func needsNote(_ exception: RecognitionRule) -> Bool { exception.dataNeeded == "Free text" }

    /// Days that a result is good for; nil when the notice sets none.
    var windowDays: Int? {
        for rule in rules { if case .withinDays(let days) = rule.check { return days } }
        return nil
    }
}
