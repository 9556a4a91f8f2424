import Catalogue

/// Concepts as numbers, in the order they are met.
struct ConceptNumbers {
    private(set) var concepts: [ConceptID] = []
    private var numbers: [ConceptID: Int] = [:]
    private var last: (concept: ConceptID, number: Int)?

    mutating func number(of concept: ConceptID) -> Int {
        // Terms come by concept, so most ask for the one before.
        if let last, last.concept == concept { return last.number }
        let number = numbers[concept] ?? concepts.count
        if number == concepts.count {
            numbers[concept] = number
            concepts.append(concept)
        }
        last = (concept, number)
        return number
    }

    subscript(concept: ConceptID) -> Int? { numbers[concept] }
}

/// The words of a lexicon as automata, with and without diacritics.
struct LexiconWords {
    /// Words with their diacritics, for texts that have any.
    let marked: TermTrie
    /// Words without, for texts typed without.
    let plain: TermTrie
    /// The terms that are words.
    let terms: [Lexicon.Term]

    private typealias Word = (scalars: [UInt32], entry: TermTrie.Entry)

    /// One term folded, and what it adds to each automaton.
    private struct Folded: Sendable {
        var marked: [(scalars: [UInt32], entry: TermTrie.Entry)] = []
        var plain: [(scalars: [UInt32], entry: TermTrie.Entry)] = []
        /// English with a hyphen for a space or the other way round.
        var variants: [(scalars: [UInt32], entry: TermTrie.Entry)] = []
    }

    init(_ lexicon: Lexicon, _ numbers: inout ConceptNumbers) {
        let left = Self.termsLeftOut(of: lexicon)
        terms = lexicon.terms.filter { term in !(left[term.concept]?.contains(term) ?? false) }
        let concepts = terms.map { numbers.number(of: $0.concept) }
        let chunkCount = 8
        let folded = concurrently(chunkCount) { [terms] chunk in
            var folded = Folded()
            let size = (terms.count + chunkCount - 1) / chunkCount
            for place in min(chunk * size, terms.count)..<min((chunk + 1) * size, terms.count) {
                Self.fold(terms[place], concepts[place], into: &folded)
            }
            return folded
        }
        let variants = Self.newWords(folded.flatMap(\.variants), beside: folded.lazy.flatMap(\.marked))
        let tries = concurrently(2) { which in
            TermTrie(folded.flatMap { which == 0 ? $0.marked : $0.plain } + variants)
        }
        (marked, plain) = (tries[0], tries[1])
    }

    private static func fold(_ term: Lexicon.Term, _ concept: Int, into folded: inout Folded) {
        let text = FoldedText(term.text)
        guard !text.scalars.isEmpty else { return }
        let stripped = text.hasMarks ? text.withoutMarks : text.scalars
        guard term.language == .vietnamese else {
            let languages = term.language.map(LanguageSet.init) ?? .european
            let entry = TermTrie.Entry(concept: concept, languages: languages, isWeak: false)
            folded.marked.append((text.scalars, entry))
            folded.plain.append((stripped, entry))
            if term.language == .english { folded.variants += variants(of: text.scalars).map { ($0, entry) } }
            return
        }
        // A Vietnamese word that is written without diacritics could be one of any language.
        let isAbbreviation = isAbbreviation(stripped)
        let isBare = stripped == text.scalars && !isAbbreviation
        let isWeak = isBare || !(stripped.contains(0x20) || isAbbreviation)
        let isHint = isBare ? term.concept.kind == .modality : stripped.count >= 3
        folded.marked.append(
            (text.scalars, .init(concept: concept, languages: .vietnamese, isWeak: isBare, isHint: isHint)))
        guard isBare || stripped.count > 2 else { return }
        folded.plain.append(
            (stripped, .init(concept: concept, languages: .vietnamese, isWeak: isWeak, isHint: isHint)))
    }

    /// Whether a word is too long a run of consonants to be a word of another language (CSTL, CLVT).
    private static func isAbbreviation(_ word: [UInt32]) -> Bool {
        word.count >= 3 && word.allSatisfy { ScalarFolding.isLetter($0) && !ScalarFolding.isVowel($0) }
    }

    // MARK: Hyphens

    /// English words written with a hyphen for a space or the other way round (cross-table, circle-of-Willis).
    private static func variants(of word: [UInt32]) -> [[UInt32]] {
        let (hyphen, space): (UInt32, UInt32) = (0x2D, 0x20)
        guard word.allSatisfy({ ScalarFolding.isLetter($0) || $0 == hyphen || $0 == space }) else { return [] }
        return [(hyphen, space), (space, hyphen)].compactMap { from, to in
            let parts = word.split(separator: from, omittingEmptySubsequences: false)
            guard parts.count > 1, parts.allSatisfy({ $0.count >= 2 }) else { return nil }
            return Array(parts.joined(separator: [to]))
        }
    }

    /// The variants that are not words of their own with another meaning.
    private static func newWords(_ variants: [Word], beside words: some Sequence<Word>) -> [Word] {
        guard !variants.isEmpty else { return [] }
        // By a hash of their own, as there are many; a variant that is left out by chance is no loss.
        func hash(_ word: [UInt32]) -> UInt64 {
            word.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }
        var taken = Set(words.lazy.map { hash($0.scalars) })
        return variants.filter { taken.insert(hash($0.scalars)).inserted }
    }

    // MARK: Terms that are no words

    /// Terms that would do harm: those the rules name, and Chinese ones made of a side and another term of the same
    /// concept (双下肢), which found as one word would hide the side.
    private static func termsLeftOut(of lexicon: Lexicon) -> [ConceptID: Set<Lexicon.Term>] {
        let chinese = lexicon.terms.filter { $0.language == .chinese }
        let sides = chinese.filter { $0.concept.kind == .laterality }.map(\.text)
        let parts = chinese.filter { $0.concept.kind == .anatomy }
        let all = Set(parts)
        var left: [ConceptID: Set<Lexicon.Term>] = [:]
        for term in parts {
            let hidesSide = sides.contains { side in
                term.text.utf8.starts(with: side.utf8)
                    && all.contains(
                        .init(
                            concept: term.concept, language: .chinese, text: String(term.text.dropFirst(side.count))))
            }
            if hidesSide { left[term.concept, default: []].insert(term) }
        }
        for rule in lexicon.rules {
            guard case .notAWord(let text) = rule.effect else { continue }
            for language in rule.language.map({ [$0] }) ?? Language.allCases {
                left[rule.subject, default: []].insert(
                    .init(concept: rule.subject, language: language, text: text))
            }
        }
        return left
    }

    /// The Chinese terms that a slip or pinyin may stand for: a finding or a word that asks nothing is no likelier meant
    /// than any other word, unless everyone knows it.
    func spelled(_ lexicon: Lexicon, asksNothing: (ConceptID) -> Bool) -> [ChineseSounds.Term] {
        let common = Set(lexicon.terms.prefix(lexicon.commonTermCount).filter { $0.language == .chinese })
        var seen: Set<Lexicon.Term> = []
        return terms.compactMap { term in
            guard term.language == .chinese, seen.insert(term).inserted else { return nil }
            let isCommon = common.contains(term)
            guard isCommon || !(term.concept.kind == .finding || asksNothing(term.concept)) else { return nil }
            return .init(concept: term.concept, text: term.text, isCommon: isCommon)
        }
    }
}
