import Catalogue

/// A word of the lexicon found in a text.
struct Mention {
    let concept: Int
    let languages: LanguageSet
    /// Place in the folded text.
    let range: Range<Int>
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
    private let containers: [Int: Set<Int>]
    private let roles: [Int: LexiconRule.Role]
    private let speller: Speller
    private let negation: Int?
    private let inclusion: Int?
    private let without: Int?
    /// Words of contrast that a negation turns into its absence.
    private let contrastGiven: Set<Int>
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
        for term in lexicon.terms where !left.contains(term) {
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
        speller = Speller(lexicon.terms.filter { !left.contains($0) })
        marked = TermTrie(markedWords)
        plain = TermTrie(plainWords)
        self.concepts = concepts
        self.numbers = numbers
        self.combinations = combinations
        self.readings = readings
        self.implications = implications
        containers = Self.closure(of: parents)
        self.roles = roles
        func known(_ kind: ConceptID.Kind, _ name: String) -> Int? {
            ConceptID(kind: kind, name: name).flatMap { numbers[$0] }
        }
        negation = known(.contrast, "negation")
        inclusion = known(.technique, "inclusion")
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
        let all = Set(lexicon.terms)
        let sides = lexicon.terms.filter { $0.concept.kind == .laterality && $0.language == .chinese }.map(\.text)
        var left = all.filter { term in
            guard term.language == .chinese, term.concept.kind == .anatomy else { return false }
            return sides.contains { side in
                term.text.hasPrefix(side)
                    && all.contains(
                        .init(
                            concept: term.concept, language: .chinese, text: String(term.text.dropFirst(side.count))))
            }
        }
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
            if known.isSubset(of: words(in: stripped).mentions.map(\.concept)) { take(stripped) }
        }
        if let rest = best?.unknown, rest.isEmpty { return best }
        if let respelled = speller.respelled(best?.text ?? text, unknown: best?.unknown ?? unknown) { take(respelled) }
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
        var mentions: [(mention: Mention, entry: TermTrie.Entry)] = []
        var unknown: [Range<Int>] = []
        var index = 0
        while index < text.scalars.count {
            let word = text.isWordStart(index) ? trie.longestWord(in: text, at: index) : nil
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
        var read = withoutEnumerations(negated(believed.map(\.mention), in: text), in: text)
        if let last = lastWord(of: text, after: read, unknown) {
            unknown.removeLast()
            let place = read.firstIndex { $0.range.lowerBound > last.range.lowerBound } ?? read.count
            read.insert(last, at: place)
        }
        return (read, unknown)
    }

    /// Contrast right after a bare negation (`không dùng thuốc cản quang`, `bez kontrastu`) is contrast not given.
    private func negated(_ mentions: [Mention], in text: FoldedText) -> [Mention] {
        guard let negation, let without, mentions.contains(where: { $0.concept == negation }) else { return mentions }
        var result = mentions
        for mention in mentions where mention.concept == negation {
            let next = result.indices.filter { result[$0].range.lowerBound >= mention.range.upperBound }
            guard let first = next.first, contrastGiven.contains(result[first].concept),
                text.isClose(mention.range.upperBound..<result[first].range.lowerBound)
            else { continue }
            let start = result[first].range.lowerBound
            for place in next where result[place].range.lowerBound == start {
                guard contrastGiven.contains(result[place].concept) else { continue }
                result[place] = Mention(
                    concept: without, languages: result[place].languages, range: result[place].range)
            }
        }
        return result
    }

    /// Parts that a bracket lists as what the part before it takes in (`tiểu khung (gồm: tử cung, buồng trứng)`) are
    /// no examinations of their own.
    private func withoutEnumerations(_ mentions: [Mention], in text: FoldedText) -> [Mention] {
        guard let inclusion, mentions.contains(where: { $0.concept == inclusion }) else { return mentions }
        var result = mentions
        for mention in mentions where mention.concept == inclusion {
            guard let bracket = text.bracket(openedBefore: mention.range.lowerBound),
                let whole = mentions.last(where: {
                    $0.range.upperBound <= bracket.lowerBound && kind($0.concept) == .anatomy
                })
            else { continue }
            let parts = mentions.filter { bracket.contains($0.range.lowerBound) && kind($0.concept) == .anatomy }
            guard parts.allSatisfy({ $0.concept == whole.concept || isInside($0.concept, whole.concept) }) else {
                continue
            }
            result.removeAll { bracket.contains($0.range.lowerBound) && kind($0.concept) == .anatomy }
        }
        return result
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

    /// Whether no more than two short words, and nothing that joins, stand in `gap`.
    fileprivate func isClose(_ gap: Range<Int>) -> Bool {
        let words = scalars[gap].split(separator: 0x20)
        return words.count <= 2
            && words.allSatisfy { word in
                word.allSatisfy(ScalarFolding.isLetterOrMark) && !LexiconIndex.jointWords.contains(Array(word))
            }
    }

    /// The inside of the bracket that opens right before `index`, to its end or that of the text.
    fileprivate func bracket(openedBefore index: Int) -> Range<Int>? {
        guard index > 0, scalars[index - 1] == 0x28 else { return nil }
        return index..<(scalars[index...].firstIndex(of: 0x29) ?? scalars.count)
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
