public import Archive
public import Catalogue
internal import Crypto
public import DICOMCore
public import Foundation
internal import Synchronization

/// Why the registry of persons cannot do what was asked.
public enum PersonError: Error, Equatable, Sendable {
    /// No identity is called so.
    case unknownIdentity(String)
    case unknownStudy(StudyInstanceUID)
    /// The two are one identity.
    case sameIdentity(String)
    /// The identity is a person by itself.
    case standsAlone(String)
    /// A person keeps these two apart, and the join would put them into one.
    case keptApart(String, String)
    /// The two do not wait for anybody's look.
    case noReview(String, String)
    /// Decisions are made by somebody; the name has 1 to 64 bytes, the note at most 500.
    case nobody
    case index(ArchiveError)
}

/// Who is who: the identities of all studies, and which of them are one human.
///
/// Studies are resolved after their commit: by ``resolvePending()``, which somebody calls, and at once when they
/// are asked about. What rules find and what people decide is in the index; decisions are in the log of the archive too, and
/// outlive the index. Calls block for the disk.
public final class PersonRegistry: Sendable {
    /// Reads the header of a stored object for what it says of the patient; nil when it cannot be read.
    public typealias HeaderReader = @Sendable (StoredInstance) -> PatientHeader?

    let archive: Archive
    var index: StudyIndex { archive.index }
    let institutions: InstitutionRegister
    private let surnames: [Surname]
    let notation: IdentifierNotation
    let readHeader: HeaderReader
    /// Held while persons are changed.
    private let state: Mutex<State>
    let progress = Mutex(ResolutionProgress())

    private struct State {
        var decisions: PersonDecisions
        var judge: PersonJudge
        /// Identities when the judge last learned how frequent names are.
        var learnedAt = 0
        /// Pairs whose last decision is in the log, and not in the index yet.
        var unapplied: [PersonGrouping.Pair] = []
    }

    /// Records of the log that say of identities what this version cannot read.
    public let unreadableDecisions: Int

    /// Reads the log of decisions and brings the index up to it.
    ///
    /// - Parameters:
    ///   - placeholders: national IDs and Other Patient IDs that are typed where none is known.
    ///   - readHeader: asked for the first studies of an identity; without it nothing is known but what the index has.
    public init(
        archive: Archive, institutions: InstitutionRegister = InstitutionRegister(), surnames: [Surname],
        placeholders: Set<String> = [], readHeader: @escaping HeaderReader = { _ in nil }
    ) throws(PersonError) {
        self.archive = archive
        self.institutions = institutions
        self.surnames = surnames
        notation = IdentifierNotation(siteKey: archive.siteKey, placeholders: placeholders)
        self.readHeader = readHeader
        var decisions = PersonDecisions()
        do throws(ArchiveError) {
            var own = DecisionFilter(record: PersonDecision.kind)
            own.limit = .max
            unreadableDecisions = try decisions.add(archive.decisions.records(matching: own).map(\.record))
        } catch {
            throw .index(error)
        }
        var initial = State(decisions: decisions, judge: PersonJudge(rarity: NameRarity(surnames)))
        // A crash may have come between log and index, and a new index knows nothing of it.
        let known: Int
        do throws(ArchiveError) {
            known = try archive.index.readingPersons { Int(try $0.note(Self.decisionsNote) ?? "") ?? 0 }
        } catch {
            throw .index(error)
        }
        if known != decisions.count {
            initial.unapplied = decisions.pairs.sorted { ($0.one, $0.other) < ($1.one, $1.other) }
        }
        state = Mutex(initial)
        try changing { _ in }
    }

    private static let decisionsNote = "decisions"

    // MARK: Decisions

    /// Makes two identities, and all that are the same as they, one person.
    ///
    /// - Parameters:
    ///   - by: who decides so.
    /// - Throws: ``PersonError/keptApart(_:_:)`` when a person keeps two of them apart; that has to be taken back first.
    public func link(_ one: String, _ other: String, by: String, note: String = "", at date: Date = Date())
        throws(PersonError)
    {
        try decide(.same, by, note, date) { table, decisions throws in
            let (left, right) = (try self.identity(one, table), try self.identity(other, table))
            guard left.id != right.id else { throw PersonError.sameIdentity(one) }
            let members = try table.members(ofPerson: left.person, limit: .max).map(\.key)
            let others = try table.members(ofPerson: right.person, limit: .max).map(\.key)
            guard left.person != right.person else { return (left.key, [right.key]) }
            // What took an identity out of its person is taken back as a whole.
            let undone = decisions[left.key, right.key].flatMap { $0.decision == .different ? $0 : nil }
            var restored: [String] = []
            for member in members {
                for other in others where PersonGrouping.Pair(member, other) != .init(left.key, right.key) {
                    guard let decision = decisions[member, other], decision.decision == .different else { continue }
                    guard decision == undone else { throw PersonError.keptApart(member, other) }
                    restored.append(member == decision.one ? other : member)
                }
            }
            guard let undone else { return (left.key, [right.key]) }
            return (undone.one, [undone.one == left.key ? right.key : left.key] + restored)
        }
    }

    /// Takes an identity out of its person: it is different from every other one of it.
    public func unlink(_ identity: String, by: String, note: String = "", at date: Date = Date()) throws(PersonError) {
        try decide(.different, by, note, date) { table, _ throws in
            let known = try self.identity(identity, table)
            let others = try table.members(ofPerson: known.person, limit: .max).map(\.key).filter { $0 != known.key }
            guard !others.isEmpty else { throw PersonError.standsAlone(identity) }
            return (known.key, others)
        }
    }

    /// Decides a pair that waits for a look, or takes back what was decided of one.
    public func settleReview(
        _ one: String, _ other: String, as link: PersonDecision.Link, by: String, note: String = "",
        at date: Date = Date()
    ) throws(PersonError) {
        func check(_ table: PersonTable) throws -> (one: String, others: [String]) {
            let (left, right) = (try self.identity(one, table), try self.identity(other, table))
            guard let pair = try table.pair(left.id, right.id), link == .undecided ? pair.isDecided : pair.isOpen else {
                throw PersonError.noReview(one, other)
            }
            return (left.key, [right.key])
        }
        if link == .same {
            _ = try reading(check)
            return try self.link(one, other, by: by, note: note, at: date)
        }
        try decide(link, by, note, date) { table, _ throws in try check(table) }
    }

    /// Longer lists of one decision are kept as several records.
    private static let othersLimit = 1000

    /// Checks a decision, keeps it in the log, and only then brings the index up to it.
    private func decide(
        _ link: PersonDecision.Link, _ by: String, _ note: String, _ date: Date,
        _ check: (PersonTable, PersonDecisions) throws -> (one: String, others: [String])
    ) throws(PersonError) {
        guard (1...64).contains(by.utf8.count), note.utf8.count <= 500 else { throw .nobody }
        try state.withLock { state throws(PersonError) in
            let decisions = state.decisions
            let (one, others) = try self.reading { try check($0, decisions) }
            let at = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
            for start in stride(from: 0, to: others.count, by: Self.othersLimit) {
                let decision = PersonDecision(
                    link, of: one, and: Array(others[start..<min(start + Self.othersLimit, others.count)]), by: by,
                    at: at,
                    note: note)
                do {
                    try self.archive.decisions.append(decision.encoded())
                } catch {
                    throw .index(error as? ArchiveError ?? .headerUnreadable(detail: "\(error)"))
                }
                state.decisions.add(decision)
                state.unapplied += decision.others.map { .init(decision.one, $0) }
            }
            try self.changing(&state) { _ in }
        }
    }

    private func identity(_ key: String, _ table: PersonTable) throws -> IdentityRecord {
        guard let known = try table.identity(key: key) else { throw PersonError.unknownIdentity(key) }
        return known
    }

    // MARK: Access

    /// Runs `body` on a snapshot in which what was outstanding of a study's patient is resolved, so that the answer is whole.
    ///
    /// - Parameter body: gets the study as it is then; without an identity it names no patient, or time was up.
    func reading<Value>(
        study uid: StudyInstanceUID, _ body: (PersonTable, IdentityStudy) throws -> Value
    ) throws(PersonError) -> Value {
        func study(_ table: PersonTable) throws -> IdentityStudy {
            guard let study = try table.study(uid) else { throw PersonError.unknownStudy(uid) }
            return study
        }
        return try resolving(study, numbers: { [($0.patient.patientID, $0.patient.issuer)] }, body)
    }

    /// An issuer of nil is any.
    typealias PatientNumber = (patientID: String, issuer: String?)

    /// Runs `body` on a snapshot in which what was outstanding of some patients' numbers is resolved.
    func reading<Value>(
        numbers: [PatientNumber], _ body: (PersonTable) throws -> Value
    ) throws(PersonError) -> Value {
        try resolving({ _ in }, numbers: { numbers }, { table, _ in try body(table) })
    }

    /// - Parameter subject: whom the question is about, read in the snapshot that answers it.
    private func resolving<Subject, Value>(
        _ subject: (PersonTable) throws -> Subject, numbers: (Subject) -> [PatientNumber],
        _ body: (PersonTable, Subject) throws -> Value
    ) throws(PersonError) -> Value {
        var waiting: [(patientID: String, issuer: String)] = []
        // Mostly nothing waits, and one snapshot does.
        let value: Value? = try reading { table in
            let subject = try subject(table)
            for number in numbers(subject) {
                let issuers = try table.pendingIssuers(ofPatientID: number.patientID, issuer: number.issuer)
                waiting += issuers.map { (number.patientID, $0) }
            }
            return waiting.isEmpty ? try body(table, subject) : nil
        }
        if let value { return value }
        for number in waiting { try resolvePending(patientID: number.patientID, issuer: number.issuer) }
        return try reading { table in try body(table, try subject(table)) }
    }

    func reading<Value>(_ body: (PersonTable) throws -> Value) throws(PersonError) -> Value {
        var thrown: PersonError?
        do throws(ArchiveError) {
            return try index.readingPersons { table in
                do {
                    return try body(table)
                } catch let error as PersonError {
                    thrown = error
                    throw error
                }
            }
        } catch {
            throw thrown ?? .index(error)
        }
    }

    /// Runs `body` in one transaction, after the decisions that an earlier one left out.
    func changing<Value: Sendable>(_ body: (PersonResolver) throws -> Value) throws(PersonError) -> Value {
        try state.withLock { state throws(PersonError) in try self.changing(&state, body) }
    }

    private func changing<Value: Sendable>(
        _ state: inout State, _ body: (PersonResolver) throws -> Value
    ) throws(PersonError) -> Value {
        try learn(&state)
        do throws(ArchiveError) {
            let value = try index.changingPersons { table in
                let resolver = PersonResolver(
                    table: table, judge: state.judge, decisions: state.decisions, notation: notation, now: Date())
                if !state.unapplied.isEmpty {
                    for pair in state.unapplied { try resolver.apply(pair) }
                    try table.setNote(Self.decisionsNote, to: String(state.decisions.count))
                }
                return try body(resolver)
            }
            state.unapplied = []
            return value
        } catch {
            throw .index(error)
        }
    }

    /// Families that are counted; rarer ones are rare enough.
    private static let familyLimit = 5000

    /// Learns how frequent names are whenever the index has doubled: seldom, and at the same size on every run.
    private func learn(_ state: inout State) throws(PersonError) {
        let count = try reading { try $0.identityCount() }
        guard count >= NameRarity.leastTotal, count >= 2 * state.learnedAt else { return }
        let families = try reading { try $0.families(limit: Self.familyLimit) }
        state.judge = PersonJudge(rarity: NameRarity(surnames, families: families, of: count))
        state.learnedAt = count
    }
}
