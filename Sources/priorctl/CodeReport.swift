internal import Catalogue
internal import Foundation

/// `code --json`.
struct CodeAnswer: Encodable {
    struct Text: Encodable {
        let zh: String
        let en: String
        let vi: String

        init(_ name: LocalizedName) { (zh, en, vi) = (name.zh, name.en, name.vi) }
    }

    struct Position: Encodable {
        let position: Int
        let character: String
        let meaning: Text?
        /// How surely the meaning is known: high, medium or low.
        let confidence: String?
    }

    struct Listed: Encodable {
        let catalogue: String
        let code: String
        let name: Text

        init(_ listed: ListedCode) {
            catalogue = listed.catalogue.value
            code = listed.code.value
            name = Text(listed.name)
        }
    }

    struct Choice: Encodable {
        let character: String
        let meaning: Text
    }

    struct Slip: Encodable {
        let kind: String
        var position: Int?
    }

    struct Wrong: Encodable {
        let position: Int
        let character: String?
        let allowed: [Choice]
    }

    let code: String
    /// `listed`, `unlisted` or `wrong`.
    let verdict: String
    let slips: [Slip]
    let positions: [Position]
    let listed: [Listed]
    let wrong: Wrong?
    let nearest: [Listed]

    init(_ inspection: CodeInspection) {
        code = inspection.text
        slips = inspection.slips.map { slip in
            switch slip {
            case .lowerCase: Slip(kind: "lowerCase")
            case .fullWidth: Slip(kind: "fullWidth")
            case .separators: Slip(kind: "separators")
            case .letterO(let position): Slip(kind: "letterO", position: position)
            case .letterI(let position): Slip(kind: "letterI", position: position)
            }
        }
        positions = inspection.positions.map { position in
            Position(
                position: position.index, character: String(position.character),
                meaning: position.meaning.map { Text($0.name) }, confidence: position.meaning?.confidence.rawValue)
        }
        nearest = inspection.nearest.map(Listed.init)
        switch inspection.verdict {
        case .listed(let items): (verdict, listed, wrong) = ("listed", items.map(Listed.init), nil)
        case .unlisted: (verdict, listed, wrong) = ("unlisted", [], nil)
        case .wrong(let fault):
            let choices = fault.allowed.map { Choice(character: String($0.character), meaning: Text($0.meaning.name)) }
            let character = fault.character.map { String($0) }
            (verdict, listed) = ("wrong", [])
            wrong = Wrong(position: fault.position, character: character, allowed: choices)
        }
    }
}

/// `code --propose --json`.
struct ProposalAnswer: Encodable {
    struct Refusal: Encodable {
        /// `unstated`, `notInGrammar` or `contradiction`.
        let kind: String
        let axes: [String]
        var value: String?
        var choices: [String]?
    }

    /// `listed`, `proposed` or `none`.
    let verdict: String
    var code: String?
    /// True for a code that no publisher has given.
    var isProposed = false
    var listed: [CodeAnswer.Listed] = []
    var nearest: [CodeAnswer.Listed] = []
    var refusal: Refusal?

    init(_ found: ExaminationCode) {
        switch found {
        case .listed(let items):
            verdict = "listed"
            code = items.first?.code.value
            listed = items.map(CodeAnswer.Listed.init)
        case .proposed(let proposed):
            verdict = "proposed"
            isProposed = true
            code = proposed.code.value
            nearest = proposed.nearest.map(CodeAnswer.Listed.init)
        }
    }

    init(_ error: CompositionError) {
        verdict = "none"
        refusal =
            switch error {
            case .unstated(let axis, let choices): Refusal(kind: "unstated", axes: [axis.rawValue], choices: choices)
            case .notInGrammar(let axis, let value): Refusal(kind: "notInGrammar", axes: [axis.rawValue], value: value)
            case .contradiction(let first, let second):
                Refusal(kind: "contradiction", axes: [first.rawValue, second.rawValue])
            }
    }
}

/// Codes for people.
struct CodeReport {
    let presentation: Presentation
    let lexicon: Lexicon

    private func name(_ listed: ListedCode) -> String {
        "\(listed.code) \(listed.name[presentation.language]) (\(listed.catalogue))"
    }

    private func nearest(_ codes: [ListedCode]) -> [String] {
        codes.isEmpty ? [] : [Presentation.block(presentation.word(.nearestCodes), codes.map(name))]
    }

    func text(_ inspection: CodeInspection) -> String {
        var blocks = ["\(Output.printable(inspection.text))  \(verdict(inspection.verdict))"]
        blocks +=
            inspection.slips.isEmpty
            ? [] : ["\(presentation.word(.readAs)): " + inspection.slips.map(text).joined(separator: ", ")]
        blocks.append(table(inspection.positions))
        switch inspection.verdict {
        case .listed(let items): blocks.append(Presentation.block(presentation.word(.listedIn), items.map(name)))
        case .unlisted: break
        case .wrong(let fault):
            let choices = fault.allowed.map { "\($0.character)  \($0.meaning.name[presentation.language])" }
            if !choices.isEmpty {
                blocks.append(Presentation.block("\(presentation.word(.allowedAt)) \(fault.position)", choices))
            }
        }
        return (blocks + nearest(inspection.nearest)).joined(separator: "\n")
    }

    func text(_ found: ExaminationCode, _ book: CodeBook) -> String {
        switch found {
        case .listed(let items): return items.map(name).joined(separator: "\n")
        case .proposed(let proposed):
            let explained = book.inspect(proposed.code.value)?.positions ?? []
            return
                (["\(proposed.code)  \(presentation.word(.proposed))", table(explained)]
                + nearest(proposed.nearest)).joined(separator: "\n")
        }
    }

    func text(_ error: CompositionError) -> String {
        switch error {
        case .unstated(let axis, let choices):
            "\(word(axis)): \(presentation.word(.unstated)) (\(choices.joined(separator: ", ")))"
        case .notInGrammar(let axis, let value):
            "\(word(axis)): \(presentation.word(.notInGrammar)) (\(Output.printable(value)))"
        case .contradiction(let first, let second):
            "\(word(first)), \(word(second)): \(presentation.word(.contradicting))"
        }
    }

    private func word(_ axis: ExaminationAxes.Axis) -> String { presentation.word(.axis) + " " + axis.rawValue }

    private func verdict(_ verdict: CodeInspection.Verdict) -> String {
        switch verdict {
        case .listed: presentation.word(.listed)
        case .unlisted: presentation.word(.unlisted)
        case .wrong(let fault):
            "\(presentation.word(.wrong)): \(presentation.word(.place)) \(fault.position), "
                + (fault.character.map { Output.printable(String($0)) } ?? presentation.word(.missing))
        }
    }

    private func text(_ slip: CodeInspection.Slip) -> String {
        switch slip {
        case .lowerCase: presentation.word(.lowerCase)
        case .fullWidth: presentation.word(.fullWidth)
        case .separators: presentation.word(.separators)
        case .letterO(let position): "O → 0 (\(presentation.word(.place)) \(position))"
        case .letterI(let position): "I → 1 (\(presentation.word(.place)) \(position))"
        }
    }

    private func table(_ positions: [CodeAxes.Position]) -> String {
        var table = Table([
            .init(title: presentation.word(.place), isNumber: true), .init(title: presentation.word(.character)),
            .init(title: presentation.word(.meaning), limit: 70),
        ])
        for position in positions {
            let meaning = position.meaning.map { $0.name[presentation.language] } ?? presentation.word(.notAllowed)
            table.add([String(position.index), String(position.character), meaning])
        }
        return table.text
    }
}
