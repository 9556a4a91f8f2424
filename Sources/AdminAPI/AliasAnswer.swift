public import Foundation

/// What a person teaches of a description: the body of `POST /admin/v1/aliases`.
public struct AliasRequest: Codable, Sendable, Equatable {
    /// What the studies are called; nil to take it from `study`.
    public var description: String?
    /// A study of the description: stands in for `description` and, where that is nil, for `modality`.
    public var study: String?
    public var modality: String?
    /// Institution Name; nil for every institution.
    public var site: String?
    /// Calling AE Title of the sender; nil for every sender.
    public var aeTitle: String?
    /// Code of an item, or `NONE` for none of the items.
    public var code: String
    /// `exact` or `nearest`; nil for exact.
    public var grade: String?
    /// In 0.6...1; nil for 0.95.
    public var confidence: Double?
    public var by: String
    public var reason: String
    /// Put it in force against objections.
    public var force: Bool

    public init(
        description: String? = nil, study: String? = nil, modality: String? = nil, site: String? = nil,
        aeTitle: String? = nil, code: String, grade: String? = nil, confidence: Double? = nil, by: String,
        reason: String, force: Bool = false
    ) {
        self.description = description
        self.study = study
        self.modality = modality
        self.site = site
        self.aeTitle = aeTitle
        self.code = code
        self.grade = grade
        self.confidence = confidence
        self.by = by
        self.reason = reason
        self.force = force
    }
}

/// One step in the history of an alias; of one in force, the step that taught it.
public struct AliasRow: Codable, Sendable, Equatable {
    /// The alias's number, as evidence and timelines name it.
    public var id: Int64
    /// `taught` or `removed`.
    public var kind: String
    public var at: Date
    public var by: String
    public var reason: String
    /// Objections it was put in force against.
    public var overridden: [String]
    public var description: String
    public var modality: String
    public var site: String?
    public var aeTitle: String?
    /// nil for none of the items.
    public var code: String?
    public var grade: String
    public var confidence: Double

    public init(
        id: Int64, kind: String, at: Date, by: String, reason: String, overridden: [String], description: String,
        modality: String, site: String?, aeTitle: String?, code: String?, grade: String, confidence: Double
    ) {
        self.id = id
        self.kind = kind
        self.at = at
        self.by = by
        self.reason = reason
        self.overridden = overridden
        self.description = description
        self.modality = modality
        self.site = site
        self.aeTitle = aeTitle
        self.code = code
        self.grade = grade
        self.confidence = confidence
    }
}

/// What became of a lesson: `priorctl review resolve`, `alias add`, `alias remove`.
public struct AliasLesson: Codable, Sendable, Equatable {
    public var alias: AliasRow
    /// Studies that were named anew at once.
    public var renamedCount: Int

    public init(alias: AliasRow, renamedCount: Int) {
        self.alias = alias
        self.renamedCount = renamedCount
    }
}

/// `priorctl alias list` and `alias show`, oldest first.
public struct AliasesAnswer: Codable, Sendable, Equatable {
    public var aliases: [AliasRow]
    public init(aliases: [AliasRow]) { self.aliases = aliases }
}

/// The aliases in force as a file: `priorctl alias export` and `alias import`.
public struct AliasTableRequest: Codable, Sendable, Equatable {
    /// Tab-separated, see `docs/operator.md`.
    public var table: String
    public var by: String
    public var force: Bool

    public init(table: String, by: String, force: Bool) {
        self.table = table
        self.by = by
        self.force = force
    }
}

public struct AliasTableAnswer: Codable, Sendable, Equatable {
    public var taughtCount: Int
    /// Lines that were in force already.
    public var unchangedCount: Int
    public var renamedCount: Int

    public init(taughtCount: Int, unchangedCount: Int, renamedCount: Int) {
        self.taughtCount = taughtCount
        self.unchangedCount = unchangedCount
        self.renamedCount = renamedCount
    }
}
