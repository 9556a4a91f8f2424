import Catalogue
import Foundation

/// The Chinese words of the lexicon by their sound, for characters mistaken for others and for pinyin.
struct ChineseSounds: Sendable {
    private struct Word {
        let characters: [UInt32]
        let concept: ConceptID
        let syllables: [[UInt32]]
    }

    /// How a word may be typed in letters.
    private enum Form: Int {
        /// Every syllable whole.
        case whole
        /// Some syllables by their first letter (`penq`).
        case mixed
        /// All by their first letters (`xb`).
        case initials

        var cost: Double {
            switch self {
            case .whole: 1
            case .mixed: 1.5
            case .initials: 2.5
            }
        }
    }

    private var words: [Word] = []
    /// Words by the number of their characters.
    private var byLength: [Int: [Int]] = [:]
    /// By typed letters the words of the best form; several only when they mean different things.
    private var typed: [[UInt32]: (form: Form, words: [Int])] = [:]
    private var longest = 0
    private let sounds: [UInt32: [UInt32]]

    init(_ terms: [Lexicon.Term]) {
        var seen: Set<Lexicon.Term> = []
        var texts: [(characters: [UInt32], concept: ConceptID)] = []
        for term in terms where term.language == .chinese && seen.insert(term).inserted {
            let characters = FoldedText(term.text).scalars
            guard (2...8).contains(characters.count), characters.allSatisfy(ScalarFolding.isIdeograph) else { continue }
            texts.append((characters, term.concept))
        }
        sounds = Self.sounds(of: Set(texts.flatMap(\.characters)))
        for text in texts {
            let word = Word(
                characters: text.characters, concept: text.concept,
                syllables: text.characters.map { sounds[$0] ?? [] })
            words.append(word)
            byLength[word.characters.count, default: []].append(words.count - 1)
            addForms(of: word, words.count - 1)
        }
    }

    /// Toneless pinyin of each character, from ICU.
    private static func sounds(of characters: Set<UInt32>) -> [UInt32: [UInt32]] {
        let ordered = characters.sorted()
        let text = ordered.compactMap(Unicode.Scalar.init).map { String(Character($0)) }.joined(separator: "\n")
        let latin =
            (text.applyingTransform(.toLatin, reverse: false) ?? "")
            .applyingTransform(.stripDiacritics, reverse: false)?.lowercased() ?? ""
        let lines = latin.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == ordered.count else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: zip(
                ordered, lines.map { $0.unicodeScalars.map(\.value).filter(ScalarFolding.isLetter) }))
    }

    private mutating func addForms(of word: Word, _ number: Int) {
        guard word.syllables.allSatisfy({ !$0.isEmpty }), word.syllables.count <= 6 else { return }
        let whole = word.syllables
        add(whole.flatMap(\.self), .whole, number)
        let first = whole.map { $0[0] }
        add(first, .initials, number)
        add(whole.dropLast().flatMap(\.self) + [first[first.count - 1]], .mixed, number)
        add(whole[0] + first.dropFirst(), .mixed, number)
    }

    private mutating func add(_ letters: [UInt32], _ form: Form, _ number: Int) {
        longest = max(longest, letters.count)
        guard let known = typed[letters], known.form.rawValue <= form.rawValue else {
            typed[letters] = (form, [number])
            return
        }
        guard known.form == form, !known.words.contains(where: { words[$0].concept == words[number].concept }) else {
            return
        }
        typed[letters]?.words.append(number)
    }

    // MARK: Mistaken characters

    /// The words around the unknown characters at `range` that a single wrong character hides.
    func edits(around range: Range<Int>, of text: FoldedText) -> [TextEdit] {
        guard ScalarFolding.isIdeograph(text.scalars[range.lowerBound]) else { return [] }
        var edits: [TextEdit] = []
        var place = range.lowerBound
        while place < range.upperBound {
            guard let edit = edit(at: place, of: text) else {
                place += 1
                continue
            }
            edits.append(edit)
            place = edit.range.upperBound
        }
        return edits
    }

    private func edit(at place: Int, of text: FoldedText) -> TextEdit? {
        // A character that sounds right is the likelier slip, so it comes first at every length.
        for slip in [Slip.sound, .any] {
            for length in stride(from: 6, through: slip.shortestWord, by: -1) {
                var found: (edit: TextEdit, concept: ConceptID)?
                var isUnique = true
                for start in max(0, place - length + 1)...place {
                    let end = start + length
                    guard end <= text.scalars.count, text.scalars[start..<end].allSatisfy(ScalarFolding.isIdeograph)
                    else { continue }
                    for number in byLength[length] ?? []
                    where isMeant(words[number], by: text.scalars[start..<end], slip) {
                        if let found, found.concept != words[number].concept { isUnique = false }
                        found = (TextEdit(range: start..<end, scalars: words[number].characters), words[number].concept)
                    }
                }
                if let found { return isUnique ? found.edit : nil }
            }
        }
        return nil
    }

    /// How a character may be wrong.
    private enum Slip {
        /// It sounds like the right one.
        case sound
        /// In any way, in a word long enough to be told without it.
        case any

        var shortestWord: Int {
            switch self {
            case .sound: 2
            case .any: 5
            }
        }
    }

    /// Whether exactly one character differs, in the way of `slip`.
    private func isMeant(_ word: Word, by characters: ArraySlice<UInt32>, _ slip: Slip) -> Bool {
        var different: Int?
        for (index, pair) in zip(word.characters, characters).enumerated() where pair.0 != pair.1 {
            guard different == nil else { return false }
            different = index
        }
        guard let different else { return false }
        switch slip {
        case .any: return true
        case .sound:
            let written = characters[characters.startIndex + different]
            return !word.syllables[different].isEmpty && Self.sound(of: written) == word.syllables[different]
        }
    }

    private static func sound(of character: UInt32) -> [UInt32] { sounds(of: [character])[character] ?? [] }

    // MARK: Pinyin

    /// The Chinese a text of Latin letters was typed for, or nil when it is not all pinyin, modality words and numbers.
    func pinyin(_ text: FoldedText, modalities: Set<[UInt32]>) -> [TextEdit]? {
        let places = text.scalars.indices.filter {
            ScalarFolding.isLetter(text.scalars[$0]) || ScalarFolding.isDigit(text.scalars[$0])
        }
        guard (4...64).contains(places.count) else { return nil }
        let letters = places.map { text.scalars[$0] }
        var best: [(cost: Double, from: Int)?] = Array(repeating: nil, count: letters.count + 1)
        best[0] = (0, 0)
        for start in letters.indices {
            guard let cost = best[start]?.cost else { continue }
            for end in (start + 1)...min(letters.count, start + longest) {
                guard let step = step(over: Array(letters[start..<end]), modalities) else { continue }
                if best[end].map({ cost + step < $0.cost }) ?? true { best[end] = (cost + step, start) }
            }
        }
        guard best[letters.count] != nil else { return nil }
        var edits: [TextEdit] = []
        var concepts: Set<ConceptID.Kind> = []
        var isSure = false
        var saysModality = false
        var end = letters.count
        while end > 0, let from = best[end]?.from {
            let part = Array(letters[from..<end])
            let range = places[from]..<(places[end - 1] + 1)
            if let (form, numbers) = typed[part], numbers.count == 1, !modalities.contains(part) {
                concepts.insert(words[numbers[0]].concept.kind)
                isSure = isSure || form != .initials
                edits.append(TextEdit(range: range, scalars: words[numbers[0]].characters))
            } else {
                saysModality = saysModality || modalities.contains(part)
            }
            end = from
        }
        let says = !concepts.isDisjoint(with: [.contrast, .view, .technique]) || saysModality
        guard concepts.contains(.anatomy), isSure || (says && edits.count >= 2) else { return nil }
        return edits
    }

    private func step(over part: [UInt32], _ modalities: Set<[UInt32]>) -> Double? {
        if modalities.contains(part) { return 1 }
        if part.allSatisfy(ScalarFolding.isDigit) { return 1 }
        guard let (form, numbers) = typed[part], numbers.count == 1 else { return nil }
        return form.cost
    }
}
