import Archive
import DICOMCore
import Foundation
import Testing

@testable import Recall

/// Exams that were made although a result had been offered.
@Suite struct RepeatTests {
    private let shelf: StudyShelf
    /// Before anything that is stored during the test arrives.
    private let early = Date().addingTimeInterval(-3600)

    init() throws { shelf = try StudyShelf() }

    private var today: String {
        CalendarDay(seconds: Date().timeIntervalSince1970).description
    }

    private func day(_ before: Int) -> String {
        CalendarDay(number: CalendarDay(seconds: Date().timeIntervalSince1970).number - before).description
    }

    /// What was said of prior 1 for an order, an hour ago.
    @discardableResult
    private func tell(
        _ kind: RecognitionEvent.Kind, number: String = "O-1", item: String = "BW03ZZZ8B"
    ) throws -> RecognitionDesk.Entry? {
        let early = early
        var order = DeskOrder(
            kind, for: .order(patientID: "P1", issuer: "H1", item: item, number: number), prior: try .sample(1))
        order.institution = "First Hospital"
        if kind.needsActor { order.actor = "Dr. Li" }
        if kind == .declined { order.reason = "ZE-07" }
        return try shelf.desk(isToday: true, now: { early }).take(order).entry
    }

    private func repeats(_ number: Int = 2) throws -> RecognitionDesk.Entry? {
        try shelf.desk(isToday: true).noteRepeat(by: .sample(number))
    }

    @Test func `an exam made after a recognisable prior was offered is one repeat, however often it is assessed`()
        throws
    {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded)
        try shelf.add(2) { $0.date = today }
        let entry = try #require(try repeats())
        #expect(entry.event.kind == .repeated)
        #expect(try entry.event.study == .sample(2))
        #expect(entry.event.proposal.reference == "O-1")
        #expect(try repeats() == nil)
        #expect(try shelf.desk(isToday: true).noteRepeats(since: early.addingTimeInterval(-60)) == 0)
    }

    @Test func `what nobody looked at is found later`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded)
        try shelf.add(2) { $0.date = today }
        #expect(try shelf.desk(isToday: true).noteRepeats(since: early.addingTimeInterval(-60)) == 1)
        #expect(try shelf.desk(isToday: true).noteRepeats(since: early.addingTimeInterval(-60)) == 0)
    }

    @Test func `a reason given, another item, another person and a looked-at prior are no repeats`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.opened)
        try shelf.add(2) { $0.date = today }
        #expect(try repeats() == nil)
        try tell(.reminded)
        try tell(.declined)
        #expect(try repeats() == nil)
        try tell(.reminded, number: "O-2", item: "BW03ZZZZ1")
        #expect(try repeats() == nil)
        try shelf.add(3) { ($0.patientID, $0.date) = ("P2", today) }
        #expect(try repeats(3) == nil)
        #expect(try repeats(9) == nil)
    }

    @Test func `an exam of before the offer, or whose prior is too old by then, is none`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded)
        try shelf.add(2) { $0.date = day(3) }
        #expect(try repeats() == nil)
        try shelf.add(3) { $0.date = day(-21) }
        #expect(try repeats(3) == nil)
        try shelf.add(4) { $0.date = day(-20) }
        #expect(try repeats(4) != nil)
    }

    @Test
    func `what may not be recognised is not repeated, and accepted results count when the exam is made all the same`()
        throws
    {
        try shelf.add(1) { ($0.date, $0.quality) = (day(10), "review") }
        try tell(.reminded)
        try shelf.add(2) { $0.date = today }
        #expect(try repeats() == nil)
        try shelf.assess(1, quality: "pass")
        try tell(.recognised)
        #expect(try repeats()?.event.kind == .repeated)
    }

    @Test func `of several orders the one of its own number is repeated`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded, number: "O-1")
        try tell(.reminded, number: "O-2")
        try shelf.add(2) { ($0.date, $0.accessionNumber) = (today, "O-1") }
        #expect(try repeats()?.event.proposal.reference == "O-1")
        #expect(try repeats() == nil)
    }

    @Test func `what was offered to read another study says nothing of this one`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try shelf.add(2) { $0.date = today }
        _ = try shelf.desk(isToday: true).take(
            DeskOrder(.reminded, for: .study(try .sample(2)), prior: try .sample(1)))
        try shelf.add(3) { ($0.date, $0.time) = (today, "090000") }
        #expect(try repeats(3) == nil)
        #expect(try repeats(2) == nil)
    }
}
