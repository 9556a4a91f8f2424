internal import AdminAPI
internal import ArgumentParser
internal import Foundation

struct QualityReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quality",
        abstract:
            "How good the studies were, what rules raised, and figures that wander off, by station, institution or month.",
        discussion: """
            A figure (exposure deviation index, noise, delay of arrival …) drifts when its median now is more than three \
            spreads (1.4826 × median absolute deviation) from the median of the same room's history. Now is --from to \
            --to, or the last --window days with a figure; history is the --history days before.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: ReportOptions
    @Option(help: "Only findings and figures of one rule, e.g. exposure-index.") var rule: String?
    @Option(help: ArgumentHelp("Days that count as now; 30 by default.", valueName: "days")) var window: Int?
    @Option(help: ArgumentHelp("Days before that are history; 365 by default.", valueName: "days")) var history: Int?
    @Option(help: ArgumentHelp("Values a history needs, and a quarter of it now; 20 by default.", valueName: "count"))
    var minimum: Int?
    @Flag(help: "Only the figures and their drift; this is what --csv then prints.") var drift = false

    func run() async throws {
        let values: [(String, String?)] = [
            ("rule", rule), ("window", window.map(String.init)), ("history", history.map(String.init)),
            ("minimum", minimum.map(String.init)),
        ]
        let query =
            options.query + values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
        let data = try await common.client.data("/api/v1/reports/quality", query: query)
        if common.json || options.csv || drift {
            return try options.output(data, common: common) { (report: QualityReport, presentation) in
                drift ? ReportTable(driftOf: report, presentation) : ReportTable(report, presentation)
            }
        }
        let presentation = Presentation(common.lang)
        let report: QualityReport = try DaemonClient.decoded(data)
        guard !report.rows.isEmpty else { return Output.line(presentation.word(.noStudies)) }
        Output.line(ReportTable(report, presentation).text)
        guard !report.drift.isEmpty else { return }
        Output.line("")
        Output.line(ReportTable(driftOf: report, presentation).text)
    }
}

extension ReportTable {
    /// For people the rules of a group stand in one cell; in CSV each rule has two columns.
    init(_ report: QualityReport, _ presentation: Presentation) {
        let word = presentation.word
        var columns = [Column("group", word(Word(rawValue: report.by) ?? .station))]
        if report.by == "station" { columns.append(Column("institution", word(.institution))) }
        columns += [
            Column("studies", word(.study)), Column("pass", word(.pass)), Column("review", word(.review)),
            Column("fail", word(.fail)), Column("notAssessed", word(.notAssessed)),
            Column("passRate", "\(word(.pass)) %"), Column("reviewRate", "\(word(.review)) %"),
            Column("failRate", "\(word(.fail)) %"), Column("rules", word(.raisedBy), in: .table),
        ]
        let rules = report.total.rules.map(\.rule)
        for rule in rules {
            columns += ["info", "review", "fail"].map { Column("\(rule).\($0)", "", in: .csv) }
        }
        self.init(columns)
        guard !report.rows.isEmpty else { return }
        for row in report.rows { add(ReportTable.cells(row, report, rules, presentation)) }
        addTotal(ReportTable.cells(report.total, report, rules, presentation))
    }

    private static func cells(
        _ row: QualityReport.Row, _ report: QualityReport, _ rules: [String], _ presentation: Presentation
    ) -> [Cell] {
        let raised = row.rules.filter { $0.review + $0.fail > 0 }.map { rule in
            var parts: [String] = []
            if rule.fail > 0 { parts.append("\(presentation.word(.fail)) \(rule.fail)") }
            if rule.review > 0 { parts.append("\(presentation.word(.review)) \(rule.review)") }
            return "\(rule.rule): \(parts.joined(separator: ", "))"
        }
        var cells: [Cell] = [.text(row.group)]
        if report.by == "station" { cells.append(.text(row.institution ?? "")) }
        cells += [row.studies, row.pass, row.review, row.fail, row.notAssessed].map { .count($0) }
        cells += [row.passRate, row.reviewRate, row.failRate].map { .rate($0) }
        cells.append(.text(raised.joined(separator: "; ")))
        for name in rules {
            let rule = row.rules.first { $0.rule == name }
            cells += [rule?.info ?? 0, rule?.review ?? 0, rule?.fail ?? 0].map { .count($0) }
        }
        return cells
    }

    /// The figures of each group now, beside its own history.
    init(driftOf report: QualityReport, _ presentation: Presentation) {
        let word = presentation.word
        var columns = [Column("group", word(Word(rawValue: report.by) ?? .station))]
        if report.by == "station" { columns.append(Column("institution", word(.institution))) }
        self.init(
            columns + [
                Column("rule", word(.rule)), Column("modality", word(.modality)), Column("unit", word(.unit)),
                Column("count", word(.count)), Column("median", word(.median)),
                Column("historyCount", word(.historyCount)), Column("historyMedian", word(.historyMedian)),
                Column("historySpread", word(.spread)), Column("z", "z"), Column("isDrifting", word(.drift)),
            ])
        for figure in report.drift {
            var cells: [Cell] = [.text(figure.group)]
            if report.by == "station" { cells.append(.text(figure.institution ?? "")) }
            cells += [.text(figure.rule), .text(figure.modality), .text(figure.unit), .count(figure.count)]
            cells += [.number(figure.median, digits: 2), .count(figure.historyCount)]
            cells += [figure.historyMedian, figure.historySpread, figure.z].map { .number($0, digits: 2) }
            cells.append(.text(figure.isDrifting ? "!" : ""))
            add(cells)
        }
    }
}
