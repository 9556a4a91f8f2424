public import DICOMCore
public import Foundation
internal import GRDB

extension StudyIndex {
    /// Queues a request for commitment durably, unless `limit` of the same peer are pending.
    ///
    /// - Parameter expiry: when its result, undelivered, is given up.
    public func queue(
        _ request: CommitmentRequest, limit: Int, expiry: Date
    ) throws(ArchiveError) -> CommitmentAdmission {
        try write { db in
            let pending = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM commitment WHERE state < 2 AND callingAETitle = ?"),
                arguments: [request.callingAETitle.value])
            guard (pending ?? 0) < limit else { return .full }
            try db.cachedStatement(
                sql: """
                    INSERT INTO commitment (transactionUID, callingAETitle, calledAETitle, host, requestedAt, expiresAt,
                        instanceCount, instances, classes, state, failures, failureCount, attempts, nextAttemptAt,
                        lastFailure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '{}', 0, 0, ?, '')
                    """
            ).execute(arguments: [
                request.transactionUID, request.callingAETitle.value, request.calledAETitle.value, request.host,
                request.requestedAt.milliseconds, expiry.milliseconds, request.instances.count,
                try Self.json(request.instances.map(\.sopInstanceUID)),
                try Self.json(request.instances.map(\.sopClassUID)), request.requestedAt.milliseconds,
            ])
            return .queued(id: db.lastInsertedRowID)
        }
    }

    /// The request whose Instances are to be looked at next: the oldest of the peer that comes after `peer`, so that one
    /// with many requests keeps no other waiting.
    public func commitmentToCheck(after peer: AETitle?) throws(ArchiveError) -> Commitment? {
        try commitments(
            """
            WHERE id = (SELECT id FROM commitment WHERE state = 0
                ORDER BY callingAETitle <= ?, callingAETitle, id LIMIT 1)
            """, [peer?.value ?? ""]
        ).first
    }

    /// Results to be delivered by `date`, longest due first.
    public func commitmentsToReport(by date: Date, limit: Int) throws(ArchiveError) -> [Commitment] {
        try commitments(
            "WHERE state = 1 AND nextAttemptAt <= ? ORDER BY nextAttemptAt, id LIMIT ?", [date.milliseconds, limit])
    }

    /// Results to be delivered to a peer, oldest first.
    public func commitmentsToReport(to peer: AETitle, limit: Int) throws(ArchiveError) -> [Commitment] {
        try commitments("WHERE state = 1 AND callingAETitle = ? ORDER BY id LIMIT ?", [peer.value, limit])
    }

    public func commitment(_ id: Int64) throws(ArchiveError) -> Commitment? {
        try commitments("WHERE id = ?", [id]).first
    }

    /// Commitments, newest first.
    ///
    /// - Parameters:
    ///   - pendingOnly: only those not delivered, given up ones included.
    ///   - before: only those with a smaller number, to go on from an earlier answer.
    public func commitments(
        pendingOnly: Bool, before: Int64? = nil, limit: Int = 100
    ) throws(ArchiveError) -> [Commitment] {
        try commitments(
            "WHERE id < ? \(pendingOnly ? "AND state IN (0, 1, 3)" : "") ORDER BY id DESC LIMIT ?",
            [before ?? .max, limit])
    }

    /// Whether the same peer has used a Transaction UID for another list, in a request before `id`.
    public func hasOtherList(_ commitment: Commitment) throws(ArchiveError) -> Bool {
        let request = commitment.request
        return try read { db in
            let other = try Int.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT 1 FROM commitment WHERE transactionUID = ? AND callingAETitle = ? AND id < ?
                            AND (instances <> ? OR classes <> ?) LIMIT 1
                        """),
                arguments: [
                    request.transactionUID, request.callingAETitle.value, commitment.id,
                    try Self.json(request.instances.map(\.sopInstanceUID)),
                    try Self.json(request.instances.map(\.sopClassUID)),
                ])
            return other != nil
        }
    }

    /// Keeps what looking at the Instances of a request found. Their Studies are assessed with it.
    public func keep(failures: [Int: DIMSEStatus], of commitment: Commitment, at date: Date) throws(ArchiveError) {
        try write { db in
            let codes = Dictionary(uniqueKeysWithValues: failures.map { (String($0.key), $0.value.code) })
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            try db.cachedStatement(
                sql: """
                    UPDATE commitment SET state = 1, checkedAt = ?, failures = ?, failureCount = ?, nextAttemptAt = ?
                    WHERE id = ? AND state = 0
                    """
            ).execute(arguments: [
                date.milliseconds, String(decoding: try encoder.encode(codes), as: UTF8.self), failures.count,
                date.milliseconds, commitment.id,
            ])
            guard db.changesCount > 0 else { return }
            try Self.linkStudies(of: commitment, in: db)
            try Self.tell(
                .commitmentChecked, of: commitment,
                "\(commitment.request.instances.count - failures.count) of \(commitment.request.instances.count) committed",
                at: date, in: db)
            for study in try Self.studies(of: commitment.id, in: db) { try Self.noteTestimony(of: study, in: db) }
        }
    }

    /// Notes that a result could not be delivered, and when to try again; nil gives it up.
    public func noteFailure(
        _ reason: String, of commitment: Commitment, nextAttemptAt next: Date?, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            try db.cachedStatement(
                sql: """
                    UPDATE commitment SET attempts = attempts + 1, lastFailure = ?, nextAttemptAt = ifnull(?, nextAttemptAt),
                        state = CASE WHEN ?2 IS NULL THEN 3 ELSE 1 END, endedAt = CASE WHEN ?2 IS NULL THEN ?3 END
                    WHERE id = ? AND state = 1
                    """
            ).execute(arguments: [reason, next?.milliseconds, date.milliseconds, commitment.id])
            if next == nil, db.changesCount > 0 {
                try Self.tell(.commitmentGivenUp, of: commitment, reason, at: date, in: db)
            }
        }
    }

    /// Notes that the sender has the result.
    public func noteReported(_ commitment: Commitment, at date: Date) throws(ArchiveError) {
        try write { db in
            try db.cachedStatement(
                sql:
                    """
                    UPDATE commitment SET state = 2, attempts = attempts + 1, lastFailure = '', endedAt = ?
                    WHERE id = ? AND state IN (1, 3)
                    """
            ).execute(arguments: [date.milliseconds, commitment.id])
            // One that was dropped meanwhile stays so.
            guard db.changesCount > 0 else { return }
            try Self.tell(.commitmentReported, of: commitment, "result delivered", at: date, in: db)
        }
    }

    /// Looks at the Instances again and delivers the result, whatever became of an earlier try.
    ///
    /// - Returns: false when there is no such commitment.
    public func retryCommitment(_ id: Int64, at date: Date, expiry: Date) throws(ArchiveError) -> Bool {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE commitment SET state = 0, attempts = 0, lastFailure = '', endedAt = NULL, nextAttemptAt = ?,
                        expiresAt = ? WHERE id = ?
                    """, arguments: [date.milliseconds, expiry.milliseconds, id])
            return db.changesCount > 0
        }
    }

    /// Ends a commitment that is not delivered. The event log keeps who did it.
    ///
    /// - Returns: false when there is none that is pending or given up.
    public func dropCommitment(_ id: Int64, by person: String, at date: Date) throws(ArchiveError) -> Bool {
        try write { db in
            try db.execute(
                sql: "UPDATE commitment SET state = 4, endedAt = ? WHERE id = ? AND state IN (0, 1, 3)",
                arguments: [date.milliseconds, id])
            guard db.changesCount > 0 else { return false }
            try IndexTransaction(db).record(
                .commitmentDropped, study: nil, at: date, detail: "commitment \(id) by \(person)")
            return true
        }
    }

    public func commitmentCounts() throws(ArchiveError) -> CommitmentCounts {
        try read { db in
            var counts = CommitmentCounts()
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT ifnull(sum(state = 0), 0), ifnull(sum(state = 1), 0), ifnull(sum(state = 1 AND attempts > 0), 0)
                    FROM commitment WHERE state < 2
                    """)
            counts.queued = row?[0] ?? 0
            counts.unreported = row?[1] ?? 0
            counts.stuck = row?[2] ?? 0
            counts.givenUp =
                try Int.fetchOne(db, sql: "SELECT count(*) FROM commitment WHERE state IN (0, 1, 3) AND state = 3") ?? 0
            return counts
        }
    }

    /// Lists of which some Instances were stored in a Study when they were looked at, oldest first.
    public func commitments(ofStudy uid: StudyInstanceUID) throws(ArchiveError) -> [Commitment] {
        try commitments(
            "WHERE id IN (SELECT commitment FROM commitmentStudy WHERE study = ?) ORDER BY id", [uid.value])
    }

    // MARK: Rows

    private func commitments(
        _ condition: String, _ arguments: StatementArguments
    ) throws(ArchiveError) -> [Commitment] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM commitment \(condition)"), arguments: arguments
            ).map(Commitment.init)
        }
    }

    private static func linkStudies(of commitment: Commitment, in db: Database) throws {
        try db.execute(sql: "DELETE FROM commitmentStudy WHERE commitment = ?", arguments: [commitment.id])
        try db.execute(
            sql: """
                INSERT INTO commitmentStudy (study, commitment, held)
                SELECT study.uid, ?, count(*) FROM json_each(?) AS named
                JOIN instance ON instance.uid = named.value JOIN series ON series.id = instance.series
                JOIN study ON study.id = series.study GROUP BY study.uid
                """,
            arguments: [commitment.id, try json(commitment.request.instances.map(\.sopInstanceUID))])
    }

    private static func studies(of commitment: Int64, in db: Database) throws -> [StudyInstanceUID] {
        try String.fetchAll(
            db.cachedStatement(sql: "SELECT study FROM commitmentStudy WHERE commitment = ?"), arguments: [commitment]
        ).map(StudyInstanceUID.init)
    }

    private static func tell(
        _ kind: EventKind, of commitment: Commitment, _ text: String, at date: Date, in db: Database
    ) throws {
        for study in try studies(of: commitment.id, in: db) {
            try IndexTransaction(db).record(
                kind, study: study, at: date,
                detail: "\(commitment.request.callingAETitle), commitment \(commitment.id): \(text)")
        }
    }
}

extension Commitment {
    fileprivate init(row: Row) throws {
        func list<Identifier: UID>(_ column: String) throws -> [Identifier] {
            let json: String = row[column]
            return try JSONDecoder().decode([Identifier].self, from: Data(json.utf8))
        }
        let failures: String = row["failures"]
        let codes = try JSONDecoder().decode([String: UInt16].self, from: Data(failures.utf8))
        self.init(
            id: row["id"],
            request: CommitmentRequest(
                transactionUID: row["transactionUID"], callingAETitle: try AETitle(row["callingAETitle"]),
                calledAETitle: try AETitle(row["calledAETitle"]), host: row["host"],
                requestedAt: Date(milliseconds: row["requestedAt"]),
                instances: zip(try list("classes"), try list("instances")).map {
                    NamedInstance(sopClassUID: $0, sopInstanceUID: $1)
                }),
            state: State(rawValue: row["state"]) ?? .dropped,
            failures: Dictionary(
                uniqueKeysWithValues: codes.compactMap { place, code in
                    Int(place).map { ($0, DIMSEStatus(code: code)) }
                }),
            expiresAt: Date(milliseconds: row["expiresAt"]), attempts: row["attempts"],
            nextAttemptAt: Date(milliseconds: row["nextAttemptAt"]),
            lastFailure: row["lastFailure"], endedAt: (row["endedAt"] as Int64?).map(Date.init(milliseconds:)))
    }
}
