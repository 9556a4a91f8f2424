internal import Catalogue
internal import Matching

/// `map` for people, in their language.
struct MapReport {
    let explanation: Explanation
    /// What the study is; the explanation tells of the primary list alone.
    let outcome: MatchOutcome
    /// Of other lists, with the library that has their names.
    let procedures: [ProcedureMatch]
    let library: CatalogueLibrary
    let isExplained: Bool
    let presentation: Presentation
    let words: ExplanationWords
    /// For an examination outside the list, where one can be composed.
    var proposed: ProposedCode?

    /// Items that lost, of which no more are shown.
    private static let consideredLimit = 12

    var text: String {
        let answer = ([answer] + procedures.map(line)).joined(separator: "\n")
        guard isExplained else { return answer }
        var blocks = [answer, Presentation.block(presentation.word(.evidence), explanation.axes.map(words.line))]
        if case .matched(let match, _) = explanation.outcome, !match.doubts.isEmpty {
            blocks.append(Presentation.block(presentation.word(.lessSure), match.doubts.each.map(words.doubt)))
        }
        let answered = Set(explanation.outcome.codes)
        let considered = explanation.considered.filter { !answered.contains($0.code) }
        if !considered.isEmpty {
            blocks.append(
                Presentation.block(
                    presentation.word(.considered), considered.prefix(Self.consideredLimit).flatMap(lines)))
        }
        if !explanation.unknownWords.isEmpty {
            let unread = explanation.unknownWords.map { "\"\(Output.printable($0))\"" }.joined(separator: ", ")
            blocks.append("\(presentation.word(.notUnderstood)): \(unread)")
        }
        if let proposed { blocks.append("\(proposed.code)  \(presentation.word(.proposed))") }
        return blocks.joined(separator: "\n")
    }

    private func line(_ match: ProcedureMatch) -> String {
        let list = CatalogueID(match.catalogue).flatMap { library[$0]?.procedures }
        let name = list?[match.procedure]?.name[presentation.language] ?? ""
        return "\(match.catalogue) \(match.procedure) \(name)  (\(Presentation.percent(match.confidence)))"
    }

    /// An item that was weighed, and below it why it lost.
    private func lines(_ item: Explanation.Considered) -> [String] {
        let reasons =
            item.objections.isEmpty
            ? [presentation.word(.fitsLess)] : item.objections.map { words.objection($0, to: item.code, explanation) }
        return [presentation.item(item.code.value)] + reasons.map { "    " + $0 }
    }

    private var answer: String {
        switch outcome {
        case .matched(let match, let others):
            return ([match] + others).map { match in
                let grade = presentation.verdict(match.grade.rawValue)
                return "\(presentation.item(match.code.value))  (\(grade), \(Presentation.percent(match.confidence)))"
            }.joined(separator: "\n")
        case .unmapped(let reason, let candidates):
            return Presentation.block(
                "\(presentation.word(.unmapped)): \(words.reason(reason))",
                candidates.map { presentation.item($0.value) })
        }
    }
}
