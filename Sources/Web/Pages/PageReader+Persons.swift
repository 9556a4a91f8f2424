internal import Archive
internal import DICOMCore
internal import Recall

extension PageReader {
    /// Persons of that name in any script.
    func persons(called name: String, limit: Int) throws -> [PersonSummary] {
        // Names have no digits; numbers and dates are not worth the look.
        guard !name.contains(where: \.isNumber) else { return [] }
        return try recall.persons.find(name: name, limit: limit).compactMap(PersonSummary.init)
    }

    /// Newest first.
    func studies(of person: PersonSummary, limit: Int) throws -> [StudySummary] {
        try recall.persons.studies(of: person.id, limit: limit)?.studies ?? []
    }

    /// - Throws: ``PersonError/unknownStudy(_:)``.
    func person(ofStudy uid: StudyInstanceUID) throws -> PersonSummary? {
        try recall.persons.person(ofStudy: uid).flatMap(PersonSummary.init)
    }

    /// - Throws: ``PersonError/unknownIdentity(_:)``.
    func personPage(_ id: String, offset: Int) throws -> PersonPage {
        guard let profile = try recall.persons.person(id: id), let person = PersonSummary(profile),
            let page = try recall.persons.studies(of: id, limit: PersonPage.pageLimit, offset: offset)
        else { throw PersonError.unknownIdentity(id) }
        var possible: [StudySummary] = []
        for identity in profile.identities.filter({ $0.link == .possible }).prefix(Self.possibleLimit) {
            let others =
                try recall.persons.studies(of: identity.record.key, limit: Self.possibleStudyLimit)?.studies ?? []
            possible += others.filter { other in !possible.contains { $0.studyInstanceUID == other.studyInstanceUID } }
        }
        return PersonPage(
            person: person, studies: page.studies, possible: possible,
            hasReviews: profile.pairs.contains { $0.pair.isOpen }, offset: offset, total: page.total, words: words)
    }

    /// Identities that are only possibly the person's whose studies are shown, and how many of each.
    private static let possibleLimit = 10
    private static let possibleStudyLimit = 20
}

extension PersonSummary {
    /// Nil for a profile without any identity.
    init?(_ profile: PersonProfile) {
        let own = profile.identities.filter { $0.link == .same }.map(\.record)
        guard let first = own.first ?? profile.identities.first?.record else { return nil }
        // What most studies say, as far as they say it.
        let ordered = own.sorted { $0.studyCount > $1.studyCount }
        self.init(
            id: profile.person.personID.isEmpty ? first.key : profile.person.personID,
            name: ordered.first { !$0.name.isEmpty }?.name ?? "",
            birthDate: ordered.first { !$0.birthDate.isEmpty }?.birthDate ?? "",
            sex: ordered.first { !$0.sex.isEmpty }?.sex ?? "",
            identities: profile.identities.map {
                Identity(
                    issuer: $0.record.issuer.isEmpty ? $0.record.place : $0.record.issuer,
                    patientID: $0.record.patientID, isSure: $0.link == .same)
            })
    }
}
