import Catalogue

/// A word of the lexicon found in a text.
struct Mention {
    let concept: Int
    let languages: LanguageSet
    /// Place in the folded text.
    let range: Range<Int>

    /// What stands between this word and a later one; empty for two meanings of one word.
    func gap(to later: Mention) -> Range<Int> {
        range.upperBound..<max(range.upperBound, later.range.lowerBound)
    }
}

/// A lexicon made ready for reading: concepts as numbers, words as automata, rules by what they concern.
struct LexiconIndex {
    let concepts: [ConceptID]
    private let numbers: [ConceptID: Int]
    /// Words with their diacritics, for texts that have any.
    private let marked: TermTrie
    /// Words without, for texts typed without.
    private let plain: TermTrie

    let combinations: [Combination]
    /// By subject.
    let readings: [Int: [Reading]]
    let implications: [Implication]
    let containers: [Int: Set<Int>]
    let parents: [Int: Set<Int>]
    private let roles: [Int: LexiconRule.Role]
    private let speller: Speller
    let negation: Int?
    let inclusion: Int?
    let exclusion: Int?
    let without: Int?
    /// Words of contrast that a negation turns into its absence.
    let contrastGiven: Set<Int>
    let settlesContrast: Set<Int>
    private let endWords: [[UInt32]: EndWord]
    let maybeUnsaid: Set<Int>

    struct Combination {
        let first: Int
        let second: Int
        let result: Int
    }

    struct Reading {
        let families: [ModalityFamily]
        let language: Language?
        let condition: Int?
        let result: Int?
    }

    struct Implication {
        let subject: Int
        let families: [ModalityFamily]
        let condition: Int?
        let result: Int
    }

    /// A word that says something only where nothing follows it.
    private struct EndWord {
        let concept: Int
        let mayFollow: Int?
    }

    init(_ lexicon: Lexicon) {
        var concepts: [ConceptID] = []
        var numbers: [ConceptID: Int] = [:]
        func number(_ concept: ConceptID) -> Int {
            if let known = numbers[concept] { return known }
            numbers[concept] = concepts.count
            concepts.append(concept)
            return concepts.count - 1
        }
        var markedWords: [(scalars: [UInt32], entry: TermTrie.Entry)] = []
        var plainWords = markedWords
        let left = Self.termsLeftOut(of: lexicon)
        for term in lexicon.terms + Self.variants(of: lexicon, without: left) where !left.contains(term) {
            let folded = FoldedText(term.text)
            guard !folded.scalars.isEmpty else { continue }
            let concept = number(term.concept)
            let languages = term.language.map(LanguageSet.init) ?? .european
            let stripped = folded.withoutMarks
            guard term.language == .vietnamese else {
                markedWords.append((folded.scalars, .init(concept: concept, languages: languages, isWeak: false)))
                plainWords.append((stripped, .init(concept: concept, languages: languages, isWeak: false)))
                continue
            }
            // A Vietnamese word that is written without diacritics could be one of any language.
            let isBare = stripped == folded.scalars && !Self.isAbbreviation(stripped)
            let isWeak = isBare || !(stripped.contains(0x20) || Self.isAbbreviation(stripped))
            let isHint = isBare ? term.concept.kind == .modality : stripped.count >= 3
            markedWords.append(
                (folded.scalars, .init(concept: concept, languages: languages, isWeak: isBare, isHint: isHint)))
            guard isBare || stripped.count > 2 else { continue }
            plainWords.append(
                (stripped, .init(concept: concept, languages: languages, isWeak: isWeak, isHint: isHint)))
        }
        var combinations: [Combination] = []
        var readings: [Int: [Reading]] = [:]
        var implications: [Implication] = []
        var parents: [Int: Set<Int>] = [:]
        var roles: [Int: LexiconRule.Role] = [:]
        var settlesContrast: Set<Int> = []
        var maybeUnsaid: Set<Int> = []
        var endWords: [[UInt32]: EndWord] = [:]
        for rule in lexicon.rules {
            let subject = number(rule.subject)
            let condition = rule.condition.map(number)
            switch rule.effect {
            case .within(let whole): parents[subject, default: []].insert(number(whole))
            case .combine(let result):
                guard let condition else { continue }
                combinations.append(Combination(first: subject, second: condition, result: number(result)))
            case .readsAs(let result):
                readings[subject, default: []].append(
                    Reading(
                        families: rule.families, language: rule.language, condition: condition,
                        result: result.map(number)))
            case .implies(let result):
                implications.append(
                    Implication(
                        subject: subject, families: rule.families, condition: condition, result: number(result)))
            case .role(let role): roles[subject] = role
            case .settlesContrast: settlesContrast.insert(subject)
            case .maybeUnsaid: maybeUnsaid.insert(subject)
            case .atEnd(let word):
                endWords[FoldedText(word).scalars] = EndWord(concept: subject, mayFollow: condition)
            case .notAWord: break
            }
        }
        speller = Speller(
            lexicon.terms.filter { !left.contains($0) },
            chineseTerms: Self.spelled(lexicon, without: left, roles) { numbers[$0] },
            codeParts: lexicon.codeParts)
        marked = TermTrie(markedWords)
        plain = TermTrie(plainWords)
        self.concepts = concepts
        self.numbers = numbers
        self.combinations = combinations
        self.readings = readings
        self.implications = implications
        containers = Self.closure(of: parents)
        self.parents = parents
        self.roles = roles
        func known(_ kind: ConceptID.Kind, _ name: String) -> Int? {
            ConceptID(kind: kind, name: name).flatMap { numbers[$0] }
        }
        negation = known(.contrast, "negation")
        inclusion = known(.technique, "inclusion")
        exclusion = known(.technique, "exclusion")
        without = known(.contrast, "without")
        let given = ["with", "medium", "iv", "iodinated", "gadolinium", "dynamic"].compactMap { known(.contrast, $0) }
        contrastGiven = Set(given)
        self.settlesContrast = settlesContrast
        self.maybeUnsaid = maybeUnsaid
        self.endWords = endWords
    }

    /// Terms that would do harm: those the rules name, and Chinese ones made of a side and another term of the same
    /// concept (双下肢), which found as one word would hide the side.
    private static func termsLeftOut(of lexicon: Lexicon) -> Set<Lexicon.Term> {
        let chinese = lexicon.terms.filter { $0.language == .chinese }
        let sides = chinese.filter { $0.concept.kind == .laterality }.map(\.text)
        let parts = chinese.filter { $0.concept.kind == .anatomy }
        let all = Set(parts)
        var left = Set(
            parts.filter { term in
                sides.contains { side in
                    term.text.utf8.starts(with: side.utf8)
                        && all.contains(
                            .init(
                                concept: term.concept, language: .chinese,
                                text: String(term.text.dropFirst(side.count))))
                }
            })
        for rule in lexicon.rules {
            guard case .notAWord(let text) = rule.effect else { continue }
            let languages = rule.language.map { [$0] } ?? Language.allCases
            left.formUnion(languages.map { .init(concept: rule.subject, language: $0, text: text) })
        }
        return left
    }

    /// Whether a word is too long a run of consonants to be a word of another language (CSTL, CLVT).
    private static func isAbbreviation(_ word: [UInt32]) -> Bool {
        word.count >= 3 && word.allSatisfy { ScalarFolding.isLetter($0) && !vowels.contains($0) }
    }

    private static let vowels = Set("aeiouy".unicodeScalars.map(\.value))

    /// The Chinese terms that a slip or pinyin may stand for: a finding or a word that asks nothing is no likelier meant
    /// than any other word, unless everyone knows it.
    private static func spelled(
        _ lexicon: Lexicon, without left: Set<Lexicon.Term>, _ roles: [Int: LexiconRule.Role],
        number: (ConceptID) -> Int?
    ) -> [ChineseSounds.Term] {
        var seen: Set<Lexicon.Term> = []
        return lexicon.terms.enumerated().compactMap { place, term in
            let isCommon = place < lexicon.commonTermCount
            let asksNothing = term.concept.kind == .finding || number(term.concept).flatMap { roles[$0] } == .neutral
            guard term.language == .chinese, !left.contains(term), isCommon || !asksNothing,
                seen.insert(term).inserted
            else { return nil }
            return .init(concept: term.concept, text: term.text, isCommon: isCommon)
        }
    }

    /// English words written with a hyphen for a space or the other way round (cross-table, circle-of-Willis), unless they
    /// mean something else so.
    private static func variants(of lexicon: Lexicon, without left: Set<Lexicon.Term>) -> [Lexicon.Term] {
        let separators: [(from: Character, to: String)] = [("-", " "), (" ", "-")]
        var taken = Set(lexicon.terms.map { $0.text.lowercased() })
        var variants: [Lexicon.Term] = []
        for term in lexicon.terms where term.language == .english && !left.contains(term) {
            for separator in separators {
                let words = term.text.split(separator: separator.from, omittingEmptySubsequences: false)
                let areWords = words.allSatisfy {
                    $0.count >= 2 && $0.allSatisfy { $0.isLetter || $0 == " " || $0 == "-" }
                }
                guard words.count > 1, areWords else { continue }
                let text = words.joined(separator: separator.to)
                guard taken.insert(text.lowercased()).inserted else { continue }
                variants.append(Lexicon.Term(concept: term.concept, language: term.language, text: text))
            }
        }
        return variants
    }

    private static func closure(of parents: [Int: Set<Int>]) -> [Int: Set<Int>] {
        var closure: [Int: Set<Int>] = [:]
        for start in parents.keys {
            var reached: Set<Int> = []
            var open = parents[start] ?? []
            while let next = open.popFirst() {
                if reached.insert(next).inserted { open.formUnion(parents[next] ?? []) }
            }
            closure[start] = reached
        }
        return closure
    }

    func number(of concept: ConceptID) -> Int? { numbers[concept] }

    func kind(_ concept: Int) -> ConceptID.Kind { concepts[concept].kind }

    func role(of concept: Int) -> LexiconRule.Role? { roles[concept] }

    /// Whether the first part of the body lies inside the second.
    func isInside(_ part: Int, _ whole: Int) -> Bool { containers[part]?.contains(whole) ?? false }

    /// Whether two parts of the body are the same, one inside the other, or neighbours in an area worth naming.
    func areRelated(_ one: Int, _ other: Int) -> Bool {
        if one == other || isInside(one, other) || isInside(other, one) { return true }
        let shared = (containers[one] ?? []).intersection(containers[other] ?? [])
        return shared.contains { area in
            concepts[area].name != "whole_body" && !(readings[area] ?? []).contains { $0.result == nil }
        }
    }

    func isVessel(_ part: Int) -> Bool { isInside(part, "blood_vessel") }
    func isBone(_ part: Int) -> Bool { isInside(part, "bone") }

    private func isInside(_ part: Int, _ name: String) -> Bool {
        (containers[part] ?? []).contains { concepts[$0].name == name }
    }

    /// What `concept` is read as in this company, nil when it says nothing there.
    ///
    /// A reading that is one language's habit gives way to what `detail` finds elsewhere in the study.
    func reading(
        of concept: Int, languages: LanguageSet, family: ModalityFamily, beside company: Set<Int>,
        insteadOfConvention detail: (_ habit: Int) -> Int? = { _ in nil }
    ) -> Int? {
        for reading in readings[concept] ?? [] {
            guard reading.families.isEmpty || reading.families.contains(family) else { continue }
            if let language = reading.language, !languages.isOnly(language) { continue }
            if let condition = reading.condition, !company.contains(condition) { continue }
            if reading.language != nil, let habit = reading.result, let detail = detail(habit) { return detail }
            return reading.result
        }
        return concept
    }

    // MARK: Finding words

    /// Words that join two examinations and mean nothing else.
    static let jointWords: Set<[UInt32]> = Set(["and", "va", "và", "plus"].map { FoldedText($0).scalars })

    /// The words of a text once what it leaves unread is put right, or nil when that helps nothing.
    func wordsPutRight(
        in text: FoldedText, unknown: [Range<Int>]
    ) -> (text: FoldedText, mentions: [Mention], unknown: [Range<Int>])? {
        var best: (text: FoldedText, mentions: [Mention], unknown: [Range<Int>])?
        func take(_ candidate: FoldedText) {
            let (mentions, rest) = words(in: candidate)
            if rest.count < (best?.unknown ?? unknown).count { best = (candidate, mentions, rest) }
        }
        if text.hasMarks {
            // Without its diacritics a word may be another one too, so nothing that was read may be lost.
            let known = Set(words(in: text).mentions.map(\.concept))
            let stripped = text.strippedOfMarks
            let (mentions, rest) = words(in: stripped)
            if known.isSubset(of: mentions.map(\.concept)) {
                take(stripped)
                if !rest.isEmpty, let right = speller.respelled(stripped, unknown: rest) { take(right) }
            }
        }
        if let parted = (best?.text ?? text).partedAtCapitals { take(parted) }
        if let rest = best?.unknown, rest.isEmpty { return best }
        if let respelled = speller.respelled(best?.text ?? text, unknown: best?.unknown ?? unknown) { take(respelled) }
        let mentions = best?.mentions ?? words(in: text).mentions
        if mentions.contains(where: { kind($0.concept) == .modality }),
            !mentions.contains(where: { kind($0.concept) == .anatomy }),
            let named = speller.regionNamed(in: best?.text ?? text, unknown: best?.unknown ?? unknown)
        {
            take(named)
        }
        return best
    }

    /// The last unknown word of a text, where it says something by standing last.
    private func lastWord(of text: FoldedText, after mentions: [Mention], _ unknown: [Range<Int>]) -> Mention? {
        guard let last = unknown.last, let word = endWords[Array(text.scalars[last])],
            mentions.allSatisfy({ $0.range.lowerBound < last.lowerBound || $0.concept == word.mayFollow })
        else { return nil }
        return Mention(concept: word.concept, languages: .english, range: last)
    }

    /// The words of a text from left to right, the longest at each place.
    ///
    /// - Complexity: O(text length × longest word).
    func words(in text: FoldedText) -> (mentions: [Mention], unknown: [Range<Int>]) {
        let trie = text.hasMarks ? marked : plain
        let longest = words(in: text, trie) { trie.longestWord(in: text, at: $0) }
        guard longest.unknown.contains(where: { ScalarFolding.isIdeograph(text.scalars[$0.lowerBound]) }) else {
            return longest
        }
        // Where the longest word tears the next one (左手骨|龄片), a shorter one may leave less unread.
        let parting = trie.parting(of: text)
        let parted = words(in: text, trie) { parting[$0] }
        return parted.unknown.lazy.map(\.count).reduce(0, +) < longest.unknown.lazy.map(\.count).reduce(0, +)
            ? parted : longest
    }

    private func words(
        in text: FoldedText, _ trie: TermTrie, wordAt: (Int) -> (end: Int, entries: Range<Int32>)?
    ) -> (mentions: [Mention], unknown: [Range<Int>]) {
        var mentions: [(mention: Mention, entry: TermTrie.Entry)] = []
        var unknown: [Range<Int>] = []
        var index = 0
        while index < text.scalars.count {
            let word = text.isWordStart(index) ? wordAt(index) : nil
            if let end = word?.end ?? text.jointEnd(at: index), text.isJoint(index..<end) {
                index = end
                continue
            }
            guard let word else {
                let start = index
                index += 1
                if ScalarFolding.isIdeograph(text.scalars[start]) {
                    if let last = unknown.last, last.upperBound == start,
                        ScalarFolding.isIdeograph(text.scalars[start - 1])
                    {
                        unknown[unknown.count - 1] = last.lowerBound..<index
                    } else {
                        unknown.append(start..<index)
                    }
                } else if ScalarFolding.isLetter(text.scalars[start]) {
                    while index < text.scalars.count, !text.isWordStart(index) { index += 1 }
                    let end = text.scalars[start..<index].lastIndex(where: { $0 != 0x20 }).map { $0 + 1 } ?? index
                    if end - start > 1 { unknown.append(start..<end) }
                }
                continue
            }
            for entry in trie.entries[Int(word.entries.lowerBound)..<Int(word.entries.upperBound)] {
                mentions.append(
                    (Mention(concept: entry.concept, languages: entry.languages, range: index..<word.end), entry)
                )
            }
            index = word.end
        }
        // Weak words are believed together.
        let isVietnamese =
            mentions.contains { !$0.entry.isWeak && $0.mention.languages == .vietnamese }
            || Set(mentions.filter { $0.entry.isHint && $0.mention.languages == .vietnamese }.map(\.mention.concept))
                .count >= 2
        let believed = mentions.filter { isVietnamese || !$0.entry.isWeak || $0.mention.languages != .vietnamese }
        let whole = withoutTorn(believed.map(\.mention), unknown, in: text)
        let said = withoutExclusions(negated(whole, in: text), in: text)
        var read = withoutEnumerations(said, in: text)
        if let last = lastWord(of: text, after: read, unknown) {
            unknown.removeLast()
            let place = read.firstIndex { $0.range.lowerBound > last.range.lowerBound } ?? read.count
            read.insert(last, at: place)
        }
        return (read, unknown)
    }
}

extension FoldedText {
    /// Where the word that starts at `index` ends, when it is short enough for a joint.
    fileprivate func jointEnd(at index: Int) -> Int? {
        guard isWordStart(index), ScalarFolding.isLetter(scalars[index]) else { return nil }
        let end =
            scalars[index...].prefix(5).firstIndex { !ScalarFolding.isLetterOrMark($0) }
            ?? min(index + 5, scalars.count)
        return end - index <= 4 ? end : nil
    }

    /// Whether the number two stands right before `index`, alone.
    func hasTwo(before index: Int) -> Bool {
        guard index >= 2, scalars[index - 1] == 0x20, scalars[index - 2] == 0x32 else { return false }
        return index == 2
            || !(ScalarFolding.isLetterOrMark(scalars[index - 3]) || ScalarFolding.isDigit(scalars[index - 3]))
    }

    fileprivate func isJoint(_ range: Range<Int>) -> Bool { LexiconIndex.jointWords.contains(Array(scalars[range])) }
}

extension LanguageSet {
    init(_ language: Language) {
        self =
            switch language {
            case .chinese: .chinese
            case .english: .english
            case .vietnamese: .vietnamese
            }
    }

    /// Whether a word belongs to `language` and is not Chinese besides. The habits of English departments are those
    /// of other European ones.
    func isOnly(_ language: Language) -> Bool {
        let isOf = contains(LanguageSet(language)) || (language == .english && contains(.european))
        return isOf && (language == .chinese || !contains(.chinese))
    }
}
