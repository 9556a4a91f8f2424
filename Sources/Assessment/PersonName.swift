import Foundation

/// A Patient's Name (VR PN, PS3.5 6.2.1) as far as it can be compared: what the same person's name keeps when it is
/// typed twice, in capitals, without diacritics, with or without `^`, or in another script.
struct PersonName: Hashable {
    /// Words in Latin letters without diacritics, lower case: family name first. Empty without any.
    let latin: [String]
    /// Ideographs, simplified; empty without any.
    let ideographs: String
    /// Words in other scripts (Hangul, kana, Cyrillic, Thai …), lower case.
    let others: [String]

    /// - Returns: nil when nothing is left to compare: an empty name, or one whose letters were lost on the way.
    init?(_ value: String) {
        // U+FFFD and "?" stand for what could not be decoded.
        guard !value.contains("\u{FFFD}"), !value.contains("?") else { return nil }
        var latin: [[String]] = []
        var ideographs: [String] = []
        var others: [[String]] = []
        for group in value.split(separator: "=") {
            // Prefix and suffix (Dr, Jr), the fourth and fifth components, come and go.
            let components = group.split(separator: "^", omittingEmptySubsequences: false).prefix(3)
            let words = components.joined(separator: " ").split { !$0.isLetter }.map(PersonName.folded)
            latin.append(words.filter { $0.allSatisfy(\.isASCII) })
            ideographs.append(String(words.joined().filter(PersonName.isIdeograph)))
            others.append(words.filter { word in !word.allSatisfy { $0.isASCII || PersonName.isIdeograph($0) } })
        }
        self.latin = latin.first { !$0.isEmpty } ?? []
        self.ideographs = ideographs.first { !$0.isEmpty } ?? ""
        self.others = others.first { !$0.isEmpty } ?? []
        if self.latin.isEmpty && self.ideographs.isEmpty && self.others.isEmpty { return nil }
    }

    /// Whether the two cannot be one person's name. Names of different scripts cannot be compared, and contradict
    /// nothing.
    func contradicts(_ other: PersonName) -> Bool {
        if !ideographs.isEmpty, !other.ideographs.isEmpty { return ideographs != other.ideographs }
        if !latin.isEmpty, !other.latin.isEmpty { return !PersonName.agree(latin, other.latin) }
        if !others.isEmpty, !other.others.isEmpty { return others.joined() != other.others.joined() }
        return false
    }

    /// `Wang Xiaomei`, `WANG XIAO MEI` and `Xiaomei Wang`; `Smith John A` and `Smith John`; `Smith J` and `Smith John`;
    /// a name and its beginning, cut at the length a device keeps.
    private static func agree(_ left: [String], _ right: [String]) -> Bool {
        let (a, b) = (left.joined(), right.joined())
        if a == b || (a.count == b.count && (a + a).contains(b)) { return true }
        let (short, long) = a.count < b.count ? (left, right) : (right, left)
        let (shortText, longText) = (short.joined(), long.joined())
        if shortText.count >= cutLength, longText.hasPrefix(shortText) { return true }
        // Every word of the shorter one is a word of the longer, or its initial; a single word proves nothing.
        var rest = long
        for word in short {
            guard let index = rest.firstIndex(of: word) ?? rest.firstIndex(where: { isInitial(word, of: $0) }) else {
                return false
            }
            rest.remove(at: index)
        }
        return short.count >= 2
    }

    /// No device keeps less of a name.
    private static let cutLength = 12

    private static func isInitial(_ left: String, of right: String) -> Bool {
        (left.count == 1 && right.hasPrefix(left)) || (right.count == 1 && left.hasPrefix(right))
    }

    private static func isIdeograph(_ character: Character) -> Bool {
        character.unicodeScalars.allSatisfy { $0.properties.isIdeographic }
    }

    private static func folded(_ word: Substring) -> String {
        let plain = word.lowercased().replacing("đ", with: "d").replacing("ß", with: "ss")
        let open = plain.applyingTransform(.stripDiacritics, reverse: false) ?? plain
        let narrow = open.applyingTransform(.fullwidthToHalfwidth, reverse: false) ?? open
        return narrow.applyingTransform(StringTransform("Hant-Hans"), reverse: false) ?? narrow
    }
}
