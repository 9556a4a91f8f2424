/// What an operator may choose about storage.
public struct ArchiveSettings: Sendable, Equatable {
    /// Free space in bytes below which nothing new is taken in.
    public var diskReserveByteCount: Int64 = 2 << 30
    /// Bytes collected before a write, for every object that is arriving.
    public var writeBufferByteCount: Int = 256 << 10
    /// Objects that one commit may carry.
    public var batchLimit: Int = 256

    public init() {}
}

/// What opening the archive found after the last stop.
public struct RecoveryReport: Sendable, Equatable {
    /// Unfinished objects, never acknowledged, that were removed.
    public var removedUnfinished = 0
    /// Complete objects without a row that are indexed now.
    public var indexed = 0
    /// Objects without a row whose bytes were already stored under another ordinal; removed.
    public var removedDuplicates = 0
    /// Objects without a row that went to quarantine: unreadable, or in conflict with a stored one.
    public var quarantined = 0

    public init() {}

    public var isClean: Bool { self == RecoveryReport() }
}
