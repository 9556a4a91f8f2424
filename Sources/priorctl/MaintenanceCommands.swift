internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import DICOMCore
internal import Foundation

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares every index row with its object and the reverse, and checks the decision log.",
        discussion: "Exit code 2 when they disagree. The head it prints, kept elsewhere, proves what was decided.")

    @OptionGroup var common: CommonOptions
    @Flag(help: "Read every byte and compare digests.") var full = false

    func run() async throws {
        let bar = ProgressBar("verify")
        defer { bar.finish() }
        let answer: VerifyAnswer = try await common.client.operation(
            "/admin/v1/verify", query: [URLQueryItem(name: "full", value: String(full))]
        ) { bar.set(done: $0, total: $1) }
        bar.finish()
        if common.json {
            Output.json(try AdminJSON.encoder().encode(answer))
        } else {
            for fault in answer.faults {
                Output.line("\(fault.kind)  \(fault.sopInstanceUID ?? "-")  \(Output.printable(fault.detail))")
            }
            let read = full ? ", \(Presentation.size(answer.digestedByteCount)) read" : ""
            Output.line("\(answer.instanceCount) instances\(read), \(answer.faultCount) faults")
            let decisions = answer.decisions
            if let line = decisions.brokenLine {
                Output.line("decision-log  line \(line)  \(Output.printable(decisions.reason ?? ""))")
            }
            Output.line("\(decisions.count) decisions, head \(decisions.hash)")
        }
        if !answer.isClean { throw ExitCode(2) }
    }
}

struct ReindexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex", abstract: "Builds the index again from the stored objects alone.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let bar = ProgressBar("reindex")
        defer { bar.finish() }
        let answer: ReindexAnswer = try await common.client.operation("/admin/v1/reindex") {
            bar.set(done: $0, total: $1)
        }
        bar.finish()
        if common.json { return Output.json(try AdminJSON.encoder().encode(answer)) }
        let history = answer.keptHistory ? "history kept" : "history lost"
        Output.line("\(answer.indexed) instances indexed, \(answer.withoutRow) without a row, \(history)")
    }
}

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes ordinary Part-10 files.",
        usage: "priorctl export (<uid> | --all) <directory>",
        discussion: "The daemon writes them, so the directory must be one that it may write to.")

    @OptionGroup var common: CommonOptions
    @Flag(help: "Every study.") var all = false
    @Argument(
        help: ArgumentHelp("Study Instance UID, unless --all; then the directory.", valueName: "uid and directory"))
    var arguments: [String]

    func validate() throws {
        guard arguments.count == (all ? 1 : 2) else {
            throw ValidationError(all ? "Give a directory." : "Give a Study Instance UID, or --all, and a directory.")
        }
        if !all, StudyInstanceUID(argument: arguments[0]) == nil {
            throw ValidationError("\(arguments[0]) is no Study Instance UID.")
        }
    }

    func run() async throws {
        let directory = URL(filePath: arguments[arguments.count - 1]).standardizedFileURL.path(percentEncoded: false)
        let order = ExportRequest(study: all ? nil : StudyInstanceUID(argument: arguments[0]), directory: directory)
        let bar = ProgressBar("export")
        defer { bar.finish() }
        let answer: ExportAnswer = try await common.client.operation(
            "/admin/v1/export", body: .bytes(try AdminJSON.encoder().encode(order))
        ) { bar.set(done: $0, total: $1) }
        bar.finish()
        if common.json { return Output.json(try AdminJSON.encoder().encode(answer)) }
        Output.line("\(answer.instanceCount) instances in \(directory)")
    }
}

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "The daemon's settings in force, and where each was given.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let data = try await common.client.data("/admin/v1/config")
        if common.json { return Output.json(data) }
        let answer: ConfigAnswer = try DaemonClient.decoded(data)
        var table = Table([
            .init(title: Word.setting(common.lang)), .init(title: Word.value(common.lang), limit: 80),
            .init(title: Word.source(common.lang), limit: 80),
        ])
        for setting in answer.settings { table.add([setting.key, setting.value, setting.source]) }
        Output.line(table.text)
    }
}
