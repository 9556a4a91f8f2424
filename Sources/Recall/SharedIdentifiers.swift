internal import Archive
internal import DICOMCore

/// Who else has what identifies an identity: its national ID, its number, and numbers others gave it.
///
/// An identifier that people of different names have, or more than anybody has identities, proves nothing of any of them: it
/// was lent, typed for a relative, or stands for none.
struct SharedIdentifiers {
    /// By row; the one in question is not among them.
    private(set) var records: [Int64: IdentityRecord] = [:]
    /// Those found by an identifier that proves something.
    private var identified: Set<Int64> = []
    /// Those that lost such a one by the identity in question.
    private var disputed: [Int64: Set<Int64>] = [:]
    /// Identifiers that too many have.
    private(set) var overfullKeys = 0

    var sharers: Set<Int64> { Set(records.keys) }

    init(of record: IdentityRecord, _ own: PersonTraits, _ keys: PersonKeys, _ table: PersonTable) throws {
        for key in keys.identifying.sorted() {
            var (ids, overfull) = try table.identities(withKeys: [key], limit: PersonResolver.keyLimit)
            overfullKeys += overfull
            ids.remove(record.id)
            guard overfull == 0, !ids.isEmpty else { continue }
            var traits: [PersonTraits] = []
            for id in ids.sorted() {
                guard let other = try records[id] ?? table.identity(id), other.studyCount > 0 else { continue }
                records[id] = other
                traits.append(PersonTraits(other))
            }
            let isDisputed = traits.indices.contains { one in
                traits[..<one].contains { $0.isSomebodyElse(than: traits[one]) }
            }
            if isDisputed { continue }
            if traits.contains(where: own.isSomebodyElse) { disputed[key] = ids } else { identified.formUnion(ids) }
        }
    }

    /// Whether the identity in question and that one share something that proves it.
    func identify(_ id: Int64) -> Bool { identified.contains(id) }

    /// Pairs that nothing joined but what has just come into doubt, as they are now.
    func doubtful(_ table: PersonTable) throws -> [IdentityPair] {
        var found: [IdentityPair] = []
        for (key, ids) in disputed.sorted(by: { $0.key < $1.key }) {
            let identifiers = ids.reduce(into: [:]) { $0[$1] = records[$1].map { PersonKeys($0).identifying } }
            for id in ids.sorted() {
                for var pair in try table.pairs(of: id)
                where pair.one == id && ids.contains(pair.other) && pair.link == .same && !pair.isDecided {
                    let others = identifiers[pair.one]?.intersection(identifiers[pair.other] ?? []) ?? []
                    guard others.subtracting([key]).isEmpty else { continue }
                    pair.doubt()
                    found.append(pair)
                }
            }
        }
        return found
    }
}

extension PersonTraits {
    /// Whether no slip explains that both have one identifier: their names are not near, or both birth date and sex differ.
    fileprivate func isSomebodyElse(than other: PersonTraits) -> Bool {
        if isNamedUnlike(other) { return true }
        guard let sex, let otherSex = other.sex, sex != otherSex, let birthDay, let day = other.birthDay else {
            return false
        }
        return birthDay != day && !PersonJudge.isNear(birthDay, day)
    }
}

extension IdentityPair {
    /// What identifies them is in doubt.
    mutating func doubt() {
        link = .possible
        reasons.append(PersonVerdict.Reason.sharedIdentifier.rawValue)
    }
}
