public import Catalogue
import Foundation

/// Finds the one projection a description names, by the lexicon's words for views.
public struct ViewWords: Sendable {
    /// A word for a view, folded; nil for a word that names several at once or a posture that sounds like a view.
    private let words: [(text: String, view: ReceivedView?)]

    public init(_ lexicon: Lexicon) {
        var found: [String: ReceivedView?] = [:]
        for term in lexicon.terms where ViewWords.isRelevant(term.concept) {
            let view = term.concept.kind == .view ? ReceivedView(lexiconName: term.concept.name) : nil
            found[ViewWords.folded(term.text)] = .some(view)
        }
        // The longest word wins a place in the text: 左侧位 before 侧位.
        words = found.map { (text: $0.key, view: $0.value) }
            .sorted { ($1.text.count, $0.text) < ($0.text.count, $1.text) }
    }

    /// The view named in `text`, or nil when there is none or more than one.
    func view(in text: String) -> ReceivedView? {
        var rest = ViewWords.folded(String(text.prefix(ViewWords.textLimit)))
        var found: Set<ReceivedView> = []
        for word in words {
            while let range = ViewWords.range(of: word.text, in: rest) {
                guard let view = word.view else { return nil }
                found.insert(view)
                rest.replaceSubrange(range, with: "|")
            }
        }
        return found.count == 1 ? found.first : nil
    }

    /// `text`, folded, without views that have a side of their own, words for several views, and postures: what is left
    /// names the side of the part alone.
    func withoutSidedViews(_ text: String) -> String {
        var rest = ViewWords.folded(String(text.prefix(ViewWords.textLimit)))
        for word in words where word.view.map({ $0.side != nil }) ?? true {
            while let range = ViewWords.range(of: word.text, in: rest) { rest.replaceSubrange(range, with: "|") }
        }
        return rest
    }

    /// A Series Description has 64 characters (VR LO); the rest of a longer one is not read.
    static let textLimit = 256

    /// "Left lateral decubitus" is a frontal view of a patient who lies on the side.
    private static func isRelevant(_ concept: ConceptID) -> Bool {
        concept.kind == .view || concept.value == "position.DECUBITUS"
    }

    static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
            .replacing("đ", with: "d")
    }

    /// A word of letters stands alone; Chinese needs no spaces.
    static func range(of word: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while let range = text.range(of: word, range: start..<text.endIndex) {
            let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : " "
            let after = range.upperBound < text.endIndex ? text[range.upperBound] : " "
            let isCut = isLatin(word.first) && isLatin(before) || isLatin(word.last) && isLatin(after)
            if !isCut { return range }
            start = text.index(after: range.lowerBound)
        }
        return nil
    }

    private static func isLatin(_ character: Character?) -> Bool {
        character.map { $0.isASCII && ($0.isLetter || $0.isNumber) } ?? false
    }
}
