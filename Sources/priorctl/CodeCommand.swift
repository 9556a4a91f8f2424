internal import AdminAPI
internal import ArgumentParser
internal import Catalogue
internal import Foundation

struct CodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code", abstract: "Explains an item code, or proposes one; needs no daemon.",
        discussion: """
            Exit code 1 for a code that is wrong, or an examination without one. A code of --propose stands in a list, or is \
            marked as proposed. Words are those of the lexicon, in Chinese, English or Vietnamese.
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "A code of nine characters.") var code: String?
    @Flag(help: "Compose the code of an examination.") var propose = false
    @Option(help: "DR, MG, CT or MR, or a word for it.") var modality: String?
    @Option(help: "The part of the body; again for each further one.") var region: [String] = []
    @Option(help: "left, right, both or none.") var side: String?
    @Option(help: "with or without.") var contrast: String?
    @Option(help: "How it is done, e.g. cta, thin_3d.") var technique: String?
    @Option(help: "standing, supine or prone.") var position: String?
    @Option(help: "A projection, e.g. AP, LAT; again for each further one.") var view: [String] = []

    func validate() throws {
        if propose {
            guard code == nil else { throw ValidationError("--propose composes a code; give none.") }
            guard modality != nil, !region.isEmpty else {
                throw ValidationError("--propose needs --modality and --region.")
            }
        } else if code == nil {
            throw ValidationError("Give a code, or --propose.")
        } else if modality ?? side ?? contrast ?? technique ?? position != nil || !region.isEmpty || !view.isEmpty {
            throw ValidationError("Axes belong to --propose.")
        }
    }

    func run() throws {
        let lexicon = try Lexicon.bundled()
        let book = try CodeBook(.bundled(lexicon: lexicon))
        let report = CodeReport(presentation: Presentation(common.lang), lexicon: lexicon)
        if let code {
            guard let inspection = book.inspect(code) else { throw ValidationError("That is no code.") }
            if common.json {
                Output.json(try AdminJSON.encoder().encode(CodeAnswer(inspection)))
            } else {
                Output.line(report.text(inspection))
            }
            if case .wrong = inspection.verdict { throw ExitCode.failure }
            return
        }
        let asked = try axes(lexicon)
        do {
            let found = try book.code(for: asked)
            if common.json {
                Output.json(try AdminJSON.encoder().encode(ProposalAnswer(found)))
            } else {
                Output.line(report.text(found, book))
            }
        } catch let error as CompositionError {
            if common.json {
                Output.json(try AdminJSON.encoder().encode(ProposalAnswer(error)))
            } else {
                Output.remark(report.text(error))
            }
            throw ExitCode.failure
        }
    }

    private func axes(_ lexicon: Lexicon) throws -> ExaminationAxes {
        func concept(_ kind: ConceptID.Kind, _ word: String, _ option: String) throws -> ConceptID {
            guard let concept = lexicon.concept(kind, named: word) else {
                throw ValidationError("--\(option): the lexicon does not know \"\(word)\", or it has several meanings.")
            }
            return concept
        }
        func choice<Value>(_ text: String?, _ kind: ConceptID.Kind, _ option: String, _ read: (String) -> Value?) throws
            -> Value?
        {
            guard let text else { return nil }
            guard let value = read(try concept(kind, text, option).name) else {
                throw ValidationError("--\(option): \"\(text)\" is not what a code can say.")
            }
            return value
        }
        let family = try choice(modality, .modality, "modality") { name in
            ModalityFamily(rawValue: name) ?? ModalityFamily(dicomModality: name)
        }
        guard let family else { throw ValidationError("--modality is missing.") }
        return ExaminationAxes(
            modality: family, regions: try region.map { try concept(.anatomy, $0, "region") },
            laterality: try choice(side, .laterality, "side", CatalogueItem.Laterality.init(rawValue:)),
            contrast: try choice(contrast, .contrast, "contrast") { name in
                CatalogueItem.Contrast(rawValue: name).flatMap { $0 == .none ? nil : $0 != .without }
            },
            technique: try technique.map { try concept(.technique, $0, "technique") },
            position: try choice(position, .position, "position", CatalogueItem.Position.init(rawValue:)),
            views: try view.reduce(into: []) { views, word in views.formUnion(try projections(word, lexicon)) })
    }

    /// A token of a view, or a word for one or several: `AP_LAT` is two, `OBL_LR` is both sides.
    private func projections(_ word: String, _ lexicon: Lexicon) throws -> [ItemView] {
        if let view = ItemView(token: word.uppercased()) { return [view] }
        let name = lexicon.concept(.view, named: word)?.name ?? ""
        if let view = ItemView(token: name) { return [view] }
        let parts =
            name.hasSuffix("_LR")
            ? ["L", "R"].map { name.dropLast(2) + $0 } : name.split(separator: "_").map { $0 + "" }
        let views = parts.compactMap { ItemView(token: String($0)) }
        guard !views.isEmpty, views.count == parts.count else {
            throw ValidationError("--view: \"\(word)\" is not a projection of the codes.")
        }
        return views
    }
}
