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
/// Studies are resolved after their commit: by ``resolvePending(limit:)``, which somebody calls, and at once when they
/// are asked about. What rules find and what people decide is in the index; decisions are in the log of the archive too, and
/// outlive the index. Calls block for the disk.
public final class PersonRegistry: Sendable {
    /// Reads the header of a stored object for what it says of the patient; nil when it cannot be read.
    public typealias HeaderReader = @Sendable (StoredInstance) -> PatientHeader?

    let archive: Archive
    var index: StudyIndex { archive.index }
    let institutions: InstitutionRegister
    private let surnames: [Surname]
    private let readHeader: HeaderReader
    /// Held while persons are changed.
    private let state: Mutex<State>

    private struct State {
        var decisions: PersonDecisions
        var judge: PersonJudge
        /// Identities when the judge last learned how frequent names are.
        var learnedAt = 0
        /// How long the last studies took, in the order of a ring.
        var times: [Duration] = []
        var nextTime = 0
        /// Rows of studies that could not be resolved.
        var unresolvable: Set<Int64> = []

        mutating func note(_ time: Duration, of studies: Int) {
            for _ in 0..<studies {
                if times.count < ResolutionTimes.count {
                    times.append(time)
                } else {
                    times[nextTime % ResolutionTimes.count] = time
                }
                nextTime += 1
            }
        }
    }

    /// Reads the log of decisions and brings the index up to it.
    ///
    /// - Parameter readHeader: asked once for an identity; without it nothing is known but what the index has.
    public init(
        archive: Archive, institutions: InstitutionRegister = InstitutionRegister(), surnames: [Surname],
        readHeader: @escaping HeaderReader = { _ in nil }
    ) throws(PersonError) {
        self.archive = archive
        self.institutions = institutions
        self.surnames = surnames
        self.readHeader = readHeader
        let decisions: PersonDecisions
        do {
            var own = DecisionFilter(record: PersonDecision.kind)
            own.limit = .max
            decisions = try PersonDecisions(try archive.decisions.records(matching: own).map(\.record))
        } catch {
            throw .index(error as? ArchiveError ?? .headerUnreadable(detail: "the log of decisions: \(error)"))
        }
        state = Mutex(State(decisions: decisions, judge: PersonJudge(rarity: NameRarity(surnames))))
        try catchUp()
    }

    /// Brings the index up to the log: a crash may have come between the two, and a new index knows nothing of it.
    private func catchUp() throws(PersonError) {
        try changing { state, resolver in
            let known = Int(try resolver.table.note(Self.decisionsNote) ?? "") ?? 0
            guard known != state.decisions.count else { return }
            for pair in state.decisions.pairs.sorted(by: { ($0.one, $0.other) < ($1.one, $1.other) }) {
                try resolver.apply(pair)
            }
            try resolver.table.setNote(Self.decisionsNote, to: String(state.decisions.count))
        }
    }

    private static let decisionsNote = "decisions"

    // MARK: Resolution

    /// Studies that are resolved in one transaction at most, and how long it takes at most: commits wait for it.
    private static let stepTime = Duration.milliseconds(10)

    /// Resolves studies that wait for it, oldest first.
    ///
    /// - Returns: how many were; 0 when none waits that can be.
    public func resolvePending(limit: Int = 256) throws(PersonError) -> Int {
        let skipped = state.withLock { $0.unresolvable }
        let studies = try reading { table in
            try table.pending(limit: limit + skipped.count).filter { !skipped.contains($0.id) }
        }
        guard !studies.isEmpty else { return 0 }
        do throws(PersonError) {
            return try resolve(studies)
        } catch {
            // One bad study must not keep the others waiting.
            var count = 0
            for study in studies {
                do throws(PersonError) {
                    count += try resolve([study])
                } catch {
                    state.withLock { _ = $0.unresolvable.insert(study.id) }
                }
            }
            if count == 0 { throw error }
            return count
        }
    }

    /// Resolves what waits of one patient's number, so that an answer about it is whole.
    private func resolvePending(patientID: String, issuer: String) throws(PersonError) {
        guard !patientID.isEmpty else { return }
        while true {
            let studies = try reading { try $0.pending(patientID: patientID, issuer: issuer, limit: 64) }
            if studies.isEmpty { return }
            if try resolve(studies) == 0 { return }
        }
    }

    /// - Returns: how many of the studies, in their order, were resolved before the time was up.
    private func resolve(_ studies: [IdentityStudy]) throws(PersonError) -> Int {
        try state.withLock { state throws(PersonError) in
            let waiting = try reading { table in try studies.map { try self.preparation(of: $0, table) } }
            // Objects are read before the transaction, and each identity's one alone.
            var headers: [Int64: PatientHeader] = [:]
            var read: Set<Preparation> = []
            for (study, preparation) in zip(studies, waiting) {
                guard let preparation, read.insert(preparation).inserted else { continue }
                headers[study.id] = try self.header(of: study)
            }
            let began = ContinuousClock.now
            let count = try self.changing(&state) { _, resolver in
                let start = ContinuousClock.now
                var count = 0
                for study in studies {
                    let origin = PersonOrigin(study, in: institutions)
                    try resolver.resolve(study, from: origin, header: headers[study.id])
                    count += 1
                    if start.duration(to: .now) > Self.stepTime { break }
                }
                return count
            }
            state.note(began.duration(to: .now), of: count)
            return count
        }
    }

    /// How long the last studies took; nil when there was none since the start.
    public var resolutionTimes: ResolutionTimes? { ResolutionTimes(state.withLock { $0.times }) }

    /// What is new about a study, such that an object has to be read.
    private struct Preparation: Hashable {
        let origin: PersonOrigin
        let patientID: String
        let traits: [String]
    }

    private func preparation(of study: IdentityStudy, _ table: PersonTable) throws -> Preparation? {
        let origin = PersonOrigin(study, in: institutions)
        let known = try table.variants(patientID: study.patient.patientID, issuer: origin.issuer, place: origin.place)
        guard PersonResolver.variant(of: study, among: known) == nil else { return nil }
        return Preparation(
            origin: origin, patientID: study.patient.patientID,
            traits: [study.patient.name, study.patient.birthDate, study.patient.sex])
    }

    private func header(of study: IdentityStudy) throws(PersonError) -> PatientHeader? {
        let instance: StoredInstance?
        do throws(ArchiveError) {
            instance = try index.instance(speakingFor: study.id)
        } catch {
            throw .index(error)
        }
        return instance.flatMap(readHeader)
    }

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
        let pair = try reading { table in
            try table.pair(self.identity(one, table).id, self.identity(other, table).id)
        }
        guard let pair, link == .undecided ? pair.isDecided : pair.isOpen else { throw .noReview(one, other) }
        if link == .same { return try self.link(one, other, by: by, note: note, at: date) }
        try decide(link, by, note, date) { table, _ throws in
            (try self.identity(one, table).key, [try self.identity(other, table).key])
        }
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
            }
            try self.changing(&state) { state, resolver in
                for other in others { try resolver.apply(.init(one, other)) }
                try resolver.table.setNote(Self.decisionsNote, to: String(state.decisions.count))
            }
        }
    }

    private func identity(_ key: String, _ table: PersonTable) throws -> IdentityRecord {
        guard let known = try table.identity(key: key) else { throw PersonError.unknownIdentity(key) }
        return known
    }

    // MARK: Access

    /// Resolves a study if that is outstanding, with the others of its patient's number.
    ///
    /// - Returns: the row of its identity; nil when it names no patient.
    func identity(ofStudy uid: StudyInstanceUID) throws(PersonError) -> Int64? {
        guard let study = try reading({ try $0.study(uid) }) else { throw .unknownStudy(uid) }
        try resolveNumber(of: study)
        if let identity = study.identity { return identity }
        return try reading { try $0.study(uid)?.identity }
    }

    private func resolveNumber(of study: IdentityStudy) throws(PersonError) {
        guard try reading({ try $0.pendingCount(limit: 1) }) > 0 else { return }
        try resolvePending(patientID: study.patient.patientID, issuer: study.patient.issuer)
    }

    /// Resolves what waits of a number.
    ///
    /// - Parameter issuer: nil for any.
    func resolveNumber(patientID: String, issuer: String?) throws(PersonError) {
        guard try reading({ try $0.pendingCount(limit: 1) }) > 0 else { return }
        let issuers: [String]
        if let issuer {
            issuers = [issuer]
        } else {
            do throws(ArchiveError) {
                issuers = try index.patients(withID: patientID).map(\.patient.issuer)
            } catch {
                throw .index(error)
            }
        }
        for issuer in issuers { try resolvePending(patientID: patientID, issuer: issuer) }
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

    private func changing<Value: Sendable>(
        _ body: (inout State, PersonResolver) throws -> Value
    ) throws(PersonError) -> Value {
        try state.withLock { state throws(PersonError) in try self.changing(&state, body) }
    }

    private func changing<Value: Sendable>(
        _ state: inout State, _ body: (inout State, PersonResolver) throws -> Value
    ) throws(PersonError) -> Value {
        try learn(&state)
        do throws(ArchiveError) {
            return try index.changingPersons { table in
                let resolver = PersonResolver(
                    table: table, judge: state.judge, decisions: state.decisions, siteKey: archive.siteKey, now: Date())
                return try body(&state, resolver)
            }
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
