import Archive
import DICOMCore
import Foundation
import Testing

@testable import Recall

@Suite struct IndicatorTests {
    private var events: [RecognitionEvent] = []

    private func date(_ day: Double) -> Date { Date(timeIntervalSince1970: 1_790_000_000 + day * 86_400) }

    private mutating func add(
        _ kind: RecognitionEvent.Kind, _ proposal: Int, day: Double, verdict: Recognition.Verdict = .recognised,
        institution: String = "east", agrees: Bool? = nil
    ) throws {
        events.append(
            RecognitionEvent(
                kind, at: date(day),
                proposal: .init(
                    person: "p\(proposal)", item: "BW03ZZZ8B",
                    priorStudyInstanceUID: try StudyInstanceUID("1.2.\(proposal)"), reference: "order-\(proposal)"),
                institution: institution,
                prior: .init(institution: "west", examDate: "20260901", accessionNumber: "A1"),
                verdict: verdict, agrees: agrees, catalogue: "zhejiang-imaging-2021",
                policy: "zhejiang-recognition-2021"))
    }

    private func value(_ id: String, group: String = "", asOf day: Double = 100) throws -> (Int, Int) {
        let values = try report(asOf: day).values
        let found = try #require(values.first { $0.indicator.id == id && $0.group == group })
        return (found.numerator, found.denominator)
    }

    private func report(asOf day: Double = 100, in days: Range<Double> = 0..<50) throws -> IndicatorReport {
        var book = OccasionBook(by: .institution, asOf: date(day))
        for event in events {
            event.record.withUnsafeBytes { record in if let fields = EventFields(record) { book.add(fields) } }
        }
        return IndicatorReport(
            book, in: date(days.lowerBound)..<date(days.upperBound), isGrouped: true,
            zone: try #require(TimeZone(identifier: "UTC")), head: .empty)
    }

    private mutating func fill() throws {
        // 1: reminded, opened, recognised, agreed with. 2: reminded, declined, repeated. 3: reminded, repeated without a word.
        // 4: opened before any reminder. 5: not recognisable. 6: in another institution, recognised, disagreed with.
        try add(.reminded, 1, day: 1)
        try add(.opened, 1, day: 1.1)
        try add(.recognised, 1, day: 1.2)
        try add(.followedUp, 1, day: 30, agrees: true)
        try add(.reminded, 2, day: 2)
        try add(.declined, 2, day: 2.1)
        try add(.repeated, 2, day: 3)
        try add(.reminded, 3, day: 4)
        try add(.repeated, 3, day: 5)
        try add(.opened, 4, day: 6)
        try add(.reminded, 4, day: 7)
        try add(.reminded, 5, day: 8, verdict: .notRecognised)
        try add(.repeated, 5, day: 9, verdict: .notRecognised)
        try add(.reminded, 6, day: 10, institution: "north")
        try add(.recognised, 6, day: 11, institution: "north")
        try add(.followedUp, 6, day: 40, institution: "north", agrees: false)
        try add(.reminded, 7, day: 60)
    }

    @Test mutating func `each indicator counts what its definition says`() throws {
        try fill()
        #expect(try value("KI-01") == (1, 6))
        #expect(try value("KI-02") == (2, 5))
        #expect(try value("KI-03") == (1, 2))
        #expect(try value("KI-04") == (1, 5))
    }

    @Test mutating func `groups add up to all together`() throws {
        try fill()
        #expect(try value("KI-02", group: "east") == (1, 4))
        #expect(try value("KI-02", group: "north") == (1, 1))
    }

    @Test mutating func `a past date gives the figure of that date`() throws {
        try fill()
        #expect(try value("KI-03", asOf: 35) == (1, 1))
        #expect(try value("KI-04", asOf: 4.5) == (0, 3))
    }

    @Test mutating func `of two decisions the last one holds`() throws {
        try add(.reminded, 1, day: 1)
        try add(.recognised, 1, day: 2)
        try add(.declined, 1, day: 3)
        try add(.repeated, 1, day: 4)
        #expect(try value("KI-02") == (0, 1))
        #expect(try value("KI-04") == (0, 1))
        #expect(try value("KI-02", asOf: 2.5) == (1, 1))
    }

    @Test func `without events nothing is claimed`() throws {
        let values = try report().values
        #expect(values.map(\.indicator.id) == ["KI-01", "KI-02", "KI-03", "KI-04"])
        #expect(values.allSatisfy { $0.rate == nil })
    }
}
