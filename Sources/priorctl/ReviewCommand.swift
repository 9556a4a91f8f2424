internal import AdminAPI
internal import ArgumentParser
internal import DICOMCore
internal import Foundation

struct ReviewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "review", abstract: "Studies without a safe match.", subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Lists them with the reason and the items a person would be offered.")

        @OptionGroup var common: CommonOptions
        @Option(help: "Studies on a page, at most 1000.") var limit: Int?
        @Option(help: "Studies to skip.") var offset: Int?

        func run() async throws {
            let values = [("limit", limit), ("offset", offset)]
            let data = try await common.client.data(
                "/admin/v1/review",
                query: values.compactMap { name, value in value.map { URLQueryItem(name: name, value: String($0)) } })
            if common.json { return Output.json(data) }
            let page: ReviewPage = try DaemonClient.decoded(data)
            Output.line(Self.text(page, Presentation(common.lang)))
        }

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
                    entry.study.studyDescription, entry.study.institution, entry.reason,
                    entry.candidates.map(presentation.item).joined(separator: "; "),
                    entry.study.studyInstanceUID.value,
                ])
            }
            return table.text
        }
    }
}
