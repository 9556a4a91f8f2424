public import DICOMCore
public import DICOMNetwork

/// What has become of the C-STORE sub-operations of one retrieve. At every moment the four counts add up to all of them.
public struct RetrieveTally: Sendable, Equatable {
    /// UIDs kept for the Failed SOP Instance UID List (0008,0058): enough for any Study, and a few megabytes.
    public static let failedUIDLimit = 20_000

    public private(set) var subOperations: SubOperations
    /// Those that failed, in the order they were tried; no more than ``failedUIDLimit``.
    public private(set) var failedUIDs: [SOPInstanceUID] = []
    /// Bytes of the Data Sets that were sent and taken.
    public private(set) var byteCount: Int64 = 0
    /// Why the last one failed.
    public private(set) var lastFailure: String?

    public init(count: Int) { subOperations = SubOperations(remaining: count) }

    public mutating func note(_ outcome: SubOperationOutcome, of instance: SOPInstanceUID) {
        subOperations.remaining = max(0, subOperations.remaining - 1)
        switch outcome {
        case .completed(let bytes):
            subOperations.completed += 1
            byteCount += bytes
        case .warning(_, let bytes):
            subOperations.warning += 1
            byteCount += bytes
        case .failed(let reason):
            subOperations.failed += 1
            lastFailure = reason
            if failedUIDs.count < RetrieveTally.failedUIDLimit { failedUIDs.append(instance) }
        }
    }

    /// Counts what is left as failed although nobody knows what it was: the index lost it meanwhile.
    public mutating func failRemaining(_ reason: String) {
        guard subOperations.remaining > 0 else { return }
        subOperations.failed += subOperations.remaining
        subOperations.remaining = 0
        lastFailure = reason
    }

    /// The Status of the last response (PS3.4 Tables C.4-2 and C.4-3).
    public func status(isCancelled: Bool) -> DIMSEStatus {
        if isCancelled, subOperations.remaining > 0 { return .cancelled }
        guard subOperations.failed + subOperations.warning > 0 else { return .success }
        return subOperations.completed + subOperations.warning > 0
            ? .subOperationsIncomplete : .subOperationsImpossible
    }
}

/// What became of one C-STORE sub-operation.
public enum SubOperationOutcome: Sendable, Equatable {
    case completed(byteCount: Int64)
    /// Stored, with a Status of warning.
    case warning(DIMSEStatus, byteCount: Int64)
    case failed(reason: String)
}
