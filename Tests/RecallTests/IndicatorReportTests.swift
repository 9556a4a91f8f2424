import Archive
import DICOMCore
import Foundation
import Testing

@testable import Recall

@Suite struct IndicatorReportTests {
    private let start = Date(timeIntervalSince1970: 1_790_000_000)
    private let utc = TimeZone(secondsFromGMT: 0) ?? .gmt

    /// Random events, times ascending; the same on every run.
    private func events(_ count: Int, seed: UInt64) throws -> [RecognitionEvent] {
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        return try (0..<count).map { number in
            let kind = RecognitionEvent.Kind.allCases[next(6)]
            let verdicts: [Recognition.Verdict] = [.recognised, .recognised, .doctorDecides, .notRecognised]
            return RecognitionEvent(
                kind, at: start.addingTimeInterval(Double(number) * 3600),
                proposal: .init(
                    person: "p\(next(9))", item: "item\(next(3))",
                    priorStudyInstanceUID: try StudyInstanceUID("1.2.\(next(4) + 1)"),
                    reference: next(4) == 0 ? "" : "order-\(next(30))"),
                actor: next(3) == 0 ? "" : "Dr. \(next(5))", department: "D\(next(3))", institution: "H\(next(2))",
                prior: .init(institution: "west", examDate: "20260901", accessionNumber: ""),
                verdict: verdicts[next(4)], agrees: kind == .followedUp ? next(2) == 0 : nil, catalogue: "c",
                policy: "p")
        }
    }

    private func report(
        _ events: some Sequence<RecognitionEvent>, asOf moment: Date, by grouping: IndicatorValue.Grouping?
    ) -> [IndicatorValue] {
        var book = OccasionBook(by: grouping, asOf: moment)
        for event in events {
            event.record.withUnsafeBytes { record in if let fields = EventFields(record) { book.add(fields) } }
        }
        return IndicatorReport(
            book, in: .distantPast..<Date.distantFuture, isGrouped: grouping != nil, zone: utc, head: .empty
        ).values
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `figures as of a past date are what was computed then`(seed: UInt64) throws {
        let all = try events(400, seed: seed)
        for count in [0, 1, 37, 150, 399] {
            let then = all.prefix(count)
            let moment = then.last?.at ?? start.addingTimeInterval(-1)
            for grouping in IndicatorValue.Grouping.allCases.map(Optional.some) + [nil] {
                #expect(report(all, asOf: moment, by: grouping) == report(then, asOf: .distantFuture, by: grouping))
            }
        }
    }

    @Test(arguments: [6, 7] as [UInt64])
    func `groups add up, and no numerator exceeds its denominator`(seed: UInt64) throws {
        let all = try events(500, seed: seed)
        for grouping in IndicatorValue.Grouping.allCases {
            let values = report(all, asOf: .distantFuture, by: grouping)
            #expect(values.allSatisfy { 0 <= $0.numerator && $0.numerator <= $0.denominator })
            for indicator in Indicator.all {
                let own = values.filter { $0.indicator == indicator }
                let total = try #require(own.first { $0.group.isEmpty })
                #expect(total.denominator == own.reduce(0) { $0 + ($1.group.isEmpty ? 0 : $1.denominator) })
                #expect(total.numerator == own.reduce(0) { $0 + ($1.group.isEmpty ? 0 : $1.numerator) })
            }
        }
    }

    private func event(
        _ kind: RecognitionEvent.Kind, prior: Int, hour: Double, actor: String = "", verdict: Recognition.Verdict,
        reference: String = "O-1", person: String = "p", isExamMade: Bool = false
    ) throws -> RecognitionEvent {
        RecognitionEvent(
            kind, at: start.addingTimeInterval(hour * 3600),
            proposal: .init(
                person: person, item: "i", priorStudyInstanceUID: try StudyInstanceUID("1.2.\(prior)"),
                reference: reference),
            actor: actor, prior: .init(institution: "", examDate: "", accessionNumber: ""), verdict: verdict,
            agrees: kind == .followedUp ? true : nil, isExamMade: isExamMade, catalogue: "c", policy: "p")
    }

    private func counts(_ events: [RecognitionEvent], _ id: String) throws -> [Int] {
        let value = try #require(report(events, asOf: .distantFuture, by: nil).first { $0.indicator.id == id })
        return [value.numerator, value.denominator]
    }

    @Test func `an order with several priors is one occasion`() throws {
        var log = [
            try event(.reminded, prior: 1, hour: 0, verdict: .recognised),
            try event(.reminded, prior: 2, hour: 0, verdict: .recognised),
            try event(.opened, prior: 2, hour: 1, verdict: .recognised),
            try event(.declined, prior: 1, hour: 2, verdict: .recognised),
        ]
        #expect(try counts(log, "KI-01") == [1, 1])
        #expect(try counts(log, "KI-02") == [0, 1])
        log.append(try event(.repeated, prior: 2, hour: 3, verdict: .recognised))
        #expect(try counts(log, "KI-04") == [0, 1])
        log.append(try event(.recognised, prior: 2, hour: 4, verdict: .recognised))
        #expect(try counts(log, "KI-02") == [1, 1])
        #expect(try counts(log, "KI-04") == [1, 1])
    }

    @Test func `what was only opened was not offered, and what the doctor decides is not recognisable by rule`() throws
    {
        let opened = [try event(.opened, prior: 1, hour: 0, verdict: .recognised)]
        #expect(try counts(opened, "KI-02") == [0, 0])
        let decided = [
            try event(.recognised, prior: 1, hour: 0, verdict: .doctorDecides),
            try event(.followedUp, prior: 1, hour: 9, verdict: .doctorDecides),
        ]
        #expect(try counts(decided, "KI-01") == [0, 0])
        #expect(try counts(decided, "KI-02") == [0, 0])
        #expect(try counts(decided, "KI-03") == [1, 1])
    }

    @Test func `orders without a number stand for themselves, prior by prior`() throws {
        let log = [
            try event(.reminded, prior: 1, hour: 0, verdict: .recognised, reference: ""),
            try event(.reminded, prior: 2, hour: 900, verdict: .recognised, reference: ""),
        ]
        #expect(try counts(log, "KI-02") == [0, 2])
    }

    @Test func `a reminder beside an exam already made is a reminder and no offer`() throws {
        var log = [
            try event(.reminded, prior: 1, hour: 0, verdict: .recognised, isExamMade: true),
            try event(.opened, prior: 1, hour: 1, verdict: .recognised, isExamMade: true),
        ]
        #expect(try counts(log, "KI-01") == [1, 1])
        #expect(try counts(log, "KI-02") == [0, 0])
        #expect(try counts(log, "KI-04") == [0, 0])
        // Whoever decides all the same has taken it for an offer.
        log.append(try event(.recognised, prior: 1, hour: 2, verdict: .recognised, isExamMade: true))
        #expect(try counts(log, "KI-02") == [1, 1])
    }

    @Test func `an order stays one occasion when the person gets another ID, whichever prior it is about`() throws {
        let log = [
            try event(.reminded, prior: 1, hour: 0, verdict: .recognised, person: "a"),
            try event(.reminded, prior: 2, hour: 1, verdict: .recognised, person: "b"),
            try event(.opened, prior: 1, hour: 2, verdict: .recognised, person: "b"),
            try event(.recognised, prior: 2, hour: 3, verdict: .recognised, person: "c"),
            try event(.followedUp, prior: 2, hour: 9, verdict: .recognised, person: "a"),
        ]
        #expect(try counts(log, "KI-01") == [1, 1])
        #expect(try counts(log, "KI-02") == [1, 1])
        #expect(try counts(log, "KI-03") == [1, 1])
        // One number at two hospitals, of two people: their priors tell them apart.
        let two = [
            try event(.reminded, prior: 1, hour: 0, verdict: .recognised, person: "a"),
            try event(.reminded, prior: 7, hour: 1, verdict: .recognised, person: "z"),
        ]
        #expect(try counts(two, "KI-02") == [0, 2])
    }

    @Test func `who decides stands for the group, and before that who was reminded`() throws {
        var log = [try event(.reminded, prior: 1, hour: 0, actor: "nurse", verdict: .recognised)]
        func groups() -> Set<String> {
            Set(report(log, asOf: .distantFuture, by: .doctor).map(\.group)).subtracting([""])
        }
        #expect(groups() == ["nurse"])
        log.append(try event(.recognised, prior: 1, hour: 1, actor: "Dr. Li", verdict: .recognised))
        log.append(try event(.opened, prior: 1, hour: 2, actor: "nurse", verdict: .recognised))
        #expect(groups() == ["Dr. Li"])
    }
}
