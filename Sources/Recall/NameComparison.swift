/// How far two names are one.
public enum NameAgreement: Int, Comparable, Sendable, CaseIterable {
    /// Nothing in common.
    case different
    /// The same family name, another given name.
    case family
    /// One slip apart: a letter, a character or a tone.
    case near
    /// The same words in another order, or the same sounds in another script, or marks that one of the two lacks.
    case sound
    case exact

    public static func < (left: NameAgreement, right: NameAgreement) -> Bool { left.rawValue < right.rawValue }
}

/// Two names held against each other, in whichever scripts both have.
struct NameComparison: Equatable {
    let agreement: NameAgreement
    /// Whether it rests on the sounds of characters, or on letters alone: these are shared by many more people.
    let isBySound: Bool

    init(_ one: PersonName, _ other: PersonName) {
        var best: NameComparison?
        func take(_ agreement: NameAgreement, bySound: Bool) {
            if let known = best, known.agreement > agreement || (known.agreement == agreement && !known.isBySound) {
                return
            }
            best = NameComparison(agreement, isBySound: bySound)
        }
        if !one.characters.isEmpty, !other.characters.isEmpty {
            take(Self.compare(one.characters, one.familyCount, other.characters, other.familyCount), bySound: false)
        } else {
            // Characters outrank letters where both names have them: many names sound alike.
            for spelling in other.spellings where !one.characters.isEmpty {
                take(Self.compare(characters: one, spelling), bySound: true)
            }
            for spelling in one.spellings where !other.characters.isEmpty {
                take(Self.compare(characters: other, spelling), bySound: true)
            }
            for spelling in one.spellings {
                for otherSpelling in other.spellings { take(Self.compare(spelling, otherSpelling), bySound: true) }
            }
        }
        self = best ?? NameComparison(.different, isBySound: true)
    }

    private init(_ agreement: NameAgreement, isBySound: Bool) {
        self.agreement = agreement
        self.isBySound = isBySound
    }

    // MARK: Characters

    private static func compare(
        _ one: [Unicode.Scalar], _ oneFamily: Int, _ other: [Unicode.Scalar], _ otherFamily: Int
    ) -> NameAgreement {
        if one == other { return .exact }
        if rotated(one, oneFamily) == other || rotated(other, otherFamily) == one { return .sound }
        let isSameFamily = one.prefix(oneFamily) == other.prefix(otherFamily)
        if one.count == other.count {
            let slips = zip(one, other).filter { $0 != $1 }
            if slips.count == 1, let (wrong, right) = slips.first {
                let sounds = Set(ChineseName.sounds(of: wrong))
                if !sounds.isDisjoint(with: ChineseName.sounds(of: right)) { return .near }
                // With three characters two of them still agree; siblings often share just as much.
                return one.count > 3 ? .near : isSameFamily ? .family : .different
            }
        }
        return isSameFamily ? .family : .different
    }

    private static func rotated<Element>(_ items: [Element], _ count: Int) -> [Element] {
        Array(items[count...] + items[..<count])
    }

    // MARK: Characters and letters

    private static func compare(characters name: PersonName, _ spelling: [PersonName.Word]) -> NameAgreement {
        let letters = Array(spelling.map(\.plain).joined().utf8)
        let inOrder = name.characters
        let swapped = rotated(inOrder, name.familyCount)
        if reads(inOrder, as: letters) || reads(swapped, as: letters) { return .sound }
        let words = spelling.map { Array($0.plain.utf8) }
        let family = Array(inOrder.prefix(name.familyCount))
        let hasFamily =
            words.first.map { reads(family, as: $0) } ?? false || words.last.map { reads(family, as: $0) } ?? false
        if hasInitials(name, words) { return .near }
        for order in [inOrder, swapped] where letters.count >= 6 && isNear(order, letters) { return .near }
        return hasFamily ? .family : .different
    }

    /// Whether the letters are the characters' sounds, one after the other, by any of their readings.
    private static func reads(_ characters: [Unicode.Scalar], as letters: [UInt8]) -> Bool {
        var places: Set<Int> = [0]
        for character in characters {
            var next: Set<Int> = []
            for place in places {
                for sound in ChineseName.sounds(of: character) where letters[place...].starts(with: sound.utf8) {
                    next.insert(place + sound.utf8.count)
                }
            }
            if next.isEmpty { return false }
            places = next
        }
        return places.contains(letters.count)
    }

    /// The family name whole and the rest by first letters: `wang x d`, `wang xd`.
    private static func hasInitials(_ name: PersonName, _ words: [[UInt8]]) -> Bool {
        guard words.count >= 2, let first = words.first else { return false }
        let rest = words.dropFirst().flatMap(\.self)
        let given = Array(name.givenCharacters)
        guard reads(Array(name.characters.prefix(name.familyCount)), as: first), rest.count == given.count else {
            return false
        }
        return zip(given, rest).allSatisfy { character, letter in
            ChineseName.sounds(of: character).contains { $0.utf8.first == letter }
        }
    }

    /// One letter off the most usual reading.
    private static func isNear(_ characters: [Unicode.Scalar], _ letters: [UInt8]) -> Bool {
        var readings: [[UInt8]] = [[]]
        for character in characters.prefix(5) {
            let sounds = ChineseName.sounds(of: character)
            if sounds.isEmpty { return false }
            readings = readings.flatMap { reading in sounds.prefix(2).map { reading + Array($0.utf8) } }
        }
        return readings.contains { isOneEditApart($0, letters) }
    }

    // MARK: Letters

    private static func compare(_ one: [PersonName.Word], _ other: [PersonName.Word]) -> NameAgreement {
        let (plain, otherPlain) = (one.map(\.plain), other.map(\.plain))
        let (letters, otherLetters) = (plain.joined(), otherPlain.joined())
        if letters == otherLetters || plain.sorted() == otherPlain.sorted() {
            // Marks that both write and that differ make other names: Hùng and Hưng.
            let areMarked = one.contains(where: \.hasMarks) && other.contains(where: \.hasMarks)
            let isMarkedAlike =
                one.map(\.marked).joined() == other.map(\.marked).joined()
                || one.map(\.marked).sorted() == other.map(\.marked).sorted()
            if areMarked, !isMarkedAlike { return .near }
            let lacksMarks = one.contains(where: \.hasMarks) != other.contains(where: \.hasMarks)
            return letters == otherLetters && !lacksMarks ? .exact : .sound
        }
        if isRotation(plain, of: otherLetters) || isRotation(otherPlain, of: letters) { return .sound }
        if letters.utf8.count >= 6, isOneEditApart(Array(letters.utf8), Array(otherLetters.utf8)) { return .near }
        if plain.count == otherPlain.count, plain.count >= 2 {
            let pairs = zip(plain.sorted(), otherPlain.sorted())
            let slips = pairs.filter { $0 != $1 }
            if slips.count == 1, let (wrong, right) = slips.first, wrong.utf8.count >= 4,
                isOneEditApart(Array(wrong.utf8), Array(right.utf8))
            {
                return .near
            }
        }
        let (ends, otherEnds) = (Set([plain.first, plain.last]), Set([otherPlain.first, otherPlain.last]))
        if plain.first == otherPlain.first { return .family }
        // One of them may have been typed given name first.
        return plain.count > 1 && otherPlain.count > 1 && !ends.isDisjoint(with: otherEnds)
            && (plain.first == otherPlain.last || plain.last == otherPlain.first) ? .family : .different
    }

    /// Whether the words, the first ones moved to the end, make up `letters`.
    private static func isRotation(_ words: [String], of letters: String) -> Bool {
        guard words.count > 1 else { return false }
        return (1..<words.count).contains { rotated(words, $0).joined() == letters }
    }

    /// One letter more, fewer, other, or two neighbours changed over.
    static func isOneEditApart(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let (short, long) = one.count <= other.count ? (one, other) : (other, one)
        guard long.count - short.count <= 1, short != long else { return false }
        var place = 0
        while place < short.count, short[place] == long[place] { place += 1 }
        if long.count > short.count { return short[place...].elementsEqual(long[(place + 1)...]) }
        if short[(place + 1)...].elementsEqual(long[(place + 1)...]) { return true }
        return place + 1 < short.count && short[place] == long[place + 1] && short[place + 1] == long[place]
            && short[(place + 2)...].elementsEqual(long[(place + 2)...])
    }
}
