import DICOMCore
import Foundation
import Testing

@testable import Archive

/// Whatever way a query takes through the index, it finds the same.
@Suite struct MatchingTests {
    /// Twelve studies of six patients, two series each; the last two are still receiving.
    private static func filled() throws -> TestArchive {
        let test = try TestArchive()
        let names = [
            "Wang^Xiaodong=王^小东", "Nguyễn^Văn Đức", "Nguyễn^Thị Hoa", "Smith^Anna", "Wang^Li=王^丽",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ]
        let descriptions = ["胸部CT平扫", "CHEST PA", "Chụp X-quang ngực thẳng", ""]
        for study in 1...12 {
            if study == 11 { try test.settle(at: 10) }
            for series in 1...2 {
                try test.store(
                    .sample(
                        study: study, series: series, patientID: "P\(study % 6)", name: names[study % 6],
                        date: "202611\(10 + study % 4)", description: descriptions[study % 4],
                        modality: study % 3 == 0 ? "CT" : "DX"),
                    bytes: [UInt8(study), UInt8(series)], at: study < 11 ? 1 : 20)
            }
        }
        return test
    }

    private static func found(
        _ test: TestArchive, _ query: IndexQuery, page: Int
    ) throws -> [String] {
        var found: [String] = []
        var cursor: IndexCursor?
        repeat {
            let page = try test.index.matches(query, after: cursor, limit: page)
            found += page.matches.map {
                $0.instance?.sopInstanceUID.value ?? $0.series?.seriesInstanceUID.value
                    ?? $0.study?.studyInstanceUID.value ?? $0.patient.patientID
            }
            cursor = page.next
        } while cursor != nil
        return found
    }

    private static let conditions: [[(field: IndexField, condition: IndexCondition)]] = [
        [], [(.patientName, .nameBeginnings(["nguyen"]))], [(.patientName, .nameBeginnings(["王"]))],
        [(.patientName, .nameBeginnings(["王^小"]))], [(.patientName, .nameWords(["van", "nguyen"]))],
        [(.patientID, .pattern("P*"))], [(.patientID, .pattern("P1*"))], [(.patientID, .anyOf(["P1", "P2"]))],
        [(.studyDate, .range(first: "20261111", last: "20261112"))],
        [(.studyDate, .range(first: "20261111", last: nil)), (.patientName, .nameBeginnings(["nguyen"]))],
        [(.studyDate, .range(first: "20261111", last: "20261112")), (.studyDescription, .pattern("*PA"))],
        [(.patientName, .nameBeginnings(["王^小东"]))], [(.patientName, .nameBeginnings(["*东"]))],
        [(.patientName, .nameBeginnings(["yamada", "山田^太郎", "やまた"]))], [(.patientName, .nameBeginnings(["やま*う"]))],
        [(.studyDescription, .pattern("*平扫"))], [(.studyDescription, .pattern("CHEST*"))],
        [(.studyDescription, .pattern("*ngực*"))], [(.studyDescription, .pattern("*X-quang ng?c*"))],
        [(.studyDescription, .anyOf(["胸部CT平扫"]))], [(.institution, .pattern("*Hosp*"))],
        [(.modalitiesInStudy, .anyOf(["CT"])), (.studyDescription, .pattern("*H*"))],
        [(.modalitiesInStudy, .anyOf(["CT"]))],
        [(.modalitiesInStudy, .anyOf(["CT"])), (.studyDate, .range(first: nil, last: "20261112"))],
        [(.studyInstanceUID, .anyOf(["1.2.3", "1.2.5", "1.2.404"]))],
    ]

    @Test func `pages and windows of any size find each row once`() throws {
        let test = try Self.filled()
        for level in QueryLevel.allCases {
            for order in [IndexQuery.Order.any, .newestFirst] {
                for conditions in Self.conditions {
                    var query = IndexQuery(level: level)
                    (query.conditions, query.order) = (conditions, order)
                    let whole = try Self.found(test, query, page: 1000)
                    #expect(Set(whole).count == whole.count)
                    for (candidates, days, rows) in [(1, 0, Int64(1)), (3, 1, 50)] {
                        query.bounds = .init(candidates: candidates, days: days, rows: rows)
                        for page in [1, 7] {
                            let found = try Self.found(test, query, page: page)
                            #expect(
                                found.sorted() == whole.sorted(),
                                "\(level), \(conditions), \(candidates) candidates, \(rows) rows, pages of \(page)")
                        }
                    }
                }
            }
        }
    }

    @Test func `what a condition means does not depend on the level`() throws {
        let test = try Self.filled()
        func count(_ level: QueryLevel, _ conditions: [(field: IndexField, condition: IndexCondition)]) throws -> Int {
            var query = IndexQuery(level: level)
            query.conditions = conditions
            return try Self.found(test, query, page: 5).count
        }
        #expect(try QueryLevel.allCases.map { try count($0, []) } == [6, 12, 24, 24])
        let nguyen: [(field: IndexField, condition: IndexCondition)] = [(.patientName, .nameBeginnings(["nguyen"]))]
        #expect(try QueryLevel.allCases.map { try count($0, nguyen) } == [2, 4, 8, 8])
        let chinese: [(field: IndexField, condition: IndexCondition)] = [(.patientName, .nameBeginnings(["王"]))]
        #expect(try QueryLevel.allCases.map { try count($0, chinese) } == [2, 4, 8, 8])
        let phonetic: [(field: IndexField, condition: IndexCondition)] = [
            (.patientName, .nameBeginnings([SearchText.fold("やまだ")]))
        ]
        #expect(try QueryLevel.allCases.map { try count($0, phonetic) } == [1, 2, 4, 4])
        let described: [(field: IndexField, condition: IndexCondition)] = [(.studyDescription, .pattern("*平扫"))]
        #expect(try [QueryLevel.study, .series, .image].map { try count($0, described) } == [3, 6, 6])
    }
}
