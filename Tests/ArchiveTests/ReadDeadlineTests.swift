import DICOMCore
import GRDB
import Testing

@testable import Archive

@Suite struct ReadDeadlineTests {
    private static let endless =
        "WITH RECURSIVE step (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step) SELECT max(n) FROM step"

    @Test(.timeLimit(.minutes(10))) func `a read that would go on and on is given up, and the next one answers`() throws
    {
        let test = try SearchTests.filled()
        let index = test.archive.index
        let limit = Duration.milliseconds(50)
        for _ in 1...10 {
            #expect(throws: ArchiveError.tookTooLong(limit: limit)) {
                try ReadDeadline(after: limit).bound {
                    try index.read { db in try Int.fetchOne(db, sql: Self.endless) }
                }
            }
            #expect(try index.studies(matching: StudyFilter()).count == 4)
        }
    }

    @Test func `what comes too late to its turn does not begin`() throws {
        let test = try SearchTests.filled()
        let index = test.archive.index
        let deadline = ReadDeadline(after: .zero)
        #expect(throws: ArchiveError.tookTooLong(limit: .zero)) {
            try deadline.bound { try index.studies(matching: StudyFilter()) }
        }
    }

    @Test func `a deadline holds for what it bounds alone`() throws {
        let test = try SearchTests.filled()
        let index = test.archive.index
        #expect(try ReadDeadline(after: .seconds(60)).bound { try index.countStudies(matching: StudyFilter()) } == 4)
        #expect(try index.countStudies(matching: StudyFilter()) == 4)
    }

    @Test(arguments: [("E001", [4, 3]), ("E00", []), ("e001", []), ("ACC7", [5]), ("", [])] as [(String, [Int])])
    func `a number is a whole Patient ID or Accession Number`(number: String, expected: [Int]) throws {
        let test = try SearchTests.filled()
        var record = try InstanceRecord.sample(study: 5, patientID: "E0011", date: "20261105", description: "E001 ACC7")
        record.study.accessionNumber = "ACC7"
        try test.store(record, at: 20)
        var filter = StudyFilter()
        filter.number = number
        let found = try test.archive.index.studies(matching: filter).map(\.studyInstanceUID.value)
        #expect(found == expected.map { "1.2.\($0)" })
    }
}
