internal import Dispatch
internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// The open database file of an index: readers and a writer, a connection that folds the WAL into the file beside the
/// commits, and one that reads ahead of them, so that they do not wait for the readers of others.
///
/// SQLite would have every so many commits fold it, which wait for thousands of pages and two syncs then. Here most of it
/// is folded while commits go on, and the commit after that folds the little that came meanwhile, so that the WAL is
/// begun anew.
final class IndexFile: Sendable {
    let pool: DatabasePool
    private let folding: DatabaseQueue
    /// Nil once it is closed: GRDB does not bear being asked then.
    private let ahead: Mutex<DatabaseQueue?>
    private let queue = DispatchQueue(label: "WAL", qos: .utility)
    private let progress = Atomic<Progress>(.none)
    /// As the writer's connection was told; it was opened so.
    private let isDurable = Atomic<Bool>(true)

    private enum Progress: UInt8, AtomicRepresentable {
        case none, underWay
        /// The last commits are left.
        case almost
    }

    /// Pages of the WAL (4 KiB each) from which it is folded.
    private static let foldedFrom: CInt = 8000
    /// From here on each commit folds it: whatever folds beside them does not keep up.
    private static let overflowsFrom: CInt = 32_000

    init(pool: DatabasePool) throws {
        self.pool = pool
        var configuration = Configuration()
        configuration.label = "WAL"
        folding = try DatabaseQueue(path: pool.path, configuration: configuration)
        try folding.inDatabase { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        configuration.label = "Look-ahead"
        configuration.readonly = true
        ahead = Mutex(try DatabaseQueue(path: pool.path, configuration: configuration))
        try pool.writeWithoutTransaction { db in
            // Takes the place of SQLite's own, which `wal_autocheckpoint` sets. Called after each commit.
            _ = sqlite3_wal_hook(
                db.sqliteConnection,
                { context, connection, name, pages in
                    guard let context else { return SQLITE_OK }
                    Unmanaged<IndexFile>.fromOpaque(context).takeUnretainedValue().committed(connection, name, pages)
                    return SQLITE_OK
                }, Unmanaged.passUnretained(self).toOpaque())
        }
    }

    /// Has commits of the writer wait for the disk, or leave that to the next one that does. Called outside a transaction.
    func setDurable(_ isDurable: Bool, _ db: Database) throws {
        guard self.isDurable.load(ordering: .relaxed) != isDurable else { return }
        try db.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
        self.isDurable.store(isDurable, ordering: .relaxed)
    }

    func lookAhead(_ body: (Database) throws -> Void) throws { try ahead.withLock { try $0?.read(body) } }

    private func committed(_ connection: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ pages: CInt) {
        switch progress.load(ordering: .acquiring) {
        case .none:
            guard pages >= Self.foldedFrom else { return }
            progress.store(.underWay, ordering: .releasing)
            queue.async { [self] in
                // One that fails leaves everything in the WAL; the next one tries again.
                try? folding.writeWithoutTransaction(Self.fold)
                progress.store(.almost, ordering: .releasing)
            }
        case .underWay:
            if pages >= Self.overflowsFrom {
                sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            }
        case .almost:
            progress.store(.none, ordering: .relaxed)
            sqlite3_wal_checkpoint_v2(connection, name, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        }
    }

    /// Folds what is there and waits for the disk. SQLite does the latter only where nothing was committed meanwhile; else
    /// the commit that folds the rest would wait for all of it.
    private static func fold(_ db: Database) throws {
        try db.checkpoint(.passive)
        var file: UnsafeMutablePointer<sqlite3_file>?
        let found = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard found == SQLITE_OK, let file, let methods = file.pointee.pMethods else { return }
        _ = methods.pointee.xSync(file, SQLITE_SYNC_NORMAL)
    }

    /// Waits for readers, then leaves one complete file. Nothing may be written meanwhile, nor asked after.
    ///
    /// SQLite folds the WAL only if a writer closes last, and a pool closes its readers last; so it is asked to.
    func close() throws {
        // Of two that fold it one is refused.
        try stopOthers()
        try pool.barrierWriteWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try abandon()
    }

    /// Closes a file that may be damaged, as it is.
    func abandon() throws {
        try? stopOthers()
        try folding.close()
        try pool.close()
    }

    /// Ends what goes on beside the pool: folding, and reading ahead, which would keep the WAL from being cut.
    private func stopOthers() throws {
        ahead.withLock { $0 = nil }
        try pool.writeWithoutTransaction { db in _ = sqlite3_wal_hook(db.sqliteConnection, nil, nil) }
        queue.sync {}
    }
}
