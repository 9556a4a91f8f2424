public import Foundation

/// What a person taught of a description; to this room it is opaque but for its scope.
public struct AliasRecord: Sendable, Equatable {
    /// As taught.
    public var description: String
    /// In the form in which descriptions are compared.
    public var foldedDescription: String
    public var modality: String
    /// "" for every institution.
    public var site: String
    /// "" for every sender.
    public var aeTitle: String
    /// "" for none of the items.
    public var code: String
    public var grade: String
    public var confidence: Double

    public init(
        description: String, foldedDescription: String, modality: String, site: String, aeTitle: String, code: String,
        grade: String, confidence: Double
    ) {
        self.description = description
        self.foldedDescription = foldedDescription
        self.modality = modality
        self.site = site
        self.aeTitle = aeTitle
        self.code = code
        self.grade = grade
        self.confidence = confidence
    }
}

/// Who did something to an alias, and why.
public struct AliasAuthor: Sendable, Equatable {
    public var person: String
    public var reason: String
    public var at: Date

    public init(person: String, reason: String, at: Date) {
        self.person = person
        self.reason = reason
        self.at = at
    }
}

/// One step in the history of an alias. Never changed or removed.
public struct AliasEvent: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case taught, removed
    }

    /// Grows with time.
    public let id: Int64
    /// The id of the event that taught it.
    public let alias: Int64
    public let kind: Kind
    public let author: AliasAuthor
    /// The objections it was put in force against, one a line; "" when there were none.
    public let overridden: String
    public let record: AliasRecord
}
