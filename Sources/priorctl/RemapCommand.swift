internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation

struct RemapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remap", abstract: "Matches every study again by the rules in force.",
        discussion: """
            With --dry-run nothing is changed, and a catalogue or a lexicon that is not in force may be tried: it stands \
            beside those in force, a catalogue in the place of one with its id, a lexicon of the file of its name.
            """)

    @OptionGroup var common: CommonOptions
    @Flag(help: "Only show which studies would change, from what to what.") var dryRun = false
    @Option(help: ArgumentHelp("A catalogue to try.", valueName: "file")) var catalogue: String?
    @Option(help: ArgumentHelp("Words to try, in the columns of the program's lexicon.", valueName: "file"))
    var lexicon: String?

    func validate() throws {
        if !dryRun, catalogue != nil || lexicon != nil {
            throw ValidationError("A file that is not in force is only tried with --dry-run.")
        }
    }

    func run() async throws {
        let order = RemapRequest(
            dryRun: dryRun, catalogue: try catalogue.map(Self.file), lexicon: try lexicon.map(Self.file))
        var changes = RemapChanges(studyLimit: common.json ? .max : RemapText.studyLimit)
        let bar = ProgressBar("remap")
        defer { bar.finish() }
        var answer: RemapAnswer = try await common.client.operation(
            "/admin/v1/remap", body: .bytes(try AdminJSON.encoder().encode(order)),
            progress: { bar.set(done: $0, total: $1) }, part: { changes.add($0.changes) })
        bar.finish()
        answer.changes = changes.sorted
        if common.json { return Output.json(try AdminJSON.encoder().encode(answer)) }
        Output.line(RemapText(answer: answer, presentation: Presentation(common.lang)).text)
    }

    private static func file(_ path: String) throws -> RemapRequest.File {
        RemapRequest.File(name: URL(filePath: path).lastPathComponent, text: try TextFile.read(path))
    }
}

/// Changes as they come in parts, put together.
struct RemapChanges {
    /// How many UIDs are kept of each.
    let studyLimit: Int
    private var places: [Key: Int] = [:]
    private var all: [RemapAnswer.Change] = []

    private struct Key: Hashable {
        let description: String
        let modality: String
        let from: [String]
        let to: [String]
    }

    init(studyLimit: Int) { self.studyLimit = studyLimit }

    mutating func add(_ changes: [RemapAnswer.Change]) {
        for change in changes {
            let key = Key(
                description: change.description, modality: change.modality, from: change.from, to: change.to)
            if let place = places[key] {
                all[place].count += change.count
                all[place].studies += change.studies.prefix(max(0, studyLimit - all[place].studies.count))
            } else {
                places[key] = all.count
                var first = change
                first.studies = Array(change.studies.prefix(studyLimit))
                all.append(first)
            }
        }
    }

    /// Most studies first, then by description.
    var sorted: [RemapAnswer.Change] {
        all.sorted { ($1.count, $0.description, $0.modality) < ($0.count, $1.description, $1.modality) }
    }
}

/// What changes, for people.
struct RemapText {
    /// UIDs shown of each change.
    static let studyLimit = 3

    let answer: RemapAnswer
    let presentation: Presentation

    var text: String {
        let totals =
            "\(answer.studyCount) \(presentation.word(.studies)), \(answer.descriptionCount) "
            + "\(presentation.word(.description)), \(presentation.word(.after)): \(answer.changedCount)"
        guard !answer.changes.isEmpty else { return "\(presentation.word(.noChanges))\n\(totals)" }
        var table = Table([
            .init(title: presentation.word(.count), isNumber: true), .init(title: presentation.word(.modality)),
            .init(title: presentation.word(.description)), .init(title: presentation.word(.before), limit: 60),
            .init(title: presentation.word(.after), limit: 60), .init(title: presentation.word(.study), limit: 210),
        ])
        for change in answer.changes {
            let more = change.count > change.studies.count ? " …" : ""
            table.add([
                String(change.count), change.modality, change.description, names(change.from), names(change.to),
                change.studies.joined(separator: " ") + more,
            ])
        }
        return table.text + "\n" + totals
    }

    /// `catalogue/key` as its key, with the item's name where the catalogue at hand has one.
    private func names(_ items: [String]) -> String {
        guard !items.isEmpty else { return presentation.word(.unmapped) }
        return items.map { item in
            guard let slash = item.firstIndex(of: "/") else { return presentation.word(.noItem) }
            let key = String(item[item.index(after: slash)...])
            return presentation.itemName(key).isEmpty ? item : presentation.item(key)
        }.joined(separator: " + ")
    }
}
