internal import GRDB
internal import GRDBSQLite

/// Until when reads of the index are waited for: a search that no index serves looks at every study there is.
public struct ReadDeadline: Sendable {
    /// How long was granted.
    public let limit: Duration
    private let end: ContinuousClock.Instant

    /// - Parameter limit: from now on.
    public init(after limit: Duration) {
        self.limit = limit
        end = .now + limit
    }

    /// Bounds what `body` reads on this thread; a read that is not done by then is interrupted.
    ///
    /// - Throws: ``ArchiveError/tookTooLong(limit:)``, and what `body` throws.
    public func bound<Value>(_ body: () throws -> Value) rethrows -> Value {
        try Self.$current.withValue(self, operation: body)
    }

    @TaskLocal static var current: ReadDeadline?

    private var hasPassed: Bool { ContinuousClock.now >= end }

    /// Steps of SQLite's machine between two looks at the clock; some tens of microseconds.
    private static let stepCount: Int32 = 4000

    /// Runs reads on `db` until the deadline.
    func watch<Value>(_ db: Database, _ body: (Database) throws -> Value) throws -> Value {
        guard !hasPassed else { throw ArchiveError.tookTooLong(limit: limit) }
        let connection = db.sqliteConnection
        return try withUnsafePointer(to: self) { deadline in
            sqlite3_progress_handler(
                connection, Self.stepCount,
                { $0.map { $0.assumingMemoryBound(to: ReadDeadline.self).pointee.hasPassed } ?? false ? 1 : 0 },
                UnsafeMutableRawPointer(mutating: deadline))
            defer { sqlite3_progress_handler(connection, 0, nil, nil) }
            do {
                return try body(db)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
                throw ArchiveError.tookTooLong(limit: limit)
            }
        }
    }
}
