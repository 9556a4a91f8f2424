internal import AdminAPI
internal import ArgumentParser
internal import DICOMCore
internal import Foundation

struct ReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Studies without a safe match.", subcommands: [List.self, Resolve.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract:
                "Groups them by description, most frequent first, with the reason and the items a person would be offered."
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "One by one instead of in groups.") var studies = false
        @Option(help: "Only studies of this description, one by one.") var description: String?
        @Option(help: "Only this modality; with --studies or --description.") var modality: String?
        @Option(help: "Groups or studies on a page, at most 1000.") var limit: Int?
        @Option(help: "Groups or studies to skip.") var offset: Int?

        func validate() throws {
            if modality != nil, !isOneByOne {
                throw ValidationError("--modality goes with --studies or --description.")
            }
        }

        private var isOneByOne: Bool { studies || description != nil }

        func run() async throws {
            let values = [
                ("limit", limit.map(String.init)), ("offset", offset.map(String.init)), ("description", description),
                ("modality", modality),
            ]
            let data = try await common.client.data(
                isOneByOne ? "/admin/v1/review" : "/admin/v1/review/groups",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } })
            if common.json { return Output.json(data) }
            let presentation = Presentation(common.lang)
            if isOneByOne {
                Output.line(ReviewTable.text(try DaemonClient.decoded(data), presentation))
            } else {
                Output.line(ReviewGroupsTable.text(try DaemonClient.decoded(data), presentation))
            }
        }
    }

    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resolve",
            abstract: "Teaches what studies of a description are; they are matched again at once.",
            discussion: """
                The same as alias add. Refused with the reasons when it contradicts the description, the studies or what \
                is taught already, unless --force, which the history keeps.
                """)

        @OptionGroup var common: CommonOptions
        @OptionGroup var lesson: LessonOptions

        func run() async throws { try await lesson.teach(common) }
    }
}

/// Groups of unmapped studies for people.
enum ReviewGroupsTable {
    /// Names shown of each group's sites and senders; `--json` has all.
    private static let nameLimit = 3

    static func text(_ page: ReviewGroupsPage, _ presentation: Presentation) -> String {
        guard !page.groups.isEmpty else { return presentation.word(.nothingToReview) }
        var table = Table([
            .init(title: presentation.word(.count), isNumber: true), .init(title: presentation.word(.modality)),
            .init(title: presentation.word(.description)), .init(title: presentation.word(.reason)),
            .init(title: presentation.word(.candidates), limit: 60), .init(title: presentation.word(.sites), limit: 60),
            .init(title: presentation.word(.senders), limit: 40), .init(title: presentation.word(.date), limit: 24),
            .init(title: presentation.word(.study), limit: 64),
        ])
        for group in page.groups {
            table.add([
                String(group.count), group.modality, group.description, presentation.reason(group.reason),
                group.candidates.map(presentation.item).joined(separator: "; "), names(group.sites),
                names(group.senders),
                group.firstDate == group.lastDate
                    ? Presentation.day(group.firstDate)
                    : "\(Presentation.day(group.firstDate)) – \(Presentation.day(group.lastDate))",
                group.newestStudy.value,
            ])
        }
        let range = "\(page.offset + 1)–\(page.offset + page.groups.count) / \(page.total)"
        return table.text + "\n\(range); \(page.studyTotal) \(presentation.word(.studies))"
    }

    private static func names(_ tallies: [ReviewGroupsPage.Tally]) -> String {
        let shown = tallies.prefix(nameLimit).map { "\($0.name.isEmpty ? "-" : $0.name) (\($0.count))" }
        return (shown + (tallies.count > nameLimit ? ["…"] : [])).joined(separator: ", ")
    }
}

/// Unmapped studies one by one for people.
enum ReviewTable {
    static func text(_ page: ReviewPage, _ presentation: Presentation) -> String {
        guard !page.studies.isEmpty else { return presentation.word(.noStudies) }
        var table = Table([
            .init(title: presentation.word(.date)), .init(title: presentation.word(.modality)),
            .init(title: presentation.word(.description)), .init(title: presentation.word(.institution)),
            .init(title: presentation.word(.reason)), .init(title: presentation.word(.candidates), limit: 60),
            .init(title: presentation.word(.study), limit: 64),
        ])
        for entry in page.studies {
            table.add([
                Presentation.day(entry.study.studyDate), entry.study.modalities.joined(separator: ","),
                entry.study.studyDescription, entry.study.institution, presentation.reason(entry.reason),
                entry.candidates.map(presentation.item).joined(separator: "; "),
                entry.study.studyInstanceUID.value,
            ])
        }
        return table.text
    }
}
