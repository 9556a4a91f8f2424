public import DICOMCore
public import Foundation
internal import GRDB

// One row a study and destination. What is still to be sent of it follows from the Instances there are: those beyond
// `coveredTo` without an outcome, and those whose outcome was taken back. Ordinals only grow, in the order of commits, so a
// late Instance is beyond. Outcomes are kept one by one only until everything was answered; refusals stay.

extension StudyIndex {
    /// What is due at a destination, longest waiting first. A study that is open again is not: it is when it has settled.
    public func forwardsDue(
        to destination: String, at date: Date, limit: Int = 100
    ) throws(ArchiveError) -> [DueForward] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT forward.id, forward.study, forward.attempts FROM forward
                        JOIN study ON study.uid = forward.study
                        WHERE forward.state = 0 AND forward.destination = ? AND forward.nextAttemptAt <= ?
                            AND study.state = 1
                            AND NOT EXISTS (SELECT 1 FROM forwardPause WHERE destination = forward.destination)
                        ORDER BY forward.nextAttemptAt, forward.id LIMIT ?
                        """), arguments: [destination, date.milliseconds, limit]
            ).map { row in
                DueForward(
                    id: row[0], studyInstanceUID: try StudyInstanceUID(row[1]), destination: destination,
                    attemptCount: row[2])
            }
        }
    }

    /// Kinds of the Instances that are still to be sent.
    public func kindsToForward(_ forward: DueForward) throws(ArchiveError) -> Set<InstanceKind> {
        try read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT DISTINCT instance.sopClass, instance.transferSyntax \(Self.pending)",
                arguments: [forward.id])
            return Set(
                try rows.map { row in
                    InstanceKind(
                        sopClassUID: try SOPClassUID(row[0]), transferSyntaxUID: try TransferSyntaxUID(row[1]))
                })
        }
    }

    /// The next Instances to be sent, by Series and Instance Number. None of one that was dropped.
    public func instancesToForward(_ forward: DueForward, limit: Int) throws(ArchiveError) -> [StoredInstance] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT instance.*, series.uid AS seriesUID, study.uid AS studyUID \(Self.pending)
                        ORDER BY series.number IS NULL, series.number, series.id,
                            instance.number, instance.ordinal LIMIT ?
                        """), arguments: [forward.id, limit]
            ).map(StoredInstance.init)
        }
    }

    /// Instances that are still to be sent of row ?1.
    private static let pending = """
        FROM forward JOIN study ON study.uid = forward.study JOIN series ON series.study = study.id
        JOIN instance ON instance.series = series.id
        LEFT JOIN forwardInstance AS handled
            ON handled.forward = forward.id AND handled.ordinal = instance.ordinal
        WHERE forward.id = ?1 AND forward.state = 0
            AND (handled.outcome = 0 OR (handled.outcome IS NULL AND instance.ordinal > forward.coveredTo))
        """

    /// Keeps what the destination answered. Durable when this returns.
    public func note(_ outcomes: [ForwardOutcome], of forward: DueForward) throws(ArchiveError) {
        guard !outcomes.isEmpty else { return }
        try write { db in
            for outcome in outcomes {
                try db.cachedStatement(
                    sql:
                        "INSERT OR REPLACE INTO forwardInstance (forward, ordinal, outcome, failure) VALUES (?, ?, ?, ?)"
                ).execute(arguments: [
                    forward.id, outcome.instance.ordinal, outcome.failure == nil ? 1 : 2, outcome.failure ?? "",
                ])
            }
            try db.execute(
                sql: "UPDATE forward SET sentCount = sentCount + ? WHERE id = ?",
                arguments: [outcomes.count { $0.failure == nil }, forward.id])
        }
    }

    /// Ends a forward of which every Instance has its outcome.
    ///
    /// - Returns: what it is then; nil when there is more to send, as a late Instance, or when it was dropped.
    @discardableResult
    public func end(_ forward: DueForward, at date: Date) throws(ArchiveError) -> Forward.State? {
        try write { db in
            guard
                try String.fetchOne(
                    db, sql: "SELECT study FROM forward WHERE id = ? AND state = 0", arguments: [forward.id]) != nil,
                try Int.fetchOne(db, sql: "SELECT 1 \(Self.pending) LIMIT 1", arguments: [forward.id]) == nil
            else { return nil }
            let failed = try Self.failedCount(of: forward.id, in: db)
            let state: Forward.State = failed > 0 ? .incomplete : .sent
            try Self.cover(forward.id, state, at: date, in: db)
            let sent =
                try Int.fetchOne(
                    db, sql: "SELECT sentCount FROM forward WHERE id = ?", arguments: [forward.id]) ?? 0
            try IndexTransaction(db).record(
                state == .sent ? .forwarded : .forwardIncomplete, study: forward.studyInstanceUID, at: date,
                detail: "\(forward.destination): \(sent) sent" + (failed > 0 ? ", \(failed) refused" : ""))
            return state
        }
    }

    /// Ends a row: from now on only what comes later is new.
    private static func cover(_ id: Int64, _ state: Forward.State, at date: Date, in db: Database) throws {
        try db.execute(
            sql: "DELETE FROM forwardInstance WHERE forward = ? AND outcome <> 2", arguments: [id])
        try db.execute(
            sql: """
                UPDATE forward SET state = ?, endedAt = ?, attempts = 0,
                    lastFailure = CASE WHEN ?1 = 1 THEN '' ELSE lastFailure END,
                    failedCount = (SELECT count(*) FROM forwardInstance WHERE forward = forward.id),
                    coveredTo = max(coveredTo, ifnull((
                        SELECT max(instance.ordinal) FROM study JOIN series ON series.study = study.id
                        JOIN instance ON instance.series = series.id WHERE study.uid = forward.study), -1))
                WHERE id = ?
                """, arguments: [state.rawValue, date.milliseconds, id])
    }

    private static func failedCount(of id: Int64, in db: Database) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM forwardInstance WHERE forward = ? AND outcome = 2", arguments: [id]) ?? 0
    }

    /// Puts off what could not be ended.
    public func postpone(_ forward: DueForward, until date: Date, because why: String) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE forward SET attempts = attempts + 1, nextAttemptAt = ?, lastFailure = ?
                    WHERE id = ? AND state = 0
                    """, arguments: [date.milliseconds, why, forward.id])
        }
    }

    /// What waits for a destination is due now, since it is there again.
    public func hastenForwards(to destination: String, at date: Date) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE forward SET nextAttemptAt = ?1
                    WHERE state = 0 AND destination = ?2 AND nextAttemptAt > ?1
                    """, arguments: [date.milliseconds, destination])
        }
    }

    // MARK: Queueing

    /// Queues a study for every destination that a rule names and that lacks something of it, in the transaction of
    /// whoever settles or assesses it.
    ///
    /// - Parameter isAssessed: whether rules that need an assessment may hold.
    static func queueForwards(
        of study: Int64, by rules: [ForwardRule], isAssessed: Bool, at date: Date, in db: Database
    ) throws {
        let rules = rules.filter { isAssessed || !$0.needsAssessment }
        guard !rules.isEmpty,
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT uid, modalities, sourceAETitle, code, completeness, quality, date FROM study WHERE id = ?
                        """), arguments: [study])
        else { return }
        let today = CalendarDay(seconds: date.timeIntervalSince1970)
        let subject = ForwardSubject(
            modalities: Set((row[1] as String).split(separator: "\\").map(String.init)), source: row[2], code: row[3],
            completeness: row[4], quality: row[5], age: CalendarDay(dicom: row[6]).map { $0.days(to: today) })
        let uid = try StudyInstanceUID(row[0])
        var reached: Set<String> = []
        for rule in rules where rule.fits(subject) && reached.insert(rule.destination).inserted {
            let queued = try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        INSERT INTO forward (study, destination, rule, state, queuedAt, attempts, nextAttemptAt,
                            lastFailure, coveredTo, sentCount, failedCount)
                        VALUES (?1, ?2, ?3, 0, ?4, 0, ?4, '', -1, 0, 0)
                        ON CONFLICT (study, destination) DO UPDATE SET state = 0, rule = excluded.rule,
                            queuedAt = excluded.queuedAt, attempts = 0, nextAttemptAt = excluded.nextAttemptAt,
                            endedAt = NULL
                        WHERE forward.state <> 0 AND EXISTS (
                            SELECT 1 FROM series JOIN instance ON instance.series = series.id
                            WHERE series.study = ?5 AND instance.ordinal > forward.coveredTo)
                        RETURNING id
                        """),
                arguments: [uid.value, rule.destination, rule.name, date.milliseconds, study])
            guard queued != nil else { continue }
            try IndexTransaction(db).record(
                .forwardQueued, study: uid, at: date, detail: "\(rule.destination): rule \(rule.name)")
        }
    }

    // MARK: Operators

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
                sql: "SELECT * FROM forward WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
                arguments: arguments + [limit]
            ).map(Forward.init)
        }
    }

    /// By destination; those of which nothing waits and nothing was refused are left out.
    public func forwardCounts() throws(ArchiveError) -> [String: ForwardCounts] {
        try read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT destination, sum(state = 0), sum(state = 0 AND attempts > 0), sum(state = 2)
                    FROM forward WHERE state IN (0, 2) GROUP BY destination
                    """)
            return rows.reduce(into: [:]) { counts, row in
                counts[row[0], default: ForwardCounts()].waiting = row[1]
                counts[row[0], default: ForwardCounts()].stuck = row[2]
                counts[row[0], default: ForwardCounts()].incomplete = row[3]
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

    /// What a destination refused of a study, in the order of arrival.
    public func failures(ofForward id: Int64, limit: Int = 100) throws(ArchiveError) -> [ForwardFailure] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT instance.uid, handled.failure FROM forwardInstance AS handled
                    JOIN instance ON instance.ordinal = handled.ordinal
                    WHERE handled.forward = ? AND handled.outcome = 2 ORDER BY handled.ordinal LIMIT ?
                    """, arguments: [id, limit]
            ).map { ForwardFailure(sopInstanceUID: try SOPInstanceUID($0[0]), reason: $0[1]) }
        }
    }

    /// Has what was refused sent again, and what waits at once.
    ///
    /// - Returns: false for one that was sent or dropped, or that nobody knows.
    public func retryForward(_ id: Int64, at date: Date) throws(ArchiveError) -> Bool {
        try write { db in
            let study = try String.fetchOne(
                db,
                sql: """
                    UPDATE forward SET state = 0, attempts = 0, nextAttemptAt = ?, endedAt = NULL, failedCount = 0
                    WHERE id = ? AND state IN (0, 2) RETURNING study
                    """, arguments: [date.milliseconds, id])
            guard study != nil else { return false }
            try db.execute(
                sql: "UPDATE forwardInstance SET outcome = 0, failure = '' WHERE forward = ? AND outcome = 2",
                arguments: [id])
            return true
        }
    }

    /// Has nothing more sent of what the study holds now; what comes later is new.
    ///
    /// - Returns: false for one that has ended, or that nobody knows.
    public func dropForward(_ id: Int64, by person: String, at date: Date) throws(ArchiveError) -> Bool {
        try write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT study, destination FROM forward WHERE id = ? AND state IN (0, 2)", arguments: [id])
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
            failedCount: row["failedCount"])
    }
}
