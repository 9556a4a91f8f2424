/// Collects a lexicon from its files and refuses a term that would stand for two concepts of one kind.
struct LexiconBuilder {
    /// A term of one kind. Terms are compared byte by byte: files hold one normal form, and there are many.
    private struct Key: Hashable {
        let kind: ConceptID.Kind
        let text: String

        static func == (left: Key, right: Key) -> Bool {
            left.kind == right.kind && left.text.utf8.elementsEqual(right.text.utf8)
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(kind)
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private(set) var terms: [Lexicon.Term] = []
    private var commonTermCount = 0
    private var owners: [Key: ConceptID] = [:]
    private var names: [ConceptID: [Language: String]] = [:]
    /// Words that later files do not give another meaning, in lower case.
    private var reserved: [Key: ConceptID] = [:]
    /// Terms of later files that are left out, in lower case.
    private var leftOut: Set<Key> = []
    /// Concepts that later files may add words to, nil for all.
    private var taken: Set<ConceptID>?

    /// Leaves out what the `not_a_word` rows of a table name: compounds that would hide the words they are made of.
    mutating func leaveOut(notWordsOf table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["rule", "subject", "value"])
        for row in table.rows where row["rule"] == "not_a_word" {
            guard let concept = ConceptID(row["subject"]) else {
                throw row.fault("subject", "\"\(row["subject"])\" is not kind.name")
            }
            leftOut.insert(Key(kind: concept.kind, text: try row.nonEmpty("value").lowercased()))
        }
    }

    /// From here on only parts and techniques are added that have words already or that the rules of `table` name. The
    /// files that follow hold whole phrases of diseases and orders, which would hide what was done.
    mutating func narrow(to table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["rule", "subject", "with", "value"])
        var used = Set(terms.map(\.concept)).subtracting(
            table.rows.filter { $0["rule"] == "few_words" }.compactMap { ConceptID($0["subject"]) })
        for row in table.rows where !["few_words", "not_a_word"].contains(row["rule"]) {
            for text in [row["subject"]] + row.list("with") + row.list("value") {
                if let concept = ConceptID(text.hasPrefix("!") ? String(text.dropFirst()) : text) {
                    used.insert(concept)
                }
            }
        }
        taken = used.filter { $0.kind != .finding && $0.kind != .action }
    }

    /// Keeps what was added so far to its meaning: where a later file uses one of these words for another concept of the
    /// same kind, that term of it is left out.
    mutating func reserve() {
        for (key, concept) in owners { reserved[Key(kind: key.kind, text: key.text.lowercased())] = concept }
    }

    /// A table of terms in three columns, one a language (synonyms.tsv).
    mutating func add(synonyms table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["canonical_id", "zh", "en", "vi", "preferred"])
        for row in table.rows {
            let concept = try Self.concept(row)
            let isPreferred = row["preferred"] == "yes"
            for language in Language.allCases where !row[language.rawValue].isEmpty {
                try add(row[language.rawValue], of: concept, language, in: row, column: language.rawValue)
                if isPreferred { names[concept, default: [:]][language] = row[language.rawValue] }
            }
        }
        commonTermCount = terms.count
    }

    /// A table of one term a row (lexicon-*.tsv).
    mutating func add(terms table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["canonical_id", "language", "term"])
        // Rows are sorted, so most name the concept of the row before.
        var last: (name: String, concept: ConceptID)?
        terms.reserveCapacity(terms.count + table.rows.count)
        owners.reserveCapacity(owners.count + table.rows.count)
        for row in table.rows {
            let name = row["canonical_id"]
            let concept: ConceptID
            if let last, last.name == name { concept = last.concept } else { concept = try Self.concept(row) }
            last = (name, concept)
            try add(
                row.nonEmpty("term"), of: concept, Language(rawValue: row.nonEmpty("language")), in: row,
                column: "term")
        }
    }

    /// Terms once more with a word of theirs as departments shorten it (lexicon-abbreviations.tsv); one that would
    /// stand for a second concept is left out.
    mutating func add(abbreviations table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["language", "word", "short"])
        // By their first words, as terms are many and few of them have any.
        var rows: [ArraySlice<UInt8>: [(word: [UInt8], short: [UInt8], language: Language?)]] = [:]
        for row in table.rows {
            let word = Array(try row.nonEmpty("word").utf8)
            rows[word.prefix(while: Self.isInWord), default: []].append(
                (word, Array(try row.nonEmpty("short").utf8), Language(rawValue: try row.nonEmpty("language"))))
        }
        let languages = Array(Set(rows.values.joined().map(\.language)))
        var next = 0
        // A shortened term may hold another word to shorten, so what is added is looked at too.
        while next < terms.count {
            let term = terms[next]
            next += 1
            guard languages.contains(term.language) else { continue }
            let isLower = term.text.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
            let text = Array((isLower ? term.text : term.text.lowercased()).utf8)
            for word in text.split(whereSeparator: { !Self.isInWord($0) }) {
                for row in rows[word] ?? [] where row.language == term.language {
                    guard let shortened = Self.replacing(row.word, with: row.short, in: text) else { continue }
                    let key = Key(kind: term.concept.kind, text: shortened)
                    guard owners[key] == nil else { continue }
                    owners[key] = term.concept
                    terms.append(Lexicon.Term(concept: term.concept, language: term.language, text: shortened))
                }
            }
        }
    }

    /// Whether a byte of UTF-8 belongs to a word: letters, digits and everything beyond ASCII.
    private static func isInWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: true
        default: false
        }
    }

    /// `text` with `short` in the place of every whole `word`, or nil when it has none.
    private static func replacing(_ word: [UInt8], with short: [UInt8], in text: [UInt8]) -> String? {
        var result: [UInt8] = []
        var isFound = false
        var index = 0
        while index < text.count {
            let end = index + word.count
            let isWhole =
                end <= text.count && text[index..<end].elementsEqual(word)
                && (index == 0 || !isInWord(text[index - 1])) && (end == text.count || !isInWord(text[end]))
            guard isWhole else {
                result.append(text[index])
                index += 1
                continue
            }
            result += short
            index = end
            isFound = true
        }
        return isFound ? String(decoding: result, as: UTF8.self) : nil
    }

    /// Words that were checked already.
    mutating func add(words: [Lexicon.Term]) { terms += words }

    /// Everything there are words for.
    var concepts: Set<ConceptID> { Set(terms.map(\.concept)) }

    static func concept(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> ConceptID {
        guard let concept = ConceptID(row["canonical_id"]) else {
            throw row.fault("canonical_id", "\"\(row["canonical_id"])\" is not kind.name")
        }
        return concept
    }

    private mutating func add(
        _ text: String, of concept: ConceptID, _ language: Language?, in row: TabSeparatedTable.Row, column: String
    ) throws(CatalogueError) {
        let folded = Key(kind: concept.kind, text: text.lowercased())
        if let keeper = reserved[folded], keeper != concept { return }
        guard !leftOut.contains(folded), taken?.contains(concept) ?? true || !concept.isOfWork else { return }
        let key = Key(kind: concept.kind, text: text)
        if let owner = owners[key], owner != concept {
            throw row.fault(column, "\"\(text)\" already stands for \(owner)")
        }
        owners[key] = concept
        terms.append(Lexicon.Term(concept: concept, language: language, text: text))
        // The first word of a language names the concept, unless one is marked as preferred.
        if let language, names[concept]?[language] == nil { names[concept, default: [:]][language] = text }
    }

    private static func codeParts(_ table: TabSeparatedTable?) throws(CatalogueError) -> [OrderCodePart] {
        guard let table else { return [] }
        try table.require(["code", "role", "modality", "words"])
        var parts: [OrderCodePart] = []
        for row in table.rows { parts.append(try OrderCodePart(row)) }
        return parts
    }

    /// - Throws: ``CatalogueError`` when a rule names a concept that has no term.
    func lexicon(
        rules table: TabSeparatedTable, codes codeTable: TabSeparatedTable? = nil,
        where isWanted: (LexiconRule) -> Bool = { _ in true }
    ) throws(CatalogueError) -> Lexicon {
        let known = concepts
        try table.require(["rule", "id", "modality", "language", "with", "value"])
        var rules: [LexiconRule] = []
        for row in table.rows {
            let rule = try LexiconRule(row)
            guard isWanted(rule) else { continue }
            for (column, concept) in rule.mentioned where !known.contains(concept) {
                throw row.fault(column, "\(concept) has no term")
            }
            rules.append(rule)
        }
        let names = names.mapValues { words in
            LocalizedName(
                zh: words[.chinese] ?? "", en: words[.english] ?? "", vi: words[.vietnamese] ?? "")
        }
        return Lexicon(
            terms: terms, commonTermCount: commonTermCount, rules: rules, codeParts: try Self.codeParts(codeTable),
            names: names)
    }
}
