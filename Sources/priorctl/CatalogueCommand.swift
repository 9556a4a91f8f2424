internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import NIOHTTP1

struct CatalogueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "catalogue", abstract: "Lists that studies are named by.",
        subcommands: [List.self, Check.self, Add.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Every edition that is loaded, and files that were refused.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let data = try await common.client.data("/admin/v1/catalogues")
            if common.json { return Output.json(data) }
            Output.line(
                CatalogueReport(Presentation(common.lang)).text(try DaemonClient.decoded(data) as CataloguesAnswer))
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Reads files as `add` would and names every fault; needs no daemon.",
            discussion: """
                Each file is checked against the catalogues of the program and the files before it on the command line. Exit code 1 \
                when one has a fault.
                """)

        @OptionGroup var common: CommonOptions
        @Argument(help: "Tab-separated files, UTF-8 (docs/catalogues.md).") var files: [String]

        func run() throws {
            let lexicon = try Lexicon.bundled()
            var library = try CatalogueLibrary.bundled(lexicon: lexicon)
            var answers: [CatalogueCheckAnswer] = []
            for file in files {
                let bytes = try SiteFile(path: file, limit: CatalogueLibrary.fileByteLimit).bytes()
                answers.append(CatalogueCheckAnswer(bytes, file: file, into: &library))
            }
            if common.json {
                Output.json(try AdminJSON.encoder().encode(answers))
            } else {
                let report = CatalogueReport(Presentation(common.lang))
                Output.line(answers.map(report.text).joined(separator: "\n"))
            }
            if answers.contains(where: { !$0.isRight }) { throw ExitCode.failure }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Checks a file and puts it in force, without a restart.",
            discussion: "A file with a fault changes nothing. Studies that are named already keep their items.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "A tab-separated file, UTF-8 (docs/catalogues.md).") var file: String
        @Option(help: "Who adds it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            try await SiteFile(path: file, limit: CatalogueLibrary.fileByteLimit).add(
                to: "/admin/v1/catalogues", by: by, common
            ) { (report, answer: CatalogueChangeAnswer) in report.text(answer) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Takes an added edition out of force; those of the program stay.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Id of the edition, as `list` shows it.") var id: String
        @Option(help: "Who removes it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            guard let id = CatalogueID(id) else {
                throw ValidationError("An id is lower-case letters, digits and hyphens.")
            }
            _ = try await common.client.data(
                "/admin/v1/catalogues/\(id)", query: [URLQueryItem(name: "by", value: by)], method: .DELETE)
            if common.json {
                Output.json(Data(#"{"removed":"\#(id)"}"#.utf8))
            } else {
                Output.line("\(id): \(Presentation(common.lang).word(.removed))")
            }
        }
    }
}
