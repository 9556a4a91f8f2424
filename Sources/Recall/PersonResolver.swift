internal import Archive
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
    let notation: IdentifierNotation
    let now: Date

    // MARK: Identities

    /// Gives a study its identity, which is made, or told more, where that is needed.
    ///
    /// - Parameters:
    ///   - header: of one of its objects; nil when none was read, or none could be.
    ///   - isRead: whether it was tried.
    /// - Returns: false for a study of a new identity whose header was not asked for: then nothing is done.
    @discardableResult
    func resolve(
        _ study: IdentityStudy, from origin: PersonOrigin, header: PatientHeader?, isRead: Bool = true
    ) throws -> Bool {
        let found = try IdentityFinder(table: table, notation: notation).find(study, from: origin)
        if let known = found.known {
            if let richer = known.enriched(by: study.patient, header, notation) {
                let keys = PersonKeys(richer)
                try table.update(richer, from: PersonKeys(known).kept, to: keys.kept)
                try compare(richer, PersonTraits(richer), keys, with: found.variants)
            } else if known.studyCount == 0 {
                // It had lost its last study, and its pairs with that.
                try compare(known, PersonTraits(known), PersonKeys(known), with: found.variants)
            }
            try table.assign(study.id, to: known.id)
            return true
        }
        guard isRead else { return false }
        var record = IdentityFinder.newcomer(study, from: origin, variant: found.variant, header, notation)
        let (traits, keys) = (PersonTraits(record), PersonKeys(record))
        record = try table.insert(record, keys: keys.kept, family: traits.name?.familyText)
        try compare(record, traits, keys, with: found.variants)
        try table.assign(study.id, to: record.id)
        return true
    }

    // MARK: Pairs

    /// Holds an identity against every other one worth it, and joins what is the same.
    ///
    /// - Parameter variants: the others of its number.
    private func compare(
        _ record: IdentityRecord, _ traits: PersonTraits, _ keys: PersonKeys, with variants: [IdentityRecord]
    ) throws {
        let (ids, overfull) = try table.identities(
            withKeys: keys.sought.subtracting(keys.identifying).sorted(), limit: Self.keyLimit)
        let identifiers = try SharedIdentifiers(of: record, traits, keys, table)
        try table.count(overfullKeys: overfull + identifiers.overfullKeys)
        let known = try table.pairs(of: record.id)
        var candidates = ids.union(identifiers.sharers).union(known.map { $0.partner(of: record.id) })
        candidates.remove(record.id)
        candidates.subtract(variants.map(\.id))
        var pairs: [Int64: IdentityPair] = [:]
        for id in candidates.sorted() {
            guard let other = try identifiers.records[id] ?? table.identity(id), other.studyCount > 0 else { continue }
            let verdict = judge.judge(traits, PersonTraits(other))
            guard verdict.link != .different else { continue }
            pairs[id] = pair(record.id, id, verdict)
            if verdict.link == .same, !identifiers.identify(id) { pairs[id]?.doubt() }
        }
        for other in variants where other.id != record.id { pairs[other.id] = try ruled(record, other) }
        for key in decisions.partners(of: record.key).sorted() {
            guard let decision = decisions[record.key, key], decision.decision != .undecided,
                let other = try table.identity(key: key)
            else { continue }
            let verdict = judge.judge(traits, PersonTraits(other))
            pairs[other.id] = decided(pairs[other.id] ?? pair(record.id, other.id, verdict), decision)
        }
        var touched: Set<Int64> = [record.id]
        for old in known where pairs[old.partner(of: record.id)] == nil {
            try table.remove(old)
            touched.insert(old.partner(of: record.id))
        }
        for pair in pairs.values { try table.keep(pair) }
        for pair in try identifiers.doubtful(table) {
            try table.keep(pair)
            touched.formUnion([pair.one, pair.other])
        }
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
        let rule = try ruled(one, other)
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
    private func ruled(_ one: IdentityRecord, _ other: IdentityRecord) throws -> IdentityPair {
        let traits = PersonTraits(one)
        var found = pair(one.id, other.id, judge.judge(traits, PersonTraits(other)))
        if (one.patientID, one.issuer, one.place) == (other.patientID, other.issuer, other.place) {
            // One number and two humans, or one human and a slip: nobody but a person can tell.
            found.link = .possible
            found.reasons.insert(PersonVerdict.Reason.sameNumber.rawValue, at: 0)
        } else if found.link == .same,
            try !SharedIdentifiers(of: one, traits, PersonKeys(one), table).identify(other.id)
        {
            found.doubt()
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
