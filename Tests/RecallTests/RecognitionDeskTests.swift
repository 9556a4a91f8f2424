import Archive
import Catalogue
import DICOMCore
import Foundation
import Testing

@testable import Recall

@Suite struct RecognitionDeskTests {
    private let shelf: StudyShelf
    private let desk: RecognitionDesk

    init() throws {
        shelf = try StudyShelf()
        desk = try shelf.desk()
    }

    /// Study 1 may be recognised in the place of study 2.
    private func fill(_ change: (inout StudyShelf.Study) -> Void = { _ in }) throws {
        try shelf.add(1, change)
        try shelf.add(2) { $0.date = "20261120" }
    }

    private func order(
        _ kind: RecognitionEvent.Kind, prior: Int? = 1, _ change: (inout DeskOrder) throws -> Void = { _ in }
    ) throws -> DeskOrder {
        var order = DeskOrder(kind, for: .study(try .sample(2)), prior: try prior.map { try .sample($0) })
        if kind.needsActor { order.actor = "Dr. Li" }
        if kind == .declined { order.reason = "ZE-01" }
        if kind == .followedUp { order.agrees = true }
        try change(&order)
        return order
    }

    private var events: [RecognitionEvent] {
        get throws { try desk.events(DecisionFilter()).map(\.event) }
    }

    @Test func `a recognition keeps institution, exam date, accession number, who and when`() throws {
        try fill { $0.accessionNumber = "A-77" }
        let outcome = try desk.take(order(.recognised) { $0.department = "Chest" })
        let event = try #require(outcome.entry?.event)
        #expect(outcome.isNew)
        #expect(event.prior == .init(institution: "First Hospital", examDate: "20261101", accessionNumber: "A-77"))
        #expect((event.actor, event.department, event.institution) == ("Dr. Li", "Chest", "First Hospital"))
        #expect(event.proposal.reference == "1.2.2" && event.proposal.item == "BW03ZZZ8B")
        #expect(event.verdict == .recognised)
        #expect(event.catalogue == "zhejiang-imaging-2021" && event.policy == "zhejiang-recognition-2021")
        #expect(try events == [event])
        let log = try shelf.log()
        #expect(!log.contains("Patient") && !log.contains("19700101"))
    }

    @Test func `one reminder of a proposal is one event, every look is one`() throws {
        try fill()
        #expect(try desk.take(order(.reminded)).isNew)
        #expect(try desk.take(order(.reminded) { $0.actor = "Dr. Wu" }).isNew == false)
        #expect(try desk.take(order(.opened)).isNew)
        #expect(try desk.take(order(.opened)).isNew)
        #expect(try events.map(\.kind) == [.reminded, .opened, .opened])
    }

    @Test func `a reminder that tells another verdict is another offer, and the last one stands`() throws {
        try fill { $0.quality = "review" }
        #expect(try desk.take(order(.reminded)).entry?.event.verdict == .doctorDecides)
        try shelf.assess(1, quality: "pass")
        let second = try desk.take(order(.reminded))
        #expect(second.isNew && second.entry?.event.verdict == .recognised)
        #expect(try desk.take(order(.reminded)) == .init(entry: second.entry, isNew: false))
        try shelf.assess(1, quality: "fail")
        #expect(try desk.take(order(.reminded)).entry?.event.verdict == .notRecognised)
        #expect(try events.map(\.verdict) == [.doctorDecides, .recognised, .notRecognised])
    }

    @Test func `an event tells whether the exam was made already`() throws {
        try fill()
        #expect(try desk.take(order(.reminded)).entry?.event.isExamMade == true)
        for (number, isMade) in [("O-5", false), ("1.2.2", true), ("1.2.77", false)] {
            let order = try order(.reminded) {
                $0.subject = .order(patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", number: number)
            }
            let event = try #require(try desk.take(order).entry?.event)
            #expect(event.isExamMade == isMade)
        }
        #expect(try events.map(\.isExamMade) == [true, false, true, false])
    }

    @Test func `institutions stand in events by their id, and an order is of the one priord stands in`() throws {
        try fill()
        let register = InstitutionRegister(
            [
                .init(Institution(id: "first", name: "市第一医院"), names: ["First Hospital"]),
                .init(Institution(id: "town", name: "镇卫生院")),
            ], own: "town")
        let desk = try shelf.desk(of: shelf.recall(institutions: register))
        #expect(try desk.take(order(.opened)).entry?.event.institution == "first")
        let subject = DeskOrder.Subject.order(patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", number: "O-5")
        for (given, label) in [("", "town"), ("first  hospital", "first"), ("first", "first"), ("Third", "Third")] {
            let outcome = try desk.take(
                order(.opened) {
                    $0.subject = subject
                    $0.institution = given
                })
            #expect(outcome.entry?.event.institution == label)
        }
        let prior = try #require(
            try shelf.recall(institutions: register).priors(
                patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", institution: "first"
            ).priors.first)
        #expect(prior.recognition.rules.first { $0.id == "ZR-10" }?.detail == "the same institution")
    }

    @Test func `a clock that was years ahead does not give its time to what comes after`() throws {
        try fill()
        let start = Date(timeIntervalSince1970: 1_795_249_800)
        _ = try shelf.desk(now: { start.addingTimeInterval(30 * 366 * 86_400) }).take(order(.opened))
        let right = try shelf.desk(now: { start })
        #expect(try right.take(order(.recognised)).entry?.event.at == start)
        #expect(try right.take(order(.declined)).entry?.event.at == start)
    }

    @Test func `a reminder without a prior is of the best that may be recognised`() throws {
        try fill()
        try shelf.add(3) { ($0.date, $0.quality) = ("20261118", "fail") }
        #expect(try desk.take(order(.reminded, prior: nil)).entry?.event.proposal.priorStudyInstanceUID == .sample(1))
        try shelf.add(4) { ($0.patientID, $0.date) = ("P9", "20261120") }
        let lone = DeskOrder(.reminded, for: .study(try .sample(4)))
        #expect(try desk.take(lone) == .init(entry: nil, isNew: false))
    }

    @Test func `the last decision stands, and standing ones are not repeated`() throws {
        try fill()
        #expect(try desk.take(order(.recognised)).isNew)
        #expect(try desk.take(order(.recognised)).entry?.line == 1)
        #expect(try desk.take(order(.declined)).isNew)
        #expect(try desk.take(order(.declined)).isNew == false)
        #expect(try desk.take(order(.declined) { $0.isPatientInformed = true }).isNew)
        #expect(try desk.take(order(.recognised)).isNew)
        #expect(try events.map(\.kind) == [.recognised, .declined, .declined, .recognised])
    }

    @Test(arguments: [("20261021", true), ("20261020", false)])
    func `thirty days may be recognised, thirty-one may not`(date: String, may: Bool) throws {
        try fill { $0.date = date }
        if may {
            #expect(try desk.take(order(.recognised)).isNew)
        } else {
            let error = #expect(throws: DeskError.self) { try desk.take(order(.recognised)) }
            guard case .notRecognisable(let rules) = error else { return }
            #expect(rules.map(\.id) == ["ZR-30"])
            #expect(try events.isEmpty)
        }
    }

    @Test(arguments: [("20240130", "20240229", true), ("20240130", "20240301", false), ("20230130", "20230301", true)])
    func `leap days count`(prior: String, exam: String, may: Bool) throws {
        try shelf.add(1) { $0.date = prior }
        try shelf.add(2) { $0.date = exam }
        let order = try order(.recognised)
        if may {
            #expect(try desk.take(order).isNew)
        } else {
            #expect(throws: DeskError.self) { try desk.take(order) }
        }
    }

    @Test func `what the doctor decides may be recognised`() throws {
        try fill { $0.quality = "review" }
        #expect(try desk.take(order(.recognised)).entry?.event.verdict == .doctorDecides)
    }

    @Test func `the exam of somebody who is only possibly the person is not recognised`() throws {
        try fill { $0.birthDate = "19700102" }
        #expect(try #require(shelf.answer(2).priors.first).identityLink == .possible)
        #expect(throws: DeskError.onlyPossiblyThePerson) { try desk.take(order(.recognised)) }
        #expect(try desk.take(order(.declined)).isNew)
    }

    @Test func `orders without images are decided on by item and number`() throws {
        try shelf.add(1)
        var order = DeskOrder(
            .recognised, for: .order(patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", number: "O-5"),
            prior: try .sample(1))
        (order.actor, order.institution) = ("Dr. Li", "First Hospital")
        let event = try #require(try desk.take(order).entry?.event)
        #expect(event.proposal.reference == "O-5" && event.institution == "First Hospital")
        order.subject = .order(patientID: "P1", issuer: "H1", item: "BW03ZZZ99", number: "O-5")
        #expect(throws: DeskError.unknownItem("BW03ZZZ99")) { try desk.take(order) }
        order.subject = .order(patientID: "P1", issuer: "H1", item: "what", number: "O-5")
        #expect(throws: DeskError.recall(.notAnItemCode("what"))) { try desk.take(order) }
        order.subject = .order(patientID: "P1", issuer: "H7", item: "BW03ZZZ8B", number: "O-5")
        #expect(throws: DeskError.notAPrior(try .sample(1))) { try desk.take(order) }
        try shelf.add(5) { $0.issuer = "H2" }
        order.subject = .order(patientID: "P1", issuer: nil, item: "BW03ZZZ8B", number: "O-5")
        #expect(throws: DeskError.ambiguousPatient) { try desk.take(order) }
    }

    @Test func `unknown studies, strangers and studies without an item are refused`() throws {
        try fill()
        try shelf.add(3) { $0.patientID = "P2" }
        try shelf.add(4) { $0.code = nil }
        #expect(throws: DeskError.recall(.unknownStudy(try .sample(9)))) {
            try desk.take(order(.reminded) { $0.subject = .study(try .sample(9)) })
        }
        #expect(throws: DeskError.notAPrior(try .sample(3))) { try desk.take(order(.opened, prior: 3)) }
        #expect(throws: DeskError.notAPrior(try .sample(2))) { try desk.take(order(.opened, prior: 2)) }
        #expect(throws: DeskError.unmapped(try .sample(4))) {
            try desk.take(order(.opened) { $0.subject = .study(try .sample(4)) })
        }
        #expect(try events.isEmpty)
    }

    @Test func `what is missing or does not belong is named`() throws {
        try fill()
        let long = String(repeating: "x", count: 65)
        let cases: [(DeskOrder, DeskError)] = [
            (try order(.recognised) { $0.actor = " " }, .missing("actor")),
            (try order(.declined) { $0.actor = "" }, .missing("actor")),
            (try order(.opened, prior: nil), .missing("prior")),
            (try order(.declined) { $0.reason = nil }, .missing("reason")),
            (try order(.declined) { $0.reason = "ZE-10" }, .noteNeeded("ZE-10")),
            (try order(.declined) { ($0.reason, $0.note) = ("ZE-10", " \n") }, .noteNeeded("ZE-10")),
            (
                try order(.declined) { $0.reason = "ZR-30" },
                .unknownReason("ZR-30", known: desk.policy.exceptions.map(\.id))
            ),
            (try order(.followedUp) { $0.agrees = nil }, .missing("agrees")),
            (try order(.recognised) { $0.reason = "ZE-01" }, .notTaken("reason", .recognised)),
            (try order(.opened) { $0.agrees = true }, .notTaken("agrees", .opened)),
            (try order(.recognised) { $0.actor = long }, .text("actor", limit: 64)),
            (try order(.recognised) { $0.department = "a\u{0}b" }, .text("department", limit: 64)),
            (try order(.repeated), .notForPeople),
        ]
        for (order, expected) in cases {
            #expect(throws: expected) { try desk.take(order) }
        }
        #expect(try events.isEmpty)
        #expect(desk.policy.exceptions.map(\.id) == (1...9).map { "ZE-0\($0)" } + ["ZE-10"])
        #expect(try desk.take(order(.declined) { ($0.reason, $0.note) = ("ZE-10", "why") }).isNew)
    }

    @Test func `only what was recognised is followed up, however much later`() throws {
        try fill()
        #expect(throws: DeskError.notRecognisedBefore) { try desk.take(order(.followedUp)) }
        _ = try desk.take(order(.recognised))
        #expect(try desk.take(order(.followedUp)).isNew)
        #expect(try desk.take(order(.followedUp)).isNew == false)
        #expect(try desk.take(order(.followedUp) { $0.agrees = false }).entry?.event.agrees == false)
        _ = try desk.take(order(.declined))
        #expect(throws: DeskError.notRecognisedBefore) { try desk.take(order(.followedUp)) }
    }

    @Test func `a clock that is set back does not set events before others`() throws {
        try fill()
        let start = Date(timeIntervalSince1970: 1_795_249_800)
        _ = try shelf.desk(now: { start }).take(order(.opened))
        let late = try shelf.desk(now: { start.addingTimeInterval(-3600) })
        #expect(try late.take(order(.recognised)).entry?.event.at == start)
    }

    @Test func `a line tells the same event again, and a later version's is passed over`() throws {
        try fill { $0.institution = "市一\"院\"\\" }
        _ = try desk.take(order(.declined) { ($0.note, $0.isPatientInformed) = ("a\nb", false) })
        let event = try #require(try events.first)
        #expect(event.note == "a\nb" && event.isPatientInformed == false && event.reason == "ZE-01")
        #expect(event.prior.institution == "市一\"院\"\\")
        #expect(try shelf.log().split(separator: "\n").count == 1)
        try shelf.append(#"{"record":"recognition","version":2,"kind":"opened"}"#)
        try shelf.append(#"{"record":"prophecy","version":1}"#)
        #expect(try events == [event])
    }
}
