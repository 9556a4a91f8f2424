public import DICOMCore
public import Foundation

/// What a Study was matched by: kept so that it can be matched again without reading its objects. To this room it is
/// opaque but for what studies are grouped by.
public struct DescriptorRecord: Sendable, Equatable {
    /// What the Study is called, in the form in which descriptions are compared; "" when it has no usable description.
    public var foldedDescription: String
    /// The same as written.
    public var description: String
    public var modality: String
    public var json: String

    public init(foldedDescription: String, description: String, modality: String, json: String) {
        self.foldedDescription = foldedDescription
        self.description = description
        self.modality = modality
        self.json = json
    }
}

/// What an assessment rests on beside the objects: written with it.
public struct AssessmentBasis: Sendable, Equatable {
    public var descriptor: DescriptorRecord
    /// Everything the Study was named, in one canonical text; "" for nothing.
    public var outcome: String
    /// Whether a person should look at it, since it has no safe match.
    public var awaitsReview: Bool
    /// The newest alias event that was known. An assessment that does not know a newer one is out of date.
    public var aliasEvent: Int64

    public init(descriptor: DescriptorRecord, outcome: String, awaitsReview: Bool, aliasEvent: Int64) {
        self.descriptor = descriptor
        self.outcome = outcome
        self.awaitsReview = awaitsReview
        self.aliasEvent = aliasEvent
    }
}

/// One of the distinct descriptors, in the order they are walked in: by description.
public struct StoredDescriptor: Sendable, Equatable {
    public let record: DescriptorRecord
    public let cursor: DescriptorCursor
}

/// Where a walk through the descriptors goes on.
public struct DescriptorCursor: Sendable, Equatable, Comparable {
    let foldedDescription: String
    let modality: String
    let id: Int64

    public static let start = DescriptorCursor(foldedDescription: "", modality: "", id: 0)

    public static func < (left: DescriptorCursor, right: DescriptorCursor) -> Bool {
        (left.foldedDescription, left.modality, left.id) < (right.foldedDescription, right.modality, right.id)
    }
}

/// A Study as a walk through the descriptors meets it.
public struct DescribedStudy: Sendable, Equatable {
    public let id: Int64
    public let institution: String
    public let sourceAETitle: String
    /// Study Date, `YYYYMMDD` as sent; "" when it was not.
    public let date: String
    /// When the newest Instance came, of a Study without a date.
    public let arrivedAt: Date?
    /// As the newest assessment had it.
    public let outcome: String
}

/// A Study with its newest assessment, to be named again.
public struct AssessedStudy: Sendable, Equatable {
    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    public let institution: String
    public let sourceAETitle: String
    /// Study Date, `YYYYMMDD` as sent; "" when it was not.
    public let date: String
    public let instanceCount: Int
    public let lastInstanceAt: Date
    /// nil when an earlier version assessed it.
    public let descriptor: String?
    public let newest: Assessment

    public var due: DueStudy {
        DueStudy(studyInstanceUID: studyInstanceUID, instanceCount: instanceCount, lastInstanceAt: lastInstanceAt)
    }
}

/// A new version of an assessment that changes only what the Study is.
public struct RenamedAssessment: Sendable, Equatable {
    public var study: Int64
    /// The version it follows; nothing is published when a newer one came meanwhile.
    public var follows: Int
    public var match: CatalogueMatch?
    /// As in ``AssessmentBasis``.
    public var outcome: String
    public var awaitsReview: Bool
    public var json: String

    public init(
        study: Int64, follows: Int, match: CatalogueMatch?, outcome: String, awaitsReview: Bool, json: String
    ) {
        self.study = study
        self.follows = follows
        self.match = match
        self.outcome = outcome
        self.awaitsReview = awaitsReview
        self.json = json
    }
}

/// Which studies an alias concerns.
public struct StudyReach: Sendable, Equatable {
    public var foldedDescription: String
    public var modality: String
    /// Exactly these Institution Names; nil for all.
    public var institutions: [String]?
    /// nil for all.
    public var sourceAETitle: String?

    public init(
        foldedDescription: String, modality: String, institutions: [String]? = nil, sourceAETitle: String? = nil
    ) {
        self.foldedDescription = foldedDescription
        self.modality = modality
        self.institutions = institutions
        self.sourceAETitle = sourceAETitle
    }
}

/// Unmapped studies that are called the same.
public struct ReviewGroup: Sendable, Equatable {
    public struct Tally: Sendable, Equatable {
        public let name: String
        public let count: Int
    }

    public let foldedDescription: String
    /// As most of them write it.
    public let description: String
    public let modality: String
    public let count: Int
    /// Most frequent first, at most ``limit`` of each.
    public let institutions: [Tally]
    public let sourceAETitles: [Tally]
    public let firstDate: String
    public let lastDate: String
    /// The newest of them, whose assessment tells reason and candidates.
    public let newest: StudyInstanceUID
    public let assessment: Assessment

    static let limit = 20
}
