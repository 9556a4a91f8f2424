internal import DICOMCore
internal import Foundation
internal import GRDB

/// What one batch does: rows within the open transaction, and the moves that go with them.
struct CommitPlan {
    private let store: ObjectStore
    private(set) var nextOrdinal: Int64
    private(set) var nextQuarantineID: Int64
    private(set) var placements: [ObjectStore.Placement] = []
    private(set) var outcomes: [CommitOutcome] = []
    /// Files that no row refers to once the transaction is durable.
    private(set) var superfluous: [String] = []
    /// For the log.
    private(set) var undecodable: [UndecodableSeries] = []

    init(store: ObjectStore, nextOrdinal: Int64, nextQuarantineID: Int64) {
        self.store = store
        self.nextOrdinal = nextOrdinal
        self.nextQuarantineID = nextQuarantineID
    }

    /// Decides for every request and writes its rows. A request sees those before it, so two equal Instances in one
    /// batch are one stored and one duplicate.
    mutating func add(_ requests: [CommitRequest], _ db: Database) throws {
        var transaction = IndexTransaction(db)
        for request in requests { outcomes.append(try add(request, to: &transaction)) }
        try transaction.finish()
        undecodable = transaction.undecodable
    }

    private mutating func add(
        _ request: CommitRequest, to transaction: inout IndexTransaction
    ) throws -> CommitOutcome {
        switch request {
        case .quarantine(let object, let reason, let detail, let claimed, let origin):
            let id = try quarantine(object, reason, detail: detail, claimed, origin, in: transaction)
            return .quarantined(id: id)
        case .store(let object, let record, let origin, let releasing):
            let stored = try transaction.stored(record.sopInstanceUID)
            let isStored = stored != nil
            let isDuplicate =
                stored.map { $0 == (object.digest.bytes, record.transferSyntaxUID.value) } ?? false
            if let releasing {
                if isStored && !isDuplicate { return .conflict(quarantineID: releasing.id) }
                try StudyIndex.removeQuarantined(releasing.id, in: transaction.db)
                try transaction.record(
                    .released, study: record.studyInstanceUID, at: Date(),
                    detail: "\(releasing.id) \(record.sopInstanceUID)")
            }
            if isDuplicate {
                if releasing != nil { superfluous.append(object.path) }
                transaction.countDuplicate(from: origin)
                return .duplicate
            }
            if isStored {
                let detail = "stored already with other bytes or another Transfer Syntax"
                let id = try quarantine(
                    object, .conflict, detail: detail, ClaimedUIDs(record), origin, in: transaction)
                return .conflict(quarantineID: id)
            }
            try transaction.insert(
                NewInstance(
                    ordinal: nextOrdinal, record: record, origin: origin, digest: object.digest,
                    byteCount: object.byteCount, dataSetOffset: object.dataSetOffset))
            placements.append(.init(source: object.path, destination: store.path(ofObject: nextOrdinal)))
            nextOrdinal += 1
            return .stored
        }
    }

    private mutating func quarantine(
        _ object: WrittenObject, _ reason: QuarantineReason, detail: String, _ claimed: ClaimedUIDs,
        _ origin: InstanceOrigin, in transaction: IndexTransaction
    ) throws -> Int64 {
        let id = nextQuarantineID
        try StudyIndex.insertQuarantined(
            QuarantinedObject(
                id: id, reason: reason, detail: detail, claimed: claimed, origin: origin, byteCount: object.byteCount,
                dataSetOffset: object.dataSetOffset, digest: object.digest), in: transaction.db)
        try transaction.record(
            .quarantined, study: try? StudyInstanceUID(claimed.studyInstanceUID), at: origin.receivedAt,
            detail: "\(id) \(reason.rawValue)")
        placements.append(.init(source: object.path, destination: store.path(ofQuarantined: id, reason: reason)))
        nextQuarantineID += 1
        return id
    }
}
