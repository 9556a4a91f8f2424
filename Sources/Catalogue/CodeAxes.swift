/// The grammar of item codes: what each of the nine characters means after those before it (code-axes.tsv).
public struct CodeAxes: Sendable {
    /// One character of a code, explained.
    public struct Meaning: Sendable, Equatable {
        /// How surely the meaning is known.
        public enum Confidence: String, Sendable { case high, medium, low }

        public let en: String
        public let zh: String
        public let confidence: Confidence
        public let evidence: String
    }

    /// A position of a code with what stands there; `meaning` is nil when no line of the grammar allows it.
    public struct Position: Sendable, Equatable {
        /// Counted from 1.
        public let index: Int
        public let character: Character
        public let meaning: Meaning?
    }

    private struct Entry {
        /// Leading characters, nil standing for any.
        let context: [Character?]
        let meaning: Meaning
    }

    private struct Key: Hashable {
        let position: Int
        let character: Character
    }

    private let entries: [Key: [Entry]]

    public static func bundled() throws(CatalogueError) -> CodeAxes { try CodeAxes(BundledFile.codeAxes.table()) }

    init(_ table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["position", "context", "value", "meaning_en", "meaning_zh", "evidence", "confidence"])
        var entries: [Key: [Entry]] = [:]
        for row in table.rows {
            let position = try row.integer("position")
            guard (1...ItemCode.length).contains(position) else {
                throw row.fault("position", "\(position) is not a position of a code")
            }
            guard let character = row["value"].first, row["value"].count == 1 else {
                throw row.fault("value", "\"\(row["value"])\" is not one character")
            }
            let context: [Character?] = row["context"] == "*" ? [] : row["context"].map { $0 == "?" ? nil : $0 }
            guard context.count < position else {
                throw row.fault("context", "is longer than what stands before position \(position)")
            }
            let meaning = Meaning(
                en: row["meaning_en"], zh: row["meaning_zh"],
                confidence: try row.value("confidence", as: Meaning.Confidence.self), evidence: row["evidence"])
            entries[Key(position: position, character: character), default: []].append(
                Entry(context: context, meaning: meaning))
        }
        self.entries = entries
    }

    /// The nine positions of `code`, first to last.
    public func explain(_ code: ItemCode) -> [Position] {
        let characters = Array(code.value)
        return characters.indices.map { index in
            let candidates = entries[Key(position: index + 1, character: characters[index])] ?? []
            let entry = candidates.first { entry in
                zip(entry.context, characters).allSatisfy { expected, actual in expected.map { $0 == actual } ?? true }
            }
            return Position(index: index + 1, character: characters[index], meaning: entry?.meaning)
        }
    }

    /// Whether every position has a meaning: such a code is well formed, listed or not.
    public func isWellFormed(_ code: ItemCode) -> Bool { explain(code).allSatisfy { $0.meaning != nil } }
}
