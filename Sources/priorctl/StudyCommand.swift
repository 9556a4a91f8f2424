internal import AdminAPI
internal import ArgumentParser
internal import DICOMCore
internal import Foundation

struct StudyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study", abstract: "One study: match, completeness, quality, versions, series and timeline.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "Study Instance UID.")
    var uid: StudyInstanceUID

    @Option(help: ArgumentHelp("Shows this assessment in full instead of the newest.", valueName: "number"))
    var version: Int?

    func run() async throws {
        let query = version.map { [URLQueryItem(name: "version", value: "\($0)")] } ?? []
        let data = try await common.client.data("/api/v1/studies/\(uid)", query: query)
        if common.json { return Output.json(data) }
        Output.line(StudyReport(study: try DaemonClient.decoded(data), presentation: Presentation(common.lang)).text)
    }
}

/// One study for people.
struct StudyReport {
    let study: StudyAnswer
    let presentation: Presentation

    var text: String {
        [head, shownVersion, match, completeness, quality, versions, series, timeline].filter { !$0.isEmpty }
            .joined(separator: "\n")
    }

    private var head: String {
        let row = study.study
        let lines: [(Word, String)] = [
            (.study, row.studyInstanceUID.value),
            (
                .patient,
                [row.patientID, row.issuer, row.patientName.patientNameForReading].filter { !$0.isEmpty }
                    .joined(separator: "  ")
            ),
            (.date, "\(Presentation.day(row.studyDate)) \(row.studyTime)"), (.accession, row.accessionNumber),
            (.modality, row.modalities.joined(separator: ", ")), (.description, row.studyDescription),
            (.institution, row.institution), (.sourceAE, row.sourceAETitle),
            (.instances, "\(row.instanceCount), \(Presentation.size(row.byteCount))"),
            (.state, presentation.verdict(row.state)),
            (.text, presentation.text(row.textState, row.textEncoding)),
        ]
        let width = lines.map { presentation.word($0.0).cellCount }.max() ?? 0
        return lines.map { word, value in
            let title = presentation.word(word)
            return title + String(repeating: " ", count: width - title.cellCount + 2) + Output.printable(value)
        }.joined(separator: "\n")
    }

    /// Said only where it is not the newest.
    private var shownVersion: String {
        guard study.assessmentVersion != study.study.assessmentVersion else { return "" }
        return "\(presentation.word(.version)): \(study.assessmentVersion) / \(study.study.assessmentVersion)"
    }

    private var match: String {
        let title = presentation.word(.match)
        guard let match = study.assessment.match else {
            guard let unmapped = study.assessment.unmapped else { return "" }
            let candidates = unmapped.candidates.map { presentation.item($0) }
            return Presentation.block("\(title): \(presentation.word(.unmapped)) (\(unmapped.reason))", candidates)
        }
        let grade = presentation.verdict(match.grade)
        var lines = match.evidence.map {
            "\($0.axis) \($0.value): \($0.source) \"\(Output.printable($0.text))\""
        }
        lines += match.alternatives.map {
            "\(presentation.word(.alternatives)): \(presentation.item($0.code)) \(Presentation.percent($0.confidence))"
        }
        lines += study.assessment.otherMatches.map { other in
            "\(other.catalogue) \(other.code ?? other.no.map(String.init) ?? other.id ?? "")"
        }
        return Presentation.block(
            "\(title): \(presentation.item(match.code)) (\(grade), \(Presentation.percent(match.confidence)))", lines)
    }

    private var completeness: String {
        let answer = study.assessment.completeness
        let lines = answer.evidence.map { evidence in
            let missing =
                evidence.missing.isEmpty
                ? "" : "; \(presentation.word(.missing)): \(evidence.missing.joined(separator: ", "))"
            return
                "\(evidence.rule) \(presentation.verdict(evidence.verdict)): \(Output.printable(evidence.detail))\(missing)"
        }
        let decided = [answer.decidedBy, answer.confidence.map(Presentation.percent)].compactMap(\.self)
        let by = decided.isEmpty ? "" : " (\(presentation.word(.decidedBy)) \(decided.joined(separator: ", ")))"
        return Presentation.block(
            "\(presentation.word(.completeness)): \(presentation.verdict(answer.verdict))\(by)", lines)
    }

    private var quality: String {
        let answer = study.assessment.quality
        let lines = answer.findings.map {
            "\($0.rule) \(presentation.verdict($0.severity)): \(Output.printable($0.detail))"
        }
        return Presentation.block("\(presentation.word(.quality)): \(presentation.verdict(answer.verdict))", lines)
    }

    private var versions: String {
        guard !study.versions.isEmpty else { return "" }
        var table = Table([
            .init(title: presentation.word(.version), isNumber: true), .init(title: presentation.word(.time)),
            .init(title: presentation.word(.instances), isNumber: true), .init(title: presentation.word(.match)),
            .init(title: presentation.word(.completeness)), .init(title: presentation.word(.quality)),
            .init(title: presentation.word(.changed), limit: 120),
        ])
        for version in study.versions {
            table.add([
                String(version.version), Presentation.time(version.at), String(version.instanceCount),
                version.code ?? presentation.word(.unmapped), presentation.verdict(version.completeness),
                presentation.verdict(version.quality), version.changes.map(change).joined(separator: "; "),
            ])
        }
        return table.text
    }

    /// What one version changed: `completeness incomplete → complete`.
    private func change(_ change: AssessmentVersion.Change) -> String {
        func value(_ text: String) -> String {
            guard !text.isEmpty else { return "–" }
            return change.rule == nil ? presentation.verdict(text) : text
        }
        let name = change.rule ?? presentation.verdict(change.field)
        return "\(name) \(value(change.from)) → \(value(change.to))"
    }

    private var series: String {
        var table = Table([
            .init(title: presentation.word(.number), isNumber: true), .init(title: presentation.word(.modality)),
            .init(title: presentation.word(.description)),
            .init(title: presentation.word(.instances), isNumber: true),
            .init(title: presentation.word(.size), isNumber: true), .init(title: presentation.word(.series), limit: 64),
        ])
        for series in study.series {
            table.add([
                series.number.map(String.init) ?? "", series.modality, series.description,
                String(series.instanceCount), Presentation.size(series.byteCount), series.seriesInstanceUID.value,
            ])
        }
        return table.text
    }

    private var timeline: String {
        Presentation.block(
            presentation.word(.timeline),
            study.timeline.map { event in
                let name = EventWords.name(of: event.kind, in: presentation.language)
                return "\(Presentation.time(event.at))  \(name)  \(Output.printable(event.detail))"
            })
    }
}
