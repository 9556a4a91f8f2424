internal import Archive
internal import Crypto
internal import DICOMCore
internal import Foundation

/// Finds out whose a study is, inside one transaction: its identity, and which others are the same human.
struct PersonResolver {
    /// Identities that share one key at most; where more do, a finer key has to find them.
    static let keyLimit = 100
    /// Identities that are looked at together at most.
    private static let closureLimit = 2000

    let table: PersonTable
    let judge: PersonJudge
    let decisions: PersonDecisions
    let siteKey: SymmetricKey
    let now: Date

    // MARK: Identities

    /// The identity of a study among those known, or nil when there is none it can be.
    static func variant(of study: IdentityStudy, among variants: [IdentityRecord]) -> IdentityRecord? {
        let patient = study.patient
        let exact = variants.first {
            ($0.name, $0.birthDate, $0.sex) == (patient.name, patient.birthDate, patient.sex)
        }
        if let exact { return exact }
        let traits = PersonTraits(known: patient)
        let fitting = variants.filter { !traits.contradicts(PersonTraits($0)) }
        func agreement(_ record: IdentityRecord) -> Int {
            [(record.name, patient.name), (record.birthDate, patient.birthDate), (record.sex, patient.sex)]
                .filter { !$0.isEmpty && $0 == $1 }.count
        }
        return fitting.max { (agreement($0), -$0.variant) < (agreement($1), -$1.variant) }
    }

    /// Gives a study its identity, which is made, or told more, where that is needed.
    ///
    /// - Parameter header: of one of its objects; nil when none was read.
    func resolve(_ study: IdentityStudy, from origin: PersonOrigin, header: PatientHeader?) throws {
        let variants = try table.variants(
            patientID: study.patient.patientID, issuer: origin.issuer, place: origin.place)
        if let known = Self.variant(of: study, among: variants) {
            if let richer = known.enriched(by: study.patient) {
                try table.update(richer, keys: PersonKeys(richer).kept)
                try compare(richer, with: variants)
            }
            return try table.assign(study.id, to: known.id)
        }
        var record = IdentityRecord(
            key: key(of: study, from: origin, isFirst: variants.isEmpty), patientID: study.patient.patientID,
            issuer: origin.issuer, place: origin.place, variant: (variants.last?.variant ?? -1) + 1)
        record.take(study.patient, header, siteKey)
        let family = PersonName(record.name)?.familyText
        record = try table.insert(record, keys: PersonKeys(record).kept, family: family)
        try compare(record, with: variants)
        try table.assign(study.id, to: record.id)
    }

    /// 16 characters of base 32 of the keyed hash of what identifies.
    private func key(of study: IdentityStudy, from origin: PersonOrigin, isFirst: Bool) -> String {
        var parts = [origin.issuer, origin.place, study.patient.patientID]
        if !isFirst { parts += [study.patient.name, study.patient.birthDate, study.patient.sex] }
        let code = HMAC<SHA256>.authenticationCode(for: Data(parts.joined(separator: "\u{0}").utf8), using: siteKey)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        var text = ""
        var (bits, count) = (0, 0)
        for byte in code.prefix(10) {
            bits = bits << 8 | Int(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[bits >> count & 31])
            }
        }
        return text
    }

    // MARK: Pairs

    /// Holds an identity against every other one worth it, and joins what is the same.
    ///
    /// - Parameter variants: the others of its number.
    private func compare(_ record: IdentityRecord, with variants: [IdentityRecord]) throws {
        let traits = PersonTraits(record)
        let keys = PersonKeys(record)
        var (candidates, overfull) = try table.identities(withKeys: keys.sought.sorted(), limit: Self.keyLimit)
        candidates.remove(record.id)
        candidates.subtract(variants.map(\.id))
        try table.count(overfullKeys: overfull)
        var pairs: [Int64: IdentityPair] = [:]
        for id in candidates.sorted() {
            guard let other = try table.identity(id) else { continue }
            let verdict = judge.judge(traits, PersonTraits(other))
            guard verdict.link != .different else { continue }
            pairs[id] = pair(record.id, id, verdict)
        }
        for other in variants where other.id != record.id { pairs[other.id] = ruled(record, other) }
        for key in decisions.partners(of: record.key).sorted() {
            guard let decision = decisions[record.key, key], decision.decision != .undecided,
                let other = try table.identity(key: key)
            else { continue }
            let verdict = judge.judge(traits, PersonTraits(other))
            pairs[other.id] = decided(pairs[other.id] ?? pair(record.id, other.id, verdict), decision)
        }
        var touched: Set<Int64> = [record.id]
        for old in try table.pairs(of: record.id) where pairs[old.partner(of: record.id)] == nil {
            try table.remove(old)
            touched.insert(old.partner(of: record.id))
        }
        for pair in pairs.values { try table.keep(pair) }
        if pairs.isEmpty, touched.count == 1 { return }
        try regroup(touched)
    }

    private func pair(_ one: Int64, _ other: Int64, _ verdict: PersonVerdict) -> IdentityPair {
        let link: IdentityPair.Link =
            switch verdict.link {
            case .same: .same
            case .possible: .possible
            case .different: .different
            }
        return IdentityPair(
            one, other, link: link, weight: verdict.weight, reasons: verdict.reasons.map(\.rawValue), foundAt: now)
    }

    private func decided(_ pair: IdentityPair, _ decision: PersonDecision) -> IdentityPair {
        var pair = pair
        pair.link = decision.decision == .same ? .same : .different
        pair.isOpen = false
        (pair.decidedBy, pair.decidedAt, pair.note) = (decision.by, decision.at, decision.note)
        return pair
    }

    /// Brings the index up to the last decision of a pair; nothing where one of the two is not known yet.
    func apply(_ pair: PersonGrouping.Pair) throws {
        guard let decision = decisions[pair.one, pair.other], let one = try table.identity(key: pair.one),
            let other = try table.identity(key: pair.other)
        else { return }
        let known = try table.pair(one.id, other.id)
        let rule = ruled(one, other)
        if decision.decision == .undecided {
            guard let known else { return }
            if rule.link == .different { try table.remove(known) } else { try table.keep(rule) }
            return try regroup([one.id, other.id])
        }
        let decided = decided(known ?? rule, decision)
        guard decided != known else { return }
        try table.keep(decided)
        try regroup([one.id, other.id])
    }

    /// What rules say of two identities.
    private func ruled(_ one: IdentityRecord, _ other: IdentityRecord) -> IdentityPair {
        var found = pair(one.id, other.id, judge.judge(PersonTraits(one), PersonTraits(other)))
        if (one.patientID, one.issuer, one.place) == (other.patientID, other.issuer, other.place) {
            // One number and two humans, or one human and a slip: nobody but a person can tell.
            found.link = .possible
            found.reasons.insert(PersonVerdict.Reason.sameNumber.rawValue, at: 0)
        }
        return found
    }

    // MARK: Persons

    /// Divides all identities that hang together with some of them into persons anew.
    private func regroup(_ start: Set<Int64>) throws {
        var records: [Int64: IdentityRecord] = [:]
        var pairs: [IdentityPair] = []
        var seen: Set<PersonGrouping.Pair> = []
        var waiting = start.sorted()
        while let id = waiting.popLast(), records.count < Self.closureLimit {
            guard records[id] == nil, let record = try table.identity(id) else { continue }
            records[id] = record
            waiting += try table.members(ofPerson: record.person, limit: Self.closureLimit).map(\.id)
            for pair in try table.pairs(of: id) where seen.insert(.init("\(pair.one)", "\(pair.other)")).inserted {
                pairs.append(pair)
                if pair.link == .same { waiting.append(pair.partner(of: id)) }
            }
        }
        let grouping = grouping(of: records, pairs)
        let ids = Dictionary(records.values.map { ($0.key, $0.id) }) { first, _ in first }
        let persons = Set(records.values.map(\.person))
        for group in grouping.groups {
            let members = group.compactMap { ids[$0] }
            guard let person = members.min() else { continue }
            for id in members where records[id]?.person != person {
                try table.set(person: person, of: id)
                records[id]?.person = person
            }
        }
        try table.count(persons: grouping.groups.count - persons.count)
        try markOpen(pairs, records)
    }

    private func grouping(of records: [Int64: IdentityRecord], _ pairs: [IdentityPair]) -> PersonGrouping {
        var bonds: [PersonGrouping.Bond] = []
        var apart: Set<PersonGrouping.Pair> = []
        for pair in pairs {
            guard let one = records[pair.one]?.key, let other = records[pair.other]?.key else { continue }
            switch pair.link {
            case .same: bonds.append(.init(one: one, other: other, weight: pair.weight, isDecided: pair.isDecided))
            case .different: if pair.isDecided { apart.insert(.init(one, other)) }
            case .possible: break
            }
        }
        var traits: [String: PersonTraits] = [:]
        for record in records.values { traits[record.key] = records.count > 1 ? PersonTraits(record) : nil }
        return PersonGrouping(records.values.map(\.key), bonds: bonds, decidedDifferent: apart) { pair in
            guard let one = traits[pair.one], let other = traits[pair.other] else { return false }
            return judge.judge(one, other).isContradicted
        }
    }

    /// Marks pairs that somebody should look at: what is possible or cannot be joined, unless somebody has looked.
    private func markOpen(_ pairs: [IdentityPair], _ records: [Int64: IdentityRecord]) throws {
        var persons = records.mapValues(\.person)
        func person(_ id: Int64) throws -> Int64 {
            if let known = persons[id] { return known }
            let found = try table.identity(id)?.person ?? id
            persons[id] = found
            return found
        }
        var apart: Set<PersonGrouping.Pair> = []
        for pair in pairs where pair.link == .different && pair.isDecided {
            apart.insert(.init(String(try person(pair.one)), String(try person(pair.other))))
        }
        for var pair in pairs {
            let (one, other) = (try person(pair.one), try person(pair.other))
            let isOpen =
                switch pair.link {
                case .different: false
                case .same: one != other
                case .possible: !pair.isDecided && one != other && !apart.contains(.init(String(one), String(other)))
                }
            guard pair.isOpen != isOpen else { continue }
            pair.isOpen = isOpen
            try table.keep(pair)
        }
    }
}

extension PersonVerdict {
    /// Whether something speaks against one human, however much speaks for it: two such identities are not joined by way
    /// of a third either.
    var isContradicted: Bool {
        !Set(reasons).isDisjoint(with: [.otherNationalID, .otherName, .sameFamilyName, .otherBirthDay, .otherSex])
    }
}
