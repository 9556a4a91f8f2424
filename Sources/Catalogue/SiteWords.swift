/// The files of words a site has added to the lexicon of the program.
///
/// A value: adding to a copy leaves those who read the old one undisturbed.
public struct SiteWords: Sendable {
    /// One file that was checked.
    public struct File: Sendable, Equatable {
        public let name: String
        /// In the order of the file.
        public let terms: [Lexicon.Term]

        /// The terms that `before` does not have.
        public func terms(notIn before: File?) -> [Lexicon.Term] {
            let known = Set(before?.terms ?? [])
            return terms.filter { !known.contains($0) }
        }
    }

    /// Larger files are refused unread. The program's own largest file of words has 200 kB.
    public static let fileByteLimit = 1 << 20

    /// By name.
    public private(set) var files: [File] = []
    private let folded: @Sendable (String) -> [UInt32]

    /// - Parameter folded: what descriptions make of a word when they are read: two words with the same result are one.
    public init(folding folded: @escaping @Sendable (String) -> [UInt32]) { self.folded = folded }

    public subscript(name: String) -> File? { files.first { $0.name == name } }

    /// Whether a file may be kept under `name`: letters, digits, `.`, `_` and `-` of ASCII, ending in `.tsv`.
    public static func isFileName(_ name: String) -> Bool {
        name.hasSuffix(".tsv") && (5...64).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                        || "._-".unicodeScalars.contains(scalar))
            }
    }

    /// The lexicon of the program and these words.
    ///
    /// - Throws: ``CatalogueError`` when a file of the program is not beside it.
    public func lexicon() throws(CatalogueError) -> Lexicon { try lexicon(without: nil) }

    /// Reads and checks a file to be added, or to be put in the place of the one with its name.
    ///
    /// - Throws: every fault of the file.
    public func file(from bytes: [UInt8], named name: String) throws(CatalogueFaults) -> File {
        guard bytes.count <= Self.fileByteLimit else {
            throw CatalogueFaults([
                CatalogueFault(
                    file: name, line: 1, column: "#1",
                    reason: "\(bytes.count) bytes, where at most \(Self.fileByteLimit) are read")
            ])
        }
        var faults = FaultNotes()
        var terms: [Lexicon.Term] = []
        if let table = TabSeparatedTable(bytes, file: name, &faults),
            let known = faults.attempt({ () throws(CatalogueError) in try lexicon(without: name).terms })
        {
            var check = SiteWordsCheck(table, known: known, folded: folded)
            terms = check.terms(&faults)
        }
        try faults.throwIfAny()
        return File(name: name, terms: terms)
    }

    /// Puts a file of ``file(from:named:)`` beside the others, in the place of one with its name.
    public mutating func put(_ file: File) {
        remove(file.name)
        files.append(file)
        files.sort { $0.name < $1.name }
    }

    public mutating func remove(_ name: String) { files.removeAll { $0.name == name } }

    private func lexicon(without name: String?) throws(CatalogueError) -> Lexicon {
        try .bundled(adding: files.filter { $0.name != name }.flatMap(\.terms))
    }
}

/// Reads one file of words against those there are and notes everything that is wrong with it.
struct SiteWordsCheck {
    /// Longer ones are sentences.
    static let termLimit = 100

    private struct Key: Hashable {
        let kind: ConceptID.Kind
        let word: [UInt32]
    }

    private let table: TabSeparatedTable
    private let folded: (String) -> [UInt32]
    private let concepts: Set<ConceptID>
    private var owners: [Key: Set<ConceptID>] = [:]

    init(_ table: TabSeparatedTable, known: [Lexicon.Term], folded: @escaping (String) -> [UInt32]) {
        self.table = table
        self.folded = folded
        concepts = Set(known.map(\.concept))
        for term in known {
            owners[Key(kind: term.concept.kind, word: folded(term.text)), default: []].insert(term.concept)
        }
    }

    mutating func terms(_ faults: inout FaultNotes) -> [Lexicon.Term] {
        let isOneEach = table.has("term") || table.has("language")
        let columns = ["canonical_id"] + (isOneEach ? ["language", "term"] : Language.allCases.map(\.rawValue))
        guard checkColumns(columns, optional: ["kind", "preferred", "notes"], &faults) else { return [] }
        if table.rows.isEmpty, faults.faults.isEmpty {
            note(table.headerLine, "canonical_id", "no row stands below the header", &faults)
        }
        var terms: [Lexicon.Term] = []
        for row in table.rows {
            let concept = faults.attempt { () throws(CatalogueError) in try self.concept(row) }
            let cells = isOneEach ? [("term", row["language"])] : Language.allCases.map { ($0.rawValue, $0.rawValue) }
            if isOneEach, !Self.isLanguage(row["language"]) {
                faults.add(
                    row.fault("language", "\"\(row["language"])\" is not zh, en, vi or another code of two letters")
                        .fault)
            }
            let filled = isOneEach ? cells : cells.filter { !row[$0.0].isEmpty }
            if filled.isEmpty { faults.add(row.fault("canonical_id", "no word stands beside it").fault) }
            for (column, language) in filled {
                guard let text = faults.attempt({ () throws(CatalogueError) in try word(row, column, of: concept) }),
                    let concept
                else { continue }
                terms.append(Lexicon.Term(concept: concept, language: Language(rawValue: language), text: text))
            }
        }
        return terms
    }

    private func note(_ line: Int, _ column: String, _ reason: String, _ faults: inout FaultNotes) {
        faults.add(CatalogueFault(file: table.file, line: line, column: column, reason: reason))
    }

    private func checkColumns(_ required: [String], optional: [String], _ faults: inout FaultNotes) -> Bool {
        let missing = required.filter { !table.has($0) }
        for name in missing { note(table.headerLine, name, "the header has no such column", &faults) }
        for (index, name) in table.columnNames.enumerated() where !(required + optional).contains(name) {
            note(
                table.headerLine, name.isEmpty ? "#\(index + 1)" : name, "is not a column of a file of words", &faults)
        }
        return missing.isEmpty
    }

    private func concept(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> ConceptID {
        let concept = try LexiconBuilder.concept(row)
        guard concepts.contains(concept) else { throw row.fault("canonical_id", "there is no \(concept)") }
        return concept
    }

    private static func isLanguage(_ code: String) -> Bool {
        code.utf8.count == 2 && code.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }

    /// - Parameter concept: nil when the row names none; the word is checked all the same.
    private mutating func word(
        _ row: TabSeparatedTable.Row, _ column: String, of concept: ConceptID?
    ) throws(CatalogueError) -> String {
        let text = try row.nonEmpty(column)
        if text.unicodeScalars.contains(where: Self.isForbidden) {
            throw row.fault(column, "holds a control character or a damaged one")
        }
        if text.count > Self.termLimit {
            throw row.fault(column, "has \(text.count) characters where at most \(Self.termLimit) are read")
        }
        let word = folded(text)
        if word.isEmpty || !text.contains(where: { $0.isLetter || $0.isNumber }) {
            throw row.fault(column, "\"\(text)\" has no letter or digit")
        }
        guard let concept else { return text }
        let key = Key(kind: concept.kind, word: word)
        if let others = owners[key], !others.contains(concept), let other = others.min(by: { $0.value < $1.value }) {
            throw row.fault(column, "\"\(text)\" already stands for \(other)")
        }
        owners[key, default: []].insert(concept)
        return text
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: scalar == "\u{FFFD}"
        }
    }
}
