internal import Foundation
internal import GRDB
internal import Synchronization

/// What is known of patients, studies, series and instances; the quarantine's rows, assessments, peers and the event log.
///
/// Operations are named after what callers need, since a shared database may one day stand behind them: no SQL
/// leaves this room. They block; a write waits for its turn and for the disk. Start reading in `StudyIndex+Schema.swift`.
public final class StudyIndex: Sendable {
    /// Replaced only by `replace(with:)`.
    private let file: Mutex<IndexFile>
    /// One writer at a time, so that none waits on a pool that is being replaced.
    let turns = WriterTurns()
    private let path: String
    private let forwarding = Mutex(ForwardSettings())
    private let committed = Mutex(Bell())

    /// A closure that is a mutex's value by itself is wrapped once more by every look at it, until calling it takes more
    /// stack than there is.
    private struct Bell { var ring: @Sendable () -> Void = {} }

    /// Opens or creates the index, brings its schema up to date and checks that commits are durable.
    ///
    /// - Parameter onUpgrade: called before an index of an earlier version is brought up to date, which may take minutes.
    /// - Throws: ``ArchiveError/indexNotDurable(synchronous:)`` when SQLite will not promise it.
    init(path: String, onUpgrade: () -> Void = {}) throws(ArchiveError) {
        self.path = path
        file = Mutex(try Self.open(path: path, onUpgrade: onUpgrade))
    }

    /// By which studies that settle or are assessed from now on are queued for destinations; what is queued stays so.
    public var forwardRules: [ForwardRule] {
        get { forwarding.withLock { $0.rules } }
        set { forwarding.withLock { $0.rules = newValue } }
    }

    /// Destinations that are not sent what they sent themselves, by name, and what they call themselves.
    public var forwardOrigins: [String: ForwardOrigin] {
        get { forwarding.withLock { $0.origins } }
        set { forwarding.withLock { $0.origins = newValue } }
    }

    /// Called whenever something may be due at a destination; it must return at once.
    public func onForwardWork(_ ring: @escaping @Sendable () -> Void) { forwarding.withLock { $0.ring = ring } }

    /// Called after every commit of instances; it must return at once.
    public func onCommit(_ ring: @escaping @Sendable () -> Void) { committed.withLock { $0.ring = ring } }

    func ringCommitted() { committed.withLock { $0.ring }() }

    func ringForwards() { forwarding.withLock { $0.ring }() }

    private static func open(path: String, onUpgrade: () -> Void = {}) throws(ArchiveError) -> IndexFile {
        var configuration = Configuration()
        configuration.label = "StudyIndex"
        configuration.busyMode = .timeout(10)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            db.add(
                function: DatabaseFunction("folded", argumentCount: 1, pure: true) { values in
                    String.fromDatabaseValue(values[0]).map(SearchText.fold)
                })
            try db.execute(sql: "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;")
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL when it turns WAL on, which loses the last commits in a power cut; so this comes after.
            // The WAL is kept at its size and overwritten: its sync then seldom has to record a new length.
            try pool.writeWithoutTransaction { db in
                try db.execute(
                    sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;")
            }
            if try pool.read(migrations.hasBeenSuperseded) { throw ArchiveError.indexIsNewer }
            let isEarlier = try pool.read { db in
                try !migrations.appliedIdentifiers(db).isEmpty && !migrations.hasCompletedMigrations(db)
            }
            if isEarlier { onUpgrade() }
            try migrations.migrate(pool)
            try pool.write(fillQuality)
            let level = try pool.writeWithoutTransaction(synchronousLevel)
            guard level == 2 else { throw ArchiveError.indexNotDurable(synchronous: level) }
            // After a sync that failed, the WAL's last commits may be in the page cache alone. Those that follow would
            // be durable but behind a gap, where a power cut ends the WAL. So it is folded before anything is added.
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            return try IndexFile(pool: pool)
        } catch {
            throw ArchiveError(error)
        }
    }

    private var pool: DatabasePool { file.withLock(\.pool) }

    /// The level the writer runs with: 2 is FULL; -1 for one that keeps no WAL.
    static func synchronousLevel(_ db: Database) throws -> Int {
        guard try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else { return -1 }
        return try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
    }

    /// Runs `body` on a snapshot; writers go on meanwhile.
    ///
    /// - Throws: ``ArchiveError/tookTooLong(limit:)`` where a ``ReadDeadline`` bounds it.
    func read<Value>(_ body: (Database) throws -> Value) throws(ArchiveError) -> Value {
        let pool = pool
        do {
            return try Self.read(pool, body)
        } catch {
            // The index may have been replaced between the two lines above; the new one answers then.
            let newer = self.pool
            guard newer !== pool else { throw ArchiveError(error) }
            do { return try Self.read(newer, body) } catch { throw ArchiveError(error) }
        }
    }

    private static func read<Value>(_ pool: DatabasePool, _ body: (Database) throws -> Value) throws -> Value {
        guard let deadline = ReadDeadline.current else { return try pool.read(body) }
        return try pool.read { db in try deadline.watch(db, body) }
    }

    /// Whether a writer waits for the one that is at it: a long transaction should end.
    public var isAwaited: Bool { turns.waitingCount > 0 }

    /// How long a transaction of several studies goes on while somebody waits.
    public static let awaitedTime = Duration.milliseconds(5)

    /// Runs `body` in one transaction, which is durable when this returns.
    ///
    /// - Parameter isDurable: false for what follows from the rest of the index, and is found out again after a power cut: it
    ///   becomes durable with the next transaction that is.
    func write<Value>(
        isDurable: Bool = true, _ body: (Database) throws -> Value
    ) throws(ArchiveError) -> Value {
        turns.take()
        defer { turns.pass() }
        do {
            let file = file.withLock { $0 }
            return try file.pool.writeWithoutTransaction { db in
                try file.setDurable(isDurable, db)
                var value: Value?
                try db.inTransaction(.immediate) {
                    value = try body(db)
                    return .commit
                }
                guard let value else { preconditionFailure("a committed transaction has run its body") }
                return value
            }
        } catch {
            throw ArchiveError(error)
        }
    }

    /// Runs `body` for the pages it reads alone, which are in memory after it.
    func lookAhead(_ body: (Database) throws -> Void) throws { try file.withLock { $0 }.lookAhead(body) }

    /// Runs `body` on the writer's connection outside any transaction.
    func outsideTransaction(_ body: (Database) throws -> Void) throws(ArchiveError) {
        do { try pool.writeWithoutTransaction(body) } catch { throw ArchiveError(error) }
    }

    /// Waits for readers, then leaves one complete file: the WAL is folded into it.
    func close() throws(ArchiveError) {
        let file = file.withLock { $0 }
        do { try file.close() } catch { throw ArchiveError(error) }
    }

    /// Puts another, complete index in the place of this one; the old file stays beside it as `….previous`.
    ///
    /// Readers and writers wait until it is done.
    ///
    /// - Parameter prepare: makes the last changes to the other index, while this one does not change any more, and
    ///   closes it; gets the path of this one.
    func replace(
        with other: String, sync: SyncCalls, prepare: (_ path: String) throws -> Void
    ) throws(ArchiveError) {
        turns.take()
        defer { turns.pass() }
        let replaced: Result<Void, ArchiveError> = file.withLock { file in
            do {
                try prepare(path)
                // A damaged index may refuse to be folded; it is replaced all the same. Its WAL must go in any case,
                // since one that stayed would be replayed into the new index.
                do { try file.close() } catch { try? file.abandon() }
                for suffix in ["-wal", "-shm", ".previous"] { try DurableFiles.remove(path + suffix) }
                guard link(path, path + ".previous") == 0 else { throw ArchiveError.lastCall("link index") }
                try DurableFiles.rename(other, to: path)
                try DurableFiles.syncDirectory(ObjectStore.parent(of: path), sync: sync)
                file = try Self.open(path: path)
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
