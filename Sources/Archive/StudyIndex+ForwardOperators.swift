public import DICOMCore
public import Foundation
internal import GRDB

// What operators see of forwarding, and how they steer it.

extension StudyIndex {
    /// Newest first.
    ///
    /// - Parameters:
    ///   - states: empty for all.
    ///   - id: only rows before this one, for the next page.
    public func forwards(
        in states: [Forward.State] = [], to destination: String? = nil, of study: StudyInstanceUID? = nil,
        before id: Int64 = .max, limit: Int = 100
    ) throws(ArchiveError) -> [Forward] {
        var conditions = ["id < ?"]
        var arguments: StatementArguments = [id]
        if !states.isEmpty {
            conditions.append("state IN (\(states.map { "\($0.rawValue)" }.joined(separator: ", ")))")
        }
        if let destination {
            conditions.append("destination = ?")
            arguments += [destination]
        }
        if let study {
            conditions.append("study = ?")
            arguments += [study.value]
        }
        return try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT *, CASE WHEN state IN (0, 5, 6) THEN (
                        SELECT count(*) FROM forwardInstance WHERE forward = forward.id AND outcome = 4) ELSE 0 END
                        AS uncommittedCount
                    FROM forward WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
                    """, arguments: arguments + [limit]
            ).map(Forward.init)
        }
    }

    /// By destination; those of which nothing waits and nothing failed are left out.
    public func forwardCounts() throws(ArchiveError) -> [String: ForwardCounts] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT destination, sum(state = 0), sum(state = 0 AND attempts > 0), sum(state = 2), sum(state = 4),
                        sum(state = 5), sum(state = 6), min(CASE state WHEN 0 THEN queuedAt END)
                    FROM forward WHERE state IN (0, 2, 4, 5, 6) GROUP BY destination
                    """)
            return rows.reduce(into: [:]) { found, row in
                var counts = ForwardCounts()
                counts.waiting = row[1]
                counts.stuck = row[2]
                counts.incomplete = row[3]
                counts.failed = row[4]
                counts.committing = row[5]
                counts.uncommitted = row[6]
                counts.oldest = (row[7] as Int64?).map { Date(milliseconds: $0) }
                found[row[0]] = counts
            }
        }
    }

    /// Destinations that are paused, and since when.
    public func pausedForwards() throws(ArchiveError) -> [String: Date] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT destination, at FROM forwardPause").reduce(into: [:]) { found, row in
                found[row[0]] = Date(milliseconds: row[1])
            }
        }
    }

    /// What a destination does not have of a study, in the order of arrival.
    public func failures(ofForward id: Int64, limit: Int = 100) throws(ArchiveError) -> [ForwardFailure] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT instance.uid, handled.outcome,
                        CASE handled.outcome WHEN 4 THEN forward.lastFailure ELSE handled.failure END
                    FROM forwardInstance AS handled JOIN forward ON forward.id = handled.forward
                    JOIN instance ON instance.ordinal = handled.ordinal
                    WHERE handled.forward = ? AND (handled.outcome IN (2, 3)
                        OR (handled.outcome = 0 AND handled.attempts > 0)
                        OR (handled.outcome = 4 AND forward.state = 6))
                    ORDER BY handled.ordinal LIMIT ?
                    """, arguments: [id, limit]
            ).map { row in
                let kind: ForwardFailure.Kind =
                    switch row[1] as Int {
                    case 2: .refused
                    case 3: .givenUp
                    case 4: .uncommitted
                    default: .retried
                    }
                return ForwardFailure(sopInstanceUID: try SOPInstanceUID(row[0]), kind: kind, reason: row[2])
            }
        }
    }

    /// Has what was refused or given up sent again, what waits at once, and what is not committed asked for.
    ///
    /// - Returns: false for one that was sent or dropped, or that nobody knows.
    public func retryForward(_ id: Int64, at date: Date) throws(ArchiveError) -> Bool {
        defer { ringForwards() }
        return try write { db in try Self.retry(id, at: date, in: db) }
    }

    /// Has everything sent again that a destination refused, that was given up or that it did not commit to.
    ///
    /// - Returns: how many studies that are.
    public func retryForwards(to destination: String, at date: Date) throws(ArchiveError) -> Int {
        defer { ringForwards() }
        return try write { db in
            let failed = try Int64.fetchAll(
                db, sql: "SELECT id FROM forward WHERE destination = ? AND state IN (2, 4, 6)",
                arguments: [destination])
            return try failed.count { try Self.retry($0, at: date, in: db) }
        }
    }

    private static func retry(_ id: Int64, at date: Date, in db: Database) throws -> Bool {
        let isThere = try Bool.fetchOne(
            db, sql: "SELECT 1 FROM forward WHERE id = ? AND state IN (0, 2, 4, 5, 6)", arguments: [id])
        guard isThere == true else { return false }
        try db.execute(
            sql: """
                UPDATE forwardInstance SET outcome = 0, failure = '', attempts = 0
                WHERE forward = ? AND outcome IN (2, 3)
                """, arguments: [id])
        try db.execute(
            sql: """
                UPDATE forward SET attempts = 0, nextAttemptAt = ?, endedAt = NULL, failedCount = 0,
                    state = CASE WHEN state IN (5, 6) AND NOT EXISTS (
                        SELECT 1 FROM forwardInstance WHERE forward = forward.id AND outcome = 0) THEN 5 ELSE 0 END
                WHERE id = ?
                """, arguments: [date.milliseconds, id])
        return true
    }

    /// Has nothing more sent of what the study holds now; what comes later is new.
    ///
    /// - Returns: false for one that has ended, or that nobody knows.
    public func dropForward(_ id: Int64, by person: String, at date: Date) throws(ArchiveError) -> Bool {
        try write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT study, destination FROM forward WHERE id = ? AND state IN (0, 2, 4, 5, 6)",
                arguments: [id])
            guard let row else { return false }
            try db.execute(sql: "DELETE FROM forwardInstance WHERE forward = ?", arguments: [id])
            try Self.cover(id, .dropped, at: date, in: db)
            try IndexTransaction(db).record(
                .forwardDropped, study: try StudyInstanceUID(row[0]), at: date,
                detail: "\(row[1] as String), by \(person)")
            return true
        }
    }

    /// Begins nothing more at a destination until ``resumeForwards(to:by:at:)``, over restarts too.
    public func pauseForwards(
        to destination: String, by person: String, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            try IndexTransaction(db).record(
                .forwardsPaused, study: nil, at: date, detail: "\(destination), by \(person)")
            try db.execute(
                sql: "INSERT OR IGNORE INTO forwardPause (destination, at) VALUES (?, ?)",
                arguments: [destination, date.milliseconds])
        }
    }

    /// Ends a pause; what waits is due at once.
    public func resumeForwards(
        to destination: String, by person: String, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            try IndexTransaction(db).record(
                .forwardsResumed, study: nil, at: date, detail: "\(destination), by \(person)")
            try db.execute(sql: "DELETE FROM forwardPause WHERE destination = ?", arguments: [destination])
        }
        try hastenForwards(to: destination, at: date)
    }
}

extension Forward {
    init(row: Row) throws {
        guard let state = State(rawValue: row["state"]) else {
            throw ArchiveError.index(resultCode: 11, message: "forward row \(row["id"] as Int64) is damaged")
        }
        self.init(
            id: row["id"], studyInstanceUID: try StudyInstanceUID(row["study"]), destination: row["destination"],
            rule: row["rule"], state: state, queuedAt: Date(milliseconds: row["queuedAt"]),
            attemptCount: row["attempts"], nextAttemptAt: Date(milliseconds: row["nextAttemptAt"]),
            lastFailure: row["lastFailure"],
            endedAt: (row["endedAt"] as Int64?).map { Date(milliseconds: $0) }, sentCount: row["sentCount"],
            failedCount: row["failedCount"], uncommittedCount: row["uncommittedCount"])
    }
}
