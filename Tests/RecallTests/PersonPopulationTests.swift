import Catalogue
import DICOMCore
import Dispatch
import Foundation
import Testing

@testable import Archive
@testable import Recall

/// Generated people as the index resolves them: keys, rules and joins together.
@Suite struct PersonPopulationTests {
    private let shelf: StudyShelf

    init() throws { shelf = try StudyShelf() }

    /// Takes in one study of every sheet, whose Patient IDs are made unique, and resolves them; gives the rows of their
    /// identities, and how long the last ones took.
    private func resolve(_ sheets: [Population.Sheet]) throws -> (identities: [Int64], times: ResolutionTimes) {
        let index = shelf.archive.index
        let origin = InstanceOrigin(callingAETitle: nil, calledAETitle: nil, host: "test", receivedAt: Date())
        let digest = try #require(ObjectDigest(bytes: Data(repeating: 0, count: 32)))
        for start in stride(from: 0, to: sheets.count, by: 500) {
            try index.write { db in
                var transaction = IndexTransaction(db)
                for number in start..<min(start + 500, sheets.count) {
                    let sheet = sheets[number]
                    let record = try InstanceRecord(
                        sopInstanceUID: SOPInstanceUID("1.2.\(number).0.1"),
                        sopClassUID: SOPClassUID("1.2.840.10008.5.1.4.1.1.1.1"),
                        seriesInstanceUID: SeriesInstanceUID("1.2.\(number).0"), studyInstanceUID: .sample(number),
                        transferSyntaxUID: TransferSyntaxUID("1.2.840.10008.1.2.1"),
                        patient: PatientRecord(
                            patientID: "P\(number)", issuer: sheet.issuer, name: sheet.name,
                            birthDate: sheet.born.map { "\($0)" } ?? "", sex: sheet.sex?.rawValue ?? ""),
                        study: StudyRecord(date: "20260601"), series: SeriesRecord(modality: "DX"))
                    try transaction.insert(
                        NewInstance(
                            ordinal: Int64(number + 1), record: record, origin: origin, digest: digest, byteCount: 1,
                            dataSetOffset: 0))
                }
            }
        }
        let registry = try PersonRegistry(archive: shelf.archive, surnames: Surname.bundled()) { instance in
            let sheet = instance.studyInstanceUID.value.dropFirst(4).split(separator: ".").first
                .flatMap { Int($0) }.map { sheets[$0] }
            return PatientHeader(
                otherPatientIDs: [sheet?.number].compactMap(\.self), phones: [sheet?.phone].compactMap(\.self))
        }
        while try registry.resolvePending().resolvedCount > 0 {}
        let identities = try index.readingPersons { table in
            try sheets.indices.map { try #require(try table.study(.sample($0))?.identity) }
        }
        return (identities, try #require(registry.resolutionTimes))
    }

    @Test func `of 30,000 identities none of two people are joined, and 97 in 100 of one person are found`()
        async throws
    {
        // It computes for long, on a thread that no other test waits for.
        try await withCheckedThrowingContinuation { done in
            DispatchQueue.global().async { done.resume(with: Result { try self.resolvePopulation() }) }
        }
    }

    private func resolvePopulation() throws {
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
        print(
            "resolution of a new identity among 30,000: median \(times.median), p99 \(times.ninetyNinth);",
            "found \(found) of 7,500, \(counts.openReviews) to review, \(counts.overfullKeys) keys overfull")
    }
}
