public import Archive
public import DICOMCore

/// Why a query is not answered, or not to its end.
public enum QueryError: Error, Equatable, Sendable {
    /// Query/Retrieve Level (0008,0052) is missing or none of the standard.
    case noLevel
    case levelNotInModel(QueryLevel)
    /// The value of a key cannot be matched with.
    case unusableKey(Tag, String)
    /// Below STUDY level a query must say at least something of what it looks for.
    case nothingAsked(QueryLevel)
    /// More stored objects would have to be read than ``QueryLimits/objectsRead``.
    case tooManyObjects(limit: Int)
    /// Looking for matches took longer than ``QueryLimits/time``.
    case tookTooLong(limit: Duration)
    case index(ArchiveError)
}

extension QueryError: CustomStringConvertible {
    /// ASCII and without a value of the query, so that it may be logged and sent as Error Comment (0000,0902).
    public var description: String {
        switch self {
        case .noLevel: "Query/Retrieve Level (0008,0052) is missing or unknown"
        case .levelNotInModel(let level): "the information model has no level \(level.rawValue)"
        case .unusableKey(let tag, let why): "\(tag) \(why)"
        case .nothingAsked(let level): "a query at \(level.rawValue) level with no key to match"
        case .tooManyObjects(let limit): "over \(limit) objects to read; narrow the query"
        case .tookTooLong(let limit): "not found within \(limit.components.seconds) s; narrow the query"
        case .index(let error): "\(error)"
        }
    }
}

/// What one query may cost.
public struct QueryLimits: Sendable, Equatable {
    /// Longest Identifier taken, bytes.
    public var identifierByteCount = 1 << 20
    /// Stored objects that are read to decide keys the index does not have. About one millisecond each.
    public var objectsRead = 5000
    /// Matches that are read from the index at a time.
    public var page = 200
    /// How long matches are looked for, the time not counted in which they are told. Nothing that an index narrows comes near.
    public var time = Duration.seconds(60)

    public init() {}
}
