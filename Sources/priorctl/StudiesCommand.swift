internal import AdminAPI
internal import ArgumentParser
internal import DICOMCore
internal import Foundation

struct StudiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "studies", abstract: "Lists studies, newest first. Every filter given must hold.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var filters: StudyFilters

    func run() async throws {
        let data = try await common.client.data("/api/v1/studies", query: filters.query)
        if common.json { return Output.json(data) }
        let page: StudyPage = try DaemonClient.decoded(data)
        Output.line(StudyTable(page: page, presentation: Presentation(common.lang)).text)
    }
}

struct StudyFilters: ParsableArguments {
    @Option(help: ArgumentHelp("First Study Date.", valueName: "YYYYMMDD")) var from: String?
    @Option(help: ArgumentHelp("Last Study Date.", valueName: "YYYYMMDD")) var to: String?
    @Option(help: "Any of these modalities, separated by commas.") var modality: String?
    @Option(help: "Institution Name, exactly.") var institution: String?
    @Option(help: "Item code of the newest assessment.") var code: String?
    @Option(help: "receiving or settled.") var state: String?
    @Option(help: "Words to be found in names, descriptions, institution or accession number.") var text: String?
    @Option(help: "Patient ID; * and ? are wildcards.") var patientID: String?
    @Option(help: "Issuer of Patient ID.") var issuer: String?
    @Option(help: "Accession Number; * and ? are wildcards.") var accession: String?
    @Option(help: "complete, incomplete or unknown.") var completeness: String?
    @Option(help: "pass, review, fail or notAssessed.") var quality: String?
    @Flag(help: "Only studies assessed without a safe match.") var unmapped = false
    @Option(help: "Studies on a page, at most 1000.") var limit: Int?
    @Option(help: "Studies to skip.") var offset: Int?

    var query: [URLQueryItem] {
        let values: [(String, String?)] = [
            ("from", from), ("to", to), ("modality", modality), ("institution", institution), ("code", code),
            ("state", state), ("text", text), ("patient-id", patientID), ("issuer", issuer),
            ("accession", accession), ("completeness", completeness), ("quality", quality),
            ("unmapped", unmapped ? "true" : nil), ("limit", limit.map(String.init)),
            ("offset", offset.map(String.init)),
        ]
        return values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
    }
}

/// Studies for people.
struct StudyTable {
    let page: StudyPage
    let presentation: Presentation

    var text: String {
        guard !page.studies.isEmpty else { return presentation.word(.noStudies) }
        var table = Table([
            .init(title: presentation.word(.date)), .init(title: presentation.word(.patient), limit: 24),
            .init(title: presentation.word(.name), limit: 24), .init(title: presentation.word(.modality), limit: 12),
            .init(title: presentation.word(.description), limit: 32),
            .init(title: presentation.word(.institution), limit: 24), .init(title: presentation.word(.item)),
            .init(title: presentation.word(.instances), isNumber: true),
            .init(title: presentation.word(.state)), .init(title: presentation.word(.completeness)),
            .init(title: presentation.word(.quality)), .init(title: presentation.word(.study), limit: 64),
        ])
        for study in page.studies { table.add(cells(study)) }
        var text = table.text
        if page.total > page.studies.count {
            text += "\n\(page.offset + 1)–\(page.offset + page.studies.count) / \(page.total)"
        }
        return text
    }

    private func cells(_ study: StudyRow) -> [String] {
        [
            Presentation.day(study.studyDate), study.patientID, study.patientName.patientNameForReading,
            study.modalities.joined(separator: ","), study.studyDescription, study.institution,
            item(study), String(study.instanceCount), presentation.verdict(study.state),
            presentation.verdict(study.completeness), presentation.verdict(study.quality),
            study.studyInstanceUID.value,
        ]
    }

    private func item(_ study: StudyRow) -> String {
        study.code == nil && study.assessmentVersion > 0
            ? presentation.word(.unmapped) : presentation.item(study.code)
    }
}

extension String {
    /// A Person Name (VR PN) without its markup: the ideographic group where there is one, else the alphabetic one.
    var patientNameForReading: String {
        let groups = split(separator: "=", omittingEmptySubsequences: false).map { group in
            group.split(separator: "^").joined(separator: " ")
        }
        return groups.dropFirst().first { !$0.isEmpty } ?? groups.first ?? ""
    }
}
