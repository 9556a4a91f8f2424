public import DICOMCore
public import Foundation

/// What arrived since the start of the daemon.
public struct IngestCounters: Sendable, Equatable {
    public var stored = 0
    public var duplicates = 0
    public var conflicts = 0
    /// Data Sets of the instances stored, bytes.
    public var byteCount: Int64 = 0
    public var lastStoredAt: Date?
    /// Instances refused, by the C-STORE Status that their sender got.
    public var refused: [DIMSEStatus: Int] = [:]

    public init() {}

    mutating func add(_ outcome: IngestOutcome, byteCount: Int64, at date: Date) {
        switch outcome {
        case .stored:
            stored += 1
            self.byteCount += byteCount
            lastStoredAt = date
        case .duplicate: duplicates += 1
        case .conflict: conflicts += 1
        }
    }

    mutating func add(_ error: IngestError) { refused[DIMSEStatus(error), default: 0] += 1 }
}

extension DIMSEStatus {
    /// The only place an ingestion error becomes a C-STORE Status (PS3.4 B.2.3, Table B.2-1).
    public init(_ error: IngestError) {
        self =
            switch error {
            case .outOfResources: .outOfResources
            case .mismatch, .missingUID: .dataSetDoesNotMatchSOPClass
            case .unreadable, .noPart10File: .cannotUnderstand
            case .internalFault: .processingFailure
            }
    }
}
