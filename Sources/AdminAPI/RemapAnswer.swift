/// What to name all studies by: the body of `POST /admin/v1/remap`.
public struct RemapRequest: Codable, Sendable, Equatable {
    /// A file that is not in force.
    public struct File: Codable, Sendable, Equatable {
        public var name: String
        public var text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    /// Change nothing.
    public var dryRun: Bool
    /// Beside the catalogues in force, or in the place of one with its id; only of a dry run.
    public var catalogue: File?
    /// Words beside those in force, or in the place of the file of that name; only of a dry run.
    public var lexicon: File?

    public init(dryRun: Bool, catalogue: File? = nil, lexicon: File? = nil) {
        self.dryRun = dryRun
        self.catalogue = catalogue
        self.lexicon = lexicon
    }
}

/// What changes when all studies are named anew: `priorctl remap`.
public struct RemapAnswer: Codable, Sendable, Equatable {
    /// Studies of one description whose name changes in the same way.
    public struct Change: Codable, Sendable, Equatable {
        public var description: String
        public var modality: String
        /// What they were named and what they are named then, each as `catalogue/key`; empty for nothing, `NONE` for what
        /// a person said is none of the items.
        public var from: [String]
        public var to: [String]
        public var count: Int
        /// Study Instance UIDs.
        public var studies: [String]

        public init(
            description: String, modality: String, from: [String], to: [String], count: Int, studies: [String]
        ) {
            self.description = description
            self.modality = modality
            self.from = from
            self.to = to
            self.count = count
            self.studies = studies
        }
    }

    public var dryRun: Bool
    /// Distinct descriptors that were matched.
    public var descriptionCount: Int
    public var studyCount: Int
    /// Studies whose objects had to be read.
    public var readCount: Int
    public var changedCount: Int
    public var publishedCount: Int
    /// Most studies first. Empty in the last line of the operation, whose parts they are.
    public var changes: [Change]

    public init(
        dryRun: Bool, descriptionCount: Int = 0, studyCount: Int = 0, readCount: Int = 0, changedCount: Int = 0,
        publishedCount: Int = 0, changes: [Change] = []
    ) {
        self.dryRun = dryRun
        self.descriptionCount = descriptionCount
        self.studyCount = studyCount
        self.readCount = readCount
        self.changedCount = changedCount
        self.publishedCount = publishedCount
        self.changes = changes
    }
}
