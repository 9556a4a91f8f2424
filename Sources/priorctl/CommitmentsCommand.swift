internal import AdminAPI
internal import ArgumentParser
internal import Foundation
internal import NIOHTTP1

struct CommitmentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commitments", abstract: "What senders want to be told is kept (storage commitment).",
        subcommands: [List.self, Retry.self, Drop.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists those whose result is not delivered, newest first.")

        @OptionGroup var common: CommonOptions
        @Flag(help: "Delivered and dropped ones too.") var all = false
        @Option(help: "Only commitments with a smaller number, to go on from an earlier list.") var before: Int64?
        @Option(help: "Commitments on a page, at most 1000.") var limit: Int?

        func run() async throws {
            let values = [
                ("all", all ? "true" : nil), ("before", before.map(String.init)), ("limit", limit.map(String.init)),
            ]
            let data = try await common.client.data(
                "/admin/v1/commitments",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let page: CommitmentPage = try DaemonClient.decoded(data)
            Output.line(Self.text(page, Presentation(common.lang)))
        }

        static func text(_ page: CommitmentPage, _ presentation: Presentation) -> String {
            guard !page.commitments.isEmpty else { return presentation.word(.noCommitments) }
            var table = Table([
                .init(title: presentation.word(.number), isNumber: true), .init(title: presentation.word(.peer)),
                .init(title: presentation.word(.requested)), .init(title: presentation.word(.state)),
                .init(title: presentation.word(.instances), isNumber: true),
                .init(title: presentation.word(.uncommitted), isNumber: true),
                .init(title: presentation.word(.attempts), isNumber: true),
                .init(title: presentation.word(.next)), .init(title: presentation.word(.detail), limit: 60),
            ])
            for row in page.commitments {
                table.add([
                    String(row.id), row.callingAETitle, Presentation.time(row.requestedAt),
                    presentation.verdict(row.state), String(row.instanceCount), String(row.failureCount),
                    String(row.attempts), row.nextAttemptAt.map(Presentation.time) ?? "", row.lastFailure,
                ])
            }
            return table.text
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Looks at the objects of one again and delivers the result now.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() async throws {
            _ = try await common.client.data("/admin/v1/commitments/\(id)/retry", method: .POST)
            if !common.json { Output.line("\(id) is queued again") }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop", abstract: "Ends one that is not delivered; the event log keeps who did it.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64
        @Option(help: "Who drops it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            _ = try await common.client.data(
                "/admin/v1/commitments/\(id)", query: [URLQueryItem(name: "by", value: by)], method: .DELETE)
            if !common.json { Output.line("\(id) is dropped") }
        }
    }
}
