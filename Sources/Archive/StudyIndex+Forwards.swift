internal import DICOMCore
public import Foundation
internal import GRDB

// One row a study and destination. What is still to be sent of it follows from the Instances there are: those beyond
// `coveredTo` without an outcome, and those whose outcome was taken back. Ordinals only grow, in the order of commits, so a
// late Instance is beyond. Outcomes are kept one by one only until everything was answered; what failed stays.

extension StudyIndex {
    /// What is due at a destination, longest waiting first. A study that is open again is not: it is when it has settled.
    public func forwardsDue(
        to destination: String, at date: Date, limit: Int = 100
    ) throws(ArchiveError) -> [DueForward] {
        try forwards(Self.ready, to: destination, at: date, limit: limit)
    }

    /// Rows of a destination, ?1 of `condition`, whose time has come, longest waiting first.
    func forwards(
        _ condition: String, to destination: String, at date: Date, limit: Int
    ) throws(ArchiveError) -> [DueForward] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT forward.id, forward.study, forward.attempts \(condition)
                        AND forward.nextAttemptAt <= ?2 ORDER BY forward.nextAttemptAt, forward.id LIMIT ?3
                        """), arguments: [destination, date.milliseconds, limit]
            ).map { row in
                DueForward(
                    id: row[0], studyInstanceUID: try StudyInstanceUID(row[1]), destination: destination,
                    attemptCount: row[2])
            }
        }
    }

    /// When something will be due at a destination, to send or to ask for, if nothing happens before; nil for never.
    public func nextForward(to destination: String) throws(ArchiveError) -> Date? {
        try read { db in
            let times = try Int64?.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT min(forward.nextAttemptAt) \(Self.ready)
                        UNION ALL SELECT min(forward.nextAttemptAt) \(Self.toCommit)
                        """), arguments: [destination])
            return times.compactMap(\.self).min().map { Date(milliseconds: $0) }
        }
    }

    /// Rows of destination ?1 that something may be sent of.
    private static let ready = """
        FROM forward JOIN study ON study.uid = forward.study
        WHERE forward.state = 0 AND forward.destination = ?1 AND study.state = 1
            AND NOT EXISTS (SELECT 1 FROM forwardPause WHERE destination = forward.destination)
        """

    /// Kinds of the Instances that are still to be sent.
    public func kindsToForward(_ forward: DueForward) throws(ArchiveError) -> Set<InstanceKind> {
        let arguments = pendingArguments(forward)
        return try read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT DISTINCT instance.sopClass, instance.transferSyntax \(Self.pending)",
                arguments: arguments)
            return Set(
                try rows.map { row in
                    InstanceKind(
                        sopClassUID: try SOPClassUID(row[0]), transferSyntaxUID: try TransferSyntaxUID(row[1]))
                })
        }
    }

    /// The next Instances to be sent, by Series and Instance Number. None of one that was dropped. A Series with an Instance
    /// that ended the connection before comes after the others, in its order.
    ///
    /// - Parameter suspectLimit: an Instance that ended it so often comes last of all, so that the rest of its Series goes on.
    public func instancesToForward(
        _ forward: DueForward, limit: Int, suspectLimit: Int = .max
    ) throws(ArchiveError) -> [StoredInstance] {
        let arguments = pendingArguments(forward)
        return try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(StoredInstance.columns) \(Self.pending)
                        ORDER BY ifnull(handled.attempts, 0) >= ?5, series.id IN (
                                SELECT suspect.series FROM forwardInstance
                                JOIN instance AS suspect ON suspect.ordinal = forwardInstance.ordinal
                                WHERE forwardInstance.forward = ?1 AND outcome = 0 AND attempts > 0),
                            series.number IS NULL, series.number, series.id,
                            instance.number, instance.ordinal LIMIT ?4
                        """), arguments: arguments + [limit, suspectLimit]
            ).map(StoredInstance.init)
        }
    }

    /// Instances that are still to be sent of row ?1, to a destination that sends itself as ?2 from host ?3.
    static let pending = """
        FROM forward JOIN study ON study.uid = forward.study JOIN series ON series.study = study.id
        JOIN instance ON instance.series = series.id
        LEFT JOIN forwardInstance AS handled
            ON handled.forward = forward.id AND handled.ordinal = instance.ordinal
        WHERE forward.id = ?1 AND forward.state = 0
            AND (handled.outcome = 0 OR (handled.outcome IS NULL AND instance.ordinal > forward.coveredTo))
            AND NOT (instance.callingAETitle = ?2 AND (?3 = '' OR instance.host = ?3))
        """

    func pendingArguments(_ forward: DueForward) -> StatementArguments {
        let origin = forwardOrigins[forward.destination]
        // No AE Title has a backslash.
        return [forward.id, origin?.aeTitle.value ?? "\\", origin?.host ?? ""]
    }

    /// Keeps what the destination answered. Durable when this returns.
    ///
    /// - Parameter isCommitted: whether what was taken counts as delivered; else the destination has to commit to it.
    public func note(
        _ outcomes: [ForwardOutcome], of forward: DueForward, isCommitted: Bool = true
    ) throws(ArchiveError) {
        guard !outcomes.isEmpty else { return }
        try write { db in
            for outcome in outcomes {
                try db.cachedStatement(
                    sql: """
                        INSERT INTO forwardInstance (forward, ordinal, outcome, failure) VALUES (?, ?, ?, ?)
                        ON CONFLICT (forward, ordinal) DO UPDATE SET outcome = excluded.outcome,
                            failure = excluded.failure, asked = NULL
                        """
                ).execute(arguments: [
                    forward.id, outcome.instance.ordinal, outcome.failure != nil ? 2 : isCommitted ? 1 : 4,
                    outcome.failure ?? "",
                ])
            }
            try db.execute(
                sql: "UPDATE forward SET sentCount = sentCount + ? WHERE id = ?",
                arguments: [outcomes.count { $0.failure == nil }, forward.id])
        }
    }

    /// Keeps that the connection ended while this Instance was being sent. Durable when this returns.
    ///
    /// - Parameters:
    ///   - limit: after so many times it is given up, when `isProven`; else after four times as many.
    ///   - isProven: whether the destination took something else since the time before, so that the fault is the Instance's.
    /// - Returns: whether it is.
    public func noteBreak(
        sending instance: StoredInstance, of forward: DueForward, because why: String, limit: Int, isProven: Bool
    ) throws(ArchiveError) -> Bool {
        try write { db in
            let attempts =
                try Int.fetchOne(
                    db,
                    sql: """
                        INSERT INTO forwardInstance (forward, ordinal, outcome, failure, attempts)
                        VALUES (?, ?, 0, ?, 1)
                        ON CONFLICT (forward, ordinal) DO UPDATE SET attempts = attempts + 1, outcome = 0,
                            failure = excluded.failure
                        RETURNING attempts
                        """, arguments: [forward.id, instance.ordinal, why]) ?? 0
            guard attempts >= (isProven ? limit : 4 * limit) else { return false }
            try db.execute(
                sql: "UPDATE forwardInstance SET outcome = 3, failure = ? WHERE forward = ? AND ordinal = ?",
                arguments: ["given up after \(attempts) attempts: \(why)", forward.id, instance.ordinal])
            return true
        }
    }

    /// Ends a forward of which every Instance has its outcome.
    ///
    /// - Returns: what it is then, ``Forward/State/committing`` where the destination has still to commit to something; nil
    ///   when there is more to send, as a late Instance, or when it was dropped.
    @discardableResult
    public func end(_ forward: DueForward, at date: Date) throws(ArchiveError) -> Forward.State? {
        let arguments = pendingArguments(forward)
        return try write { db in
            guard
                try String.fetchOne(
                    db, sql: "SELECT study FROM forward WHERE id = ? AND state = 0", arguments: [forward.id]) != nil,
                try Int.fetchOne(db, sql: "SELECT 1 \(Self.pending) LIMIT 1", arguments: arguments) == nil
            else { return nil }
            return try Self.end(forward.id, at: date, in: db)
        }
    }

    /// Gives a row of which nothing is to be sent its state.
    static func end(_ id: Int64, at date: Date, in db: Database) throws -> Forward.State {
        let counts =
            try Row.fetchOne(
                db,
                sql: """
                    SELECT ifnull(sum(outcome = 2), 0), ifnull(sum(outcome = 3), 0), ifnull(sum(outcome = 4), 0)
                    FROM forwardInstance WHERE forward = ?
                    """, arguments: [id]) ?? Row()
        let (refused, givenUp, uncommitted): (Int, Int, Int) = (counts[0], counts[1], counts[2])
        guard uncommitted == 0 else {
            try cover(id, .committing, at: date, in: db)
            return .committing
        }
        let state: Forward.State = givenUp > 0 ? .failed : refused > 0 ? .incomplete : .sent
        try cover(id, state, at: date, in: db)
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT study, destination, sentCount,
                    EXISTS (SELECT 1 FROM forwardCommitment WHERE forward = forward.id AND answeredAt IS NOT NULL)
                FROM forward WHERE id = ?
                """, arguments: [id])
        guard let row else { return state }
        var detail = "\(row[1] as String): \(row[2] as Int) sent" + (row[3] ? " and committed" : "")
        if refused > 0 { detail += ", \(refused) refused" }
        if givenUp > 0 { detail += ", \(givenUp) given up" }
        let kind: EventKind = givenUp > 0 ? .forwardFailed : refused > 0 ? .forwardIncomplete : .forwarded
        try IndexTransaction(db).record(kind, study: try StudyInstanceUID(row[0]), at: date, detail: detail)
        return state
    }

    /// Ends a row, or has it committed: from now on only what comes later is new.
    static func cover(_ id: Int64, _ state: Forward.State, at date: Date, in db: Database) throws {
        try db.execute(
            sql: "DELETE FROM forwardInstance WHERE forward = ? AND outcome IN (0, 1)", arguments: [id])
        try db.execute(
            sql: """
                UPDATE forward SET state = ?1, endedAt = CASE WHEN ?1 = 5 THEN NULL ELSE ?2 END, attempts = 0,
                    nextAttemptAt = CASE WHEN ?1 = 5 THEN ?2 ELSE nextAttemptAt END,
                    lastFailure = CASE WHEN ?1 IN (1, 5) THEN '' ELSE lastFailure END,
                    failedCount = (
                        SELECT count(*) FROM forwardInstance WHERE forward = forward.id AND outcome IN (2, 3)),
                    coveredTo = max(coveredTo, ifnull((
                        SELECT max(instance.ordinal) FROM study JOIN series ON series.study = study.id
                        JOIN instance ON instance.series = series.id WHERE study.uid = forward.study), -1))
                WHERE id = ?3
                """, arguments: [state.rawValue, date.milliseconds, id])
    }

    /// Puts off what could not be ended, or what could not be asked for.
    public func postpone(_ forward: DueForward, until date: Date, because why: String) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE forward SET attempts = attempts + (state = 0), nextAttemptAt = ?, lastFailure = ?
                    WHERE id = ? AND state IN (0, 5)
                    """, arguments: [date.milliseconds, why, forward.id])
        }
    }

    /// What waits for a destination is due now, since it is there again.
    public func hastenForwards(to destination: String, at date: Date) throws(ArchiveError) {
        defer { ringForwards() }
        try write { db in
            try db.execute(
                sql: """
                    UPDATE forward SET nextAttemptAt = ?1
                    WHERE state = 0 AND destination = ?2 AND nextAttemptAt > ?1
                    """, arguments: [date.milliseconds, destination])
        }
    }
}
