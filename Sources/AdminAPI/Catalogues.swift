/// One edition of a catalogue: `priorctl catalogue list`.
public struct CatalogueRow: Codable, Sendable, Equatable {
    public enum State: String, Codable, Sendable {
        /// Studies of today are named by it.
        case inForce
        /// It begins on a later day.
        case upcoming
        /// It has ended, or a later edition has begun; older studies are still named by it.
        case past
    }

    /// Of the edition, e.g. `zhejiang-imaging-2021`.
    public var id: String
    /// Of the list through all its editions.
    public var list: String
    public var edition: String
    /// `imaging`, `procedures` or `techniques`.
    public var kind: String
    /// `YYYY-MM-DD`, both included; no `until` while no end is named.
    public var from: String
    public var until: String?
    public var itemCount: Int
    public var publisher: String
    public var source: String
    /// Part of the program, and so not removed.
    public var isBundled: Bool
    /// Studies' items are those of its list.
    public var isPrimary: Bool
    public var file: String
    public var state: State

    public init(
        id: String, list: String, edition: String, kind: String, from: String, until: String?, itemCount: Int,
        publisher: String, source: String, isBundled: Bool, isPrimary: Bool, file: String, state: State
    ) {
        self.id = id
        self.list = list
        self.edition = edition
        self.kind = kind
        self.from = from
        self.until = until
        self.itemCount = itemCount
        self.publisher = publisher
        self.source = source
        self.isBundled = isBundled
        self.isPrimary = isPrimary
        self.file = file
        self.state = state
    }
}

/// One thing wrong with a catalogue file.
public struct CatalogueFaultRow: Codable, Sendable, Equatable {
    public var file: String
    /// Counted from 1.
    public var line: Int
    /// Name of the column, or of the key in a comment line, or `#n`.
    public var column: String
    public var reason: String

    public init(file: String, line: Int, column: String, reason: String) {
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
    }
}

/// A file in the data directory that is not in force.
public struct RefusedCatalogueRow: Codable, Sendable, Equatable {
    public var file: String
    public var faults: [CatalogueFaultRow]
    /// Faults beyond those listed.
    public var furtherFaultCount: Int
    /// The edition that stays in force in its place, read from the last accepted copy.
    public var kept: String?

    public init(file: String, faults: [CatalogueFaultRow], furtherFaultCount: Int, kept: String?) {
        self.file = file
        self.faults = faults
        self.furtherFaultCount = furtherFaultCount
        self.kept = kept
    }
}

public struct CataloguesAnswer: Codable, Sendable, Equatable {
    /// By kind, list and first day.
    public var catalogues: [CatalogueRow]
    public var refused: [RefusedCatalogueRow]

    public init(catalogues: [CatalogueRow], refused: [RefusedCatalogueRow]) {
        self.catalogues = catalogues
        self.refused = refused
    }
}

/// What a file comes to: the answer of `catalogue add`, and of `catalogue check` where nothing is put in force.
public struct CatalogueChangeAnswer: Codable, Sendable, Equatable {
    public var catalogue: CatalogueRow
    /// The edition it is compared with: the one it replaces, else the one before it.
    public var comparedWith: String?
    /// Codes, numbers or ids of items, in the order of the list.
    public var added: [String]
    public var removed: [String]
    public var changed: [String]

    public init(
        catalogue: CatalogueRow, comparedWith: String?, added: [String], removed: [String], changed: [String]
    ) {
        self.catalogue = catalogue
        self.comparedWith = comparedWith
        self.added = added
        self.removed = removed
        self.changed = changed
    }
}
