public import DICOMCore
public import Foundation
internal import GRDB

// One row for each time that a study is wanted; of those that wait only one a study, so that it is never fetched twice at
// once. Whether everything is here follows from the Instances there are and what the source says it has.

extension StudyIndex {
    static let sourceFetchSchema = """
        CREATE TABLE sourceFetch (
            id INTEGER PRIMARY KEY, study TEXT NOT NULL, source TEXT NOT NULL, cause TEXT NOT NULL,
            state INTEGER NOT NULL, queuedAt INTEGER NOT NULL, attempts INTEGER NOT NULL,
            nextAttemptAt INTEGER NOT NULL, expectedCount INTEGER, receivedCount INTEGER NOT NULL,
            byteCount INTEGER NOT NULL, lastFailure TEXT NOT NULL, endedAt INTEGER);
        CREATE UNIQUE INDEX sourceFetchWaiting ON sourceFetch (study) WHERE state = 0;
        CREATE INDEX sourceFetchDue ON sourceFetch (source, nextAttemptAt) WHERE state = 0;
        CREATE INDEX sourceFetchByStudy ON sourceFetch (study);
        CREATE INDEX sourceFetchByState ON sourceFetch (source, state);
        """

    private static let fetchColumns = """
        id, study, source, cause, state, queuedAt, attempts, nextAttemptAt, expectedCount, receivedCount, lastFailure,
        endedAt
        """

    /// Queues a study, unless it waits already; whoever asks for one that waits says from where. Of one that was fetched
    /// ahead from a source, or should have been, a further order of that kind changes nothing: what came is here, and what
    /// did not come once, or was dropped, need not be tried for every question.
    ///
    /// - Parameter byteLimit: of all that waits to be fetched ahead, for an order of that kind.
    public func queueFetch(
        _ order: SourceFetchOrder, byteLimit: Int64 = .max, at date: Date
    ) throws(ArchiveError) -> SourceFetchQueueing {
        try write { db in
            if let waiting = try Self.fetch(where: "study = ? AND state = 0", [order.studyInstanceUID.value], in: db) {
                guard !order.cause.isAhead, waiting.cause.isAhead || waiting.source != order.source else {
                    return .waiting(waiting)
                }
                // Somebody wants now what was to be fetched some time, or from elsewhere: at once, and with all attempts.
                try db.execute(
                    sql: """
                        UPDATE sourceFetch SET source = ?, cause = ?, attempts = 0, nextAttemptAt = ?, lastFailure = '',
                            expectedCount = CASE WHEN source = ? THEN expectedCount END
                        WHERE id = ?
                        """,
                    arguments: [order.source, order.cause.rawValue, date.milliseconds, order.source, waiting.id])
                return .waiting(try Self.fetch(where: "id = ?", [waiting.id], in: db) ?? waiting)
            }
            if order.cause.isAhead {
                if let done = try Self.fetch(
                    where:
                        "study = ? AND (source = ? OR state = \(SourceFetch.State.dropped.rawValue)) ORDER BY id DESC",
                    [order.studyInstanceUID.value, order.source], in: db)
                {
                    return .done(done)
                }
                let causes = SourceFetch.Cause.allCases.filter(\.isAhead).map { "'\($0.rawValue)'" }
                let waiting =
                    try Int64.fetchOne(
                        db,
                        sql: """
                            SELECT coalesce(sum(byteCount), 0) FROM sourceFetch
                            WHERE state = 0 AND cause IN (\(causes.joined(separator: ", ")))
                            """) ?? 0
                let (sum, overflow) = waiting.addingReportingOverflow(order.byteCount)
                if overflow || sum > byteLimit { return .full }
            }
            try db.execute(
                sql: """
                    INSERT INTO sourceFetch (study, source, cause, state, queuedAt, attempts, nextAttemptAt,
                        expectedCount, receivedCount, byteCount, lastFailure)
                    VALUES (?, ?, ?, 0, ?, 0, ?, ?, 0, ?, '')
                    """,
                arguments: [
                    order.studyInstanceUID.value, order.source, order.cause.rawValue, date.milliseconds,
                    date.milliseconds, order.expectedCount, order.byteCount,
                ])
            guard let queued = try Self.fetch(where: "id = ?", [db.lastInsertedRowID], in: db) else {
                throw ArchiveError.index(resultCode: 11, message: "a fetch that was queued is not there")
            }
            return .queued(queued)
        }
    }

    /// What is due at a source, what was asked for first, then longest waiting first.
    public func fetchesDue(from source: String, at date: Date, limit: Int) throws(ArchiveError) -> [SourceFetch] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(Self.fetchColumns) FROM sourceFetch
                        WHERE state = 0 AND source = ? AND nextAttemptAt <= ?
                        ORDER BY cause <> '\(SourceFetch.Cause.asked.rawValue)', nextAttemptAt, id LIMIT ?
                        """), arguments: [source, date.milliseconds, limit]
            ).map(Self.fetch)
        }
    }

    /// Counts one attempt before it begins, so that a crash in the middle of one is counted too.
    public func begin(_ fetch: SourceFetch, next: Date) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE sourceFetch SET attempts = attempts + 1, nextAttemptAt = ?
                    WHERE id = ? AND state = 0 AND source = ?
                    """, arguments: [next.milliseconds, fetch.id, fetch.source])
        }
    }

    /// Takes back an attempt that was ended by nobody's fault.
    public func putBack(_ fetch: SourceFetch, at date: Date) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE sourceFetch SET attempts = max(attempts - 1, 0), nextAttemptAt = ?
                    WHERE id = ? AND state = 0 AND source = ?
                    """, arguments: [date.milliseconds, fetch.id, fetch.source])
        }
    }

    /// Whether what is being fetched may go on: it was neither dropped nor asked for from elsewhere, and what nobody asked
    /// for yields to what somebody waits for.
    public func isWanted(_ fetch: SourceFetch, at date: Date) throws(ArchiveError) -> Bool {
        try read { db in
            guard let now = try Self.fetch(where: "id = ? AND state = 0", [fetch.id], in: db),
                now.source == fetch.source
            else { return false }
            guard now.cause.isAhead else { return true }
            let asked = try Self.fetch(
                where: "state = 0 AND source = ? AND cause = ? AND nextAttemptAt <= ?",
                [fetch.source, SourceFetch.Cause.asked.rawValue, date.milliseconds], in: db)
            return asked == nil
        }
    }

    /// Ends what waits to be fetched from sources that there are no more; nobody would ever try.
    ///
    /// - Parameter names: of the sources there are.
    /// - Returns: what was ended.
    public func endFetches(exceptFrom names: Set<String>, at date: Date) throws(ArchiveError) -> [SourceFetch] {
        try write { db in
            let waiting = try Row.fetchAll(
                db, sql: "SELECT \(Self.fetchColumns) FROM sourceFetch WHERE state = 0"
            ).map(Self.fetch)
            let lost = waiting.filter { !names.contains($0.source) }
            for fetch in lost {
                let reason = "nothing is fetched from this source any more"
                try db.execute(
                    sql: "UPDATE sourceFetch SET state = ?, lastFailure = ?, endedAt = ? WHERE id = ?",
                    arguments: [SourceFetch.State.failed.rawValue, reason, date.milliseconds, fetch.id])
                try IndexTransaction(db).record(
                    .fetchedFromSource, study: fetch.studyInstanceUID, at: date, detail: "\(fetch.source): \(reason)")
            }
            return lost
        }
    }

    /// Keeps what an attempt came to, unless the study was dropped or is wanted from elsewhere by now.
    ///
    /// - Parameters:
    ///   - end: nil when it is tried again at `next`.
    ///   - failure: "" for none.
    public func note(
        _ fetch: SourceFetch, end: SourceFetch.State?, next: Date? = nil, expected: Int?, received: Int,
        failure: String, detail: String, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE sourceFetch SET state = ?, nextAttemptAt = ?, expectedCount = coalesce(?, expectedCount),
                        receivedCount = ?, lastFailure = ?, endedAt = ?
                    WHERE id = ? AND state = 0 AND source = ?
                    """,
                arguments: [
                    (end ?? .waiting).rawValue, (next ?? date).milliseconds, expected, received, failure,
                    end == nil ? nil : date.milliseconds, fetch.id, fetch.source,
                ])
            try IndexTransaction(db).record(
                .fetchedFromSource, study: fetch.studyInstanceUID, at: date, detail: "\(fetch.source): \(detail)")
        }
    }

    /// Ends one that waits, by an operator.
    ///
    /// - Returns: false when none waits under that number.
    public func dropFetch(_ id: Int64, by person: String, at date: Date) throws(ArchiveError) -> Bool {
        try write { db in
            guard let fetch = try Self.fetch(where: "id = ? AND state = 0", [id], in: db) else { return false }
            try db.execute(
                sql: "UPDATE sourceFetch SET state = ?, endedAt = ? WHERE id = ?",
                arguments: [SourceFetch.State.dropped.rawValue, date.milliseconds, id])
            try IndexTransaction(db).record(
                .fetchedFromSource, study: fetch.studyInstanceUID, at: date,
                detail: "\(fetch.source): dropped by \(person)")
            return true
        }
    }

    public func fetch(_ id: Int64) throws(ArchiveError) -> SourceFetch? {
        try read { db in try Self.fetch(where: "id = ?", [id], in: db) }
    }

    /// Newest first.
    ///
    /// - Parameter states: none for all.
    public func fetches(
        in states: [SourceFetch.State], from source: String? = nil, of study: StudyInstanceUID? = nil,
        before id: Int64 = .max, limit: Int
    ) throws(ArchiveError) -> [SourceFetch] {
        try read { db in
            var conditions = ["id < ?"]
            var arguments: StatementArguments = [id]
            if !states.isEmpty {
                conditions.append("state IN (\(states.map { String($0.rawValue) }.joined(separator: ", ")))")
            }
            if let source {
                conditions.append("source = ?")
                arguments += [source]
            }
            if let study {
                conditions.append("study = ?")
                arguments += [study.value]
            }
            return try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(Self.fetchColumns) FROM sourceFetch WHERE \(conditions.joined(separator: " AND "))
                        ORDER BY id DESC LIMIT ?
                        """), arguments: arguments + [limit]
            ).map(Self.fetch)
        }
    }

    /// By source.
    public func fetchCounts() throws(ArchiveError) -> [String: SourceFetchCounts] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT source, state, count(*), sum(lastFailure <> '') FROM sourceFetch GROUP BY source, state
                        """))
            return rows.reduce(into: [:]) { counts, row in
                let count: Int = row[2]
                switch SourceFetch.State(rawValue: row[1]) {
                case .waiting:
                    counts[row[0], default: SourceFetchCounts()].waiting = count
                    counts[row[0], default: SourceFetchCounts()].stuck = row[3]
                case .fetched: counts[row[0], default: SourceFetchCounts()].fetched = count
                case .partial: counts[row[0], default: SourceFetchCounts()].partial = count
                case .failed: counts[row[0], default: SourceFetchCounts()].failed = count
                case .dropped, nil: break
                }
            }
        }
    }

    /// Studies whose first Instance came after others, in the order in which it did; those that were fetched are left out.
    ///
    /// - Parameter mark: of the last one known; nil for where it stands now.
    /// - Returns: a mark for the next call. After the index was built again the count begins anew at its end.
    public func studies(since mark: Int64?, limit: Int) throws(ArchiveError) -> (
        studies: [StudyInstanceUID], mark: Int64
    ) {
        try read { db in
            let last = try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM study")) ?? 0
            guard let mark, mark <= last else { return ([], last) }
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, uid, EXISTS (SELECT 1 FROM sourceFetch WHERE sourceFetch.study = study.uid)
                        FROM study WHERE id > ? ORDER BY id LIMIT ?
                        """), arguments: [mark, limit])
            let new = try rows.filter { !($0[2] as Bool) }.map { try StudyInstanceUID($0[1]) }
            return (new, rows.last.map { $0[0] } ?? mark)
        }
    }

    private static func fetch(
        where condition: String, _ arguments: StatementArguments, in db: Database
    ) throws -> SourceFetch? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(fetchColumns) FROM sourceFetch WHERE \(condition) LIMIT 1"),
            arguments: arguments
        ).map(fetch)
    }

    private static func fetch(_ row: Row) throws -> SourceFetch {
        guard let cause = SourceFetch.Cause(rawValue: row[3]), let state = SourceFetch.State(rawValue: row[4]) else {
            throw ArchiveError.index(resultCode: 11, message: "fetch \(row[0] as Int64) is damaged")
        }
        return SourceFetch(
            id: row[0], studyInstanceUID: try StudyInstanceUID(row[1]), source: row[2], cause: cause, state: state,
            queuedAt: Date(milliseconds: row[5]), attemptCount: row[6], nextAttemptAt: Date(milliseconds: row[7]),
            expectedCount: row[8], receivedCount: row[9], lastFailure: row[10],
            endedAt: (row[11] as Int64?).map { Date(milliseconds: $0) })
    }
}
