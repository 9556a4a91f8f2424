public import Catalogue
import Foundation

/// Tells by the lexicon's words for contrast whether a description names a plain or an enhanced series.
public struct PhaseWords: Sendable {
    /// Before or after contrast medium.
    enum Phase: Sendable {
        case plain, enhanced
    }

    /// Words by their first two characters, longest first; nil stands for both phases at once.
    private let words: [Substring: [(text: [Character], phase: Phase?)]]

    public init(_ lexicon: Lexicon) {
        var found: [String: Phase?] = [:]
        for term in lexicon.terms where term.concept.kind == .contrast {
            guard let meaning = PhaseWords.meaning(of: term.concept.name) else { continue }
            let text = PhaseWords.folded(term.text)
            guard text.count >= 2 else { continue }
            // A word for both phases, or for one here and the other there, tells neither.
            if let known = found[text], known != meaning.phase {
                found[text] = .some(nil)
            } else {
                found[text] = meaning.phase
            }
        }
        words = Dictionary(grouping: found.map { (text: Array($0.key), phase: $0.value) }) { entry in
            Substring(String(entry.text.prefix(2)))
        }.mapValues { $0.sorted { $0.text.count > $1.text.count } }
    }

    /// The phase `text` names; nil when it names none, or both.
    func phase(in text: String) -> Phase? {
        let characters = Array(PhaseWords.folded(String(text.prefix(PhaseWords.textLimit))))
        var found: Set<Phase> = []
        var index = 0
        while index + 1 < characters.count {
            let start = Substring(String(characters[index...(index + 1)]))
            guard let word = words[start]?.first(where: { PhaseWords.stands($0.text, in: characters, at: index) })
            else {
                index += 1
                continue
            }
            guard let phase = word.phase else { return nil }
            found.insert(phase)
            index += word.text.count
        }
        return found.count == 1 ? found.first : nil
    }

    private static let textLimit = 256

    /// Nil for a concept that says nothing of the phase.
    private static func meaning(of name: String) -> (phase: Phase?, Void)? {
        switch name {
        case "without", "before": (.plain, ())
        case "with", "after", "dynamic", "delayed", "gadolinium", "iodinated": (.enhanced, ())
        case "without_and_with": (nil, ())
        default: name.hasPrefix("phase_") ? (.enhanced, ()) : nil
        }
    }

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
            .replacing("đ", with: "d").replacing("_", with: " ")
    }

    /// A word of letters stands alone; Chinese needs no spaces.
    private static func stands(_ word: [Character], in text: [Character], at index: Int) -> Bool {
        guard index + word.count <= text.count, text[index..<(index + word.count)].elementsEqual(word) else {
            return false
        }
        let isCutBefore = index > 0 && isLatin(word[0]) && isLatin(text[index - 1])
        let end = index + word.count
        let isCutAfter = end < text.count && isLatin(word[word.count - 1]) && isLatin(text[end])
        return !isCutBefore && !isCutAfter
    }

    private static func isLatin(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }
}
