internal import Foundation

/// Whether letters make a syllable of Vietnamese: of all words of Latin letters with marks, its syllables are the most regular.
enum VietnameseSyllable {
    private static let onsets: Set = [
        "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "q",
        "r", "s", "t", "th", "tr", "v", "x",
    ]
    /// Vowels that may end a syllable.
    private static let open = spelt([
        "a", "ai", "ao", "au", "ay", "âu", "ây", "e", "eo", "ê", "êu", "i", "ia", "iêu", "iu", "o", "oa", "oai", "oao",
        "oay", "oe", "oeo", "oi", "ô", "ôi", "ơ", "ơi", "u", "ua", "uai", "uay", "uây", "uao", "uê", "ui", "uôi", "uơ",
        "uy", "uya", "uyu", "ư", "ưa", "ưi", "ươi", "ươu", "ưu", "y", "yêu",
    ])
    /// Vowels before a consonant.
    private static let closed = spelt([
        "a", "ă", "â", "e", "ê", "i", "iê", "o", "oa", "oă", "oe", "oo", "ô", "ơ", "u", "ua", "uă", "uâ", "uê", "uô",
        "uy",
        "uyê", "ư", "ươ", "y", "yê",
    ])
    private static let codas: Set = ["c", "ch", "m", "n", "ng", "nh", "p", "t"]
    private static let stops: Set = ["c", "ch", "p", "t"]

    private static let tones: Set<Unicode.Scalar> = ["\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"]
    /// Acute and dot below, the only tones before a stop.
    private static let stopTones: Set<Unicode.Scalar> = ["\u{301}", "\u{323}"]
    private static let vowels: Set<Unicode.Scalar> = ["a", "e", "i", "o", "u", "y", "\u{302}", "\u{306}", "\u{31B}"]

    private static func spelt(_ vowels: [String]) -> Set<[Unicode.Scalar]> {
        Set(vowels.map { Array($0.decomposedStringWithCanonicalMapping.unicodeScalars) })
    }

    static func isPlausible(_ word: some StringProtocol) -> Bool {
        var letters: [Unicode.Scalar] = []
        var tone: Unicode.Scalar?
        for scalar in word.lowercased().decomposedStringWithCanonicalMapping.unicodeScalars {
            guard tones.contains(scalar) else {
                letters.append(scalar)
                continue
            }
            if tone != nil { return false }
            tone = scalar
        }
        guard let start = letters.firstIndex(where: vowels.contains) else { return false }
        let end = letters[start...].firstIndex { !vowels.contains($0) } ?? letters.endIndex
        var onset = letters[..<start]
        var nucleus = letters[start..<end]
        let coda = String(String.UnicodeScalarView(letters[end...]))
        // "qu" and "gi" are onsets; "i" of "gi" is the vowel too when none follows.
        if onset == ["q"] {
            guard nucleus.first == "u" else { return false }
            nucleus = nucleus.dropFirst()
        } else if onset == ["g"], nucleus.first == "i", nucleus.count > 1 {
            onset = ["g", "i"]
            nucleus = nucleus.dropFirst()
        }
        guard onsets.contains(String(String.UnicodeScalarView(onset))) else { return false }
        if coda.isEmpty { return open.contains(Array(nucleus)) }
        guard codas.contains(coda), closed.contains(Array(nucleus)) else { return false }
        return !stops.contains(coda) || tone.map(stopTones.contains) == true
    }
}
