internal import Foundation
internal import GRDB
internal import Synchronization

/// What is known of patients, studies, series and instances; the quarantine's rows, assessments, peers and the event log.
///
/// Operations are named after what callers need, since a shared database may one day stand behind them: no SQL
/// leaves this room. They block; a write waits for its turn and for the disk. Start reading in `StudyIndex+Schema.swift`.
public final class StudyIndex: Sendable {
    /// Replaced only by `replace(with:)`.
    private let pool: Mutex<DatabasePool>
    private let path: String

    /// Opens or creates the index, brings its schema up to date and checks that commits are durable.
    ///
    /// - Throws: ``ArchiveError/indexNotDurable(synchronous:)`` when SQLite will not promise it.
    init(path: String) throws(ArchiveError) {
        self.path = path
        pool = Mutex(try Self.openPool(path: path))
    }

    static func openPool(path: String) throws(ArchiveError) -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "StudyIndex"
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL when it turns WAL on, which loses the last commits in a power cut; so this comes after.
            // The WAL is kept at its size and overwritten: its sync then seldom has to record a new length.
            try pool.writeWithoutTransaction { db in
                try db.execute(
                    sql:
                        "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
                )
            }
            if try pool.read(migrations.hasBeenSuperseded) { throw ArchiveError.indexIsNewer }
            try migrations.migrate(pool)
            let level = try synchronous(pool)
            guard level == 2 else { throw ArchiveError.indexNotDurable(synchronous: level) }
            return pool
        } catch {
            throw ArchiveError(error)
        }
    }

    private static func synchronous(_ pool: DatabasePool) throws -> Int {
        try pool.writeWithoutTransaction { db in
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else { return -1 }
            return try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
        }
    }

    /// The level the writer runs with: 2 is FULL.
    func synchronousLevel() throws(ArchiveError) -> Int {
        do { return try Self.synchronous(pool.withLock { $0 }) } catch { throw ArchiveError(error) }
    }

    /// Runs `body` on a snapshot; writers go on meanwhile.
    func read<Value>(_ body: (Database) throws -> Value) throws(ArchiveError) -> Value {
        let pool = pool.withLock { $0 }
        do { return try pool.read(body) } catch { throw ArchiveError(error) }
    }

    /// Runs `body` in one transaction, which is durable when this returns.
    func write<Value>(_ body: (Database) throws -> Value) throws(ArchiveError) -> Value {
        let pool = pool.withLock { $0 }
        do {
            return try pool.writeWithoutTransaction { db in
                var value: Value?
                try db.inTransaction(.immediate) {
                    value = try body(db)
                    return .commit
                }
                guard let value else { throw ArchiveError.closed }
                return value
            }
        } catch {
            throw ArchiveError(error)
        }
    }

    func close() throws(ArchiveError) {
        let pool = pool.withLock { $0 }
        do { try pool.close() } catch { throw ArchiveError(error) }
    }

    /// Puts another, complete index in the place of this one; the old file stays beside it as `….previous`.
    ///
    /// Readers wait until it is done. The other index must be closed.
    func replace(with other: String, sync: SyncCalls) throws(ArchiveError) {
        let replaced: Result<Void, ArchiveError> = pool.withLock { pool in
            do {
                // Closing folds the WAL into its file and removes it: a WAL that stayed would be replayed into the new one.
                try pool.barrierWriteWithoutTransaction { _ in }
                try pool.close()
                try DurableFiles.remove(path + ".previous")
                guard link(path, path + ".previous") == 0 else { throw ArchiveError.lastCall("link index") }
                for suffix in ["-wal", "-shm"] { try DurableFiles.remove(path + suffix) }
                try DurableFiles.rename(other, to: path)
                try DurableFiles.syncDirectory(ObjectStore.parent(of: path), sync: sync)
                pool = try Self.openPool(path: path)
                return .success(())
            } catch {
                return .failure(ArchiveError(error))
            }
        }
        try replaced.get()
    }
}

extension Date {
    /// Milliseconds since 1970, as the index keeps times.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
