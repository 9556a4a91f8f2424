public import DICOMCore
public import Foundation
internal import GRDB

/// A study of which something is to be fetched from its sender.
public struct DueRetrieval: Sendable, Equatable {
    public let studyInstanceUID: StudyInstanceUID
    /// The assessment that found something missing.
    public let assessmentVersion: Int
    public let peer: AETitle
    /// Attempts for this version before.
    public let attemptCount: Int
    /// Attempts for the study before, whatever the version.
    public let studyAttemptCount: Int
}

extension StudyIndex {
    /// What is due from these senders at `date`, longest waiting first. A study that is open again, or was assessed anew, is not: what its
    /// next assessment says counts.
    public func retrievalsDue(
        from peers: [AETitle], at date: Date, limit: Int = 100
    ) throws(ArchiveError) -> [DueRetrieval] {
        guard !peers.isEmpty else { return [] }
        let places = peers.map { _ in "?" }.joined(separator: ", ")
        return try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT study.uid, retrieval.version, retrieval.peer, retrieval.attempts,
                            (SELECT sum(attempts) FROM retrieval AS every WHERE every.study = study.id)
                        FROM retrieval JOIN study ON study.id = retrieval.study
                        WHERE retrieval.nextAt <= ? AND retrieval.peer IN (\(places)) AND study.state = 1
                            AND study.awaitingAssessment = 0 AND study.assessmentVersion = retrieval.version
                        ORDER BY retrieval.nextAt, retrieval.study LIMIT ?
                        """),
                arguments: [date.milliseconds] + StatementArguments(peers.map(\.value)) + [limit]
            ).map { row in
                DueRetrieval(
                    studyInstanceUID: try StudyInstanceUID(row[0]), assessmentVersion: row[1],
                    peer: try AETitle(row[2]), attemptCount: row[3], studyAttemptCount: row[4])
            }
        }
    }

    /// Counts one attempt before it begins, so that a crash in the middle of one is counted too.
    ///
    /// - Parameter next: when to try again if nothing more is heard of this attempt.
    public func begin(_ retrieval: DueRetrieval, next: Date?) throws(ArchiveError) {
        try update(retrieval, "attempts = attempts + 1, nextAt = ?", next)
    }

    /// Ends what is due for a version; nothing more is fetched for it.
    public func end(_ retrieval: DueRetrieval) throws(ArchiveError) { try update(retrieval, "nextAt = ?", nil) }

    private func update(_ retrieval: DueRetrieval, _ change: String, _ next: Date?) throws(ArchiveError) {
        try write { db in
            try db.execute(
                sql: """
                    UPDATE retrieval SET \(change)
                    WHERE study = (SELECT id FROM study WHERE uid = ?) AND version = ?
                    """,
                arguments: [
                    next?.milliseconds, retrieval.studyInstanceUID.value, retrieval.assessmentVersion,
                ])
        }
    }

    /// Ends what was due for earlier assessments: the newest decides.
    static func dropRetrievals(of study: Int64, before version: Int, in db: Database) throws {
        try db.cachedStatement(
            sql: "UPDATE retrieval SET nextAt = NULL WHERE study = ? AND version < ? AND nextAt IS NOT NULL"
        ).execute(arguments: [study, version])
    }

    /// Asks for what a published assessment found missing, in its transaction.
    static func want(
        from peer: AETitle, of study: Int64, version: Int, at date: Date, in db: Database
    ) throws {
        try db.execute(
            sql: "INSERT INTO retrieval (study, version, peer, attempts, nextAt) VALUES (?, ?, ?, 0, ?)",
            arguments: [study, version, peer.value, date.milliseconds])
    }
}
