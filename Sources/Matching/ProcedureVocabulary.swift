public import Catalogue

/// The words of procedures and the rules for reading them, made ready; what every ``ProcedureMatcher`` shares.
public struct ProcedureVocabulary: Sendable {
    let index: LexiconIndex
    /// For each concept those it lies inside or is a kind of, with the number of steps; itself with none.
    private let wholes: [[Int: Int]?]
    private let wholeLists: [[Int]]
    let rewritings: [Rewriting]
    /// Places of ``rewritings`` by subject.
    let rewritingsOf: [Int: [Int]]
    let absorbs: [Int: Set<Int>]
    let neutral: Set<Int>
    let diagnostic: Set<Int>
    let bare: Set<Int>
    let unsaid: Set<Int>
    let optional: Set<Int>
    /// Deeds that only say that something was done.
    let vague: Set<Int>
    private let rules: [ProcedureRule]

    /// A rule that adds to what is named, or changes it.
    struct Rewriting {
        let subject: Int
        let with: [Int]
        let without: [Int]
        let results: [Int]
        /// The subject itself is no longer meant.
        let isReplacement: Bool
    }

    public init(lexicon: Lexicon, rules: [ProcedureRule]) {
        let index = LexiconIndex(lexicon)
        func numbers(_ concepts: [ConceptID]) -> [Int] { concepts.compactMap(index.number(of:)) }
        var parents: [Int: Set<Int>] = [:]
        var rewritings: [Rewriting] = []
        var absorbs: [Int: Set<Int>] = [:]
        var neutral: Set<Int> = []
        var diagnostic = neutral
        var bare = neutral
        var unsaid = neutral
        var optional = neutral
        var vague = neutral
        for rule in rules {
            guard let subject = rule.subject.flatMap(index.number(of:)) else { continue }
            func rewriting(_ results: [ConceptID], replaces: Bool) -> Rewriting {
                Rewriting(
                    subject: subject, with: numbers(rule.with), without: numbers(rule.without),
                    results: numbers(results), isReplacement: replaces)
            }
            switch rule.effect {
            case .within(let all): parents[subject, default: []].formUnion(numbers(all))
            case .implies(let all): rewritings.append(rewriting(all, replaces: false))
            case .readsAs(let one): rewritings.append(rewriting([one].compactMap(\.self), replaces: true))
            case .absorbs(let all): absorbs[subject, default: []].formUnion(numbers(all))
            case .neutral: neutral.insert(subject)
            case .diagnostic: diagnostic.insert(subject)
            case .bare: bare.insert(subject)
            case .unsaid: unsaid.insert(subject)
            case .optional: optional.insert(subject)
            case .vague: vague.insert(subject)
            case .procedures, .outside: break
            }
        }
        self.index = index
        self.rewritings = rewritings
        rewritingsOf = Dictionary(grouping: rewritings.indices) { rewritings[$0].subject }
        self.absorbs = absorbs
        self.neutral = neutral
        self.diagnostic = diagnostic
        self.bare = bare
        self.unsaid = unsaid
        self.optional = optional
        self.vague = vague
        self.rules = rules
        let steps = Self.steps(parents)
        wholes = index.concepts.indices.map { steps[$0] }
        wholeLists = index.concepts.indices.map { steps[$0].map { Array($0.keys) } ?? [$0] }
    }

    /// With the lexicon and the rules that are part of the program.
    public static func bundled() throws(CatalogueError) -> ProcedureVocabulary {
        let lexicon = try Lexicon.bundledForProcedures()
        return ProcedureVocabulary(lexicon: lexicon, rules: try ProcedureRule.bundled(lexicon))
    }

    private static func steps(_ parents: [Int: Set<Int>]) -> [Int: [Int: Int]] {
        var all: [Int: [Int: Int]] = [:]
        for start in parents.keys {
            var reached = [start: 0]
            var front: Set<Int> = [start]
            var distance = 0
            while !front.isEmpty {
                distance += 1
                let next = Set(front.flatMap { parents[$0] ?? [] }).filter { reached[$0] == nil }
                for concept in next { reached[concept] = distance }
                front = next
            }
            all[start] = reached
        }
        return all
    }

    /// How many steps `part` lies below `whole`: 0 for the same, nil when it is no part of it.
    func steps(from part: Int, to whole: Int) -> Int? {
        if part == whole { return 0 }
        return wholes[part]?[whole]
    }

    /// What `concept` is and lies inside.
    func wholes(of concept: Int) -> [Int] { wholeLists[concept] }

    /// Whether `part` is, or lies inside, one of `wholes`.
    func isOne(_ part: Int, of wholes: Set<Int>) -> Bool { wholes.contains { steps(from: part, to: $0) != nil } }

    /// Whether one of `concepts` is, or lies inside, `whole`.
    func names(_ whole: Int, in concepts: some Sequence<Int>) -> Bool {
        concepts.contains { steps(from: $0, to: whole) != nil }
    }

    /// Without those that contain another one.
    func particular(_ concepts: [Int]) -> [Int] {
        concepts.filter { whole in !concepts.contains { $0 != whole && steps(from: $0, to: whole) != nil } }
    }

    /// What the rules say of single procedures of a list.
    func changes(in catalogue: CatalogueID) -> [String: [(change: ProcedureRule.Change, concepts: [Int])]] {
        var changes: [String: [(change: ProcedureRule.Change, concepts: [Int])]] = [:]
        for rule in rules where rule.catalogue == catalogue {
            guard case .procedures(let ids, let change, let concepts) = rule.effect else { continue }
            for id in ids { changes[id, default: []].append((change, concepts.compactMap(index.number(of:)))) }
        }
        return changes
    }

    /// Concepts that put a study outside a list.
    func outside(_ catalogue: CatalogueID) -> [Int] {
        rules.filter { $0.catalogue == catalogue }.flatMap { rule -> [Int] in
            guard case .outside(let concepts) = rule.effect else { return [] }
            return concepts.compactMap(index.number(of:))
        }
    }
}
