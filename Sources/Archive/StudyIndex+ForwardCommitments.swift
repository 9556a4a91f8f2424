public import DICOMCore
public import Foundation
internal import GRDB

/// A list of Instances that a destination is asked to commit to.
public struct ForwardCommitment: Sendable, Equatable {
    public let id: Int64
    /// Transaction UID (0008,1195).
    public let transactionUID: String
    public let instances: [NamedInstance]
}

/// What a destination says of a list it was asked to commit to (PS3.4 Table J.3-2).
public struct ForwardCommitmentReport: Sendable, Equatable {
    public var transactionUID: String
    public var committed: [SOPInstanceUID]
    public var failed: [SOPInstanceUID: DIMSEStatus]

    public init(transactionUID: String, committed: [SOPInstanceUID], failed: [SOPInstanceUID: DIMSEStatus]) {
        self.transactionUID = transactionUID
        self.committed = committed
        self.failed = failed
    }
}

/// What came of a report.
public enum ForwardCommitmentOutcome: Sendable, Equatable {
    /// Nobody asked that.
    case unknown
    /// It was answered before.
    case repeated
    /// `state` is that of the forward now, nil when it had ended before.
    case kept(study: StudyInstanceUID, destination: String, state: Forward.State?)
}

// What was taken is asked for in rounds, each of one or more lists. A round begins when it is due: at once, or when the round
// before had no answer in time. A late answer to an earlier round counts.

extension StudyIndex {
    /// Forwards whose round is due, longest waiting first.
    public func forwardsToCommit(
        to destination: String, at date: Date, limit: Int = 100
    ) throws(ArchiveError) -> [DueForward] {
        try forwards(Self.toCommit, to: destination, at: date, limit: limit)
    }

    /// Rows of destination ?1 that it has to commit to.
    static let toCommit = """
        FROM forward WHERE forward.state = 5 AND forward.destination = ?1
            AND NOT EXISTS (SELECT 1 FROM forwardPause WHERE destination = forward.destination)
        """

    /// Begins a round: everything that is not committed is to be asked for.
    public func beginCommitmentRound(of forward: DueForward) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: "UPDATE forwardInstance SET asked = NULL WHERE forward = ? AND outcome = 4",
                arguments: [forward.id])
        }
    }

    /// The next list of a round, kept durably before anybody is asked; nil when the round has asked for everything.
    public func nextCommitment(
        of forward: DueForward, transactionUID: String, limit: Int, at date: Date
    ) throws(ArchiveError) -> ForwardCommitment? {
        try write { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT handled.ordinal, instance.sopClass, instance.uid FROM forwardInstance AS handled
                    JOIN forward ON forward.id = handled.forward AND forward.state = 5
                    JOIN instance ON instance.ordinal = handled.ordinal
                    WHERE handled.forward = ? AND handled.outcome = 4 AND handled.asked IS NULL
                    ORDER BY handled.ordinal LIMIT ?
                    """, arguments: [forward.id, limit])
            guard !rows.isEmpty else { return nil }
            try db.execute(
                sql: "INSERT INTO forwardCommitment (transactionUID, forward, askedAt) VALUES (?, ?, ?)",
                arguments: [transactionUID, forward.id, date.milliseconds])
            let id = db.lastInsertedRowID
            for row in rows {
                try db.cachedStatement(
                    sql: "UPDATE forwardInstance SET asked = ? WHERE forward = ? AND ordinal = ?"
                ).execute(arguments: [id, forward.id, row[0] as Int64])
            }
            return ForwardCommitment(
                id: id, transactionUID: transactionUID,
                instances: try rows.map { row in
                    NamedInstance(sopClassUID: try SOPClassUID(row[1]), sopInstanceUID: try SOPInstanceUID(row[2]))
                })
        }
    }

    /// Ends a round in which everything was asked for.
    ///
    /// - Parameters:
    ///   - date: when the next one is due, unless the answers come before.
    ///   - why: what the destination said instead of taking the request.
    public func endCommitmentRound(
        of forward: DueForward, nextAt date: Date, because why: String = ""
    ) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE forward SET attempts = attempts + 1, nextAttemptAt = ?, lastFailure = ?
                    WHERE id = ? AND state = 5
                    """, arguments: [date.milliseconds, why, forward.id])
        }
    }

    /// The destination that was asked under a Transaction UID; nil for one that nobody was.
    public func destination(ofTransaction uid: String) throws(ArchiveError) -> String? {
        try read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT destination FROM forwardCommitment JOIN forward ON forward.id = forwardCommitment.forward
                    WHERE transactionUID = ?
                    """, arguments: [uid])
        }
    }

    /// Asks no more. An answer that comes all the same counts.
    public func giveUpCommitment(of forward: DueForward, because why: String, at date: Date) throws(ArchiveError) {
        try write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE forward SET state = 6, endedAt = ?, lastFailure = ? WHERE id = ? AND state = 5
                    RETURNING destination
                    """, arguments: [date.milliseconds, why, forward.id])
            guard let row else { return }
            try IndexTransaction(db).record(
                .forwardUncommitted, study: forward.studyInstanceUID, at: date, detail: "\(row[0] as String): \(why)")
        }
    }

    /// What a destination took and need not commit to any more counts as delivered.
    public func waiveCommitments(of destination: String, at date: Date) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE forwardInstance SET outcome = 1 WHERE outcome = 4 AND forward IN (
                        SELECT id FROM forward WHERE destination = ? AND state IN (0, 5, 6))
                    """, arguments: [destination])
            let rows = try Int64.fetchAll(
                db, sql: "SELECT id FROM forward WHERE destination = ? AND state IN (5, 6)", arguments: [destination])
            for row in rows { _ = try Self.end(row, at: date, in: db) }
        }
    }

    /// Keeps what a destination says of a list. Durable when this returns.
    ///
    /// - Parameters:
    ///   - limit: an Instance that is not committed so often is given up; before, it is sent again.
    ///   - resendingAt: when.
    public func take(
        _ report: ForwardCommitmentReport, limit: Int, resendingAt date: Date, at now: Date
    ) throws(ArchiveError) -> ForwardCommitmentOutcome {
        defer { ringForwards() }
        return try write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT asking.id, forward.id, forward.study, forward.destination, asking.answeredAt, forward.state
                    FROM forwardCommitment AS asking JOIN forward ON forward.id = asking.forward
                    WHERE asking.transactionUID = ?
                    """, arguments: [report.transactionUID])
            guard let row else { return .unknown }
            guard (row[4] as Int64?) == nil else { return .repeated }
            let (asking, forward): (Int64, Int64) = (row[0], row[1])
            try db.execute(
                sql: "UPDATE forwardCommitment SET answeredAt = ? WHERE id = ?", arguments: [now.milliseconds, asking])
            for uid in report.committed {
                try db.cachedStatement(
                    sql: "UPDATE forwardInstance SET outcome = 1, failure = '' WHERE outcome = 4 AND \(Self.named)"
                ).execute(arguments: [forward, uid.value])
            }
            for (uid, status) in report.failed {
                try Self.noteUncommitted(uid, status, of: forward, limit: limit, in: db)
            }
            // What the list named and the answer does not is asked for again.
            try db.execute(
                sql: "UPDATE forwardInstance SET asked = NULL WHERE forward = ? AND asked = ?",
                arguments: [forward, asking])
            let state = try Self.state(
                of: forward, was: Forward.State(rawValue: row[5]), resendingAt: date, at: now, in: db)
            return .kept(study: try StudyInstanceUID(row[2]), destination: row[3], state: state)
        }
    }

    /// The Instance ?2 of forward ?1.
    private static let named = """
        forward = ?1 AND ordinal = (SELECT ordinal FROM instance WHERE uid = ?2)
        """

    private static func noteUncommitted(
        _ uid: SOPInstanceUID, _ status: DIMSEStatus, of forward: Int64, limit: Int, in db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE forwardInstance SET attempts = attempts + 1,
                    outcome = CASE WHEN attempts + 1 < ?3 THEN 0 ELSE 3 END, failure = ?4
                WHERE outcome = 4 AND \(Self.named)
                """
        ).execute(arguments: [forward, uid.value, limit, "taken, and not committed: \(status)"])
        guard db.changesCount > 0 else { return }
        try db.execute(sql: "UPDATE forward SET sentCount = sentCount - 1 WHERE id = ?", arguments: [forward])
    }

    /// What a row is after an answer; nil when it had ended.
    private static func state(
        of forward: Int64, was: Forward.State?, resendingAt date: Date, at now: Date, in db: Database
    ) throws -> Forward.State? {
        switch was {
        case .waiting: return .waiting
        case .committing, .uncommitted: break
        case .sent, .incomplete, .dropped, .failed, nil: return nil
        }
        let left = try Row.fetchOne(
            db,
            sql: """
                SELECT ifnull(sum(outcome = 0), 0), ifnull(sum(outcome = 4), 0),
                    ifnull(sum(outcome = 4 AND asked IS NULL), 0)
                FROM forwardInstance WHERE forward = ?
                """, arguments: [forward])
        let (unsent, uncommitted, unasked): (Int, Int, Int) = (left?[0] ?? 0, left?[1] ?? 0, left?[2] ?? 0)
        if unsent > 0 {
            try db.execute(
                sql: "UPDATE forward SET state = 0, attempts = 0, nextAttemptAt = ?, endedAt = NULL WHERE id = ?",
                arguments: [date.milliseconds, forward])
            return .waiting
        }
        guard uncommitted > 0 else { return try end(forward, at: now, in: db) }
        if was == .committing, unasked == uncommitted {
            // Later than at once: a destination that leaves out what it was asked for is not asked without pause.
            try db.execute(
                sql: "UPDATE forward SET nextAttemptAt = ? WHERE id = ?", arguments: [date.milliseconds, forward])
        }
        return was
    }
}
