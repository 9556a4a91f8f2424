import Catalogue
import Crypto
import DICOMCore
import Foundation
import Testing

@testable import Archive
@testable import Recall

/// Generated people as the index resolves them: keys, rules and joins together.
@Suite struct PersonPopulationTests {
    private let shelf: StudyShelf
    private let key = SymmetricKey(size: .bits256)

    init() throws { shelf = try StudyShelf() }

    /// Resolves one study of every sheet, whose Patient IDs are made unique; gives the numbers of their rows.
    private func resolve(_ sheets: [Population.Sheet]) throws -> (identities: [Int64], times: [Duration]) {
        let judge = PersonJudge(rarity: NameRarity(try Surname.bundled()))
        var identities: [Int64] = []
        var times: [Duration] = []
        for start in stride(from: 0, to: sheets.count, by: 500) {
            try shelf.archive.index.changingPersons { table in
                let resolver = PersonResolver(
                    table: table, judge: judge, decisions: PersonDecisions(), siteKey: key, now: Date())
                for sheet in sheets[start..<min(start + 500, sheets.count)] {
                    let study = IdentityStudy(
                        id: 0, studyInstanceUID: try .sample(1),
                        patient: PatientRecord(
                            patientID: "P\(identities.count)", issuer: sheet.issuer, name: sheet.name,
                            birthDate: sheet.born.map { "\($0)" } ?? "", sex: sheet.sex?.rawValue ?? ""),
                        institution: "", sourceAETitle: nil, identity: nil)
                    let header = PatientHeader(
                        otherPatientIDs: [sheet.number].compactMap(\.self), phones: [sheet.phone].compactMap(\.self))
                    let clock = ContinuousClock.now
                    try resolver.resolve(study, from: PersonOrigin(study, in: InstitutionRegister()), header: header)
                    times.append(clock.duration(to: .now))
                    let found = try table.variants(
                        patientID: study.patient.patientID, issuer: sheet.issuer, place: "")
                    identities.append(try #require(found.first).id)
                }
            }
        }
        return (identities, times)
    }

    @Test func `of 30,000 identities none of two people are joined, and 97 in 100 of one person are found`() throws {
        var population = Population(seed: 61)
        var sheets: [Population.Sheet] = []
        var humans: [Int] = []
        for number in 0..<7_500 {
            let one = population.onePerson()
            sheets += [one.0, one.1]
            humans += [3 * number, 3 * number]
            let two = population.differentPeople()
            sheets += [two.0, two.1]
            humans += [3 * number + 1, 3 * number + 2]
        }
        let (identities, times) = try resolve(sheets)
        let index = shelf.archive.index
        let people = Dictionary(zip(identities, humans)) { first, _ in first }
        var found = 0
        try index.readingPersons { table in
            // Every person of the index is identities of one human: so of all pairs of different ones none is joined.
            var humansOf: [Int64: Set<Int>] = [:]
            for id in identities {
                humansOf[try #require(try table.identity(id)).person, default: []].insert(try #require(people[id]))
            }
            #expect(humansOf.values.allSatisfy { $0.count == 1 })
            for number in 0..<7_500 {
                let (one, other) = (identities[4 * number], identities[4 * number + 1])
                let isJoined = try table.identity(one)?.person == table.identity(other)?.person
                if try isJoined || table.pair(one, other)?.isOpen == true { found += 1 }
            }
        }
        #expect(found >= 7_275)
        let counts = try index.personCounts()
        #expect(
            counts.identities == 30_000
                && counts.persons
                    == Set(
                        identities.compactMap { id in
                            try? index.readingPersons { try $0.identity(id)?.person }
                        }
                    ).count
        )
        let sorted = times.sorted()
        print(
            "resolution of a new identity among 30,000: median \(sorted[sorted.count / 2]), p99 \(sorted[sorted.count * 99 / 100]);",
            "found \(found) of 7,500, \(counts.openReviews) to review, \(counts.overfullKeys) keys overfull")
    }
}
