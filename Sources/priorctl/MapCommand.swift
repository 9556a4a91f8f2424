internal import ArgumentParser
internal import Catalogue
internal import Foundation
internal import Matching

struct MapCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "map", abstract: "Names the catalogue item of a description; needs no daemon.",
        discussion: """
            With --jsonl, reads one record a line from standard input and writes one prediction a line, in the same order.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "What the study is called.")
    var description: String?

    @Option(help: "Modality (0008,0060).")
    var modality = ""

    @Flag(help: "Show the axes found, the items considered and why they lost.")
    var explain = false

    @Flag(help: "Records in, predictions out, as JSON Lines.")
    var jsonl = false

    func validate() throws {
        if jsonl, description != nil || explain || !modality.isEmpty {
            throw ValidationError("--jsonl reads its records from standard input and stands alone.")
        }
        if !jsonl, description == nil { throw ValidationError("Give a description, or --jsonl.") }
    }

    func run() throws {
        let matcher = try Matcher.bundled()
        if jsonl { return try PredictionStream(matcher: matcher).run() }
        let study = StudyDescriptor(modality: modality.uppercased(), studyDescription: description ?? "")
        let explanation = matcher.explain(study)
        if common.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Output.json(try encoder.encode(MapAnswer(explanation, isExplained: explain)))
        }
        Output.line(
            MapReport(explanation: explanation, isExplained: explain, presentation: Presentation(common.lang)).text)
    }
}

/// `map --json`.
struct MapAnswer: Encodable {
    struct Considered: Encodable {
        let code: String
        let objections: [Objection]
    }

    struct Objection: Encodable {
        let axis: String
        let reason: String
        let isContradiction: Bool
    }

    var match: StudyMatch?
    /// Further items of a study that is several at once.
    var otherMatches: [StudyMatch] = []
    var reason: String?
    var candidates: [String] = []
    var axes: [Evidence]?
    var considered: [Considered]?
    var unknownWords: [String]?

    init(_ explanation: Explanation, isExplained: Bool) {
        switch explanation.outcome {
        case .matched(let match, let others):
            self.match = match
            otherMatches = others
        case .unmapped(let reason, let candidates):
            self.reason = reason.rawValue
            self.candidates = candidates.map(\.value)
        }
        guard isExplained else { return }
        axes = explanation.axes
        unknownWords = explanation.unknownWords
        considered = explanation.considered.map { item in
            Considered(
                code: item.code.value,
                objections: item.objections.map {
                    Objection(
                        axis: $0.axis.rawValue, reason: $0.reason.rawValue, isContradiction: $0.isContradiction)
                })
        }
    }
}

/// `map` for people.
struct MapReport {
    let explanation: Explanation
    let isExplained: Bool
    let presentation: Presentation

    /// Items that lost, of which no more are shown.
    private static let consideredLimit = 12

    var text: String {
        guard isExplained else { return outcome }
        let axes = explanation.axes.map { evidence in
            "\(evidence.axis.rawValue) \(evidence.value): \(evidence.source.rawValue) \"\(Output.printable(evidence.text))\""
        }
        let considered = explanation.considered.prefix(Self.consideredLimit).map { item in
            let objections = item.objections.map {
                "\($0.isContradiction ? "✗" : "?") \($0.axis.rawValue) \($0.reason.rawValue)"
            }
            return ([presentation.item(item.code.value)] + objections).joined(separator: "  ")
        }
        var blocks = [outcome, Presentation.block(presentation.word(.evidence), axes)]
        if !considered.isEmpty { blocks.append(Presentation.block(presentation.word(.candidates), considered)) }
        if !explanation.unknownWords.isEmpty {
            blocks.append(
                "\(presentation.word(.unknown)): "
                    + explanation.unknownWords.map(Output.printable).joined(separator: ", "))
        }
        return blocks.joined(separator: "\n")
    }

    private var outcome: String {
        switch explanation.outcome {
        case .matched(let match, let others):
            return ([match] + others).map { match in
                let grade = presentation.verdict(match.grade.rawValue)
                return "\(presentation.item(match.code.value))  (\(grade), \(Presentation.percent(match.confidence)))"
            }.joined(separator: "\n")
        case .unmapped(let reason, let candidates):
            return Presentation.block(
                "\(presentation.word(.unmapped)): \(reason.rawValue)", candidates.map { presentation.item($0.value) })
        }
    }
}
