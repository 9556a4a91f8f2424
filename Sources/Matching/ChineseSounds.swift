import Catalogue
import Foundation

/// The Chinese words of the lexicon by their sound, for characters mistaken for others and for pinyin.
struct ChineseSounds: Sendable {
    struct Term: Sendable {
        let concept: ConceptID
        let text: String
        /// Everyone knows the word, so letters that may be it or a rarer one are it.
        let isCommon: Bool
    }

    private struct Word {
        let characters: [UInt32]
        let concept: ConceptID
        let isCommon: Bool
        let syllables: [[UInt32]]
    }

    /// The characters of a word without the one at `gap`.
    private struct Rest: Hashable {
        let gap: Int
        let characters: [UInt32]

        init(_ characters: some Collection<UInt32>, without gap: Int) {
            self.gap = gap
            self.characters = characters.enumerated().filter { $0.offset != gap }.map(\.element)
        }
    }

    /// How a word may be typed in letters.
    private enum Form: Int {
        /// Every syllable whole.
        case whole
        /// Some syllables by their first letter (`penq`).
        case mixed
        /// A single character.
        case single
        /// All by their first letters (`xb`).
        case initials

        var cost: Double {
            switch self {
            case .whole: 1
            case .mixed: 1.5
            case .single: 2.2
            case .initials: 2.5
            }
        }
    }

    private struct Typed {
        let form: Form
        var words: [Int]
    }

    /// What a run of letters in pinyin may be.
    private enum Piece {
        case word(Int, Form)
        /// A modality's own word, which stands between pinyin as it is.
        case modality
        /// Another word in Latin letters (`CTA`), which does so where it stands alone.
        case sign
        /// One of several views or techniques (sanwei: 三维, 三位), left unread.
        case unclear

        var cost: Double {
            switch self {
            case .word(_, let form): form.cost
            case .modality: 1
            case .sign: 1.6
            case .unclear: 2.4
            }
        }
    }

    private var words: [Word] = []
    /// Words by their characters but one, so that one wrong character is found without comparing every word.
    private var byRest: [Rest: [Int]] = [:]
    /// By typed letters the words of the best form; several only when they mean different things.
    private var typed: [[UInt32]: Typed] = [:]
    private var pieces = TermTrie([])
    /// What the entries of ``pieces`` stand for.
    private var pieceMeanings: [Piece] = []
    private let sounds: [UInt32: [UInt32]]

    init(_ terms: [Term], modalities: Set<[UInt32]>, signs: Set<[UInt32]>) {
        let texts = terms.compactMap { term -> (characters: [UInt32], term: Term)? in
            let characters = FoldedText(term.text).scalars
            let isTyped = characters.count >= 2 || [.laterality, .view, .anatomy].contains(term.concept.kind)
            guard (1...8).contains(characters.count), isTyped, characters.allSatisfy(ScalarFolding.isIdeograph) else {
                return nil
            }
            return (characters, term)
        }
        sounds = Self.sounds(of: Set(texts.flatMap(\.characters)))
        for text in texts {
            let word = Word(
                characters: text.characters, concept: text.term.concept, isCommon: text.term.isCommon,
                syllables: text.characters.map { sounds[$0] ?? [] })
            words.append(word)
            if word.characters.count >= 2 {
                for gap in word.characters.indices {
                    byRest[Rest(word.characters, without: gap), default: []].append(words.count - 1)
                }
            }
            addForms(of: word, words.count - 1)
        }
        // Forms that may mean several things mean nothing.
        var newPieces: [(scalars: [UInt32], entry: TermTrie.Entry)] = []
        func add(_ piece: Piece, _ letters: [UInt32]) {
            newPieces.append((letters, .init(concept: pieceMeanings.count, languages: [], isWeak: false)))
            pieceMeanings.append(piece)
        }
        for (letters, form) in typed where !modalities.contains(letters) {
            if form.words.count == 1 {
                add(.word(form.words[0], form.form), letters)
            } else if form.form == .whole,
                form.words.allSatisfy({ [.view, .technique, .position].contains(words[$0].concept.kind) })
            {
                add(.unclear, letters)
            }
        }
        for word in modalities { add(.modality, word) }
        for word in signs where !modalities.contains(word) { add(.sign, word) }
        pieces = TermTrie(newPieces)
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
        let readings = [
            word.syllables, zip(word.characters, word.syllables).map { ChineseCharacters.otherSounds[$0] ?? $1 },
        ]
        for whole in readings[0] == readings[1] ? [readings[0]] : readings {
            guard whole.count > 1 else {
                add(whole[0], .single, number)
                continue
            }
            add(whole.flatMap(\.self), .whole, number)
            let first = whole.map { $0[0] }
            add(first, .initials, number)
            add(whole.dropLast().flatMap(\.self) + [first[first.count - 1]], .mixed, number)
            add(whole[0] + first.dropFirst(), .mixed, number)
        }
    }

    private mutating func add(_ letters: [UInt32], _ form: Form, _ number: Int) {
        guard let known = typed[letters], known.form.rawValue <= form.rawValue else {
            typed[letters] = Typed(form: form, words: [number])
            return
        }
        guard known.form == form, !known.words.contains(where: { words[$0].concept == words[number].concept }) else {
            return
        }
        // Common words come first in the lexicon; a rarer one does not make them unclear.
        if !words[number].isCommon, known.words.contains(where: { words[$0].isCommon }) { return }
        typed[letters]?.words.append(number)
    }

    // MARK: Mistaken characters

    /// Texts with more unknown characters are in another language than the lexicon's; nothing in them is a slip.
    private static let unknownLimit = 12

    /// The words around the unknown characters at `places` that a single wrong character hides.
    func edits(around places: [Range<Int>], of text: FoldedText) -> [TextEdit] {
        let unknown = places.flatMap(\.self).filter { ScalarFolding.isIdeograph(text.scalars[$0]) }
        guard unknown.count <= Self.unknownLimit else { return [] }
        var heard = sounds
        var edits: [TextEdit] = []
        for place in unknown where edits.last.map({ place >= $0.range.upperBound }) ?? true {
            for near in text.scalars[max(0, place - 5)..<min(text.scalars.count, place + 6)] where heard[near] == nil {
                heard[near] = ScalarFolding.isIdeograph(near) ? Self.sounds(of: [near])[near] ?? [] : []
            }
            let start = edits.last?.range.upperBound ?? 0
            if let edit = edit(at: place, from: start, of: text, heard) { edits.append(edit) }
        }
        return edits
    }

    private func edit(
        at place: Int, from first: Int, of text: FoldedText, _ heard: [UInt32: [UInt32]]
    ) -> TextEdit? {
        // A character that sounds right is the likelier slip, so it comes first at every length.
        for slip in [ChineseCharacters.Slip.sound, .shape, .nearSound, .any] {
            for length in stride(from: 6, through: slip.shortestWord, by: -1) {
                var found: (edit: TextEdit, concept: ConceptID)?
                var isUnique = true
                for start in max(first, place - length + 1)...place {
                    let end = start + length
                    guard end <= text.scalars.count, text.scalars[start..<end].allSatisfy(ScalarFolding.isIdeograph)
                    else { continue }
                    for gap in 0..<length {
                        let written = text.scalars[start + gap]
                        for number in byRest[Rest(text.scalars[start..<end], without: gap)] ?? []
                        where slip.explains(
                            written, heard[written] ?? [], for: words[number].characters[gap],
                            words[number].syllables[gap])
                        {
                            if let found, found.concept != words[number].concept { isUnique = false }
                            found = (
                                TextEdit(range: start..<end, scalars: words[number].characters), words[number].concept
                            )
                        }
                    }
                }
                if let found { return isUnique ? found.edit : nil }
            }
        }
        return nil
    }

    // MARK: Pinyin

    /// The Chinese a text of Latin letters was typed for, or nil when it is not all pinyin, modality words and numbers.
    func pinyin(_ text: FoldedText) -> [TextEdit]? {
        let places = text.scalars.indices.filter {
            ScalarFolding.isLetter(text.scalars[$0]) || ScalarFolding.isDigit(text.scalars[$0])
        }
        guard (4...64).contains(places.count) else { return nil }
        let letters = places.map { text.scalars[$0] }
        var best: [(cost: Double, from: Int, piece: Piece?)?] = Array(repeating: nil, count: letters.count + 1)
        best[0] = (0, 0, nil)
        for start in letters.indices {
            guard let cost = best[start]?.cost else { continue }
            func reach(_ end: Int, _ piece: Piece?) {
                let total = cost + (piece?.cost ?? 1)
                if best[end].map({ total < $0.cost }) ?? true { best[end] = (total, start, piece) }
            }
            if ScalarFolding.isDigit(letters[start]) { reach(start + 1, nil) }
            var node = TermTrie.root
            for end in (start + 1)...letters.count {
                node = pieces.child(of: node, letters[end - 1])
                guard node != TermTrie.none else { break }
                for entry in pieces.entries(at: node) {
                    let piece = pieceMeanings[entry.concept]
                    if case .sign = piece, !text.standsAlone(places[start]..<(places[end - 1] + 1)) { continue }
                    reach(end, piece)
                }
            }
        }
        guard best[letters.count] != nil else { return nil }
        var edits: [TextEdit] = []
        var concepts: Set<ConceptID.Kind> = []
        var isSure = false
        var saysModality = false
        var end = letters.count
        while end > 0, let (_, from, piece) = best[end] {
            switch piece {
            case .word(let number, let form):
                concepts.insert(words[number].concept.kind)
                isSure = isSure || form.rawValue < Form.single.rawValue
                edits.append(
                    TextEdit(range: places[from]..<(places[end - 1] + 1), scalars: words[number].characters))
            case .modality: saysModality = true
            case .sign, .unclear, nil: break
            }
            end = from
        }
        let says = !concepts.isDisjoint(with: [.contrast, .view, .technique]) || saysModality
        // 乳腺钼靶 is a modality that says its part.
        let isRegional = concepts.contains(.anatomy) || (concepts.contains(.modality) && isSure && edits.count >= 2)
        guard isRegional, isSure || (says && edits.count >= 2) else { return nil }
        return edits
    }
}

extension FoldedText {
    /// Whether no letter goes on at either end of `range`.
    fileprivate func standsAlone(_ range: Range<Int>) -> Bool {
        (range.lowerBound == 0 || !ScalarFolding.isLetter(scalars[range.lowerBound - 1]))
            && (range.upperBound == scalars.count || !ScalarFolding.isLetter(scalars[range.upperBound]))
    }
}
