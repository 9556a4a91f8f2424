internal import Foundation
internal import GRDB
internal import Logging
internal import Synchronization

/// What `reindex` did.
public struct ReindexReport: Sendable, Equatable {
    public var indexed = 0
    /// Objects that got no row: unreadable, or another one has their SOP Instance UID. They stay where they are and
    /// `verify` names them.
    public var withoutRow = 0
    /// Whether assessments, timeline and peers could be taken over from the index that was replaced.
    public var keptHistory = false
}

extension Archive {
    /// Builds the index again from the stored objects alone and puts it in the place of the old one.
    ///
    /// Receiving goes on while objects are read and waits only for the last step. What no object says (assessments, the
    /// event log, peers, hosts, the reasons of the quarantine) is taken over from the old index if that can be read.
    /// The old index stays beside the new one until the next time.
    ///
    /// - Throws: ``ArchiveError/stopped`` when `progress` says so; the old index is in force then.
    public func reindex(progress: ArchiveProgress = { _, _ in true }) throws(ArchiveError) -> ReindexReport {
        let path = store.directory + "/index.rebuild.sqlite"
        for suffix in ["", "-wal", "-shm"] { try DurableFiles.remove(path + suffix) }
        let rebuilt = try StudyIndex(path: path)
        let rebuilder = Rebuilder(archive: self, rebuilt: rebuilt)
        var report = ReindexReport()
        let end = committer.state.withLock { $0.nextOrdinal }
        try rebuilder.add(0..<end, to: &report, progress: progress)
        let result: Result<Void, ArchiveError> = committer.state.withLock { state in
            do throws(ArchiveError) {
                if state.isClosed { throw .closed }
                try rebuilder.add(end..<state.nextOrdinal, to: &report, progress: { _, _ in true })
                try index.replace(with: path, sync: store.sync) { old in
                    report.keptHistory = try rebuilder.takeHistory(from: old)
                    try rebuilt.close()
                }
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
        learnedText.forgetAll()
        try index.keepSiteKeyMark(SiteKey.mark(of: siteKey))
        try decisions.indexWasReplaced()
        for suffix in ["-wal", "-shm"] { try DurableFiles.remove(path + suffix) }
        try index.record(
            .reindexed, at: Date(),
            detail: "indexed \(report.indexed), without row \(report.withoutRow), history kept: \(report.keptHistory)")
        return report
    }
}

/// Fills a new index.
private struct Rebuilder {
    let archive: Archive
    let rebuilt: StudyIndex

    func add(
        _ ordinals: Range<Int64>, to report: inout ReindexReport, progress: ArchiveProgress
    ) throws(ArchiveError) {
        let indexer = ObjectIndexer(store: archive.store, readHeader: archive.readHeader)
        let total = (try? archive.index.counts().instances) ?? ordinals.count
        for leaf in try archive.store.leaves(from: ordinals.lowerBound) {
            let inside = try archive.store.ordinals(in: leaf).filter(ordinals.contains)
            for start in stride(from: 0, to: inside.count, by: 100) {
                let step = Array(inside[start..<min(start + 100, inside.count)])
                for (ordinal, outcome) in try indexer.add(step, to: rebuilt) {
                    if case .indexed = outcome {
                        report.indexed += 1
                    } else {
                        report.withoutRow += 1
                        archive.logger.warning(
                            "object not indexed", metadata: ["ordinal": "\(ordinal)", "outcome": "\(outcome)"])
                    }
                }
                guard progress(report.indexed + report.withoutRow, total) else { throw .stopped }
            }
        }
    }

    /// Takes over from the old index what objects do not say.
    ///
    /// - Returns: false when it could not be read; the quarantine's rows are then made from its files.
    func takeHistory(from old: String) throws -> Bool {
        do {
            try rebuilt.takeHistory(from: old)
            return true
        } catch {
            archive.logger.warning("history of the old index is lost", metadata: ["error": "\(error)"])
            let indexer = ObjectIndexer(store: archive.store, readHeader: archive.readHeader)
            for file in try archive.store.quarantined() {
                let path = archive.store.path(ofQuarantined: file.id, reason: file.reason)
                let object = try indexer.quarantined(
                    path, id: file.id, reason: file.reason, detail: "found by reindex")
                try rebuilt.write { db in try StudyIndex.insertQuarantined(object, in: db) }
            }
            return false
        }
    }
}
