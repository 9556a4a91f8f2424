internal import DICOMCore
internal import Foundation
internal import GRDB
internal import Logging

/// Brings objects and rows together after a stop, before anything new comes.
///
/// Ordinals only grow and rows are committed in that order, so an object without a row can only lie behind the last
/// row: start-up reads one directory, not a million files. `verify` looks at everything.
struct Recovery {
    private let store: ObjectStore
    private let index: StudyIndex
    private let indexer: ObjectIndexer
    private let logger: Logger
    private(set) var report = RecoveryReport()
    private(set) var nextOrdinal: Int64 = 1
    private(set) var nextQuarantineID: Int64 = 1

    init(store: ObjectStore, index: StudyIndex, readHeader: @escaping Archive.HeaderReader, logger: Logger) {
        self.store = store
        self.index = index
        indexer = ObjectIndexer(store: store, readHeader: readHeader)
        self.logger = logger
    }

    mutating func run() throws(ArchiveError) {
        report.removedUnfinished = try store.removeUnfinished()
        let filed = try store.quarantined()
        if !filed.isEmpty { try DurableFiles.syncDirectory(store.quarantine, sync: store.sync) }
        let rows = try index.quarantineIDs()
        nextQuarantineID = max(filed.map(\.id).max() ?? 0, rows.max() ?? 0) + 1
        for file in filed where !rows.contains(file.id) { try register(file.id, file.reason, detail: "found at start") }
        try recoverObjects()
        for id in rows.subtracting(filed.map(\.id)) { try forgetIfStored(id) }
        if !report.isClean { try tell() }
    }

    /// Gives objects their rows, or takes them away: they were complete when they got their names, but nobody was told.
    private mutating func recoverObjects() throws(ArchiveError) {
        let last = try index.lastOrdinal()
        nextOrdinal = last + 1
        for leaf in try store.leaves(from: last + 1) {
            // Before any row: whoever sends an Instance again is then told that it is stored.
            try store.sync(leaf)
            let ordinals = try store.ordinals(in: leaf).filter { $0 > last }
            guard let greatest = ordinals.last else { continue }
            nextOrdinal = greatest + 1
            for (ordinal, outcome) in try indexer.add(ordinals, to: index) {
                let path = store.path(ofObject: ordinal)
                switch outcome {
                case .indexed: report.indexed += 1
                case .empty:
                    try DurableFiles.remove(path)
                    report.removedUnfinished += 1
                case .duplicate:
                    try DurableFiles.remove(path)
                    report.removedDuplicates += 1
                case .conflict: try quarantine(path, .conflict, detail: "found at start")
                case .unreadable(let detail): try quarantine(path, .unreadable, detail: detail)
                }
            }
        }
    }

    private mutating func quarantine(
        _ path: String, _ reason: QuarantineReason, detail: String
    ) throws(ArchiveError) {
        let destination = store.path(ofQuarantined: nextQuarantineID, reason: reason)
        do { try store.place([.init(source: path, destination: destination)]) } catch { throw error.cause }
        try register(nextQuarantineID, reason, detail: detail)
        nextQuarantineID += 1
    }

    /// Gives a file in quarantine its row.
    private mutating func register(_ id: Int64, _ reason: QuarantineReason, detail: String) throws(ArchiveError) {
        let object = try indexer.quarantined(
            store.path(ofQuarantined: id, reason: reason), id: id, reason: reason, detail: detail)
        try index.write { db in try StudyIndex.insertQuarantined(object, in: db) }
        report.quarantined += 1
    }

    /// Removes the row of an object that was just being released when the stop came: its bytes are stored.
    private func forgetIfStored(_ id: Int64) throws(ArchiveError) {
        guard let object = try index.quarantined(id: id),
            let uid = try? SOPInstanceUID(object.claimed.sopInstanceUID),
            try index.instance(uid)?.digest == object.digest
        else { return }
        try index.write { db in try StudyIndex.removeQuarantined(id, in: db) }
    }

    private func tell() throws(ArchiveError) {
        logger.notice(
            "recovered",
            metadata: [
                "removed-unfinished": "\(report.removedUnfinished)", "indexed": "\(report.indexed)",
                "removed-duplicates": "\(report.removedDuplicates)", "quarantined": "\(report.quarantined)",
            ])
        try index.record(
            .recovered, at: Date(),
            detail: "removed \(report.removedUnfinished) unfinished, indexed \(report.indexed), "
                + "removed \(report.removedDuplicates) duplicates, quarantined \(report.quarantined)")
    }
}
