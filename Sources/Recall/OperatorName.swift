internal import Foundation

/// Who made a study, by the name as it is written: one operator is the same string once case, width, spaces and the
/// delimiters of components are left aside. Names in different scripts stay apart, since several Chinese names share one
/// spelling in Latin letters; where a value gives both, the other is said as what may be the same person.
struct OperatorName: Hashable, Sendable {
    /// Compares names.
    let key: String
    /// As it was written, the components in one line.
    let display: String
    /// Folded Latin letters without marks: what names in different scripts, or with and without diacritics, may share.
    let sound: String

    static func == (left: OperatorName, right: OperatorName) -> Bool { left.key == right.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }

    /// - Parameter value: of VR PN; the ideographic group names the person where there is one (PS3.5 6.2.1).
    /// - Returns: nil for a value without a letter.
    init?(_ value: String) {
        let groups = value.split(separator: "=", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        let alphabetic = Self.line(groups.first ?? "")
        let ideographic = groups.count > 1 ? Self.line(groups[1]) : ""
        let chosen = ideographic.isEmpty ? alphabetic : ideographic
        let folded = Self.folded(chosen)
        guard folded.contains(where: \.isLetter) else { return nil }
        display = chosen
        // Chinese characters are written with and without a space between family and given name.
        key = folded.unicodeScalars.contains(where: Self.isHan) ? folded.filter { !$0.isWhitespace } : folded
        let latin = Self.folded(alphabetic)
        sound =
            latin.unicodeScalars.contains(where: Self.isHan)
            ? ""
            : latin.replacing("đ", with: "d").folding(options: .diacriticInsensitive, locale: nil)
                .filter { !$0.isWhitespace }
    }

    /// Whether both are one name, or sound alike and so may be one person's.
    func mayBe(_ other: OperatorName) -> Bool { self == other || !sound.isEmpty && sound == other.sound }

    private static func line(_ group: String) -> String {
        group.split { $0 == "^" || $0.isWhitespace }.joined(separator: " ")
    }

    private static func folded(_ text: String) -> String {
        let kept = text.precomposedStringWithCompatibilityMapping.lowercased().map { character in
            character.isLetter || character.isNumber ? character : " "
        }
        return String(kept).split(separator: " ").joined(separator: " ")
    }

    private static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        (0x3400...0x9FFF).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
            || (0x20000...0x3FFFF).contains(scalar.value)
    }
}
