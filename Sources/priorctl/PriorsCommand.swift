internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import DICOMCore
internal import Foundation

struct PriorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priors", abstract: "Comparable earlier studies of the same person, best first.")

    @OptionGroup var common: CommonOptions

    @Option(help: "Study Instance UID of the study about to be read.")
    var study: StudyInstanceUID?

    @Option(help: "Patient ID of the person an item is ordered for.")
    var patient: String?

    @Option(help: "Issuer of that Patient ID.")
    var issuer: String?

    @Option(help: "Code of the item that is ordered, or LIST/ENTRY, such as vietnam-25qd-byt-2014/43.")
    var item: String?

    @Option(help: "Institution the item is ordered for, by name or id; without it the one that priord stands in.")
    var institution: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Ask the configured sources too; without either, as prior-sources in the configuration says.")
    var sources: Bool?

    func validate() throws {
        if study != nil {
            guard patient == nil, issuer == nil, item == nil, institution == nil else {
                throw ValidationError("--study stands alone.")
            }
        } else if patient == nil || item == nil {
            throw ValidationError("Give either --study, or --patient and --item, with --issuer where one is known.")
        }
    }

    func run() async throws {
        let values = [
            ("study", study?.value), ("patient", patient), ("issuer", issuer), ("item", item),
            ("institution", institution), ("sources", sources.map { $0 ? "all" : "none" }),
            ("lang", common.lang.rawValue),
        ]
        let query = values.compactMap { name, value in value.map { URLQueryItem(name: name, value: $0) } }
        let data = try await common.client.data("/api/v1/priors", query: query)
        if common.json { return Output.json(data) }
        Output.line(PriorsReport(answer: try DaemonClient.decoded(data), presentation: Presentation(common.lang)).text)
    }
}

/// Priors for people: a table, then the rules that decided against one or could not be decided.
struct PriorsReport {
    let answer: PriorsAnswer
    let presentation: Presentation

    var text: String {
        let sources = answer.sources.isEmpty ? "" : "\n" + Self.sources(answer.sources, presentation)
        guard !answer.priors.isEmpty else {
            return ([presentation.word(.noPriors)] + remarks).joined(separator: "\n") + sources
        }
        var table = Table([
            .init(title: presentation.word(.date)), .init(title: presentation.word(.institution)),
            .init(title: presentation.word(.source)),
            .init(title: presentation.word(.item)), .init(title: presentation.word(.relation)),
            .init(title: presentation.word(.patient)), .init(title: presentation.word(.recognition)),
            .init(title: presentation.word(.score), isNumber: true),
            .init(title: presentation.word(.study), limit: 64),
        ])
        for prior in answer.priors {
            table.add([
                Presentation.day(prior.studyDate), prior.institution,
                prior.source.isEmpty ? presentation.word(.here) : prior.source, presentation.item(prior.code),
                presentation.verdict(prior.relation), presentation.verdict(prior.identityLink),
                presentation.verdict(prior.recognition.verdict),
                prior.score.formatted(.number.precision(.fractionLength(2))), prior.studyInstanceUID.value,
            ])
        }
        return ([table.text] + answer.priors.map(reasons) + answer.priors.map(differences) + remarks)
            .filter { !$0.isEmpty }.joined(separator: "\n") + sources
    }

    /// What the table cannot show.
    private var remarks: [String] {
        let counts: [(Int, Word)] = [
            (answer.futureStudies, .studiesInFuture), (answer.pendingStudies, .studiesPending),
        ]
        let cut = answer.total > answer.priors.count ? ["\(answer.priors.count) / \(answer.total)"] : []
        return cut + counts.filter { $0.0 > 0 }.map { "\($0.0) \(presentation.word($0.1))" }
    }

    /// How each source fared.
    static func sources(_ rows: [PriorsAnswer.Source], _ presentation: Presentation) -> String {
        var table = Table([
            .init(title: presentation.word(.source)), .init(title: presentation.word(.state)),
            .init(title: "ms", isNumber: true), .init(title: presentation.word(.studies), isNumber: true),
            .init(title: presentation.word(.detail), limit: 80),
        ])
        for row in rows {
            table.add([
                row.name, presentation.verdict(row.state), String(row.millisecondsTaken), String(row.count), row.detail,
            ])
        }
        return table.text
    }

    /// What is told differently of one study here and there.
    private func differences(_ prior: PriorsAnswer.Prior) -> String {
        guard !prior.differences.isEmpty else { return "" }
        return Presentation.block(
            "\(presentation.word(.toldDifferently)) \(prior.studyInstanceUID)",
            prior.differences.map { difference in
                let told = difference.told.map { told in
                    "\(told.source.isEmpty ? presentation.word(.here) : told.source): \(Output.printable(told.value))"
                }
                return "\(difference.fact): \(told.joined(separator: "; "))"
            })
    }

    private func reasons(_ prior: PriorsAnswer.Prior) -> String {
        let telling = prior.recognition.rules.filter { $0.holds != true }
        guard !telling.isEmpty else { return "" }
        return Presentation.block(
            "\(Presentation.day(prior.studyDate)) \(prior.studyInstanceUID)",
            telling.map { "\($0.id) \($0.holds == nil ? "?" : "✗") \(Output.printable($0.detail))" })
    }
}
