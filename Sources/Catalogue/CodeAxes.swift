/// The grammar of item codes: what each of the nine characters means after those before it (code-axes.tsv, in Vietnamese
/// code-axes-vi.tsv).
public struct CodeAxes: Sendable {
    /// One character of a code, explained.
    public struct Meaning: Sendable, Equatable {
        /// How surely the meaning is known.
        public enum Confidence: String, Sendable { case high, medium, low }

        public let name: LocalizedName
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

    /// A character that may stand at a position.
    public struct Choice: Sendable, Equatable {
        public let character: Character
        public let meaning: Meaning
    }

    private struct Entry {
        let context: CodeContext
        let character: Character
        let meaning: Meaning
    }

    /// By position, from 1, each in the order of the file.
    private let entries: [Int: [Entry]]

    public static func bundled() throws(CatalogueError) -> CodeAxes {
        try CodeAxes(BundledFile.codeAxes.table(), vietnamese: BundledFile.codeAxesVietnamese.table())
    }

    init(_ table: TabSeparatedTable, vietnamese: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["position", "context", "value", "meaning_en", "meaning_zh", "evidence", "confidence"])
        try vietnamese.require(["position", "context", "value", "meaning_vi"])
        var translations: [CodeRow: String] = [:]
        for row in vietnamese.rows {
            let key = try CodeRow(row)
            guard translations.updateValue(try row.nonEmpty("meaning_vi"), forKey: key) == nil else {
                throw row.fault("value", "stands twice")
            }
        }
        var entries: [Int: [Entry]] = [:]
        for row in table.rows {
            let key = try CodeRow(row)
            guard let vietnamese = translations.removeValue(forKey: key) else {
                throw row.fault("value", "has no Vietnamese meaning")
            }
            let name = LocalizedName(zh: row["meaning_zh"], en: row["meaning_en"], vi: vietnamese)
            let meaning = Meaning(
                name: name, confidence: try row.value("confidence", as: Meaning.Confidence.self),
                evidence: row["evidence"])
            entries[key.position, default: []].append(
                Entry(context: key.context, character: key.character, meaning: meaning))
        }
        for row in vietnamese.rows where translations[try CodeRow(row)] != nil {
            throw row.fault("value", "explains no row of the grammar")
        }
        self.entries = entries
    }

    /// The nine positions of `code`, first to last.
    public func explain(_ code: ItemCode) -> [Position] { explain(Array(code.value)) }

    /// As many positions as there are characters, at most nine.
    func explain(_ characters: [Character]) -> [Position] {
        characters.prefix(ItemCode.length).indices.map { index in
            let entry = entries[index + 1]?.first {
                $0.character == characters[index] && $0.context.admits(characters)
            }
            return Position(index: index + 1, character: characters[index], meaning: entry?.meaning)
        }
    }

    /// What may stand at a position, from 1, after the characters before it; in the order of the file.
    public func choices(at position: Int, after characters: [Character]) -> [Choice] {
        (entries[position] ?? []).filter { $0.context.admits(characters) }
            .map { Choice(character: $0.character, meaning: $0.meaning) }
    }

    /// Whether every position has a meaning: such a code is well formed, listed or not.
    public func isWellFormed(_ code: ItemCode) -> Bool { explain(code).allSatisfy { $0.meaning != nil } }
}

/// The leading characters a row of the grammar applies to: `?` for any one, `*` for all.
struct CodeContext: Hashable {
    private let characters: [Character?]

    init(_ text: String) { characters = text == "*" ? [] : text.map { $0 == "?" ? nil : $0 } }

    var count: Int { characters.count }

    /// Whether `code` begins so; what it is too short for counts as fitting.
    func admits(_ code: [Character]) -> Bool {
        zip(characters, code).allSatisfy { expected, actual in expected.map { $0 == actual } ?? true }
    }

    /// The characters it stands for, when it names every one.
    var exact: [Character]? {
        let known = characters.compactMap(\.self)
        return known.count == characters.count ? known : nil
    }
}

/// What names a row in the files of the grammar.
struct CodeRow: Hashable {
    let position: Int
    let context: CodeContext
    let character: Character

    init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        position = try row.integer("position")
        guard (1...ItemCode.length).contains(position) else {
            throw row.fault("position", "\(position) is not a position of a code")
        }
        guard let character = row["value"].first, row["value"].count == 1 else {
            throw row.fault("value", "\"\(row["value"])\" is not one character")
        }
        self.character = character
        context = CodeContext(row["context"])
        guard context.count < position else {
            throw row.fault("context", "is longer than what stands before position \(position)")
        }
    }
}
