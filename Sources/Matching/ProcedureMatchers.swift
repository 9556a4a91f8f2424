public import Catalogue
import Synchronization

/// The vocabulary of procedures that is part of the program, compiled when the first study asks for it. It is as large as
/// that of images, and the start has no need of it.
public final class ProcedureWords: Sendable {
    public static let bundled = ProcedureWords()

    private let compiled = Mutex<ProcedureVocabulary?>(nil)

    private init() {}

    var vocabulary: ProcedureVocabulary {
        compiled.withLock { compiled in
            if let compiled { return compiled }
            do {
                let vocabulary = try ProcedureVocabulary.bundled()
                compiled = vocabulary
                return vocabulary
            } catch {
                // The program's own files, which its tests read; that they are there the start has seen.
                preconditionFailure("\(error)")
            }
        }
    }
}

/// A matcher for each list of procedures, built when the first study asks for it.
final class ProcedureMatchers: Sendable {
    private let editions: [CatalogueEdition]
    private let words: ProcedureWords
    private let built = Mutex<[CatalogueID: ProcedureMatcher]?>(nil)

    init(_ library: CatalogueLibrary, words: ProcedureWords) {
        editions = library.editions.filter { $0.procedures != nil }
        self.words = words
    }

    subscript(id: CatalogueID) -> ProcedureMatcher? { matchers[id] }

    func read(_ study: ReadStudy) -> ProcedureReading { words.vocabulary.read(study) }

    private var matchers: [CatalogueID: ProcedureMatcher] {
        built.withLock { built in
            if let built { return built }
            let vocabulary = words.vocabulary
            let made = Dictionary(
                editions.compactMap { edition in
                    edition.procedures.map { (edition.id, ProcedureMatcher(catalogue: $0, vocabulary: vocabulary)) }
                }
            ) { first, _ in first }
            built = made
            return made
        }
    }
}
