import Catalogue
import DICOMCore
import Foundation
import TestCatalogues
import Testing

@testable import Recall

/// Notices of other provinces, by their days, and orders by whichever list is loaded.
@Suite struct NoticeTests {
    private let shelf: StudyShelf

    init() throws { shelf = try StudyShelf() }

    /// One that asks for nothing but the days, and knows one reason against.
    private static func notice(
        _ id: String, from: String, until: String = "", days: Int, reason: String = "E-9"
    ) throws -> RecognitionPolicy {
        let head = ["# id: \(id)", "# from: \(from)"] + (until.isEmpty ? [] : ["# until: \(until)"])
        let rows = [
            [
                "id", "section", "category", "text_zh", "meaning_en", "data_needed", "decidable_by", "notes", "check",
                "value", "meaning_vi",
            ],
            ["E-1", "1", "window", "天", "days", "StudyDate", "software", "", "within-days", "\(days)", "ngày"],
            [reason, "2", "exception", "急诊", "emergency", "", "clinician", "", "question", "", "cấp cứu"],
        ]
        let lines = head + rows.map { $0.joined(separator: "\t") }
        return try RecognitionPolicy(file: "\(id).tsv", bytes: Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    private func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(dicom: text)) }

    @Test func `the newest notice that has begun holds, and before the first one that one`() throws {
        let policies = try RecognitionPolicies([
            Self.notice("new", from: "2026-07-01", days: 14), Self.notice("old", from: "2022-01-01", days: 30),
        ])
        #expect(policies.all.map(\.id.value) == ["old", "new"])
        for (text, id) in [("20210101", "old"), ("20260630", "old"), ("20260701", "new"), ("20300101", "new")] {
            #expect(try policies.policy(on: day(text)).id.value == id)
        }
        #expect(policies["new"]?.id.value == "new" && policies["none"] == nil)
    }

    @Test func `two notices of one id or one first day are refused`() throws {
        let first = try Self.notice("one", from: "2022-01-01", days: 30)
        for (id, from, text) in [
            ("one", "2023-01-01", "another notice has the id one"),
            ("two", "2022-01-01", "the notice one begins on the same day"),
        ] {
            let error = #expect(throws: RecognitionPolicyClash.self) {
                try RecognitionPolicies([first, Self.notice(id, from: from, days: 14)])
            }
            #expect(error?.place == 1 && error?.description == text)
        }
    }

    @Test func `the notice of the program comes back from the file it is printed as`() throws {
        let text = Bundled.policy.fileText
        #expect(try RecognitionPolicy(file: "notice.tsv", bytes: Array(text.utf8)) == Bundled.policy)
    }

    @Test func `an exam is judged by the notice of its day, and by none when that has ended`() throws {
        try shelf.add(1) { $0.date = "20260610" }
        try shelf.add(2) { $0.date = "20260630" }
        try shelf.add(3) { $0.date = "20260701" }
        try shelf.add(4) { $0.date = "20270101" }
        let recall = try shelf.recall(
            policies: RecognitionPolicies([
                Self.notice("old", from: "2022-01-01", days: 30),
                Self.notice("new", from: "2026-07-01", until: "2026-12-31", days: 14),
            ]))
        func judged(_ number: Int) throws -> Recognition? {
            try recall.priors(forStudy: .sample(number)).priors
                .first { $0.studyInstanceUID.value == "1.2.1" }?.recognition
        }
        #expect(try judged(2)?.verdict == .recognised && judged(2)?.policy == "old")
        #expect(try judged(3)?.verdict == .notRecognised && judged(3)?.policy == "new")
        #expect(try judged(4)?.verdict == .doctorDecides)
        #expect(try judged(4)?.rules.map(\.detail) == ["the notice had ended by the exam's day"])
    }

    @Test func `reasons are those of the notice the prior was judged by, which the event names`() throws {
        try shelf.add(1) { $0.date = "20260620" }
        try shelf.add(2) { $0.date = "20260630" }
        try shelf.add(3) { $0.date = "20260702" }
        let recall = try shelf.recall(
            policies: RecognitionPolicies([
                Self.notice("old", from: "2022-01-01", days: 30, reason: "A-1"),
                Self.notice("new", from: "2026-07-01", days: 14, reason: "B-1"),
            ]))
        let desk = try shelf.desk(of: recall)
        #expect(desk.policy.id.value == "new")
        for (number, reason, other, policy) in [(2, "A-1", "B-1", "old"), (3, "B-1", "A-1", "new")] {
            var order = DeskOrder(.declined, for: .study(try .sample(number)), prior: try .sample(1))
            (order.actor, order.reason) = ("Dr. Li", other)
            #expect(throws: DeskError.unknownReason(other, known: [reason])) { try desk.take(order) }
            order.reason = reason
            #expect(try desk.take(order).entry?.event.policy == policy)
        }
    }

    @Test func `an order names an item of any list that is loaded, the primary list's before others'`() throws {
        let jiangsu = """
            # id: jiangsu-imaging
            # edition: 2026
            # kind: imaging
            # from: 2026-01-01
            # publisher: 江苏
            # source: x
            # grammar: code-axes
            no\tmodality\tname_zh\tname_en\tname_vi\tcode\tanatomy\tlaterality\tviews\tview_count\tposition\tcontrast\ttechnique\tdicom_modality\tviews_basis\tposition_basis
            1\tDR\t胸部正侧位\tChest, PA and lateral\tNgực\tBW03ZZZ8B\tchest\tnone\tPA;LAT\t2\tSTANDING\tnone\tradiography\tDX/CR\tconvention\tcode

            """
        var library = Bundled.library
        library.put(try library.edition(from: Array(jiangsu.utf8), file: "jiangsu.tsv"))
        try shelf.add(1)
        try shelf.add(2) { $0.code = "BW23ZYZZZ" }
        let list = ListID("jiangsu-imaging")
        for (primary, catalogue) in [
            (list, "jiangsu-imaging-2026"), (ListID.zhejiangImaging, "zhejiang-imaging-2021"),
        ] {
            let recall = try shelf.recall(library: library, primary: try #require(primary))
            var order = DeskOrder(
                .recognised, for: .order(patientID: "P1", issuer: "H1", item: "BW03ZZZ8B", number: "O-\(catalogue)"),
                prior: try .sample(1))
            (order.actor, order.institution) = ("Dr. Li", "First Hospital")
            #expect(try shelf.desk(of: recall).take(order).entry?.event.catalogue == catalogue)
        }
        // Vietnam's list has CT of the chest as its number 43; its notice, not Zhejiang's, is about that list.
        let recall = try shelf.recall(
            policies: RecognitionPolicies(Self.notice("vietnam", from: "2020-01-01", days: 30)))
        let number = "vietnam-25qd-byt-2014/43"
        var order = DeskOrder(
            .recognised, for: .order(patientID: "P1", issuer: "H1", item: number, number: "O-2"),
            prior: try .sample(2))
        (order.actor, order.institution) = ("Dr. Li", "First Hospital")
        let desk = try shelf.desk(of: recall)
        let event = try #require(try desk.take(order).entry?.event)
        #expect(event.catalogue == "vietnam-25qd-byt-2014" && event.proposal.item == "43")
        order.kind = .followedUp
        order.agrees = true
        #expect(try desk.take(order).isNew)
        for wrong in ["vietnam-25qd-byt-2014/9999", "nowhere/43"] {
            order = DeskOrder(.opened, for: .order(patientID: "P1", issuer: "H1", item: wrong, number: ""))
            order.prior = try .sample(2)
            #expect(throws: DeskError.self) { try desk.take(order) }
        }
    }
}
