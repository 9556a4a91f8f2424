internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import DICOMCore
internal import Foundation
internal import NIOHTTP1

struct SourcesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sources", abstract: "Other systems that are asked for priors, and what is fetched from them.",
        subcommands: [List.self, Test.self, Fetch.self, Fetches.self, Drop.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists sources, how they answer, and what waits to be fetched.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let data = try await common.client.data("/api/v1/sources")
            if common.json { return Output.json(data) }
            let answer: SourcesAnswer = try DaemonClient.decoded(data)
            Output.line(Self.text(answer.sources, Presentation(common.lang)))
        }

        static func text(_ rows: [SourceRow], _ presentation: Presentation) -> String {
            guard !rows.isEmpty else { return presentation.word(.noSources) }
            var table = Table([
                .init(title: presentation.word(.source)), .init(title: presentation.word(.kind)),
                .init(title: presentation.word(.host), limit: 50), .init(title: presentation.word(.state)),
                .init(title: presentation.word(.questions), isNumber: true),
                .init(title: presentation.word(.failed), isNumber: true),
                .init(title: presentation.word(.waiting), isNumber: true),
                .init(title: presentation.word(.fetched), isNumber: true),
                .init(title: presentation.word(.detail), limit: 60),
            ])
            for row in rows {
                let state = row.breaker == "closed" ? row.last?.state ?? "ok" : "paused"
                table.add([
                    row.name, row.kind, row.place, presentation.verdict(state), String(row.questions),
                    String(row.failures), String(row.waiting), String(row.fetched), row.last?.detail ?? "",
                ])
            }
            return table.text
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Asks a source, or each, whether it is there; exit 1 when one does not answer.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Name of the source; all when left out.") var name: String?

        func run() async throws {
            let client = common.client
            var names = name.map { [$0] } ?? []
            if name == nil {
                let answer: SourcesAnswer = try DaemonClient.decoded(try await client.data("/api/v1/sources"))
                names = answer.sources.map(\.name)
            }
            var rows: [PriorsAnswer.Source] = []
            for name in names {
                rows.append(
                    try DaemonClient.decoded(
                        try await client.data("/api/v1/sources/\(try Self.segment(name))/test", method: .POST)))
            }
            if common.json {
                Output.json(try AdminJSON.encoder().encode(rows))
            } else {
                let presentation = Presentation(common.lang)
                Output.line(
                    rows.isEmpty ? presentation.word(.noSources) : PriorsReport.sources(rows, presentation))
            }
            if rows.contains(where: { $0.state != "answered" }) { throw ExitCode.failure }
        }

        static func segment(_ name: String) throws(ValidationError) -> String {
            guard !name.isEmpty, !name.contains("/") else { throw ValidationError("Names of sources have no slash.") }
            return name
        }
    }

    struct Fetch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fetch",
            abstract: "Fetches a study from a source and waits until it is here; exit 1 when not all of it came.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Name of the source.") var name: String
        @Argument(help: "Study Instance UID.") var study: StudyInstanceUID
        @Flag(help: "Leave it to the daemon and do not wait.") var noWait = false

        func run() async throws {
            let client = common.client
            let body = try AdminJSON.encoder().encode(SourceFetchRequest(study: study))
            var row: SourceFetchRow = try DaemonClient.decoded(
                try await client.data(
                    "/api/v1/sources/\(try Test.segment(name))/fetch", method: .POST, body: .bytes(body)))
            let bar = ProgressBar(study.value, total: row.expectedCount ?? 0, isShown: !common.json)
            while !noWait, ["waiting", "fetching"].contains(row.state) {
                bar.set(done: row.receivedCount, total: row.expectedCount ?? 0)
                try await Task.sleep(for: .milliseconds(300))
                row = try DaemonClient.decoded(try await client.data("/api/v1/fetches/\(row.id)"))
            }
            if common.json {
                Output.json(try AdminJSON.encoder().encode(row))
            } else {
                Output.line(Fetches.text([row], Presentation(common.lang)))
            }
            if !noWait, row.state != "fetched" { throw ExitCode.failure }
        }
    }

    struct Fetches: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fetches", abstract: "Lists what waits to be fetched, or failed in part, newest first.")

        @OptionGroup var common: CommonOptions
        @Flag(help: "What was fetched too.") var all = false
        @Option(help: "Only from this source.") var source: String?
        @Option(help: "Only this study.") var study: StudyInstanceUID?
        @Option(help: "Only fetches with a smaller number, to go on from an earlier list.") var before: Int64?
        @Option(help: "Fetches on a page, at most 1000.") var limit: Int?

        func run() async throws {
            let values = [
                ("all", all ? "true" : nil), ("source", source), ("study", study?.value),
                ("before", before.map(String.init)), ("limit", limit.map(String.init)),
            ]
            let data = try await common.client.data(
                "/api/v1/fetches",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let page: SourceFetchPage = try DaemonClient.decoded(data)
            Output.line(Self.text(page.fetches, Presentation(common.lang)))
        }

        static func text(_ rows: [SourceFetchRow], _ presentation: Presentation) -> String {
            guard !rows.isEmpty else { return presentation.word(.noFetches) }
            var table = Table([
                .init(title: presentation.word(.number), isNumber: true),
                .init(title: presentation.word(.study), limit: 64), .init(title: presentation.word(.source)),
                .init(title: presentation.word(.cause)), .init(title: presentation.word(.state)),
                .init(title: presentation.word(.instances), isNumber: true),
                .init(title: presentation.word(.attempts), isNumber: true),
                .init(title: presentation.word(.next)), .init(title: presentation.word(.detail), limit: 60),
            ])
            for row in rows {
                let count = row.expectedCount.map { "\(row.receivedCount)/\($0)" } ?? String(row.receivedCount)
                table.add([
                    String(row.id), row.studyInstanceUID, row.source, presentation.verdict(row.cause),
                    presentation.verdict(row.state), count, String(row.attempts),
                    row.nextAttemptAt.map { Presentation.time($0) } ?? "", row.lastFailure,
                ])
            }
            return table.text
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop",
            abstract: "Fetches no more of a study that waits or is being fetched; the event log keeps who did it.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Number of the fetch.") var id: Int64
        @Option(help: "Who drops it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            _ = try await common.client.data(
                "/api/v1/fetches/\(id)", query: [URLQueryItem(name: "by", value: by)], method: .DELETE)
            if !common.json { Output.line("\(id) \(Presentation(common.lang).word(.dropped))") }
        }
    }
}
