import Archive
import DICOMCore
import Foundation
import Testing

@testable import Recall

/// Exams that were made although a result had been offered.
@Suite struct RepeatTests {
    private let shelf: StudyShelf
    /// Before anything that is stored during the test arrives, and before its day: the last hour of yesterday.
    private let early = Date(
        timeIntervalSince1970: (Date().timeIntervalSince1970 / 86_400).rounded(.down) * 86_400 - 3600)

    init() throws { shelf = try StudyShelf() }

    private var today: String {
        CalendarDay(seconds: Date().timeIntervalSince1970).description
    }

    private func day(_ before: Int) -> String {
        CalendarDay(number: CalendarDay(seconds: Date().timeIntervalSince1970).number - before).description
    }

    /// What was said of prior 1 for an order, yesterday.
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

    /// Patient P8 of another hospital, who has the name and birth date of P1.
    private func addElsewhere(_ number: Int, _ change: (inout StudyShelf.Study) -> Void = { _ in }) throws {
        try shelf.add(number) {
            ($0.patientID, $0.issuer, $0.date) = ("P8", "H2", today)
            change(&$0)
        }
    }

    private func identities(of numbers: [Int], _ registry: PersonRegistry) throws -> [String] {
        while try registry.resolvePending().resolvedCount > 0 {}
        return try numbers.map { number in
            try #require(try registry.person(ofStudy: .sample(number))).identities[0].record.key
        }
    }

    @Test func `an order of somebody who was joined with another since is repeated by either's exam`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded)
        try addElsewhere(2)
        let registry = try shelf.registry()
        #expect(try repeats() == nil)
        let ids = try identities(of: [1, 2], registry)
        try registry.link(ids[0], ids[1], by: "Dr Chen")
        #expect(try shelf.desk(isToday: true).noteRepeats(since: early.addingTimeInterval(-60)) == 1)
        #expect(try repeats() == nil)
    }

    @Test func `an offer of a prior that is another's by now is not repeated`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try addElsewhere(3) { $0.date = self.day(40) }
        let registry = try shelf.registry()
        let ids = try identities(of: [1, 3], registry)
        try registry.link(ids[0], ids[1], by: "Dr Chen")
        try tell(.reminded)
        try registry.unlink(ids[0], by: "Dr Wu")
        try addElsewhere(2)
        #expect(try repeats() == nil)
        try shelf.add(4) { $0.date = today }
        #expect(try repeats(4)?.event.proposal.priorStudyInstanceUID == .sample(1))
    }

    @Test func `of one day Study Time tells whether the exam was made before the offer`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded)
        // That was at eleven in the evening.
        try shelf.add(2) { ($0.date, $0.time) = (day(1), "225900") }
        #expect(try repeats() == nil)
        try shelf.add(3) { ($0.date, $0.time) = (day(1), "230100") }
        #expect(try repeats(3) != nil)
    }

    @Test func `what was taken back before the exam was made is not repeated`() throws {
        try shelf.add(1) { $0.date = day(10) }
        try tell(.reminded)
        try shelf.assess(1, quality: "fail")
        try tell(.reminded)
        try shelf.add(2) { $0.date = today }
        #expect(try repeats() == nil)
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
