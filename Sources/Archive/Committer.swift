internal import DICOMCore
internal import Foundation
internal import Logging
internal import Synchronization

/// An object on its way into the archive.
enum CommitRequest: Sendable {
    /// - Parameter releasing: the quarantine's number when the bytes lie there and leave it by this.
    case store(WrittenObject, InstanceRecord, InstanceOrigin, releasing: QuarantinedObject?)
    case quarantine(WrittenObject, QuarantineReason, detail: String, ClaimedUIDs, InstanceOrigin)

    var object: WrittenObject {
        switch self {
        case .store(let object, _, _, _), .quarantine(let object, _, _, _, _): object
        }
    }
}

/// Turns batches of durable bytes into stored objects.
///
/// The order is the promise: bytes were synced by `ObjectWriter.finish()`; here rows are prepared in a transaction,
/// files take their names, their directories are synced, and only then the transaction commits with its own sync.
/// A stop before the commit leaves objects without rows, which recovery finds behind the last row.
final class Committer: Sendable {
    struct State {
        var nextOrdinal: Int64
        var nextQuarantineID: Int64
        var isClosed = false
    }

    let store: ObjectStore
    let index: StudyIndex
    /// Held for as long as a batch takes.
    let state: Mutex<State>
    /// Set when a sync failed in a way that leaves the disk unknown: nothing is stored any more. Never held for long.
    let failure = Mutex<ArchiveError?>(nil)
    /// Studies of the last commits.
    private let recent = Mutex<Set<StudyInstanceUID>>([])
    private static let recentLimit = 1024
    private let logger: Logger

    init(store: ObjectStore, index: StudyIndex, nextOrdinal: Int64, nextQuarantineID: Int64, logger: Logger) {
        self.store = store
        self.index = index
        self.logger = logger
        state = Mutex(State(nextOrdinal: nextOrdinal, nextQuarantineID: nextQuarantineID))
    }

    /// Prepares for the commit of an object, on the caller's own time: of a Study that is not at hand the index is read now.
    func lookAhead(to record: InstanceRecord, from origin: InstanceOrigin) {
        let isNews = recent.withLock { recent in
            if recent.count >= Self.recentLimit { recent = [] }
            return recent.insert(record.studyInstanceUID).inserted
        }
        // What goes wrong here goes wrong in the transaction too, and is told there.
        if isNews { try? index.lookAhead(to: record, from: origin) }
    }

    func process(_ requests: [CommitRequest]) -> [Result<CommitOutcome, ArchiveError>] {
        state.withLock { state in
            do throws(ArchiveError) {
                return try commit(requests, &state).map { outcome in .success(outcome) }
            } catch {
                logger.error("commit failed", metadata: ["objects": "\(requests.count)", "error": "\(error)"])
                guard requests.count > 1, failure.withLock({ $0 }) == nil, !state.isClosed else {
                    return requests.map { _ in .failure(error) }
                }
                // One bad request must not refuse its neighbours.
                return requests.map { request in
                    do throws(ArchiveError) {
                        return .success(try commit([request], &state)[0])
                    } catch {
                        return .failure(error)
                    }
                }
            }
        }
    }

    private func commit(_ requests: [CommitRequest], _ state: inout State) throws(ArchiveError) -> [CommitOutcome] {
        if state.isClosed { throw .closed }
        if let failure = failure.withLock({ $0 }) { throw .recoveryNeeded(cause: failure.description) }
        var plan = CommitPlan(store: store, nextOrdinal: state.nextOrdinal, nextQuarantineID: state.nextQuarantineID)
        var arePlaced = false
        var areUndone = true
        // Numbers are not used again, even after an error: what it left under them must not be taken for something new.
        defer { (state.nextOrdinal, state.nextQuarantineID) = (plan.nextOrdinal, plan.nextQuarantineID) }
        do throws(ArchiveError) {
            try index.write { db in
                try plan.add(requests, db)
                do throws(PlacementFailure) {
                    try store.place(plan.placements)
                } catch {
                    areUndone = error.isUndone
                    throw error.cause
                }
                arePlaced = true
            }
        } catch {
            if arePlaced { areUndone = !error.isUnknownCommit && store.undo(plan.placements) }
            if !areUndone { giveUp(requests, after: error) }
            throw error
        }
        index.ringCommitted()
        for (request, outcome) in zip(requests, plan.outcomes) {
            if outcome == .duplicate { request.object.discard() } else { request.object.take() }
        }
        for path in plan.superfluous { try? DurableFiles.remove(path) }
        for found in plan.undecodable {
            logger.warning(
                "text undecodable",
                metadata: [
                    "peer": "\(found.peer?.value ?? "")", "series-instance-uid": "\(found.series)",
                    "sop-instance-uid": "\(found.instance)", "why": "neither as declared nor in an encoding in use",
                ])
        }
        return plan.outcomes
    }

    /// Leaves the objects of a batch to recovery: on the disk they may have rows or not.
    private func giveUp(_ requests: [CommitRequest], after error: ArchiveError) {
        failure.withLock { $0 = error }
        for request in requests { request.object.take() }
        logger.critical("storage needs recovery by a restart", metadata: ["error": "\(error)"])
    }
}

extension ArchiveError {
    /// Whether a transaction that failed with this may be found committed after a power cut: an I/O error says nothing
    /// about what reached the WAL.
    fileprivate var isUnknownCommit: Bool {
        if case .index(let code, _) = self { return code & 0xFF == 10 }  // SQLITE_IOERR
        return false
    }
}
