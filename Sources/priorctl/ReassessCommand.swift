internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation

struct ReassessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reassess",
        abstract: "Judges settled studies again, by the rules and thresholds in force now.",
        discussion: """
            Needed after rules or thresholds were changed. Studies wait behind everything that arrives; a study whose \
            judgement is the same gets no new version.
            """)

    @OptionGroup var common: CommonOptions
    @Flag(help: "Every settled study.") var all = false
    @Option(help: "Those in which this quality rule found something.") var rule: String?
    @Option(help: ArgumentHelp("First Study Date.", valueName: "YYYYMMDD")) var from: String?
    @Option(help: ArgumentHelp("Last Study Date.", valueName: "YYYYMMDD")) var to: String?
    @Option(help: ArgumentHelp("One study.", valueName: "UID")) var study: String?

    func validate() throws {
        let isLimited = [rule, from, to, study].contains { $0 != nil }
        if all == isLimited {
            throw ValidationError(all ? "--all stands alone." : "Say --all, or --rule, --from, --to or --study.")
        }
    }

    func run() async throws {
        let order = ReassessRequest(from: from, to: to, rule: rule, study: study)
        let bar = ProgressBar("reassess")
        defer { bar.finish() }
        let answer: ReassessAnswer = try await common.client.operation(
            "/admin/v1/reassess", body: .bytes(try AdminJSON.encoder().encode(order)),
            progress: { bar.set(done: $0, total: $1) })
        bar.finish()
        if common.json { return Output.json(try AdminJSON.encoder().encode(answer)) }
        let presentation = Presentation(common.lang)
        Output.line("\(presentation.word(.awaitingAssessment)): \(answer.studies) \(presentation.word(.studies))")
    }
}
