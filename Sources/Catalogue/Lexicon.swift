/// Names one thing the lexicon has words for, e.g. `anatomy.chest`.
public struct ConceptID: Hashable, Sendable {
    /// What a concept says about an examination.
    public enum Kind: String, Sendable, CaseIterable {
        case anatomy, modality, view, position, laterality, contrast, technique, action, finding
    }

    public let kind: Kind
    public let name: String

    /// Nil when `name` is empty or holds anything but ASCII letters, digits and underscores.
    public init?(kind: Kind, name: String) {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard !name.isEmpty, isAllowed else { return nil }
        self.kind = kind
        self.name = name
    }

    /// From its written form, `kind.name`.
    public init?(_ value: String) {
        let parts = value.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        self.init(kind: kind, name: String(parts[1]))
    }

    public var value: String { "\(kind.rawValue).\(name)" }
}

extension ConceptID: CustomStringConvertible {
    public var description: String { value }
}

/// The words of three languages for the parts, views, sides, contrast and techniques of examinations, and how
/// departments read them.
public struct Lexicon: Sendable {
    public struct Term: Sendable, Hashable {
        public let concept: ConceptID
        public let language: Language
        public let text: String

        public init(concept: ConceptID, language: Language, text: String) {
            self.concept = concept
            self.language = language
            self.text = text
        }
    }

    public let terms: [Term]
    /// In the order of the file, which is the order they are tried in.
    public let rules: [LexiconRule]
    /// The preferred words of each concept.
    public let names: [ConceptID: LocalizedName]

    /// The lexicon that is part of the program: the terms handed down with the catalogues, our additions and our rules.
    public static func bundled() throws(CatalogueError) -> Lexicon {
        let tables = [try BundledFile.synonyms.table(), try BundledFile.lexiconAdditions.table()]
        return try Lexicon(terms: tables, rules: BundledFile.lexiconRules.table())
    }

    /// - Throws: ``CatalogueError``, also when one term of one kind stands for two concepts, or a rule names a concept
    ///   that has no term.
    init(terms tables: [TabSeparatedTable], rules ruleTable: TabSeparatedTable) throws(CatalogueError) {
        struct Key: Hashable {
            let kind: ConceptID.Kind
            let text: String
        }
        var terms: [Term] = []
        var owners: [Key: ConceptID] = [:]
        var names: [ConceptID: LocalizedName] = [:]
        for table in tables {
            try table.require(["canonical_id", "zh", "en", "vi", "preferred"])
            for row in table.rows {
                guard let concept = ConceptID(row["canonical_id"]) else {
                    throw row.fault("canonical_id", "\"\(row["canonical_id"])\" is not kind.name")
                }
                for language in Language.allCases {
                    let text = row[language.rawValue]
                    guard !text.isEmpty else { continue }
                    let owner = owners[Key(kind: concept.kind, text: text)]
                    if let owner, owner != concept {
                        throw row.fault(language.rawValue, "\"\(text)\" already stands for \(owner)")
                    }
                    owners[Key(kind: concept.kind, text: text)] = concept
                    terms.append(Term(concept: concept, language: language, text: text))
                }
                if row["preferred"] == "yes" || names[concept] == nil {
                    names[concept] = LocalizedName(zh: row["zh"], en: row["en"], vi: row["vi"])
                }
            }
        }
        try ruleTable.require(["rule", "id", "modality", "language", "with", "value"])
        var rules: [LexiconRule] = []
        for row in ruleTable.rows {
            let rule = try LexiconRule(row)
            for (column, concept) in rule.mentioned where names[concept] == nil {
                throw row.fault(column, "\(concept) has no term")
            }
            rules.append(rule)
        }
        self.terms = terms
        self.rules = rules
        self.names = names
    }
}
