import Foundation
import GRDB
import Testing

@testable import Archive

@Suite struct PersonTableTests {
    private let test: TestArchive

    init() throws { test = try TestArchive() }

    private func add(_ count: Int) throws -> [IdentityRecord] {
        try test.index.changingPersons { table in
            try (1...count).map { number in
                let record = IdentityRecord(key: "key\(number)", patientID: "P\(number)", issuer: "H", place: "")
                return try table.insert(record, keys: [], family: nil)
            }
        }
    }

    private func paired() throws -> [String] {
        try test.index.readingPersons { table in
            try (1...4).compactMap { try table.identity(key: "key\($0)") }.filter(\.isPaired).map(\.key)
        }
    }

    @Test func `who was ever held against another one is known as such, and in an index of before too`() throws {
        let records = try add(4)
        #expect(try paired() == [])
        let pair = IdentityPair(
            records[0].id, records[2].id, link: .possible, weight: 3, reasons: [], foundAt: Date(milliseconds: 0))
        try test.index.changingPersons { table in
            try table.keep(pair)
            try table.keep(pair)
        }
        #expect(try paired() == ["key1", "key3"])
        // The fourth was joined to the second by way of one that is gone.
        try test.index.changingPersons { try $0.set(person: records[1].id, of: records[3].id) }
        var upgrades = 0
        try test.restart { directory in
            let path = directory + "/index.sqlite"
            try DatabaseQueue(path: path).inDatabase { db in
                try db.execute(
                    sql: """
                        DROP TRIGGER identityIsPaired;
                        ALTER TABLE identity DROP COLUMN isPaired;
                        DROP INDEX studyByIdentityCode;
                        CREATE INDEX studyByIdentityCode ON study (identity, catalogue, code)
                            WHERE identity IS NOT NULL AND code <> '';
                        DELETE FROM grdb_migrations WHERE identifier = '7 priors';
                        """)
            }
            for _ in 1...2 { try StudyIndex(path: path) { upgrades += 1 }.close() }
        }
        #expect(upgrades == 1)
        #expect(try paired() == ["key1", "key2", "key3", "key4"])
        try test.index.changingPersons { try $0.remove(pair) }
        #expect(try paired().count == 4)
    }

    @Test func `whose a study is does not wait for the disk, and everything else does`() throws {
        struct Stop: Error {}
        func levels() throws -> [Int] {
            let index = test.index
            return try [
                index.write(StudyIndex.synchronousLevel),
                index.changingPersons { table in try StudyIndex.synchronousLevel(table.db) },
            ]
        }
        #expect(try levels() == [2, 1])
        #expect(throws: ArchiveError.self) { try test.index.changingPersons { _ in throw Stop() } }
        #expect(try levels() == [2, 1])
        try test.restart()
        #expect(try levels() == [2, 1])
        _ = try test.archive.reindex()
        #expect(try levels() == [2, 1])
    }
}
