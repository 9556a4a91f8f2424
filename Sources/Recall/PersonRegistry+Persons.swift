public import Archive
public import DICOMCore
internal import Foundation

/// A person with everything that is known of the identities, for somebody who looks.
public struct PersonProfile: Sendable, Equatable {
    public var person: Person
    /// As in ``Person/identities``, and in that order.
    public var identities: [Known]
    /// Of the person's own identities, with each other and with possible ones.
    public var pairs: [ReviewedPair]

    public struct Known: Sendable, Equatable {
        public var record: IdentityRecord
        public var link: IdentityLink
    }
}

/// Two identities and what they are to each other.
public struct ReviewedPair: Sendable, Equatable {
    public var one: IdentityRecord
    public var other: IdentityRecord
    public var pair: IdentityPair
}

extension PersonRegistry {
    /// Identities of a person, and possible ones, shown at most.
    static let identityLimit = 200

    /// The person a study is of; nil when it names no patient.
    public func person(ofStudy uid: StudyInstanceUID) throws(PersonError) -> PersonProfile? {
        try reading(study: uid) { table, study in
            try study.identity.flatMap(table.identity).map { try self.profile(of: $0, table) }
        }
    }

    /// The persons a Patient ID stands for, by personID; one, unless several issuers or places number a patient so.
    ///
    /// - Parameter issuer: nil when it is not known.
    public func persons(patientID: String, issuer: String?) throws(PersonError) -> [PersonProfile] {
        guard !patientID.isEmpty else { return [] }
        return try reading(numbers: [(patientID, issuer)]) { table in
            let found = try table.identities(patientID: patientID, issuer: issuer, limit: Self.identityLimit)
            return try found.firstOfEachPerson.map { try self.profile(of: $0, table) }
                .sorted { $0.person.personID < $1.person.personID }
        }
    }

    /// The person that an identity, or a person, is called by; nil for nobody.
    public func person(id: String) throws(PersonError) -> PersonProfile? {
        try reading { table in try table.identity(key: id).map { try self.profile(of: $0, table) } }
    }

    /// Persons who may bear a name, in whichever script, with marks or without, family first or last; those whose name
    /// agrees best first. Names of which it is only a part are found where no whole one is.
    public func find(name text: String, limit: Int = 50) throws(PersonError) -> [PersonProfile] {
        guard let name = PersonName(text) else { return [] }
        let found = try reading { table in
            let ids = try table.identities(withAnyOf: PersonKeys.keys(ofName: name), limit: 20 * limit)
            var best: [Int64: (agreement: NameAgreement, identity: IdentityRecord)] = [:]
            for record in try ids.compactMap({ try table.identity($0) }) {
                guard let known = PersonName(record.name) else { continue }
                let agreement = NameComparison(name, known).agreement
                guard agreement >= max(.near, best[record.person]?.agreement ?? .near) else { continue }
                best[record.person] = (agreement, record)
            }
            let ordered = best.sorted { ($0.value.agreement, -$0.key) > ($1.value.agreement, -$1.key) }.prefix(limit)
            return try ordered.map { try self.profile(of: $0.value.identity, table) }
        }
        if !found.isEmpty { return found }
        return try findByText(text, limit: limit)
    }

    /// Persons whose studies have the text somewhere in their patient's name.
    private func findByText(_ text: String, limit: Int) throws(PersonError) -> [PersonProfile] {
        var filter = StudyFilter()
        filter.text = text
        filter.limit = 10 * limit
        let studies: [StudySummary]
        do throws(ArchiveError) {
            studies = try index.studies(matching: filter)
        } catch {
            throw .index(error)
        }
        let terms = SearchText.fold(text).split(separator: " ")
        let named = studies.filter { study in
            let name = SearchText.fold(study.patient.name)
            return terms.allSatisfy(name.contains)
        }
        return try reading { table in
            var identities: [IdentityRecord] = []
            for study in named where identities.count < limit {
                guard let identity = try table.study(study.studyInstanceUID)?.identity.flatMap(table.identity),
                    !identities.contains(where: { $0.person == identity.person })
                else { continue }
                identities.append(identity)
            }
            return try identities.map { try self.profile(of: $0, table) }
        }
    }

    /// Studies of the identities that are the person for sure, newest first.
    ///
    /// - Parameter id: of the person or any of the identities.
    /// - Returns: nil for nobody; a page of studies and how many there are.
    public func studies(
        of id: String, limit: Int = 100, offset: Int = 0
    ) throws(PersonError) -> (studies: [StudySummary], total: Int)? {
        guard let profile = try person(id: id) else { return nil }
        let own = profile.identities.filter { $0.link == .same }.map(\.record)
        return try reading(numbers: own.map { ($0.patientID, $0.issuer) }) { table in
            let studies = try table.studies(ofIdentities: own.map(\.id), limit: limit, offset: offset)
            let total = try own.reduce(0) { try $0 + (table.identity($1.id)?.studyCount ?? 0) }
            return (studies, total)
        }
    }

    /// Pairs that wait for a person's look, the likeliest first.
    public func reviews(limit: Int = 100, offset: Int = 0) throws(PersonError) -> (pairs: [ReviewedPair], total: Int) {
        try reading { table in
            (
                try table.openPairs(limit: limit, offset: offset).compactMap { try self.reviewed($0, table) },
                try table.openPairCount(limit: PersonCounts.limit)
            )
        }
    }

    public func counts() throws(PersonError) -> PersonCounts {
        do throws(ArchiveError) {
            return try index.personCounts()
        } catch {
            throw .index(error)
        }
    }

    // MARK: Profiles

    private func profile(of identity: IdentityRecord, _ table: PersonTable) throws -> PersonProfile {
        let circle = try PersonCircle(of: identity, table)
        let pairs = try circle.pairs.compactMap { try reviewed($0, table) }
        return PersonProfile(
            person: Person(circle),
            identities: circle.own.map { .init(record: $0, link: .same) }
                + circle.possible.map { .init(record: $0, link: .possible) },
            pairs: pairs)
    }

    private func reviewed(_ pair: IdentityPair, _ table: PersonTable) throws -> ReviewedPair? {
        guard let one = try table.identity(pair.one), let other = try table.identity(pair.other) else { return nil }
        return ReviewedPair(one: one, other: other, pair: pair)
    }
}

extension [IdentityRecord] {
    /// One identity of each person among them, in their order.
    var firstOfEachPerson: [IdentityRecord] {
        var seen: Set<Int64> = []
        return filter { seen.insert($0.person).inserted }
    }
}

extension Person {
    init(_ circle: PersonCircle) {
        self.init(
            identities: circle.all.map { record, link in
                Identity(
                    id: record.key, issuer: record.issuer, institution: record.place, patientID: record.patientID,
                    link: link)
            })
        personID = circle.own.first?.key ?? ""
    }
}

/// The identities of a person and those that possibly are.
struct PersonCircle {
    /// By their keys; empty when it is not sure who is meant.
    private(set) var own: [IdentityRecord]
    /// The likeliest first.
    private(set) var possible: [IdentityRecord] = []
    /// Every pair of one of the person's own.
    private(set) var pairs: [IdentityPair] = []

    /// - Parameter identity: one of the person's.
    init(of identity: IdentityRecord, _ table: PersonTable) throws {
        guard identity.isPaired else {
            own = identity.studyCount > 0 ? [identity] : []
            return
        }
        own = try table.members(ofPerson: identity.person, limit: PersonRegistry.identityLimit)
        let ids = Set(own.map(\.id))
        var seen: Set<Int64> = [identity.person]
        for id in ids.sorted() {
            for pair in try table.pairs(of: id) where !ids.contains(pair.partner(of: id)) || pair.one == id {
                pairs.append(pair)
            }
        }
        for pair in pairs.sorted(by: { ($0.weight, $0.one, $0.other) > ($1.weight, $1.one, $1.other) })
        where pair.isOpen {
            let partner = ids.contains(pair.one) ? pair.other : pair.one
            guard possible.count < PersonRegistry.identityLimit, let other = try table.identity(partner),
                seen.insert(other.person).inserted
            else { continue }
            possible += try table.members(ofPerson: other.person, limit: PersonRegistry.identityLimit)
        }
        possible = Array(possible.prefix(PersonRegistry.identityLimit))
    }

    /// Whoever of several it may be: none of them for sure.
    init(oneOf circles: [PersonCircle]) {
        own = []
        var seen: Set<Int64> = []
        for record in circles.flatMap(\.own) + circles.flatMap(\.possible) where seen.insert(record.id).inserted {
            possible.append(record)
        }
        possible = Array(possible.prefix(PersonRegistry.identityLimit))
    }

    var all: [(record: IdentityRecord, link: IdentityLink)] {
        own.map { ($0, .same) } + possible.map { ($0, .possible) }
    }
}
