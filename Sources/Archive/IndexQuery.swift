public import DICOMCore

/// An Attribute by which the index narrows a query.
public enum IndexField: Sendable, Hashable {
    case patientID, issuer, patientName, birthDate, sex
    case studyInstanceUID, studyDate, accessionNumber, studyID, studyDescription, institution
    case modalitiesInStudy, sopClassesInStudy
    case seriesInstanceUID, modality, seriesNumber, seriesDescription, bodyPart, laterality, protocolName, stationName
    case sopInstanceUID, sopClassUID, instanceNumber, viewPosition
}

/// What must be true of an ``IndexField`` of every match.
public enum IndexCondition: Sendable, Equatable {
    /// One of these, exactly. Of Modalities and SOP Classes in Study: one of them is one of these.
    case anyOf([String])
    case number([Int])
    /// With the wildcards `*` and `?`; upper and lower case differ.
    case pattern(String)
    /// Both inside; nil for an open end. What has no value is in no range.
    case range(first: String?, last: String?)
    /// Patterns with the wildcards `*` and `?`, each the beginning of a component group of the name; folded
    /// (``SearchText/fold(_:)``).
    case nameBeginnings([String])
    /// Words that all occur somewhere in the name; folded.
    case nameWords([String])
}

/// Patients, Studies, Series or Instances that satisfy every condition, in an order that can be continued from any row.
///
/// What is found may be more than what is meant, where a condition is coarser than the rules of a protocol; it is never less.
public struct IndexQuery: Sendable {
    public enum Order: Sendable {
        /// Whatever is fastest.
        case any
        /// Studies by Study Date and Time, newest first; other levels as ``any``.
        case newestFirst
    }

    public var level: QueryLevel
    public var conditions: [(field: IndexField, condition: IndexCondition)] = []
    public var order = Order.any
    var bounds = Bounds()

    /// How much of a long walk one page looks at.
    struct Bounds: Sendable {
        /// Studies found by full text or a prefix that are read at once; more are walked.
        var candidates = 5000
        /// Studies of a few days, which are walked whatever else is asked.
        var days = 1000
        /// Patients or Studies looked through where nothing narrows them, about half a second's worth.
        var rows: Int64 = 200_000

        /// The same where their Series or Instances are looked at.
        func rows(_ level: QueryLevel) -> Int64 {
            switch level {
            case .patient, .study: rows
            case .series: max(1, rows / 8)
            case .image: max(1, rows / 400)
            }
        }

        /// The same where an index leads from one to the other, which takes longer.
        func walked(_ level: QueryLevel) -> Int64 { max(1, rows(level) / 10) }
    }

    public init(level: QueryLevel) { self.level = level }

    var isNewestFirst: Bool { level == .study && order == .newestFirst }

    /// Values of the first condition on `field` that names them exactly.
    func exactValues(_ field: IndexField) -> [String]? {
        for case (field, .anyOf(let values)) in conditions { return values }
        return nil
    }
}

/// One match: its own row and those above it.
public struct IndexMatch: Sendable, Equatable {
    /// As the newest Study of the patient said, or as the Study said.
    public let patient: PatientRecord
    public let study: StudySummary?
    public let series: SeriesSummary?
    public let instance: StoredInstance?
}

/// Where a page ended.
public struct IndexCursor: Sendable {
    let walk: IndexWalk
    /// Values of the walk's columns in the last row that was looked at.
    let last: [IndexKey]
}

/// A value of an ordered column.
enum IndexKey: Sendable, Equatable {
    case text(String)
    case number(Int64)
}

/// Some matches in order.
public struct IndexPage: Sendable {
    public let matches: [IndexMatch]
    /// nil at the end. A page may be short, even empty, and have one that follows.
    public let next: IndexCursor?
}

/// How many Studies, Series and Instances a patient has.
public struct PatientCounts: Sendable, Equatable {
    public let studies: Int
    public let series: Int
    public let instances: Int
}
