public import DICOMCore
public import Foundation
internal import GRDB

/// A settled study whose sender is to be asked what it has of it.
public struct SenderInquiry: Sendable, Equatable {
    public let study: DueStudy
    public let peer: AETitle
    /// The settling it belongs to; a study that settles again is asked for anew.
    public let settledAt: Date
    /// How often it was asked for before, without an answer.
    public let attemptCount: Int
}

/// What a sender answered, as it is kept: the content belongs to whoever asked.
public struct SenderAnswerRecord: Sendable, Equatable {
    public var peer: AETitle
    public var at: Date
    public var json: String

    public init(peer: AETitle, at: Date, json: String) {
        self.peer = peer
        self.at = at
        self.json = json
    }
}

/// Studies whose assessment waits until their sender was asked once, but not longer than some time.
public struct AssessmentHold: Sendable, Equatable {
    /// Senders that are asked.
    public var peers: [AETitle]
    /// Studies that settled before this wait no longer.
    public var settledAfter: Date

    public init(peers: [AETitle], settledAfter: Date) {
        self.peers = peers
        self.settledAfter = settledAfter
    }

    /// The condition on a row of `study` that it does not wait, as SQL.
    var condition: String {
        let places = peers.map { _ in "?" }.joined(separator: ", ")
        return """
            NOT (settledAt > ? AND sourceAETitle IN (\(places)) AND NOT EXISTS (
                SELECT 1 FROM senderInquiry AS inquiry WHERE inquiry.study = study.id
                    AND inquiry.settledAt = study.settledAt AND inquiry.attempts > 0))
            """
    }

    var arguments: StatementArguments {
        [settledAfter.milliseconds] + StatementArguments(peers.map(\.value))
    }
}

extension StudyIndex {
    /// Studies to ask these senders for now, longest waiting first: those that settled and were not asked for since, and
    /// those that an earlier failure put off until now.
    public func inquiriesDue(
        of peers: [AETitle], at date: Date, limit: Int = 100
    ) throws(ArchiveError) -> [SenderInquiry] {
        guard !peers.isEmpty else { return [] }
        try enlist(studiesOf: peers, at: date)
        let places = peers.map { _ in "?" }.joined(separator: ", ")
        return try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT study.uid, study.instanceCount, study.lastInstanceAt, inquiry.peer, inquiry.settledAt,
                            inquiry.attempts
                        FROM senderInquiry AS inquiry JOIN study ON study.id = inquiry.study
                        WHERE inquiry.nextAt <= ? AND inquiry.peer IN (\(places)) AND study.state = 1
                            AND study.settledAt = inquiry.settledAt
                        ORDER BY inquiry.nextAt, inquiry.study LIMIT ?
                        """),
                arguments: [date.milliseconds] + StatementArguments(peers.map(\.value)) + [limit]
            ).map { row in
                SenderInquiry(
                    study: DueStudy(
                        studyInstanceUID: try StudyInstanceUID(row[0]), instanceCount: row[1],
                        lastInstanceAt: Date(milliseconds: row[2])),
                    peer: try AETitle(row[3]), settledAt: Date(milliseconds: row[4]), attemptCount: row[5])
            }
        }
    }

    /// Keeps what a sender answered, nil when it knows no such study, and closes the inquiry. A study that was assessed
    /// without it is assessed again.
    public func close(
        _ inquiry: SenderInquiry, with answer: SenderAnswerRecord?, detail: String, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            guard let id = try Self.attempt(inquiry, next: nil, in: db) else { return }
            if let answer {
                try Self.keep(answer, of: id, at: date, in: db)
                try db.execute(
                    sql: """
                        UPDATE study SET awaitingAssessment = 1
                        WHERE id = ? AND state = 1 AND awaitingAssessment <> 1
                        """, arguments: [id])
            }
            try IndexTransaction(db).record(
                .askedSender, study: inquiry.study.studyInstanceUID, at: date, detail: detail)
        }
    }

    /// Notes that a sender gave no answer.
    ///
    /// - Parameter next: when to ask again; nil for never.
    public func postpone(
        _ inquiry: SenderInquiry, until next: Date?, detail: String, at date: Date
    ) throws(ArchiveError) {
        try write { db in
            guard try Self.attempt(inquiry, next: next, in: db) != nil else { return }
            try IndexTransaction(db).record(
                .askedSender, study: inquiry.study.studyInstanceUID, at: date, detail: detail)
        }
    }

    /// The newest answer of each sender, oldest first.
    public func senderAnswers(of study: StudyInstanceUID) throws(ArchiveError) -> [SenderAnswerRecord] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT peer, at, json FROM senderAnswer WHERE study = (SELECT id FROM study WHERE uid = ?)
                        ORDER BY at, peer
                        """), arguments: [study.value]
            ).map { row in
                SenderAnswerRecord(peer: try AETitle(row[0]), at: Date(milliseconds: row[1]), json: row[2])
            }
        }
    }

    /// The address from which a peer sent the newest Instance of a Study, or nil. One AE Title may stand for devices of
    /// several institutions.
    public func host(ofPeer aeTitle: AETitle, sending study: StudyInstanceUID) throws(ArchiveError) -> String? {
        try read { db in
            try String.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT host FROM instance JOIN series ON series.id = instance.series
                        WHERE series.study = (SELECT id FROM study WHERE uid = ?) AND callingAETitle = ? AND host <> ''
                        ORDER BY ordinal DESC LIMIT 1
                        """), arguments: [study.value, aeTitle.value])
        }
    }

    /// Writes nothing while there is nothing to enlist, since this is asked often.
    private func enlist(studiesOf peers: [AETitle], at date: Date) throws(ArchiveError) {
        let places = peers.map { _ in "?" }.joined(separator: ", ")
        let new = """
            FROM study WHERE awaitingAssessment = 1 AND sourceAETitle IN (\(places)) AND NOT EXISTS (
                SELECT 1 FROM senderInquiry AS inquiry
                WHERE inquiry.study = study.id AND inquiry.settledAt = study.settledAt)
            """
        let titles = StatementArguments(peers.map(\.value))
        let isNeeded = try read { db in
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 \(new))", arguments: titles) ?? false
        }
        guard isNeeded else { return }
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO senderInquiry (study, peer, settledAt, attempts, nextAt)
                    SELECT id, sourceAETitle, settledAt, 0, ? \(new)
                    ON CONFLICT (study) DO UPDATE SET peer = excluded.peer, settledAt = excluded.settledAt,
                        attempts = 0, nextAt = excluded.nextAt
                    """, arguments: [date.milliseconds] + titles)
        }
    }

    /// Counts one attempt of an inquiry.
    ///
    /// - Returns: the row of its study, or nil when that settled anew meanwhile.
    private static func attempt(_ inquiry: SenderInquiry, next: Date?, in db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: """
                UPDATE senderInquiry SET attempts = attempts + 1, nextAt = ?
                WHERE study = (SELECT id FROM study WHERE uid = ?) AND settledAt = ? RETURNING study
                """,
            arguments: [
                next?.milliseconds, inquiry.study.studyInstanceUID.value, inquiry.settledAt.milliseconds,
            ])
    }

    private static func keep(
        _ answer: SenderAnswerRecord, of study: Int64, at date: Date, in db: Database
    ) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO senderAnswer (study, peer, at, keptAt, json) VALUES (?, ?, ?, ?, ?)",
            arguments: [study, answer.peer.value, answer.at.milliseconds, date.milliseconds, answer.json])
    }

    /// Whether an answer was kept after `date`, so that an assessment begun then does not know it.
    static func isAnswered(_ study: Int64, after date: Date, in db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM senderAnswer WHERE study = ? AND keptAt > ?)"),
            arguments: [study, date.milliseconds]) ?? false
    }
}
