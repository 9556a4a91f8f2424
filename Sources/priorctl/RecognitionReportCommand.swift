internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import Foundation

struct RecognitionReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recognition",
        abstract: "The four indicators of the notice, with their definitions, from the decision log.",
        discussion: "Groups: institution, department, doctor, item, month.")

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("First day of a first offer.", valueName: "YYYYMMDD")) var from: String?
    @Option(help: ArgumentHelp("Last day of a first offer.", valueName: "YYYYMMDD")) var to: String?
    @Option(help: "What exams and orders are put together by.") var by: String?
    @Option(help: ArgumentHelp("As it stood at the end of this day.", valueName: "YYYYMMDD")) var asOf: String?
    @Flag(help: "Print CSV (RFC 4180, UTF-8) with stable column names.") var csv = false

    func run() async throws {
        let values = [
            ("from", from), ("to", to), ("by", by), ("asOf", asOf), ("lang", common.lang.rawValue),
            ("format", csv && !common.json ? "csv" : nil),
        ]
        let data = try await common.client.data(
            "/api/v1/reports/recognition",
            query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
        if common.json { return Output.json(data) }
        if csv { return Output.write(data, to: STDOUT_FILENO) }
        Output.line(
            RecognitionFigures(report: try DaemonClient.decoded(data), presentation: Presentation(common.lang)).text)
    }
}

/// The indicators for people: each with its definition, then its groups.
struct RecognitionFigures {
    let report: RecognitionReport
    let presentation: Presentation

    var text: String {
        let blocks = report.indicators.map { indicator in
            "\(indicator.id) \(indicator.name) = \(indicator.numerator) / \(indicator.denominator) [\(indicator.source)]\n"
                + table(indicator.values)
        }
        var foot = ["\(report.policy), \(presentation.word(.decisions)): \(report.eventCount)"]
        if report.unknownCount > 0 { foot.append("\(presentation.word(.passedOver)): \(report.unknownCount)") }
        foot.append("\(report.logCount) \(report.logHash)")
        return (blocks + [foot.joined(separator: "\n")]).joined(separator: "\n\n")
    }

    private func table(_ values: [RecognitionReport.Value]) -> String {
        var figures = ReportTable([
            .init("group", report.by.flatMap { Word(rawValue: $0) }.map { presentation.word($0) } ?? ""),
            .init("numerator", presentation.word(.numerator)), .init("denominator", presentation.word(.denominator)),
            .init("rate", "%"),
        ])
        func cells(_ value: RecognitionReport.Value) -> [ReportTable.Cell] {
            [
                .text(value.group == "-" ? presentation.word(.unknown) : value.group), .count(value.numerator),
                .count(value.denominator), .rate(value.rate),
            ]
        }
        for value in values where !value.group.isEmpty { figures.add(cells(value)) }
        if let total = values.first(where: \.group.isEmpty) { figures.addTotal(cells(total)) }
        return figures.text
    }
}
