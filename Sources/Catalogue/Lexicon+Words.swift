internal import Foundation

extension Lexicon {
    /// The concept of a kind that `word` names: by its name in the lexicon, or by a term in any language, whatever the case,
    /// width and diacritics.
    ///
    /// - Complexity: O(terms); for what a person types, not for streams.
    public func concept(_ kind: ConceptID.Kind, named word: String) -> ConceptID? {
        if let concept = ConceptID(kind: kind, name: word), names[concept] != nil { return concept }
        let own = terms.filter { $0.concept.kind == kind }
        if let exact = own.first(where: { $0.text == word }) { return exact.concept }
        let folded = Self.folded(word)
        guard !folded.isEmpty else { return nil }
        let found = Set(own.filter { Self.folded($0.text) == folded }.map(\.concept))
        return found.count == 1 ? found.first : nil
    }

    private static func folded(_ text: String) -> String {
        text.replacing("đ", with: "d").replacing("Đ", with: "D")
            .folding(options: [.caseInsensitive, .widthInsensitive, .diacriticInsensitive], locale: nil)
            .filter { !$0.isWhitespace }
    }
}
