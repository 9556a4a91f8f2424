import AdminAPI
import Catalogue
import Testing

@testable import priorctl

@Suite struct ReportTests {
    private static let report = CompletenessReport(
        from: "20261101", to: nil, by: "institution",
        rows: [
            row(
                "First, \"Hospital\"",
                [("complete", "sender-count", 2), ("incomplete", "slice-gap", 1), ("unknown", "", 1), ("", "", 3)]),
            row("=SUM(A1)", [("", "", 1)]),
        ],
        total: row(
            "",
            [("complete", "sender-count", 2), ("incomplete", "slice-gap", 1), ("unknown", "", 1), ("", "", 4)]))

    private static func row(_ group: String, _ counts: [(String, String, Int)]) -> CompletenessReport.Row {
        .init(
            group: group, institution: nil,
            counts: counts.map { .init(verdict: $0.0, rule: $0.1, studies: $0.2) })
    }

    @Test func `rates are among the assessed studies, and none is claimed where none is`() {
        let row = Self.report.rows[0]
        #expect(row.studies == 7)
        #expect(row.notAssessed == 3)
        #expect(row.completeRate == 0.5)
        #expect(row.incompleteRate == 0.25)
        #expect(row.rules.map(\.rule) == ["sender-count", "slice-gap"])
        #expect(row.rules.map(\.incomplete) == [0, 1])
        #expect(Self.report.rows[1].completeRate == nil)
    }

    @Test(arguments: Language.allCases)
    func `the table names what it counts and ends with the sum`(language: Language) {
        let text = ReportTable(Self.report, Presentation(language)).text
        let lines = text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].contains(Word.decidedBy(language)))
        #expect(lines[1].contains("50.0"))
        #expect(lines[1].contains("sender-count: \(Word.complete(language)) 2"))
        #expect(lines[3].hasPrefix("Σ"))
    }

    @Test func `csv has stable names, two columns a rule, quotes what needs it and starts no formula`() {
        let csv = ReportTable(Self.report, Presentation(.chinese)).csv
        #expect(
            csv == """
                group,studies,complete,incomplete,unknown,notAssessed,completeRate,incompleteRate,unknownRate,\
                sender-count.complete,sender-count.incomplete,slice-gap.complete,slice-gap.incomplete\r
                "First, ""Hospital""\",7,2,1,1,3,0.5,0.25,0.25,2,0,0,1\r
                '=SUM(A1),1,0,0,0,1,,,,0,0,0,0\r

                """)
    }
}

@Suite struct QualityReportTableTests {
    private static let report = QualityReport(
        from: nil, to: nil, by: "station",
        rows: [
            .init(
                group: "DR1", institution: "A", verdicts: ["pass": 2, "fail": 2],
                rules: [
                    .init(rule: "blur", info: 0, review: 0, fail: 2),
                    .init(rule: "identity", info: 3, review: 0, fail: 0),
                ])
        ],
        total: .init(
            group: "", institution: nil, verdicts: ["pass": 2, "fail": 2],
            rules: [
                .init(rule: "blur", info: 0, review: 0, fail: 2), .init(rule: "identity", info: 3, review: 0, fail: 0),
            ]), windowDays: 30, historyDays: 365, minimum: 4,
        drift: [
            .init(
                group: "DR1", institution: "A", rule: "noise", modality: "DX", unit: "HU", now: [9, 9],
                history: [1, 2, 3, 2], minimum: 4)
        ])

    @Test(arguments: Language.allCases)
    func `the table counts verdicts and names the rules that raised something`(language: Language) {
        let lines = ReportTable(Self.report, Presentation(language)).text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].contains("50.0") && lines[1].contains("blur: \(Word.fail(language)) 2"))
        #expect(!lines[1].contains("identity"))
    }

    @Test(arguments: Language.allCases)
    func `figures stand beside their history, and what drifts is marked`(language: Language) {
        let lines = ReportTable(driftOf: Self.report, Presentation(language)).text.split(separator: "\n")
        #expect(lines[1].contains("9.00") && lines[1].contains("2.00") && lines[1].contains("!"))
    }

    @Test func `a figure of a few thousandths is shown, not rounded away`() {
        var report = Self.report
        report.drift = [
            .init(
                group: "DR1", institution: "A", rule: "noise", modality: "DX", unit: "fraction of contrast",
                now: [0.00412, 0.00412], history: [0.0035, 0.0035], minimum: 2)
        ]
        let lines = ReportTable(driftOf: report, Presentation(.english)).text.split(separator: "\n")
        #expect(lines[1].contains(" 0.00412 ") && lines[1].contains(" 0.0035 ") && lines[1].contains(" 0.00 "))
    }

    @Test func `csv has stable names`() {
        #expect(
            ReportTable(Self.report, Presentation(.chinese)).csv == """
                group,institution,studies,pass,review,fail,notAssessed,passRate,reviewRate,failRate,\
                blur.info,blur.review,blur.fail,identity.info,identity.review,identity.fail\r
                DR1,A,4,2,0,2,0,0.5,0.0,0.5,0,0,2,3,0,0\r

                """)
        #expect(
            ReportTable(driftOf: Self.report, Presentation(.chinese)).csv.hasPrefix(
                "group,institution,rule,modality,unit,count,median,historyCount,historyMedian,historySpread,z,isDrifting\r\n"
                    + "DR1,A,noise,DX,HU,2,9.0,4,2.0,"))
    }
}
