/// Which examinations show what of the body: data of anatomy-coverage.tsv, and how parts lie within others
/// (lexicon-rules.tsv).
///
/// `covers` is strict: an examination of the whole shows the part as an examination of the part would. `meets` is
/// loose: the two show something of the same region. The first may spare an examination, the second may not.
public struct AnatomyCoverage: Sendable {
    private let covered: [Coverage: Set<ConceptID>]
    private let met: [ConceptID: Set<ConceptID>]
    private let shown: [String: [String: Set<String>]]

    private struct Coverage: Hashable {
        let whole: ConceptID
        /// As in the catalogue's modality column.
        let modality: String
    }

    /// The table that is part of the program.
    ///
    /// - Throws: ``CatalogueError`` naming line, column and reason of the first fault.
    public static func bundled(lexicon: Lexicon) throws(CatalogueError) -> AnatomyCoverage {
        try AnatomyCoverage(BundledFile.anatomyCoverage.table(), lexicon: lexicon)
    }

    init(_ table: TabSeparatedTable, lexicon: Lexicon) throws(CatalogueError) {
        try table.require(["rule", "one", "other", "modality"])
        func part(_ row: TabSeparatedTable.Row, _ column: String) throws(CatalogueError) -> ConceptID {
            guard let part = ConceptID(kind: .anatomy, name: row[column]), lexicon.names[part] != nil else {
                throw row.fault(column, "\"\(row[column])\" is no part the lexicon has words for")
            }
            return part
        }
        var covers = Closure<Coverage, ConceptID>()
        var within = Closure<ConceptID, ConceptID>()
        var neighbours: [ConceptID: Set<ConceptID>] = [:]
        var kinds: Set<ConceptID> = []
        var shows: [String: Closure<String, String>] = [:]
        for row in table.rows {
            let modalities = row.list("modality", separator: " ")
            switch row["rule"] {
            case "covers":
                let (whole, inner) = (try part(row, "one"), try part(row, "other"))
                for modality in modalities { covers.add(inner, to: Coverage(whole: whole, modality: modality)) }
            case "meets":
                let (one, other) = (try part(row, "one"), try part(row, "other"))
                neighbours[one, default: []].insert(other)
                neighbours[other, default: []].insert(one)
            case "kind": kinds.insert(try part(row, "one"))
            case "shows":
                for modality in modalities {
                    shows[modality, default: Closure()].add(
                        try row.nonEmpty("other"), to: try row.nonEmpty("one"))
                }
            default: throw row.fault("rule", "\"\(row["rule"])\" is not covers, meets, kind or shows")
            }
        }
        for rule in lexicon.rules {
            if case .within(let whole) = rule.effect, !kinds.contains(whole), !kinds.contains(rule.subject) {
                within.add(rule.subject, to: whole)
            }
        }
        covered = covers.closed { key, inner in Coverage(whole: inner, modality: key.modality) }
        let inside = within.closed { _, inner in inner }
        for (key, parts) in covered {
            for part in parts { neighbours[key.whole, default: []].insert(part) }
        }
        for (whole, parts) in inside { neighbours[whole, default: []].formUnion(parts) }
        for (one, others) in neighbours {
            for other in others { neighbours[other, default: []].insert(one) }
        }
        met = neighbours
        shown = shows.mapValues { $0.closed { _, asked in asked } }
    }

    /// Whether an examination of `whole` shows `part` as an examination of `part` would; true of a part and itself.
    public func covers(_ whole: ConceptID, _ part: ConceptID, modality: String) -> Bool {
        whole == part || covered[Coverage(whole: whole, modality: modality)]?.contains(part) ?? false
    }

    /// Whether examinations of the two show something of the same region, whatever they are made with.
    public func meets(_ one: ConceptID, _ other: ConceptID) -> Bool {
        one == other || met[one]?.contains(other) ?? false
    }

    /// Whether series of the token `given` show what `asked` asks for (Resources/README.md, "Series tokens"). A greater
    /// count shows a smaller one: `PLANES>=3` shows `PLANES>=2`.
    public func shows(_ given: String, _ asked: String, modality: String) -> Bool {
        if given == asked || shown[modality]?[given]?.contains(asked) ?? false { return true }
        guard let one = CountedToken(given) else { return false }
        if let other = CountedToken(asked) { return one.name == other.name && one.count >= other.count }
        return shown[modality]?.contains { token, shows in
            guard let known = CountedToken(token) else { return false }
            return known.name == one.name && known.count <= one.count && shows.contains(asked)
        } ?? false
    }
}

/// `DYN>=3`: a name and the least number of them.
private struct CountedToken {
    let name: Substring
    let count: Int

    init?(_ token: String) {
        guard let sign = token.firstRange(of: ">="), let count = Int(token[sign.upperBound...]) else { return nil }
        name = token[..<sign.lowerBound]
        self.count = count
    }
}

/// What follows from rows that name one step each.
private struct Closure<Key: Hashable, Value: Hashable> {
    private var steps: [Key: Set<Value>] = [:]

    mutating func add(_ value: Value, to key: Key) { steps[key, default: []].insert(value) }

    /// - Parameter next: the key that a value reached from a key is in its turn.
    func closed(_ next: (Key, Value) -> Key) -> [Key: Set<Value>] {
        var all: [Key: Set<Value>] = [:]
        for (key, values) in steps {
            var reached = values
            var waiting = Array(values)
            while let value = waiting.popLast() {
                for further in steps[next(key, value)] ?? [] where reached.insert(further).inserted {
                    waiting.append(further)
                }
            }
            all[key] = reached
        }
        return all
    }
}
