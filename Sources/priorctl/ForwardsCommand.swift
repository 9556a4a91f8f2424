internal import AdminAPI
internal import ArgumentParser
internal import Foundation
internal import NIOHTTP1

struct ForwardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forwards", abstract: "What is sent to destinations by rule.",
        subcommands: [List.self, Retry.self, Drop.self, Pause.self, Resume.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists destinations, and the studies that wait or were refused in part, newest first.")

        @OptionGroup var common: CommonOptions
        @Flag(help: "Sent and dropped ones too.") var all = false
        @Option(help: "Only to this destination.") var destination: String?
        @Option(help: "Only of this study.") var study: String?
        @Option(help: "Only forwards with a smaller number, to go on from an earlier list.") var before: Int64?
        @Option(help: "Forwards on a page, at most 1000.") var limit: Int?

        func run() async throws {
            let values = [
                ("all", all ? "true" : nil), ("destination", destination), ("study", study),
                ("before", before.map(String.init)), ("limit", limit.map(String.init)),
            ]
            let data = try await common.client.data(
                "/admin/v1/forwards",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let page: ForwardPage = try DaemonClient.decoded(data)
            Output.line(Self.text(page, Presentation(common.lang)))
        }

        static func text(_ page: ForwardPage, _ presentation: Presentation) -> String {
            guard !page.destinations.isEmpty || !page.forwards.isEmpty else {
                return presentation.word(.noDestinations)
            }
            let rows = page.forwards.isEmpty ? presentation.word(.noForwards) : forwards(page.forwards, presentation)
            return page.destinations.isEmpty ? rows : destinations(page.destinations, presentation) + "\n\n" + rows
        }

        private static func destinations(_ rows: [DestinationRow], _ presentation: Presentation) -> String {
            var table = Table([
                .init(title: presentation.word(.destination)), .init(title: presentation.word(.state)),
                .init(title: presentation.word(.waiting), isNumber: true),
                .init(title: presentation.word(.partlyRefused), isNumber: true),
                .init(title: presentation.word(.instances), isNumber: true),
                .init(title: presentation.word(.size), isNumber: true),
            ])
            for row in rows {
                let state =
                    row.pausedAt.map { "\(presentation.word(.paused)) \(Presentation.time($0))" }
                    ?? presentation.verdict(row.breaker == "closed" ? "ok" : "unreachable")
                table.add([
                    row.name, state, String(row.waiting), String(row.partlyRefused), String(row.instanceCount),
                    Presentation.size(row.byteCount),
                ])
            }
            return table.text
        }

        private static func forwards(_ rows: [ForwardRow], _ presentation: Presentation) -> String {
            var table = Table([
                .init(title: presentation.word(.number), isNumber: true), .init(title: presentation.word(.study)),
                .init(title: presentation.word(.destination)), .init(title: presentation.word(.rule)),
                .init(title: presentation.word(.state)), .init(title: presentation.word(.sent), isNumber: true),
                .init(title: presentation.word(.refused), isNumber: true),
                .init(title: presentation.word(.attempts), isNumber: true),
                .init(title: presentation.word(.next)), .init(title: presentation.word(.detail), limit: 60),
            ])
            for row in rows {
                table.add([
                    String(row.id), row.studyInstanceUID, row.destination, row.rule, presentation.verdict(row.state),
                    String(row.sentCount), String(row.failedCount), String(row.attempts),
                    row.nextAttemptAt.map(Presentation.time) ?? "", row.failures.first?.reason ?? row.lastFailure,
                ])
            }
            return table.text
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Sends what waits at once, and what was refused again.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() async throws {
            _ = try await common.client.data("/admin/v1/forwards/\(id)/retry", method: .POST)
            if !common.json { Output.line("\(id) is queued again") }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop", abstract: "Sends no more of one; the event log keeps who did it.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64
        @Option(help: "Who drops it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            _ = try await common.client.data(
                "/admin/v1/forwards/\(id)", query: [URLQueryItem(name: "by", value: by)], method: .DELETE)
            if !common.json { Output.line("\(id) is dropped") }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Begins no study at a destination until it is resumed.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its name.") var destination: String
        @Option(help: "Who does it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            _ = try await common.client.data(
                "/admin/v1/destinations/\(destination)/pause", query: [URLQueryItem(name: "by", value: by)],
                method: .POST)
            if !common.json { Output.line("\(destination) is paused") }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume", abstract: "Ends a pause; what waits is sent at once.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its name.") var destination: String
        @Option(help: "Who does it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            _ = try await common.client.data(
                "/admin/v1/destinations/\(destination)/resume", query: [URLQueryItem(name: "by", value: by)],
                method: .POST)
            if !common.json { Output.line("\(destination) is resumed") }
        }
    }
}
