internal import DICOMCore
internal import Foundation
internal import GRDB

extension StudyIndex {
    /// Objects in quarantine, newest first.
    ///
    /// - Parameters:
    ///   - reason: only those; nil for all.
    ///   - before: only those with a smaller number, to go on from an earlier answer.
    public func quarantined(
        reason: QuarantineReason? = nil, before: Int64? = nil, limit: Int = 100
    ) throws(ArchiveError) -> [QuarantinedObject] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM quarantine WHERE id < ? AND (? IS NULL OR reason = ?) ORDER BY id DESC LIMIT ?",
                arguments: [before ?? .max, reason?.rawValue, reason?.rawValue, limit]
            ).map(QuarantinedObject.init)
        }
    }

    /// One object in quarantine, or nil.
    public func quarantined(id: Int64) throws(ArchiveError) -> QuarantinedObject? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM quarantine WHERE id = ?", arguments: [id])
                .map(QuarantinedObject.init)
        }
    }

    func quarantineIDs() throws(ArchiveError) -> Set<Int64> {
        try read { db in try Set(Int64.fetchAll(db, sql: "SELECT id FROM quarantine")) }
    }

    static func insertQuarantined(_ object: QuarantinedObject, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO quarantine (id, reason, detail, sopClass, sopInstance, series, study, transferSyntax,
                    callingAETitle, calledAETitle, host, receivedAt, digest, byteCount, dataSetOffset)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            object.id, object.reason.rawValue, object.detail, object.claimed.sopClassUID,
            object.claimed.sopInstanceUID, object.claimed.seriesInstanceUID, object.claimed.studyInstanceUID,
            object.claimed.transferSyntaxUID, object.origin.callingAETitle?.value ?? "",
            object.origin.calledAETitle?.value ?? "", object.origin.host, object.origin.receivedAt.milliseconds,
            object.digest.bytes, object.byteCount, object.dataSetOffset,
        ])
    }

    static func removeQuarantined(_ id: Int64, in db: Database) throws {
        try db.execute(sql: "DELETE FROM quarantine WHERE id = ?", arguments: [id])
    }
}

extension QuarantinedObject {
    init(row: Row) throws {
        guard let reason = QuarantineReason(rawValue: row["reason"]), let digest = ObjectDigest(bytes: row["digest"])
        else { throw ArchiveError.index(resultCode: 11, message: "quarantine row \(row["id"] as Int64) is damaged") }
        self.init(
            id: row["id"], reason: reason, detail: row["detail"],
            claimed: ClaimedUIDs(
                sopClassUID: row["sopClass"], sopInstanceUID: row["sopInstance"], seriesInstanceUID: row["series"],
                studyInstanceUID: row["study"], transferSyntaxUID: row["transferSyntax"]),
            origin: InstanceOrigin(
                callingAETitle: try? AETitle(row["callingAETitle"]), calledAETitle: try? AETitle(row["calledAETitle"]),
                host: row["host"], receivedAt: Date(milliseconds: row["receivedAt"])),
            byteCount: row["byteCount"], dataSetOffset: row["dataSetOffset"], digest: digest)
    }
}
