internal import Foundation

/// A name of VR PN, ready to be held against another whatever script, order or system it was typed in (PS3.5 6.2.1).
public struct PersonName: Equatable, Sendable {
    /// A word in Latin letters.
    struct Word: Hashable {
        /// Lower case without marks, đ as d.
        let plain: String
        /// Lower case as written, composed.
        let marked: String

        var hasMarks: Bool { plain != marked }
    }

    /// Simplified, family first as far as the name says; empty when it has no Chinese characters.
    let characters: [Unicode.Scalar]
    /// How many of ``characters`` are the family name.
    let familyCount: Int
    /// A name in Latin letters, one for each group that has any; the family first where `^` says which it is.
    let spellings: [[Word]]

    /// Reads alphabetic, ideographic and phonetic groups in whichever place they stand.
    ///
    /// - Returns: nil for a name that says nothing: empty, or without any letter.
    public init?(_ value: String) {
        var characters: [Unicode.Scalar] = []
        var familyCount = 0
        var spellings: [[Word]] = []
        for group in value.split(separator: "=").prefix(3) {
            // Prefix and suffix, the last two of five components, are titles.
            let components = group.split(separator: "^", omittingEmptySubsequences: false).prefix(3)
            let chinese = components.map { component in
                component.unicodeScalars.filter(ChineseName.isCharacter).map(ChineseName.simplified)
            }
            if characters.isEmpty, chinese.contains(where: { !$0.isEmpty }) {
                characters = chinese.flatMap(\.self)
                familyCount = components.count > 1 ? chinese[0].count : 0
            }
            let words = components.flatMap(Self.words)
            if !words.isEmpty, !spellings.contains(words) { spellings.append(words) }
        }
        guard !characters.isEmpty || !spellings.isEmpty else { return nil }
        if familyCount == 0 || familyCount == characters.count {
            let start = String(String.UnicodeScalarView(characters.prefix(2)))
            familyCount = characters.count > 2 && ChineseName.compoundSurnames.contains(start) ? 2 : 1
        }
        self.characters = characters
        self.familyCount = min(familyCount, characters.count)
        self.spellings = spellings
    }

    private static func words(_ component: Substring) -> [Word] {
        let letters = component.precomposedStringWithCompatibilityMapping.lowercased()
        return letters.split { !$0.isLetter || $0.unicodeScalars.contains(where: ChineseName.isCharacter) }
            .map { Word(plain: plain($0), marked: String($0)) }
            .filter { !$0.plain.isEmpty }
    }

    /// Without marks, đ as d, the rest as it is.
    private static func plain(_ word: Substring) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in word.decomposedStringWithCanonicalMapping.unicodeScalars
        where scalar.properties.generalCategory != .nonspacingMark {
            scalars.append(scalar == "đ" ? "d" : scalar)
        }
        return String(scalars)
    }

    var characterText: String { String(String.UnicodeScalarView(characters)) }
    var givenCharacters: ArraySlice<Unicode.Scalar> { characters[familyCount...] }
}
