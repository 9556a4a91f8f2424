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
        /// Nil for a language that catalogues are not written in, such as Polish.
        public let language: Language?
        public let text: String

        public init(concept: ConceptID, language: Language?, text: String) {
            self.concept = concept
            self.language = language
            self.text = text
        }
    }

    public let terms: [Term]
    /// How many of ``terms``, from the first, were handed down with the catalogues: the words everyone knows.
    public let commonTermCount: Int
    /// In the order of the file, which is the order they are tried in.
    public let rules: [LexiconRule]
    /// The parts that order codes are written together from.
    public let codeParts: [OrderCodePart]
    /// The preferred words of each concept.
    public let names: [ConceptID: LocalizedName]

    /// The lexicon that is part of the program: the terms handed down with the catalogues, our own by language, our rules.
    ///
    /// - Throws: ``CatalogueError`` naming file, line and reason of the first fault.
    public static func bundled() throws(CatalogueError) -> Lexicon { try bundled(adding: []) }

    /// The same with words of a site, checked already: they are not among those everyone knows, and rename nothing.
    static func bundled(adding words: [Term]) throws(CatalogueError) -> Lexicon {
        var builder = LexiconBuilder()
        try builder.add(synonyms: BundledFile.synonyms.table())
        for table in try BundledFile.tables(termFiles) { try builder.add(terms: table) }
        try builder.add(abbreviations: BundledFile.abbreviations.table())
        builder.add(words: words)
        return try builder.lexicon(rules: BundledFile.lexiconRules.table(), codes: BundledFile.orderCodes.table())
    }

    /// Our own terms, by language: by far the largest files, so they are read side by side.
    private static let termFiles: [BundledFile] = [.chineseTerms, .englishTerms, .vietnameseTerms, .europeanTerms]

    /// The same with the words of interventional work, some of which mean other things where only images are named.
    public static func bundledForProcedures() throws(CatalogueError) -> Lexicon {
        var builder = LexiconBuilder()
        try builder.add(terms: BundledFile.interventionalTerms.table())
        builder.reserve()
        let rules = try BundledFile.procedureRules.table()
        try builder.leaveOut(notWordsOf: rules)
        try builder.add(synonyms: BundledFile.synonyms.table())
        try builder.narrow(to: rules)
        for table in try BundledFile.tables(termFiles) { try builder.add(terms: table) }
        try builder.add(abbreviations: BundledFile.abbreviations.table())
        // How departments read images is not how they read work; only what is no word at all holds for both.
        let known = builder.concepts
        return try builder.lexicon(
            rules: BundledFile.lexiconRules.table(), codes: BundledFile.orderCodes.table()
        ) { rule in
            if case .notAWord = rule.effect { return known.contains(rule.subject) }
            return false
        }
    }
}

extension ConceptID {
    /// Whether it says what was done, to what or why.
    var isOfWork: Bool {
        switch kind {
        case .anatomy, .technique, .action, .finding: true
        case .modality, .view, .position, .laterality, .contrast: false
        }
    }
}
