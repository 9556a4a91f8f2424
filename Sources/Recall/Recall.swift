public import Archive
public import Catalogue
public import DICOMCore
public import Foundation

// Recall owns what earlier studies are worth to a person's next one: who is the same person, what a prior is to an
// item (RelationJudge), how priors rank, and whether one may stand in for a new exam (RecognitionJudge). It reads the
// index and decides; it keeps nothing. Start reading at ``Recall/priors(forStudy:in:)``.

/// Why priors cannot be given.
public enum RecallError: Error, Equatable, Sendable {
    case unknownStudy(StudyInstanceUID)
    /// The text is not built like a catalogue's item code.
    case notAnItemCode(String)
    case index(ArchiveError)
}

/// What of priors can be changed, with its defaults.
public struct RecallParameters: Sendable, Equatable {
    /// Priors given at most.
    public var limit = 100

    public init() {}
}

/// Finds and ranks a person's comparable earlier studies.
public struct Recall: Sendable {
    /// Who is who.
    public let persons: PersonRegistry
    let judge: RecognitionJudge
    let relations: RelationJudge
    /// Hospitals and laboratories of the configuration.
    public let institutions: InstitutionRegister
    let library: @Sendable () -> CatalogueLibrary
    let primary: ListID
    private let parameters: RecallParameters
    let today: @Sendable () -> CalendarDay
    private let isVerified: @Sendable (StoredInstance) -> Bool

    /// - Parameters:
    ///   - persons: who is who; its institutions are those that priors are judged by.
    ///   - policies: the notices; only rules of the one that holds on the exam's day are reported.
    ///   - primary: the imaging list whose codes orders mean where several have them.
    ///   - library: the catalogues in force when it is asked.
    ///   - today: the day that ages count to where the exam has no date yet.
    ///   - isVerified: whether somebody vouches for a stored structured report, as it says itself.
    public init(
        persons: PersonRegistry, policies: RecognitionPolicies, coverage: AnatomyCoverage,
        primary: ListID = .zhejiangImaging, parameters: RecallParameters = RecallParameters(),
        library: @escaping @Sendable () -> CatalogueLibrary,
        today: @escaping @Sendable () -> CalendarDay = { CalendarDay.today() },
        isVerified: @escaping @Sendable (StoredInstance) -> Bool = { _ in false }
    ) {
        self.persons = persons
        institutions = persons.institutions
        self.primary = primary
        self.parameters = parameters
        self.library = library
        self.today = today
        self.isVerified = isVerified
        judge = RecognitionJudge(policies: policies)
        relations = RelationJudge(coverage: coverage)
    }

    /// The notices that verdicts cite.
    public var policies: RecognitionPolicies { judge.policies }

    /// Priors of a stored study: the same person's earlier studies that concern its item. None when the study is
    /// unmapped or names no patient.
    ///
    /// - Parameters:
    ///   - limit: priors given at most.
    ///   - language: of what the rules say.
    public func priors(
        forStudy uid: StudyInstanceUID, limit: Int? = nil, in language: Language = .english
    ) throws(RecallError) -> Priors {
        try asking { () throws(PersonError) in
            try persons.reading(study: uid) { table, study in
                guard let current = try table.summary(of: uid) else { throw PersonError.unknownStudy(uid) }
                guard let own = try study.identity.flatMap(table.identity) else {
                    return Priors(person: Person(), priors: [])
                }
                let holdings = try Holdings(of: PersonCircle(of: own, table), after: today(), table)
                guard let match = current.match else { return try answer([], holdings, table) }
                let reference = Reference(
                    institution: current.study.institution,
                    register: institutions.institution(named: current.study.institution, from: current.sourceAETitle),
                    day: CalendarDay(dicom: current.study.date) ?? today(), time: current.study.time,
                    item: item(match.catalogue, match.code), isSure: !current.identityDiffers)
                let found = try candidates(holdings, reference, excluding: uid, table)
                return try answer(found, holdings, table, reference, limit, language)
            }
        }
    }

    /// Priors for an order that has no images yet; ages count to today.
    ///
    /// - Parameters:
    ///   - issuer: nil when it is not known. Then the one that numbers a patient so is meant; where there are several
    ///     persons of that number, each is only possibly the one.
    ///   - text: the item ordered, see ``orderedItem(_:)``.
    ///   - institution: name or id of where the new exam would be made; nil for the one this priord stands in. Without
    ///     an issuer its own numbers go before those of others.
    public func priors(
        patientID: String, issuer: String?, item text: String, institution: String? = nil,
        limit: Int? = nil, in language: Language = .english
    ) throws(RecallError) -> Priors {
        let ordered = try orderedItem(text)
        guard !patientID.isEmpty else { return Priors(person: Person(), priors: []) }
        return try asking { () throws(PersonError) in
            try persons.reading(numbers: [(patientID, issuer)]) { table in
                let named = try table.identities(
                    patientID: patientID, issuer: issuer, limit: PersonRegistry.identityLimit)
                let register = institution.map { institutions.institution(called: $0) } ?? institutions.own
                let origin = PersonOrigin(issuer: "", institution: institution ?? "", known: register)
                let own = named.filter { $0.issuer == origin.issuer && $0.place == origin.place }
                let people = (own.isEmpty ? named : own).firstOfEachPerson.sorted { $0.person < $1.person }
                let reference = Reference(
                    institution: institution ?? "", register: register, day: today(), time: "",
                    item: item(ordered.catalogue, ordered.code), isSure: people.count <= 1)
                // Who is nobody here may be known elsewhere.
                if people.isEmpty {
                    return Priors(
                        person: Person(asked: patientID, issuer: issuer ?? ""), priors: [],
                        pendingStudies: try table.pendingCount(limit: Self.pendingLimit))
                }
                let circles = try people.map { try PersonCircle(of: $0, table) }
                let circle = circles.count == 1 ? circles[0] : PersonCircle(oneOf: circles)
                let holdings = try Holdings(of: circle, after: today(), table)
                let found = try candidates(holdings, reference, excluding: nil, table)
                return try answer(found, holdings, table, reference, limit, language)
            }
        }
    }

    /// An entry of a list, as orders name it.
    struct OrderedItem: Equatable {
        let catalogue: String
        let code: String
        /// Whether that list has it.
        let isKnown: Bool
    }

    /// What an order means by its item: a code of an imaging list, the primary one's before others' and what holds today
    /// before other editions; or `list/entry` for any entry of any list, such as `vietnam-25qd-byt-2014/43`.
    ///
    /// - Throws: ``RecallError/notAnItemCode(_:)`` for a text that is neither.
    func orderedItem(_ text: String) throws(RecallError) -> OrderedItem {
        let library = library()
        if let slash = text.firstIndex(of: "/") {
            let (list, entry) = (String(text[..<slash]), String(text[text.index(after: slash)...]))
            guard let edition = CatalogueID(list).flatMap({ library[$0] }) else { throw .notAnItemCode(text) }
            return OrderedItem(
                catalogue: list, code: entry, isKnown: edition.entries.contains { $0.key == entry })
        }
        guard let code = try? ItemCode(text) else { throw .notAnItemCode(text) }
        let main = library.edition(of: primary, on: today())
        let editions =
            [main].compactMap(\.self) + library.editions(of: .imaging, on: today()) + library.editions.reversed()
        let found = editions.first { $0.imaging?[code] != nil }
        return OrderedItem(
            catalogue: (found ?? main)?.id.value ?? "", code: text, isKnown: found != nil)
    }

    func item(_ catalogue: String, _ code: String) -> ExamItem {
        ExamItem(catalogue: catalogue, code: code, in: library())
    }

    /// A person, and what each identity's studies are.
    private struct Holdings {
        let circle: PersonCircle
        let identities: [(id: Int64, link: IdentityLink, items: [CatalogueMatch])]
        /// The person's own studies that are dated after today.
        let laterCount: Int

        init(of circle: PersonCircle, after today: CalendarDay, _ table: PersonTable) throws {
            self.circle = circle
            var laterCount = 0
            identities = try circle.all.map { record, link in
                let contents = try table.contents(ofIdentity: record.id, after: today.description)
                if link == .same { laterCount += contents.laterCount }
                return (record.id, link, contents.items)
            }
            self.laterCount = laterCount
        }
    }

    /// Each item of a person is related once, and only studies of items that concern the exam are read.
    private func candidates(
        _ holdings: Holdings, _ reference: Reference, excluding: StudyInstanceUID?, _ table: PersonTable
    ) throws -> [Candidate] {
        struct Related {
            let item: ExamItem
            let relation: ExamRelation
            let kind: PriorRelation
        }
        let library = library()
        var known: [String: Related?] = [:]
        func related(_ match: CatalogueMatch) -> Related? {
            let key = match.catalogue + "/" + match.code
            if let found = known[key] { return found }
            let item = ExamItem(catalogue: match.catalogue, code: match.code, in: library)
            let relation = item.relation(to: reference.item, relations)
            let found = PriorRelation(relation.kind).map { Related(item: item, relation: relation, kind: $0) }
            known[key] = .some(found)
            return found
        }
        // Names are folded before they are compared, and few differ.
        var places: [Sender: Candidate.Place] = [:]
        func place(of study: PriorCandidate) -> Candidate.Place {
            let sender = Sender(institution: study.institution, sourceAETitle: study.sourceAETitle)
            if let known = places[sender] { return known }
            let place = Candidate.Place(study, institutions, reference)
            places[sender] = place
            return place
        }
        var found: [Candidate] = []
        for identity in holdings.identities {
            for match in identity.items {
                guard let related = related(match) else { continue }
                for study in try table.candidates(ofIdentity: identity.id, item: match)
                where study.studyInstanceUID != excluding {
                    let candidate = Candidate(
                        study, item: related.item, relation: related.relation, kind: related.kind, reference: reference,
                        link: identity.link, place: place(of: study))
                    if let candidate { found.append(candidate) }
                }
            }
        }
        return found
    }

    /// The best of what was found, with what the rules say of each: only what is given is looked into.
    private func answer(
        _ found: [Candidate], _ holdings: Holdings, _ table: PersonTable, _ reference: Reference, _ limit: Int?,
        _ language: Language
    ) throws -> Priors {
        var answer = try self.answer([], holdings, table)
        answer.total = found.count
        let limit = min(limit ?? parameters.limit, parameters.limit)
        answer.priors = try found.sorted(by: Candidate.isBetter).prefix(limit).map { candidate in
            let complaints = try candidate.study.hasPassed ? [:] : table.complaints(ofStudy: candidate.study.id)
            let facts = RecognitionFacts(
                candidate, complaints: complaints, reference: reference,
                report: try report(in: candidate.study, table), today: today())
            return candidate.prior(recognition: judge.judge(facts, in: language))
        }
        return answer
    }

    private static let pendingLimit = 1000

    private func answer(_ priors: [Prior], _ holdings: Holdings, _ table: PersonTable) throws -> Priors {
        Priors(
            person: Person(holdings.circle), priors: priors, futureStudies: holdings.laterCount,
            pendingStudies: try table.pendingCount(limit: Self.pendingLimit))
    }

    /// Structured reports of one study that are opened.
    private static let readingLimit = 8

    /// Whether somebody has read the study: an Encapsulated PDF (PS3.4 B.5) or a structured report that is verified. Only
    /// series of documents are looked into.
    private func report(in study: PriorCandidate, _ table: PersonTable) throws -> RecognitionFacts.Report {
        if !Set(study.modalities).isDisjoint(with: ["DOC", "OT"]),
            try table.has(SOPClassUID("1.2.840.10008.5.1.4.1.1.104.1"), inStudy: study.id)
        {
            return .present
        }
        guard study.modalities.contains("SR") else { return .absent }
        let readings = try table.readings(inStudy: study.id, limit: Self.readingLimit)
        return readings.isEmpty ? .absent : readings.contains(where: isVerified) ? .present : .unverified
    }

    private func asking<Value>(_ body: () throws(PersonError) -> Value) throws(RecallError) -> Value {
        do {
            return try body()
        } catch {
            throw RecallError(error)
        }
    }
}

extension Recall {
    var index: StudyIndex { persons.index }

    func reading<Value>(_ body: () throws(ArchiveError) -> Value) throws(RecallError) -> Value {
        do {
            return try body()
        } catch {
            throw .index(error)
        }
    }
}

extension RecallError {
    init(_ error: PersonError) {
        self =
            switch error {
            case .unknownStudy(let uid): .unknownStudy(uid)
            case .index(let cause): .index(cause)
            case .unknownIdentity, .sameIdentity, .standsAlone, .keptApart, .noReview, .nobody:
                preconditionFailure("nothing but decisions throws \(error)")
            }
    }
}

extension CalendarDay {
    /// The day it is now in `zone`.
    public static func today(in zone: TimeZone = .current) -> CalendarDay {
        CalendarDay(seconds: Date().timeIntervalSince1970 + Double(zone.secondsFromGMT()))
    }
}
