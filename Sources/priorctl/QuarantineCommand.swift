internal import AdminAPI
internal import ArgumentParser
internal import Foundation
internal import NIOHTTP1

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Objects that could not be stored as they came.",
        subcommands: [List.self, Show.self, Release.self, Discard.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists them, newest first.")

        @OptionGroup var common: CommonOptions
        @Option(help: "Only conflict, unreadable, mismatch or missingUID.") var reason: String?
        @Option(help: "Only objects with a smaller number, to go on from an earlier list.") var before: Int64?
        @Option(help: "Objects on a page, at most 1000.") var limit: Int?

        func run() async throws {
            let values = [("reason", reason), ("before", before.map(String.init)), ("limit", limit.map(String.init))]
            let data = try await common.client.data(
                "/admin/v1/quarantine",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let page: QuarantinePage = try DaemonClient.decoded(data)
            Output.line(Self.text(page, Presentation(common.lang)))
        }

        static func text(_ page: QuarantinePage, _ presentation: Presentation) -> String {
            guard !page.objects.isEmpty else { return presentation.word(.noObjects) }
            var table = Table([
                .init(title: presentation.word(.number), isNumber: true), .init(title: presentation.word(.reason)),
                .init(title: presentation.word(.received)), .init(title: presentation.word(.peer)),
                .init(title: presentation.word(.size), isNumber: true),
                .init(title: presentation.word(.detail), limit: 80),
            ])
            for object in page.objects {
                table.add([
                    String(object.id), object.reason, Presentation.time(object.receivedAt),
                    object.callingAETitle.isEmpty ? object.host : object.callingAETitle,
                    Presentation.size(object.byteCount), object.detail,
                ])
            }
            return table.text
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Everything known of one.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() async throws {
            let data = try await common.client.data("/admin/v1/quarantine/\(id)")
            if common.json { return Output.json(data) }
            let object: QuarantineRow = try DaemonClient.decoded(data)
            let lines = [
                ("reason", object.reason), ("detail", object.detail), ("SOP Class", object.sopClassUID),
                ("SOP Instance", object.sopInstanceUID), ("Series", object.seriesInstanceUID),
                ("Study", object.studyInstanceUID), ("Transfer Syntax", object.transferSyntaxUID),
                ("calling", object.callingAETitle), ("called", object.calledAETitle), ("host", object.host),
                ("received", Presentation.time(object.receivedAt)), ("size", Presentation.size(object.byteCount)),
            ]
            for (name, value) in lines where !value.isEmpty {
                Output.line(name.padding(toLength: 17, withPad: " ", startingAt: 0) + Output.printable(value))
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "release", abstract: "Stores one after all. Exit code 1 when it still cannot be.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() async throws {
            let data = try await common.client.data("/admin/v1/quarantine/\(id)/release", method: .POST)
            let answer: ReleaseAnswer = try DaemonClient.decoded(data)
            if common.json {
                Output.json(data)
            } else {
                switch answer.outcome {
                case .stored: Output.line("\(id) is stored")
                case .duplicate: Output.line("\(id) was stored already with the same bytes")
                case .conflict: Output.line("\(id) stays: other bytes are stored under its SOP Instance UID")
                }
            }
            if answer.outcome == .conflict { throw ExitCode.failure }
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "discard", abstract: "Removes one for good; the event log keeps who did it.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64
        @Option(help: "Who discards it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            _ = try await common.client.data(
                "/admin/v1/quarantine/\(id)", query: [URLQueryItem(name: "by", value: by)], method: .DELETE)
            if !common.json { Output.line("\(id) is discarded") }
        }
    }
}
