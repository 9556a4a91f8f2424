import Catalogue
import Foundation
import Synchronization

/// Reads what the lexicon's words alone leave unread in a text: typing errors, words written together (`XRCXR2VPALAT`),
/// Chinese typed as pinyin (`toulu pingsao`, `penqctzengq`), characters that sound or look alike (颈锥), wrong diacritics.
///
/// A repair only ever yields words of the lexicon, so it can do no more than name what a department could have meant;
/// it is taken where it is the only one and leaves less unread. Tables are built on first use: most texts need none.
final class Speller: Sendable {
    private let terms: [Lexicon.Term]
    private let chineseTerms: @Sendable () -> [ChineseSounds.Term]
    private let latinTables = Mutex<LatinWords?>(nil)
    private let chineseTables = Mutex<ChineseSounds?>(nil)

    private let codes: OrderCodes

    /// - Parameter chineseTerms: those of `terms` that a slip or pinyin may stand for; asked for once, when needed.
    init(
        _ terms: [Lexicon.Term], codeParts: [OrderCodePart],
        chineseTerms: @escaping @Sendable () -> [ChineseSounds.Term]
    ) {
        self.terms = terms
        self.chineseTerms = chineseTerms
        codes = OrderCodes(codeParts)
    }

    /// Longer words are no words; none is compared with them.
    private static let wordLimit = 40

    /// Places beyond this many are not put right, so that a text's length bounds the time.
    private static let placeLimit = 16

    /// What `text` says when it is put right, or nil when nothing can be.
    ///
    /// - Parameter unknown: the places of `text` that the lexicon does not know.
    func respelled(_ text: FoldedText, unknown: [Range<Int>]) -> FoldedText? {
        let places = unknown.filter { $0.count <= Self.wordLimit }.prefix(Self.placeLimit).map(\.self)
        if places.contains(where: { ScalarFolding.isIdeograph(text.scalars[$0.lowerBound]) }) {
            let edits = chinese.edits(around: places, of: text)
            if !edits.isEmpty { return text.replacing(edits) }
        }
        // A code is read before pinyin, whose initials any letters may be.
        let coded = places.compactMap { place in
            codes.words(of: Array(text.scalars[place])).map { TextEdit(range: place, scalars: $0) }
        }
        if coded.isEmpty, !text.hasIdeographs, !text.hasMarks, let edits = chinese.pinyin(text) {
            return text.replacing(edits)
        }
        let words = latin
        let edits =
            coded
            + places.filter { place in !coded.contains { $0.range == place } }
            .compactMap { words.edit(of: $0, in: text) }
        return edits.isEmpty ? nil : text.replacing(edits)
    }

    /// `text` with the one unknown word that is a code of a part of the body (`CT HD WO`) written out, or nil.
    func regionNamed(in text: FoldedText, unknown: [Range<Int>]) -> FoldedText? {
        let edits = unknown.prefix(Self.placeLimit).compactMap { place in
            codes.region(Array(text.scalars[place])).map { TextEdit(range: place, scalars: $0) }
        }
        return edits.count == 1 ? text.replacing(edits) : nil
    }

    private var latin: LatinWords {
        latinTables.withLock { tables in
            if let tables { return tables }
            let made = LatinWords(terms)
            tables = made
            return made
        }
    }

    private var chinese: ChineseSounds {
        let (modalities, signs) = (latin.modalities, latin.signs)
        return chineseTables.withLock { tables in
            if let tables { return tables }
            let made = ChineseSounds(chineseTerms(), modalities: modalities, signs: signs)
            tables = made
            return made
        }
    }
}

/// A place of a folded text and what is to stand there instead.
struct TextEdit {
    let range: Range<Int>
    let scalars: [UInt32]
}

extension FoldedText {
    /// The text with `edits` made, which do not overlap; every scalar still tells where in the original it comes from.
    func replacing(_ edits: [TextEdit]) -> FoldedText {
        var result = self
        for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
            let first = origins[edit.range.lowerBound]
            let last = origins[edit.range.upperBound - 1]
            let places = edit.scalars.indices.map { $0 == 0 && edit.scalars.count > 1 ? first : last }
            result.replace(edit.range, with: edit.scalars, origins: places)
        }
        return result
    }
}

/// The words of the lexicon in Latin letters, for spelling and for words written together.
struct LatinWords: Sendable {
    private struct Key: Hashable {
        let first: UInt32
        let length: Int
    }

    private var byShape: [Key: [[UInt32]]] = [:]
    /// By first letter and consonants, for words shortened by their vowels (`shldr`).
    private var byConsonants: [[UInt32]: [[UInt32]]] = [:]
    /// Every word of four letters and more.
    private var known: Set<[UInt32]> = []
    /// Words that may stand in one written together.
    private let whole: TermTrie
    /// Words that name a modality, which stand between pinyin as they are.
    private(set) var modalities: Set<[UInt32]> = []
    /// Words for contrast, views and techniques, which stand between pinyin as whole words.
    private(set) var signs: Set<[UInt32]> = []

    init(_ terms: [Lexicon.Term]) {
        var parts: Set<[UInt32]> = []
        // Words of further languages are too many and too short to tell from slips of the pen in English.
        for term in terms where term.language == .english || term.language == .vietnamese {
            let words = FoldedText(term.text).withoutMarks.split {
                !ScalarFolding.isLetter($0) && !ScalarFolding.isDigit($0)
            }
            .map(Array.init)
            if words.count == 1, let word = words.first {
                switch term.concept.kind {
                case .modality: modalities.insert(word)
                case .contrast, .view, .technique: signs.insert(word)
                case .anatomy, .position, .laterality, .action, .finding: break
                }
            }
            for word in words where word.count >= 2 {
                if words.count == 1 || word.count >= 4 { parts.insert(word) }
                guard word.count >= 4, known.insert(word).inserted else { continue }
                byShape[Key(first: word[0], length: word.count), default: []].append(word)
                if let consonants = Self.consonants(of: word) { byConsonants[consonants, default: []].append(word) }
            }
        }
        whole = TermTrie(parts.map { ($0, TermTrie.Entry(concept: 0, languages: [], isWeak: false)) })
    }

    /// What the unknown word at `range` was meant to be.
    func edit(of range: Range<Int>, in text: FoldedText) -> TextEdit? {
        let word = text.scalars[range].filter { !ScalarFolding.isMark($0) }.map {
            $0 == ScalarFolding.dStroke ? 0x64 : $0
        }
        guard word.count >= 4, word.allSatisfy({ ScalarFolding.isLetter($0) || ScalarFolding.isDigit($0) }) else {
            return nil
        }
        if word.allSatisfy(ScalarFolding.isLetter), let right = nearest(to: word) ?? withVowels(word) {
            return TextEdit(range: range, scalars: right)
        }
        return parts(of: word).map { TextEdit(range: range, scalars: Array($0.joined(separator: [0x20]))) }
    }

    /// The one word of the lexicon that is a typing error away: two letters swapped, else one wrong of five letters, two
    /// of nine. The first letter is right, unless it is one of the swapped.
    private func nearest(to word: [UInt32]) -> [UInt32]? {
        let swapped = word.indices.dropLast().map { place in
            var other = word
            other.swapAt(place, place + 1)
            return other
        }.filter(known.contains)
        if let first = swapped.first { return swapped.count == 1 ? first : nil }
        guard word.count >= 5 else { return nil }
        let reach = word.count >= 9 ? 2 : 1
        var best: (word: [UInt32], distance: Int)?
        var isUnique = true
        for length in (word.count - reach)...(word.count + reach) {
            for candidate in byShape[Key(first: word[0], length: length)] ?? [] {
                guard let distance = typingDistance(word, candidate, limit: best?.distance ?? reach) else { continue }
                // A word and its plural mean the same.
                if let best, best.distance == distance, best.word + [0x73] == candidate { continue }
                isUnique = best.map { distance < $0.distance } ?? true
                best = (candidate, distance)
            }
        }
        return isUnique ? best?.word : nil
    }

    /// First letter and consonants, or nil when they are too few to tell a word by.
    private static func consonants(of word: [UInt32]) -> [UInt32]? {
        let vowels = Set("aeiouy".unicodeScalars.map(\.value))
        let consonants = [word[0]] + word.dropFirst().filter { !vowels.contains($0) }
        return consonants.count >= 4 || (consonants.count == 3 && word.count >= 4) ? consonants : nil
    }

    private func withVowels(_ word: [UInt32]) -> [UInt32]? {
        guard let found = Self.consonants(of: word).flatMap({ byConsonants[$0] }), found.count == 1 else { return nil }
        return found[0].count > word.count ? found[0] : nil
    }

    /// The words `word` is written together from, fewest first choice; nil when a part is left over or no part is long
    /// enough to be told from chance.
    private func parts(of word: [UInt32]) -> [[UInt32]]? {
        let count = word.count
        guard count >= 5 else { return nil }
        var best: [(cost: Double, from: Int)?] = Array(repeating: nil, count: count + 1)
        best[0] = (0, 0)
        for start in 0..<count {
            guard let cost = best[start]?.cost else { continue }
            func reach(_ end: Int) {
                let total = cost + Self.cost(ofLength: end - start)
                if best[end].map({ total < $0.cost }) ?? true { best[end] = (total, start) }
            }
            for end in [start + 1, start + 2] where end <= count && isNumber(word[start..<end]) { reach(end) }
            var node = TermTrie.root
            for end in (start + 1)...count {
                node = whole.child(of: node, word[end - 1])
                guard node != TermTrie.none else { break }
                if !whole.entries(at: node).isEmpty { reach(end) }
            }
        }
        guard let cost = best[count]?.cost, cost <= Double(count) * 0.5 else { return nil }
        var parts: [[UInt32]] = []
        var end = count
        while end > 0, let from = best[end]?.from {
            parts.append(Array(word[from..<end]))
            end = from
        }
        return parts.reversed()
    }

    private func isNumber(_ word: ArraySlice<UInt32>) -> Bool {
        word.count <= 2 && word.allSatisfy(ScalarFolding.isDigit)
    }

    /// Short words come about by chance, so they cost more of what a word may cost.
    private static func cost(ofLength length: Int) -> Double {
        switch length {
        case 1: 2
        case 2: 1.25
        case 3: 1.1
        default: 1
        }
    }
}

/// Insertions, deletions, substitutions and swaps of neighbours between two words, or nil beyond `limit`.
func typingDistance(_ one: [UInt32], _ other: [UInt32], limit: Int) -> Int? {
    // What both begin and end with costs nothing, and most words are told apart by what is left.
    var start = 0
    while start < one.count, start < other.count, one[start] == other[start] { start += 1 }
    var end = 0
    while end < one.count - start, end < other.count - start, one[one.count - 1 - end] == other[other.count - 1 - end] {
        end += 1
    }
    let (left, right) = (one[start..<(one.count - end)], other[start..<(other.count - end)])
    let least = abs(left.count - right.count)
    if left.isEmpty || right.isEmpty { return least <= limit ? least : nil }
    guard least <= limit, max(left.count, right.count) <= 3 * limit else { return nil }
    return editDistance(Array(left), Array(right), limit: limit)
}

private func editDistance(_ one: [UInt32], _ other: [UInt32], limit: Int) -> Int? {
    var older: [Int] = []
    var old = Array(0...other.count)
    for (row, letter) in one.enumerated() {
        var new = [row + 1]
        for (column, wanted) in other.enumerated() {
            var cost = min(old[column + 1] + 1, new[column] + 1, old[column] + (letter == wanted ? 0 : 1))
            if row > 0, column > 0, letter == other[column - 1], one[row - 1] == wanted {
                cost = min(cost, older[column - 1] + 1)
            }
            new.append(cost)
        }
        (older, old) = (old, new)
    }
    return old[other.count] <= limit ? old[other.count] : nil
}
