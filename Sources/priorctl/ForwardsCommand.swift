internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import NIOHTTP1

struct ForwardsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forwards", abstract: "What is sent to destinations by rule.",
        subcommands: [List.self, Add.self, Retry.self, Drop.self, Pause.self, Resume.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Lists destinations, and the studies that wait or failed in part, newest first.")

        @OptionGroup var common: CommonOptions
        @Flag(help: "Sent and dropped ones too.") var all = false
        @Flag(help: "Only what a destination does not have, instance by instance, with the reason.") var failed = false
        @Option(help: "Only to this destination.") var destination: String?
        @Option(help: "Only of this study.") var study: String?
        @Option(help: "Only forwards with a smaller number, to go on from an earlier list.") var before: Int64?
        @Option(help: "Forwards on a page, at most 1000.") var limit: Int?

        func validate() throws {
            if all && failed { throw ValidationError("Say --all or --failed.") }
        }

        func run() async throws {
            let values = [
                ("all", all ? "true" : nil), ("failed", failed ? "true" : nil), ("destination", destination),
                ("study", study),
                ("before", before.map(String.init)), ("limit", limit.map(String.init)),
            ]
            let data = try await common.client.data(
                "/admin/v1/forwards",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let page: ForwardPage = try DaemonClient.decoded(data)
            let presentation = Presentation(common.lang)
            Output.line(failed ? Self.failures(page, presentation) : Self.text(page, presentation))
        }

        /// Instance by instance.
        static func failures(_ page: ForwardPage, _ presentation: Presentation) -> String {
            var table = Table([
                .init(title: presentation.word(.number), isNumber: true),
                .init(title: presentation.word(.destination)), .init(title: presentation.word(.study), limit: 64),
                .init(title: presentation.word(.object), limit: 64), .init(title: presentation.word(.state)),
                .init(title: presentation.word(.reason), limit: 80),
            ])
            for row in page.forwards {
                for failure in row.failures {
                    table.add([
                        String(row.id), row.destination, row.studyInstanceUID, failure.sopInstanceUID,
                        presentation.verdict(failure.state), failure.reason,
                    ])
                }
            }
            return table.rows.isEmpty ? presentation.word(.noFailures) : table.text
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
                .init(title: presentation.word(.givenUp), isNumber: true),
                .init(title: presentation.word(.uncommitted), isNumber: true),
                .init(title: presentation.word(.instances), isNumber: true),
                .init(title: presentation.word(.size), isNumber: true),
                .init(title: presentation.word(.failed), limit: 60),
            ])
            for row in rows {
                let state =
                    row.pausedAt.map { "\(presentation.word(.paused)) \(Presentation.time($0))" }
                    ?? presentation.verdict(row.breaker == "closed" ? "ok" : "unreachable")
                table.add([
                    row.name, state, String(row.waiting), String(row.partlyRefused), String(row.failed),
                    String(row.committing + row.uncommitted), String(row.instanceCount),
                    Presentation.size(row.byteCount), row.lastFailure ?? "",
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
                    String(row.id), row.studyInstanceUID, row.destination, row.rule,
                    row.state == "failed" ? presentation.word(.givenUp) : presentation.verdict(row.state),
                    String(row.sentCount), String(row.failedCount), String(row.attempts),
                    row.nextAttemptAt.map(Presentation.time) ?? "", row.failures.first?.reason ?? row.lastFailure,
                ])
            }
            return table.text
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry",
            abstract: "Sends what waits at once, what failed again, and asks again for what is not committed.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64?
        @Option(help: "Everything that failed at this destination.") var destination: String?

        func validate() throws {
            if (id == nil) == (destination == nil) { throw ValidationError("Give a number or --destination.") }
        }

        func run() async throws {
            if let destination {
                let data = try await common.client.data("/admin/v1/destinations/\(destination)/retry", method: .POST)
                if common.json { return Output.json(data) }
                let answer: ForwardCountAnswer = try DaemonClient.decoded(data)
                Output.line("\(answer.studies) \(Presentation(common.lang).word(.studies))")
            } else if let id {
                _ = try await common.client.data("/admin/v1/forwards/\(id)/retry", method: .POST)
                if !common.json { Output.line("\(id) is queued again") }
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Applies a rule to settled studies that were there before it.",
            discussion: """
                A rule holds for studies that settle or are assessed after it was written. This queues earlier ones that \
                fit it and of which its destinations lack something; the event log keeps who did it.
                """)

        @OptionGroup var common: CommonOptions
        @Option(help: "Its name.") var rule: String
        @Flag(help: "Every settled study.") var all = false
        @Option(help: ArgumentHelp("First Study Date.", valueName: "YYYYMMDD")) var from: String?
        @Option(help: ArgumentHelp("Last Study Date.", valueName: "YYYYMMDD")) var to: String?
        @Option(help: ArgumentHelp("One study.", valueName: "UID")) var study: String?
        @Flag(help: "Send once more what a destination has taken.") var again = false
        @Flag(help: "Count the studies and queue none.") var dryRun = false
        @Option(help: "Who does it, for the event log.") var by = ProcessInfo.processInfo.userName

        func validate() throws {
            let isLimited = [from, to, study].contains { $0 != nil }
            if all == isLimited {
                throw ValidationError(all ? "--all stands alone." : "Say --all, or --from, --to or --study.")
            }
        }

        func run() async throws {
            let order = ForwardRequest(
                rule: rule, from: from, to: to, study: study, again: again, dryRun: dryRun, by: by)
            let bar = ProgressBar("forwards")
            defer { bar.finish() }
            let answer: ForwardCountAnswer = try await common.client.operation(
                "/admin/v1/forwards", body: .bytes(try AdminJSON.encoder().encode(order)),
                progress: { bar.set(done: $0, total: $1) })
            bar.finish()
            if common.json { return Output.json(try AdminJSON.encoder().encode(answer)) }
            Output.line("\(answer.studies) \(Presentation(common.lang).word(.studies))")
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
