internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import Foundation
internal import Matching
internal import NIOHTTP1

struct LexiconCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lexicon",
        abstract: "Words of this site that descriptions are read by, beside those of the program.",
        subcommands: [List.self, Check.self, Add.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Every file of words in force, and files that were refused.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let data = try await common.client.data("/admin/v1/lexicon")
            if common.json { return Output.json(data) }
            Output.line(
                CatalogueReport(Presentation(common.lang)).text(try DaemonClient.decoded(data) as LexiconAnswer))
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Reads files as `add` would and names every fault; needs no daemon.",
            discussion: """
                Each file is checked against the words of the program and the files before it on the command line. Exit code 1 \
                when one has a fault.
                """)

        @OptionGroup var common: CommonOptions
        @Argument(help: "Tab-separated files, UTF-8 (docs/catalogues.md).") var files: [String]

        func run() throws {
            var words = SiteWords.none
            var answers: [LexiconCheckAnswer] = []
            for file in files {
                let bytes = try SiteFile(path: file, limit: SiteWords.fileByteLimit).bytes()
                answers.append(LexiconCheckAnswer(bytes, file: file, into: &words))
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
            commandName: "add", abstract: "Checks a file and puts its words in force, without a restart.",
            discussion: """
                A file with a fault changes nothing; a file in force of the same name is replaced. Studies that are named already keep \
                their items until `priorctl remap`.
                """)

        @OptionGroup var common: CommonOptions
        @Argument(help: "A tab-separated file, UTF-8 (docs/catalogues.md).") var file: String
        @Option(help: "What the daemon calls it, instead of the file's own name.") var name: String?
        @Option(help: "Who adds it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            try await SiteFile(path: file, limit: SiteWords.fileByteLimit).add(
                to: "/admin/v1/lexicon", as: name, by: by, common
            ) { (report, answer: LexiconChangeAnswer) in report.text(answer) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Takes a file of words out of force; those of the program stay.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Name of the file, as `list` shows it.") var name: String
        @Option(help: "Who removes it, for the event log.") var by = ProcessInfo.processInfo.userName

        func run() async throws {
            guard SiteWords.isFileName(name) else {
                throw ValidationError("A file of words is named by letters, digits, . _ and -, and ends in .tsv.")
            }
            _ = try await common.client.data(
                "/admin/v1/lexicon/\(name)", query: [URLQueryItem(name: "by", value: by)], method: .DELETE)
            if common.json {
                Output.json(Data(#"{"removed":"\#(name)"}"#.utf8))
            } else {
                Output.line("\(name): \(Presentation(common.lang).word(.removed))")
            }
        }
    }
}

/// One file of `lexicon check`.
struct LexiconCheckAnswer: Encodable {
    var file: String
    var isRight: Bool
    /// What `lexicon add` would come to; nil when the file has a fault.
    var change: LexiconChangeAnswer?
    var faults: [CatalogueFaultRow] = []
    /// Faults beyond those listed.
    var furtherFaultCount = 0

    /// Puts the file in `words` when it is right, so that the next is read beside it.
    init(_ bytes: [UInt8], file: String, into words: inout SiteWords) {
        self.file = file
        do throws(CatalogueFaults) {
            let found = try words.file(from: bytes, named: file)
            words.put(found)
            isRight = true
            change = LexiconChangeAnswer(
                file: LexiconFileRow(file: (file as NSString).lastPathComponent, wordCount: found.terms.count),
                added: found.terms.map { .init(concept: $0.concept.value, term: $0.text) }, removed: [])
        } catch {
            isRight = false
            faults = error.faults.map(CatalogueFaultRow.init)
            furtherFaultCount = error.furtherCount
        }
    }
}

extension CatalogueReport {
    func text(_ answer: LexiconAnswer) -> String {
        var table = Table([
            .init(title: presentation.word(.origin)), .init(title: presentation.word(.wordCount), isNumber: true),
        ])
        for file in answer.files { table.add([file.file, String(file.wordCount)]) }
        let inForce = answer.files.isEmpty ? presentation.word(.noWords) : table.text
        return ([inForce] + answer.refused.map(refusal)).joined(separator: "\n")
    }

    func text(_ answer: LexiconCheckAnswer) -> String {
        guard let change = answer.change else {
            return refusal(of: answer.file, answer.faults, further: answer.furtherFaultCount)
        }
        return "\(Output.printable(answer.file)): \(presentation.word(.right))\n" + text(change)
    }

    func text(_ answer: LexiconChangeAnswer) -> String {
        let lines = [(Word.added, answer.added), (.removed, answer.removed)].map { word, terms in
            let named = terms.prefix(Self.itemLimit).map { Output.printable("\($0.term) (\($0.concept))") }
            let rest = terms.count > Self.itemLimit ? " …" : ""
            return "\(presentation.word(word)): \(terms.count)"
                + (terms.isEmpty ? "" : "  \(named.joined(separator: ", "))\(rest)")
        }
        return Presentation.block(
            "\(answer.file.file): \(presentation.word(.wordCount)) \(answer.file.wordCount)", lines)
    }
}
