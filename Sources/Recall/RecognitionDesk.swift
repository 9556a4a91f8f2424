public import Archive
public import Catalogue
internal import DICOMCore
public import Foundation
internal import Synchronization

/// Takes down what becomes of proposals, each checked against the proposal as it stands now, in the decision log.
///
/// It blocks for index and disk. What it writes names a person by their ID alone.
public final class RecognitionDesk: Sendable {
    /// An event and where in the log it stands.
    public struct Entry: Sendable, Equatable {
        /// Counted from 1.
        public let line: Int
        public let event: RecognitionEvent

        public init(line: Int, event: RecognitionEvent) {
            self.line = line
            self.event = event
        }
    }

    /// What became of an order.
    public struct Outcome: Sendable, Equatable {
        /// The event that now stands in the log; nil for a reminder of nothing, as no prior may be recognised.
        public let entry: Entry?
        /// False when it had been said already.
        public let isNew: Bool
    }

    let log: EventChain
    let index: StudyIndex
    let recall: Recall
    /// In which days begin.
    public let zone: TimeZone
    let now: @Sendable () -> Date
    let formerIDs: @Sendable (String) -> [String]
    /// The time of the last event. Held from looking whether something was said until it is written.
    private let newest: Mutex<Date>

    /// - Parameters:
    ///   - archive: whose log is written.
    ///   - recall: what is proposed.
    ///   - zone: in which days begin.
    ///   - formerIDs: all that a person of some ID was ever called by, that ID too.
    public init(
        archive: Archive, recall: Recall,
        zone: TimeZone = .current, now: @escaping @Sendable () -> Date = { Date() },
        formerIDs: @escaping @Sendable (String) -> [String] = { [$0] }
    ) throws(ArchiveError) {
        log = archive.decisions
        index = archive.index
        self.recall = recall
        self.zone = zone
        self.now = now
        self.formerIDs = formerIDs
        var last = DecisionFilter(record: RecognitionEvent.recordName)
        (last.isNewestFirst, last.limit) = (true, 1)
        newest = Mutex(Self.entries(try archive.decisions.records(matching: last)).first?.event.at ?? .distantPast)
    }

    /// The notices that decisions are taken by.
    public var policies: RecognitionPolicies { recall.policies }

    /// That of an order made today.
    public var policy: RecognitionPolicy { policies.policy(on: recall.today()) }

    // MARK: Taking down

    /// Checks an order and writes what it tells, unless that was told before.
    ///
    /// A reminder of one proposal is one event however often it is shown, as long as the rules say the same; a decision that
    /// stands is not repeated, another one takes its place.
    ///
    /// - Parameter language: of the rules in an error.
    public func take(_ order: DeskOrder, in language: Language = .english) throws(DeskError) -> Outcome {
        if order.kind == .repeated { throw .notForPeople }
        try order.check()
        if order.kind == .followedUp { return try followUp(order) }
        let proposed = try proposed(order, language)
        let prior: Prior
        if let uid = order.prior {
            let named = proposed.priors.first { $0.studyInstanceUID == uid }
            guard let named else { throw .notAPrior(uid) }
            prior = named
        } else {
            // Ranks know nothing of reports and institutions, which verdicts do.
            guard
                let best = proposed.priors.first(where: { $0.recognition.verdict == .recognised })
                    ?? proposed.priors.first(where: { $0.recognition.verdict != .notRecognised })
            else { return Outcome(entry: nil, isNew: false) }
            prior = best
        }
        if order.kind == .recognised, prior.recognition.verdict == .notRecognised {
            throw .notRecognisable(prior.recognition.rules.filter { $0.holds == false })
        }
        if order.kind == .declined {
            try order.checkReason(against: policies[prior.recognition.policy] ?? policy)
        }
        if order.kind == .recognised, prior.identityLink != .same { throw .onlyPossiblyThePerson }
        let stored = try reading { () throws(ArchiveError) in try index.study(prior.studyInstanceUID) }
        return try write(
            RecognitionEvent(
                order.kind, at: now(),
                proposal: .init(
                    person: proposed.person, item: proposed.item, priorStudyInstanceUID: prior.studyInstanceUID,
                    reference: proposed.reference),
                actor: order.actor, department: order.department, institution: proposed.institution,
                prior: .init(
                    institution: prior.institution, examDate: prior.studyDate,
                    accessionNumber: stored?.study.accessionNumber ?? ""),
                verdict: prior.recognition.verdict, reason: order.reason, note: order.note,
                isPatientInformed: order.isPatientInformed, isExamMade: proposed.isExamMade,
                catalogue: proposed.catalogue, policy: prior.recognition.policy))
    }

    /// What is proposed for an exam or order now.
    private struct Proposed {
        let person: String
        let catalogue: String
        let item: String
        let reference: String
        let institution: String
        let isExamMade: Bool
        let priors: [Prior]
    }

    private func proposed(_ order: DeskOrder, _ language: Language) throws(DeskError) -> Proposed {
        switch order.subject {
        case .study(let uid):
            let answer = try asking { () throws(RecallError) in try recall.priors(forStudy: uid, in: language) }
            guard let study = try reading({ () throws(ArchiveError) in try index.study(uid) }) else {
                throw .recall(.unknownStudy(uid))
            }
            guard let match = study.match else { throw .unmapped(uid) }
            return Proposed(
                person: answer.person.personID, catalogue: match.catalogue, item: match.code, reference: uid.value,
                institution: order.institution.isEmpty
                    ? recall.institutions.label(of: study.study.institution, from: study.sourceAETitle)
                    : recall.institutions.label(of: order.institution),
                isExamMade: true, priors: answer.priors)
        case .order(let patientID, let issuer, let text, let number):
            let item = try asking { () throws(RecallError) in try recall.orderedItem(text) }
            guard item.isKnown else { throw .unknownItem(text) }
            let answer = try asking { () throws(RecallError) in
                try recall.priors(
                    patientID: patientID, issuer: issuer, item: text,
                    institution: order.institution.isEmpty ? nil : order.institution, in: language)
            }
            let person = answer.person
            if person.personID.isEmpty, person.identities.count > 1 || !answer.priors.isEmpty {
                throw .ambiguousPatient
            }
            return Proposed(
                person: answer.person.personID, catalogue: item.catalogue, item: item.code, reference: number,
                institution: order.institution.isEmpty
                    ? recall.institutions.own?.id ?? "" : recall.institutions.label(of: order.institution),
                isExamMade: try isStored(number), priors: answer.priors)
        }
    }

    /// Whether what has this number, where that is a UID, is here already.
    private func isStored(_ number: String) throws(DeskError) -> Bool {
        guard let uid = try? StudyInstanceUID(number) else { return false }
        return try reading { () throws(ArchiveError) in try index.study(uid) } != nil
    }

    /// Nothing is proposed any more when the later diagnosis is there; so the decision itself is looked up.
    private func followUp(_ order: DeskOrder) throws(DeskError) -> Outcome {
        guard let prior = order.prior else { throw .missing("prior") }
        var filter = DecisionFilter(record: RecognitionEvent.recordName)
        filter.priors = [prior.value]
        filter.kinds = [RecognitionEvent.Kind.recognised.rawValue, RecognitionEvent.Kind.declined.rawValue]
        let decisions = try entries(filter).map(\.event).filter { order.subject.isMeant(by: $0) }
        guard let decision = decisions.last, decision.kind == .recognised else { throw .notRecognisedBefore }
        var event = decision
        event.kind = .followedUp
        event.at = now()
        event.actor = order.actor
        if !order.department.isEmpty { event.department = order.department }
        (event.reason, event.note, event.isPatientInformed) = (nil, nil, nil)
        event.agrees = order.agrees
        return try write(event)
    }

    /// Appends `event` unless it says what stands in the log already.
    func write(_ event: RecognitionEvent) throws(DeskError) -> Outcome {
        var filter = DecisionFilter(record: RecognitionEvent.recordName)
        filter.priors = [event.proposal.priorStudyInstanceUID.value]
        filter.kinds = RecognitionEvent.Kind.allCases.filter { $0 != .opened }.map(\.rawValue)
        let result: Result<Outcome, DeskError> = newest.withLock { newest in
            Result { () throws(DeskError) in
                let before = try entries(filter).filter { $0.event.proposal.isSame(as: event.proposal) }
                if let said = event.standing(in: before) { return Outcome(entry: said, isNew: false) }
                var event = event
                // A clock that was set back a little must not change what a past day's figures were; one that was far ahead
                // must not give its time to all that comes after it was put right.
                event.at = event.at.inLog
                if newest.timeIntervalSince(event.at) <= Self.clockTolerance { event.at = max(event.at, newest) }
                let head = try reading { () throws(ArchiveError) in try log.append(event.record) }
                newest = event.at
                return Outcome(entry: Entry(line: head.count, event: event), isNew: true)
            }
        }
        return try result.get()
    }

    /// Seconds that a clock may go back and events still follow each other.
    private static let clockTolerance: TimeInterval = 24 * 3600

    // MARK: Reading

    /// Events in the order of the log, or the last ones first where the filter says so.
    public func events(_ filter: DecisionFilter) throws(DeskError) -> [Entry] {
        var filter = filter
        filter.record = RecognitionEvent.recordName
        filter.persons = Array(Set(filter.persons.flatMap(formerIDs)))
        return try entries(filter)
    }

    /// The four indicators of what was first offered in a period, as they stood at a moment.
    public func report(
        in period: Range<Date>, by grouping: IndicatorValue.Grouping?, asOf moment: Date
    ) throws -> IndicatorReport {
        try IndicatorReport(of: log, in: period, by: grouping, asOf: moment, zone: zone)
    }

    func entries(_ filter: DecisionFilter) throws(DeskError) -> [Entry] {
        Self.entries(try reading { () throws(ArchiveError) in try log.records(matching: filter) })
    }

    private static func entries(_ records: [(line: Int, record: Data)]) -> [Entry] {
        records.compactMap { line, record in
            record.withUnsafeBytes { EventFields($0).flatMap { RecognitionEvent($0) } }
                .map { Entry(line: line, event: $0) }
        }
    }

    func reading<Value>(_ body: () throws(ArchiveError) -> Value) throws(DeskError) -> Value {
        do { return try body() } catch { throw .archive(error) }
    }

    func asking<Value>(_ body: () throws(RecallError) -> Value) throws(DeskError) -> Value {
        do { return try body() } catch { throw .recall(error) }
    }
}

extension Date {
    /// As the log keeps it: in whole milliseconds.
    fileprivate var inLog: Date {
        EventTime.date(milliseconds: Int64((timeIntervalSince1970 * 1000).rounded(.down)))
    }
}

extension DeskOrder.Subject {
    /// Whether a decision was about this exam or order. An order without a number is told by its item.
    func isMeant(by event: RecognitionEvent) -> Bool {
        let proposal = event.proposal
        return switch self {
        case .study(let uid): proposal.reference == uid.value
        case .order(_, _, let item, let number):
            proposal.reference == number
                && (proposal.item == item || "\(event.catalogue)/\(proposal.item)" == item)
        }
    }
}

extension RecognitionEvent {
    /// The entry that says already what this event says.
    ///
    /// - Parameter entries: of its proposal, in their order.
    func standing(in entries: [RecognitionDesk.Entry]) -> RecognitionDesk.Entry? {
        switch kind {
        // Shown again under another verdict it is another offer.
        case .reminded:
            let last = entries.last { $0.event.kind == .reminded }
            return last.flatMap { $0.event.verdict == verdict ? $0 : nil }
        // Every look counts for itself.
        case .opened: return nil
        case .recognised, .declined:
            let last = entries.last { $0.event.kind == .recognised || $0.event.kind == .declined }
            return last.flatMap { says($0.event) ? $0 : nil }
        case .followedUp:
            let last = entries.last { $0.event.kind == .followedUp || $0.event.kind == .declined }
            return last.flatMap { says($0.event) ? $0 : nil }
        case .repeated: return entries.first { $0.event.kind == .repeated }
        }
    }

    private func says(_ other: RecognitionEvent) -> Bool {
        kind == other.kind && actor == other.actor && reason == other.reason && note == other.note
            && isPatientInformed == other.isPatientInformed && agrees == other.agrees
    }
}
