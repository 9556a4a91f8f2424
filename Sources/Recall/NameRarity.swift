public import Catalogue

/// How many people share a name, so that common names weigh little.
///
/// The family name's share is known for the commonest of China and Vietnam (surnames.tsv); the given name's is that of a
/// common one of its length. Both are estimates from above: a name is never taken for rarer than it may be.
public struct NameRarity: Sendable {
    private var byCharacter: [String: Double]
    private var bySpelling: [String: Double]

    /// Share of a family name outside the table.
    private static let otherShare = 0.002
    /// No name is rarer, whatever the product says: given names follow fashions.
    private static let leastShare = 2e-6

    public init(_ surnames: [Surname]) {
        var byCharacter: [String: Double] = [:]
        var bySpelling: [String: Double] = [:]
        for surname in surnames {
            switch surname.language {
            case .chinese:
                byCharacter[surname.text] = surname.share
                for scalar in surname.text.unicodeScalars {
                    for sound in Set(ChineseName.sounds(of: scalar)) { bySpelling[sound, default: 0] += surname.share }
                }
            case .vietnamese:
                guard let word = PersonName(surname.text)?.spellings.first?.first else { continue }
                bySpelling[word.plain, default: 0] += surname.share
            case .english: bySpelling[surname.text.lowercased()] = surname.share
            }
        }
        self.byCharacter = byCharacter
        self.bySpelling = bySpelling
    }

    /// As above, with the family names of an index in the place of what is known of the country.
    ///
    /// - Parameters:
    ///   - families: how many identities have each, simplified characters or Latin letters without marks, the most
    ///     frequent ones; what is not among them is no more frequent than the last.
    ///   - total: identities of the index; of fewer than ``leastTotal`` nothing is concluded.
    public init(_ surnames: [Surname], families: [(name: String, identities: Int)], of total: Int) {
        self.init(surnames)
        guard total >= Self.leastTotal else { return }
        var bySpelling: [String: Double] = [:]
        for family in families {
            let share = Double(family.identities) / Double(total)
            guard let name = PersonName(family.name), !name.characters.isEmpty else {
                bySpelling[family.name, default: 0] += share
                continue
            }
            // Never rarer than it was counted, nor than the country has it where few were counted.
            byCharacter[family.name] =
                family.identities >= Self.leastCount ? share : max(share, byCharacter[family.name] ?? 0)
            for sound in Set(name.characters.prefix(1).flatMap(ChineseName.sounds)) {
                bySpelling[sound, default: 0] += share
            }
        }
        for (sound, share) in bySpelling { self.bySpelling[sound] = max(share, self.bySpelling[sound] ?? 0) }
    }

    static let leastTotal = 20_000
    private static let leastCount = 100

    /// Share of people whose name agrees with `name` as two names were found to.
    ///
    /// - Parameter isBySound: whether letters or sounds agree, which many more names share.
    /// - Returns: in 0...1, never 0.
    func share(of name: PersonName, isBySound: Bool) -> Double {
        if !name.characters.isEmpty {
            let given = name.givenCharacters.count
            let family = familyShare(of: name, isBySound: isBySound)
            let rest =
                switch (given, isBySound) {
                case (0, _): 1.0
                case (1, false): 1 / 250.0
                case (1, true): 1 / 60.0
                case (_, false): 1 / 5_000.0
                case (_, true): 1 / 1_500.0
                }
            return max(family * rest, Self.leastShare)
        }
        let words = name.spellings.first ?? []
        let letters = words.dropFirst().reduce(0) { $0 + $1.plain.utf8.count }
        // Each word of a given name is one of some sixty; `xiaodong` is two of them.
        let count = max(words.count - 1, letters > 6 ? 2 : 1)
        let rest = words.count < 2 ? 1 : count == 1 ? 1 / 60.0 : 1 / 1_200.0
        return max(familyShare(of: name, isBySound: true) * rest, Self.leastShare)
    }

    /// Share of people with the family name.
    func familyShare(of name: PersonName, isBySound: Bool) -> Double {
        if !name.characters.isEmpty {
            let family = name.characters.prefix(name.familyCount)
            if !isBySound {
                return byCharacter[String(String.UnicodeScalarView(family))] ?? Self.otherShare
            }
            let sounds = family.first.map { ChineseName.sounds(of: $0) } ?? []
            return max(sounds.compactMap { bySpelling[$0] }.max() ?? 0, Self.otherShare)
        }
        let words = name.spellings.first ?? []
        // Either end may be the family.
        let known = [words.first, words.last].compactMap { $0.flatMap { bySpelling[$0.plain] } }.max()
        return max(known ?? 0, Self.otherShare)
    }
}
