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

/// A lexicon made ready for reading: concepts as numbers, words as automata, rules by what they concern. A class, as every
/// part of the reading hands it on.
final class LexiconIndex: Sendable {
    private let numbers: ConceptNumbers
    let vocabulary: LexiconWords

    let combinations: [Combination]
    /// By subject.
    let readings: [Int: [Reading]]
    let implications: [Implication]
    let containers: [Int: Set<Int>]
    let parents: [Int: Set<Int>]
    private let roles: [Int: LexiconRule.Role]
    let speller: Speller
    let negation: Int?
    let inclusion: Int?
    let exclusion: Int?
    let without: Int?
    /// Words of contrast that a negation turns into its absence.
    let contrastGiven: Set<Int>
    let settlesContrast: Set<Int>
    let endWords: [[UInt32]: EndWord]
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
    struct EndWord {
        let concept: Int
        let mayFollow: Int?
    }

    init(_ lexicon: Lexicon) {
        var numbers = ConceptNumbers()
        func number(_ concept: ConceptID) -> Int { numbers.number(of: concept) }
        vocabulary = LexiconWords(lexicon, &numbers)
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
        let neutral = Set(roles.lazy.filter { $0.value == .neutral }.map(\.key))
        speller = Speller(vocabulary.terms, codeParts: lexicon.codeParts) { [vocabulary, numbers] in
            vocabulary.spelled(lexicon) { concept in numbers[concept].map(neutral.contains) ?? false }
        }
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

    var concepts: [ConceptID] { numbers.concepts }

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
