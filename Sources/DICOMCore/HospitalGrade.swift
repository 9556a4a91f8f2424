/// A hospital's grade in China's system: level 1 to 3, within it A to C (医院分级管理办法).
public struct HospitalGrade: Hashable, Sendable, Comparable {
    public let level: Int
    /// `A` (甲等) to `C` (丙等).
    public let letter: Character

    /// From `3A`, `2B`, or as it is said: `三级甲等`, `三甲`, `二级乙等`. Nil for anything else.
    public init?(_ text: String) {
        let folded = text.uppercased().filter { !$0.isWhitespace && !"级等".contains($0) }
        let characters = Array(folded)
        guard characters.count == 2, let level = Self.levels[characters[0]], let letter = Self.letters[characters[1]]
        else { return nil }
        self.level = level
        self.letter = letter
    }

    private static let levels: [Character: Int] = ["1": 1, "2": 2, "3": 3, "一": 1, "二": 2, "三": 3]
    private static let letters: [Character: Character] = ["A": "A", "B": "B", "C": "C", "甲": "A", "乙": "B", "丙": "C"]

    public static func < (left: HospitalGrade, right: HospitalGrade) -> Bool {
        left.level == right.level ? left.letter > right.letter : left.level < right.level
    }
}

extension HospitalGrade: CustomStringConvertible {
    public var description: String { "\(level)\(letter)" }
}
