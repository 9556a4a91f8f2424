internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import Foundation

struct InterventionalReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interventional",
        abstract: "Angiography by technique, institution, year and operator, held against the norms of 2019.",
        discussion: "What no index of studies can know is said to need outside data, requirement by requirement.")

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("The whole of this year.", valueName: "YYYY")) var year: Int?
    @Option(help: ArgumentHelp("First Study Date.", valueName: "YYYYMMDD")) var from: String?
    @Option(help: ArgumentHelp("Last Study Date.", valueName: "YYYYMMDD")) var to: String?
    @Option(help: "Only this institution, as studies name it.") var institution: String?
    @Option(help: "Only this operator, and spellings that may be the same.") var `operator`: String?
    @Flag(help: "Print CSV (RFC 4180, UTF-8) with stable column names.") var csv = false

    func validate() throws {
        if year != nil, from != nil || to != nil { throw ValidationError("Say --year, or --from and --to.") }
    }

    func run() async throws {
        let values = [
            ("year", year.map(String.init)), ("from", from), ("to", to), ("institution", institution),
            ("operator", `operator`), ("format", csv && !common.json ? "csv" : nil),
        ]
        let data = try await common.client.data(
            "/api/v1/reports/interventional",
            query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
        if common.json { return Output.json(data) }
        if csv { return Output.write(data, to: STDOUT_FILENO) }
        let report: InterventionalReport = try DaemonClient.decoded(data)
        Output.line(VolumeTables(report: report, presentation: Presentation(common.lang)).text)
    }
}

/// Volumes for people: institutions, operators, then the requirements.
struct VolumeTables {
    let report: InterventionalReport
    let presentation: Presentation

    private typealias Column = ReportTable.Column

    var text: String {
        guard !report.years.isEmpty else { return presentation.word(.noStudies) }
        return [years.text, operators.text, findings, outside].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private var years: ReportTable {
        let word = presentation.word
        var table = ReportTable([
            Column("institution", word(.institution)), Column("year", word(.year)),
            Column("studies", word(.angiographies)), Column("cases", word(.cases)), Column("level3", word(.level3)),
            Column("level4", word(.level4)), Column("types", word(.techniqueTypes)),
            Column("vietnamese", word(.vietnamList)), Column("withoutOperator", word(.withoutOperator)),
        ])
        for year in report.years {
            let total = year.total
            table.add(
                [.text(year.institution), .text(year.year)]
                    + [
                        year.studies, total.cases, total.level3, total.level4, year.techniques.count, year.vietnamese,
                        year.withoutOperator,
                    ].map { .count($0) })
        }
        return table
    }

    private var operators: ReportTable {
        let word = presentation.word
        var table = ReportTable([
            Column("institution", word(.institution)), Column("year", word(.year)), Column("name", word(.operators)),
            Column("first", word(.first)), Column("level3", word(.level3)), Column("level4", word(.level4)),
            Column("assisting", word(.assisting)), Column("mayBe", word(.mayBe)),
        ])
        for one in report.operators {
            table.add([
                .text(one.institution), .text(one.year), .text(one.name), .count(one.total.cases),
                .count(one.total.level3), .count(one.total.level4), .count(one.assisting.cases),
                .text(one.mayBe.joined(separator: "; ")),
            ])
        }
        return table
    }

    private func meaning(_ finding: InterventionalReport.Finding) -> String {
        presentation.language == .chinese ? finding.text : finding.meaning
    }

    private var findings: String {
        let word = presentation.word
        var table = ReportTable([
            Column("requirement", word(.requirement)), Column("institution", word(.institution)),
            Column("year", word(.year)), Column("name", word(.operators)), Column("value", word(.value)),
            Column("threshold", word(.threshold)), Column("state", word(.state)), Column("meaning", word(.meaning)),
        ])
        for finding in report.findings where finding.state != "needsOutsideData" {
            let state = presentation.verdict(finding.state) + (finding.isProxy ? " (\(word(.proxy)))" : "")
            table.add([
                .text(finding.requirement), .text(finding.institution), .text(finding.year),
                .text(finding.name ?? ""), .number(finding.value, digits: 0),
                .text("\(finding.comparison) \(finding.threshold)"), .text(state), .text(meaning(finding)),
            ])
        }
        return table.rows.isEmpty ? "" : table.text
    }

    private var outside: String {
        var told: Set<String> = []
        let findings = report.findings.filter {
            $0.state == "needsOutsideData" && told.insert($0.requirement).inserted
        }
        guard !findings.isEmpty else { return "" }
        return Presentation.block(
            presentation.word(.needsOutsideData),
            findings.map { "\($0.requirement) \(Output.printable(meaning($0))) [\($0.dataSource)]" })
    }
}
