internal import AdminAPI
internal import ArgumentParser
internal import Foundation

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Figures over many studies, as table, JSON or CSV.",
        subcommands: [
            CompletenessReportCommand.self, QualityReportCommand.self, RecognitionReportCommand.self,
            InterventionalReportCommand.self,
        ])
}

/// What every report takes beside ``CommonOptions``.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("First Study Date.", valueName: "YYYYMMDD")) var from: String?
    @Option(help: ArgumentHelp("Last Study Date.", valueName: "YYYYMMDD")) var to: String?
    @Option(help: ArgumentHelp("What studies are put together by (see the report's help).", valueName: "group"))
    var by: String?
    @Flag(help: "Print CSV (RFC 4180, UTF-8) with stable column names.") var csv = false

    var query: [URLQueryItem] {
        [("from", from), ("to", to), ("by", by)].compactMap { name, value in
            value.map { URLQueryItem(name: name, value: $0) }
        }
    }

    /// Prints an answer as it was asked for.
    func output<Report: Decodable>(
        _ data: Data, common: CommonOptions, table: (Report, Presentation) -> ReportTable
    ) throws {
        if common.json { return Output.json(data) }
        let presentation = Presentation(common.lang)
        let report = table(try DaemonClient.decoded(data), presentation)
        if csv { return Output.write(report.csv, to: STDOUT_FILENO) }
        Output.line(report.rows.isEmpty ? presentation.word(.noStudies) : report.text)
    }
}

struct CompletenessReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completeness",
        abstract: "How many studies came whole, and which rules said so, by station, institution, month or peer.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var options: ReportOptions

    func run() async throws {
        let data = try await common.client.data("/api/v1/reports/completeness", query: options.query)
        try options.output(data, common: common) { (report: CompletenessReport, presentation) in
            ReportTable(report, presentation)
        }
    }
}

extension ReportTable {
    /// For people the rules of a group stand in one cell; in CSV each rule has two columns.
    init(_ report: CompletenessReport, _ presentation: Presentation) {
        let word = presentation.word
        let group = Word(rawValue: report.by) ?? .institution
        var columns = [Column("group", word(group))]
        if report.by == "station" { columns.append(Column("institution", word(.institution))) }
        columns += [
            Column("studies", word(.study)), Column("complete", word(.complete)),
            Column("incomplete", word(.incomplete)), Column("unknown", word(.unknown)),
            Column("notAssessed", word(.notAssessed)),
            Column("completeRate", "\(word(.complete)) %"), Column("incompleteRate", "\(word(.incomplete)) %"),
            Column("unknownRate", "\(word(.unknown)) %"),
            Column("rules", word(.decidedBy), in: .table),
        ]
        let rules = report.total.rules.map(\.rule)
        for rule in rules {
            columns += [
                Column("\(rule).complete", "", in: .csv), Column("\(rule).incomplete", "", in: .csv),
            ]
        }
        self.init(columns)
        guard !report.rows.isEmpty else { return }
        for row in report.rows { add(ReportTable.cells(row, report, rules, presentation)) }
        addTotal(ReportTable.cells(report.total, report, rules, presentation))
    }

    private static func cells(
        _ row: CompletenessReport.Row, _ report: CompletenessReport, _ rules: [String], _ presentation: Presentation
    ) -> [Cell] {
        let decided = row.rules.map { rule in
            var parts: [String] = []
            if rule.complete > 0 { parts.append("\(presentation.word(.complete)) \(rule.complete)") }
            if rule.incomplete > 0 { parts.append("\(presentation.word(.incomplete)) \(rule.incomplete)") }
            return "\(rule.rule): \(parts.joined(separator: ", "))"
        }
        var cells: [Cell] = [.text(row.group)]
        if report.by == "station" { cells.append(.text(row.institution ?? "")) }
        cells += [row.studies, row.complete, row.incomplete, row.unknown, row.notAssessed].map { .count($0) }
        cells += [row.completeRate, row.incompleteRate, row.unknownRate].map { .rate($0) }
        cells.append(.text(decided.joined(separator: "; ")))
        for name in rules {
            let rule = row.rules.first { $0.rule == name }
            cells += [.count(rule?.complete ?? 0), .count(rule?.incomplete ?? 0)]
        }
        return cells
    }
}
