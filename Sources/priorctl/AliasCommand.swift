internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import DICOMCore
internal import Foundation
internal import NIOHTTP1

struct AliasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias", abstract: "Descriptions that people taught, and their history.",
        subcommands: [Add.self, List.self, Show.self, Remove.self, Export.self, Import.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Teaches what studies of a description are; they are matched again at once.")

        @OptionGroup var common: CommonOptions
        @OptionGroup var lesson: LessonOptions

        func run() async throws { try await lesson.teach(common) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists those in force.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let data = try await common.client.data("/admin/v1/aliases")
            if common.json { return Output.json(data) }
            let answer: AliasesAnswer = try DaemonClient.decoded(data)
            Output.line(AliasText(Presentation(common.lang)).table(answer.aliases))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "The history of one: who, when and why.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64

        func run() async throws {
            let data = try await common.client.data("/admin/v1/aliases/\(id)")
            if common.json { return Output.json(data) }
            let answer: AliasesAnswer = try DaemonClient.decoded(data)
            let text = AliasText(Presentation(common.lang))
            for step in answer.aliases { Output.line(text.step(step)) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Takes one back; its studies are matched as before it.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "Its number.") var id: Int64
        @OptionGroup var author: AuthorOptions

        func run() async throws {
            let data = try await common.client.data(
                "/admin/v1/aliases/\(id)",
                query: [URLQueryItem(name: "by", value: author.by), URLQueryItem(name: "reason", value: author.why)],
                method: .DELETE, timeout: DaemonClient.operationTimeout)
            if common.json { return Output.json(data) }
            Output.line(AliasText(Presentation(common.lang)).lesson(try DaemonClient.decoded(data)))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Writes those in force as tab-separated text, for a backup.")

        @OptionGroup var common: CommonOptions

        func run() async throws {
            Output.write(try await common.client.data("/admin/v1/alias-table"), to: STDOUT_FILENO)
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Teaches every line of such a file that is not in force yet, or none when one is at fault.")

        @OptionGroup var common: CommonOptions
        @Argument(help: "The file.") var file: String
        @Option(help: "Who imports it.") var by: String
        @Flag(help: "Also against objections, which the history keeps.") var force = false

        func run() async throws {
            let order = AliasTableRequest(table: try TextFile.read(file), by: by, force: force)
            let data = try await common.client.data(
                "/admin/v1/alias-table", method: .POST, body: .bytes(try AdminJSON.encoder().encode(order)),
                timeout: DaemonClient.operationTimeout)
            if common.json { return Output.json(data) }
            let answer: AliasTableAnswer = try DaemonClient.decoded(data)
            Output.line(
                "\(answer.taughtCount) taught, \(answer.unchangedCount) in force already, "
                    + "\(answer.renamedCount) studies matched again")
        }
    }
}

/// Who does something, and why.
struct AuthorOptions: ParsableArguments {
    @Option(help: "Who does it, for the history.") var by: String
    @Option(help: "Why, for the history.") var why: String
}

/// What is taught.
struct LessonOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("What the studies are called; or the UID of one of them.", valueName: "description"))
    var description: String

    @Option(help: "Modality, such as CT; taken from the study when a UID is given.") var modality: String?
    @Option(help: "Code of the item they are, or NONE for none of the items.") var code: String
    @Option(help: "Only studies of this Institution Name.") var site: String?
    @Option(help: "Only studies that this AE Title sends.") var ae: String?
    @Option(help: "exact, or nearest when the item only covers them.") var grade: String?
    @Option(help: "Confidence of the matches, 0.6 to 1.") var confidence: Double?
    @OptionGroup var author: AuthorOptions
    @Flag(help: "Also against objections, which the history keeps.") var force = false

    func validate() throws {
        if modality == nil, study == nil {
            throw ValidationError("Give --modality with a description.")
        }
    }

    /// Numbers alone may be what studies are called.
    private var study: StudyInstanceUID? {
        description.contains(".") ? StudyInstanceUID(argument: description) : nil
    }

    func teach(_ common: CommonOptions) async throws {
        let order = AliasRequest(
            description: study == nil ? description : nil, study: study?.value, modality: modality, site: site,
            aeTitle: ae, code: code, grade: grade, confidence: confidence, by: author.by, reason: author.why,
            force: force)
        let data = try await common.client.data(
            "/admin/v1/aliases", method: .POST, body: .bytes(try AdminJSON.encoder().encode(order)),
            timeout: DaemonClient.operationTimeout)
        if common.json { return Output.json(data) }
        Output.line(AliasText(Presentation(common.lang)).lesson(try DaemonClient.decoded(data)))
    }
}

/// Aliases for people.
struct AliasText {
    let presentation: Presentation

    init(_ presentation: Presentation) { self.presentation = presentation }

    func table(_ aliases: [AliasRow]) -> String {
        guard !aliases.isEmpty else { return presentation.word(.noAliases) }
        var table = Table([
            .init(title: presentation.word(.number), isNumber: true), .init(title: presentation.word(.modality)),
            .init(title: presentation.word(.description)), .init(title: presentation.word(.scope)),
            .init(title: presentation.word(.item), limit: 60), .init(title: presentation.word(.grade)),
            .init(title: presentation.word(.confidence), isNumber: true), .init(title: presentation.word(.time)),
            .init(title: presentation.word(.by), limit: 24), .init(title: presentation.word(.reason)),
        ])
        for alias in aliases {
            table.add([
                String(alias.id), alias.modality, alias.description, scope(alias), meaning(alias),
                alias.code == nil ? "" : presentation.verdict(alias.grade),
                alias.code == nil ? "" : Presentation.percent(alias.confidence), Presentation.time(alias.at), alias.by,
                alias.reason,
            ])
        }
        return table.text
    }

    /// One step of a history.
    func step(_ alias: AliasRow) -> String {
        let lines = [
            "\(presentation.word(.modality)): \(alias.modality)", "\(presentation.word(.scope)): \(scope(alias))",
            "\(presentation.word(.item)): \(meaning(alias))", "\(presentation.word(.by)): \(alias.by)",
            "\(presentation.word(.reason)): \(alias.reason)",
        ]
        let heading =
            "\(alias.id)  \(Presentation.time(alias.at))  \(presentation.verdict(alias.kind))  \(alias.description)"
        return Presentation.block(
            Output.printable(heading),
            (lines + alias.overridden.map { "\(presentation.word(.overridden)): \($0)" }).map(Output.printable))
    }

    func lesson(_ lesson: AliasLesson) -> String {
        "\(step(lesson.alias))\n\(presentation.word(.studies)): \(lesson.renamedCount)"
    }

    private func meaning(_ alias: AliasRow) -> String {
        alias.code.map { presentation.item($0) } ?? presentation.word(.noItem)
    }

    private func scope(_ alias: AliasRow) -> String {
        let parts = [alias.site, alias.aeTitle].compactMap { $0 }
        return parts.isEmpty ? presentation.word(.everywhere) : parts.joined(separator: ", ")
    }
}
