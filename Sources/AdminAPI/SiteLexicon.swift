/// One file of a site's words: `priorctl lexicon list`.
public struct LexiconFileRow: Codable, Sendable, Equatable {
    public var file: String
    public var wordCount: Int

    public init(file: String, wordCount: Int) {
        self.file = file
        self.wordCount = wordCount
    }
}

public struct LexiconAnswer: Codable, Sendable, Equatable {
    /// In force, by name.
    public var files: [LexiconFileRow]
    /// `kept` is the file itself where its last accepted copy stays in force.
    public var refused: [RefusedCatalogueRow]

    public init(files: [LexiconFileRow], refused: [RefusedCatalogueRow]) {
        self.files = files
        self.refused = refused
    }
}

/// What a file of words comes to: the answer of `lexicon add`, and of `lexicon check` where nothing is put in force.
public struct LexiconChangeAnswer: Codable, Sendable, Equatable {
    public struct Term: Codable, Sendable, Equatable {
        public var concept: String
        public var term: String

        public init(concept: String, term: String) {
            self.concept = concept
            self.term = term
        }
    }

    public var file: LexiconFileRow
    /// In the order of the file.
    public var added: [Term]
    /// Of the file it replaces.
    public var removed: [Term]

    public init(file: LexiconFileRow, added: [Term], removed: [Term]) {
        self.file = file
        self.added = added
        self.removed = removed
    }
}
