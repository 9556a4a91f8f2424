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
        let namer = try StudyNamer.bundled()
        if jsonl { return try PredictionStream(namer: namer).run() }
        guard let matcher = namer.matcher(on: nil) else {
            throw CommandFailure.file(path: "\(namer.primary)", reason: "no edition of this list is in force")
        }
        let study = StudyDescriptor(modality: modality.uppercased(), studyDescription: description ?? "")
        let explanation = matcher.explain(study)
        let naming = namer.name(study, on: nil)
        let proposed = explain ? try CodeBook(namer.library).proposal(for: explanation, modality: study.modality) : nil
        if common.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var answer = MapAnswer(explanation, naming, isExplained: explain)
            answer.proposedCode = proposed?.code.value
            return Output.json(try encoder.encode(answer))
        }
        let words = ExplanationWords(language: common.lang, catalogue: try .bundled(), lexicon: try .bundled())
        let presentation = Presentation(common.lang)
        Output.line(
            MapReport(
                explanation: explanation, outcome: naming.outcome, procedures: naming.procedures,
                library: namer.library,
                isExplained: explain, presentation: presentation, words: words, proposed: proposed
            ).text)
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
    /// A further item of a study that is several at once, or a procedure by its number or id.
    enum Other: Encodable {
        case item(StudyMatch)
        case procedure(ProcedureMatch)

        private enum CodingKeys: String, CodingKey { case catalogue, no, id, confidence, evidence }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .item(let match): try match.encode(to: encoder)
            case .procedure(let match):
                let name = OtherMatch(match)
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(name.catalogue, forKey: .catalogue)
                try container.encodeIfPresent(name.no, forKey: .no)
                try container.encodeIfPresent(name.id, forKey: .id)
                try container.encode(match.confidence, forKey: .confidence)
                try container.encode(match.evidence, forKey: .evidence)
            }
        }
    }

    /// Further items first, then procedures of other lists.
    var otherMatches: [Other] = []
    var reason: String?
    /// For an examination outside the list: a code that no publisher has given. Only with --explain.
    var proposedCode: String?
    var candidates: [String] = []
    var axes: [Evidence]?
    var considered: [Considered]?
    var unknownWords: [String]?

    init(_ explanation: Explanation, _ naming: StudyNaming, isExplained: Bool) {
        switch naming.outcome {
        case .matched(let match, let others):
            self.match = match
            otherMatches = others.map(Other.item)
        case .unmapped(let reason, let candidates):
            self.reason = reason.rawValue
            self.candidates = candidates.map(\.value)
        }
        otherMatches += naming.procedures.map(Other.procedure)
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
