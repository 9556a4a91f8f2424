internal import Crypto
public import DICOMCore
public import Foundation
internal import GRDB

extension StudyIndex {
    /// Walks through distinct descriptors by description, each with the settled, assessed studies that have it. The
    /// whole step is one snapshot.
    ///
    /// - Parameters:
    ///   - visit: gets a descriptor and answers what is to be done with each of its studies; neither may use the index.
    /// - Returns: where to go on, or nil after the last one.
    public func walkDescriptors(
        after cursor: DescriptorCursor, limit: Int,
        visit: (StoredDescriptor) throws -> (DescribedStudy) throws -> Void
    ) throws(ArchiveError) -> DescriptorCursor? {
        try read { db in
            let outcomes = OutcomeTexts(db)
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, description, modality, label, json FROM descriptor
                        WHERE (description, modality, id) > (?, ?, ?) ORDER BY description, modality, id LIMIT ?
                        """), arguments: [cursor.foldedDescription, cursor.modality, cursor.id, limit])
            var last: DescriptorCursor?
            for row in rows {
                let descriptor = StoredDescriptor(row)
                last = descriptor.cursor
                let handle = try visit(descriptor)
                let studies = try Row.fetchCursor(
                    db.cachedStatement(
                        sql: """
                            SELECT id, institution, sourceAETitle, date, CASE date WHEN '' THEN lastInstanceAt END,
                                outcome FROM study INDEXED BY studyByDescriptor WHERE descriptor = ?
                            """), arguments: [descriptor.cursor.id])
                while let study = try studies.next() { try handle(DescribedStudy(study, outcomes)) }
            }
            return rows.count == limit ? last : nil
        }
    }

    /// Assessed studies whose descriptor is not known, in steps: those of an index that an earlier version wrote.
    public func studiesWithoutDescriptor(after id: Int64, limit: Int) throws(ArchiveError) -> [Int64] {
        try read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT id FROM study WHERE descriptor IS NULL AND assessmentVersion > 0 AND id > ?
                    ORDER BY id LIMIT ?
                    """, arguments: [id, limit])
        }
    }

    /// Those of the studies that are settled and wait for no assessment of new Instances, with their newest one, in the
    /// order of `ids`.
    public func assessedStudies(_ ids: [Int64]) throws(ArchiveError) -> [AssessedStudy] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT study.id, study.uid, study.institution, study.sourceAETitle, study.date,
                        study.instanceCount AS stored, study.lastInstanceAt, descriptor.json AS descriptor,
                        assessment.* FROM study
                    JOIN assessment ON assessment.study = study.id AND assessment.version = study.assessmentVersion
                    LEFT JOIN descriptor ON descriptor.id = study.descriptor
                    WHERE study.id = ? AND study.state = 1 AND study.awaitingAssessment <> 1
                    """)
            return try ids.compactMap { id in
                guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
                return AssessedStudy(
                    id: row[0], studyInstanceUID: try StudyInstanceUID(row[1]), institution: row[2],
                    sourceAETitle: row[3], date: row[4], instanceCount: row[5],
                    lastInstanceAt: Date(milliseconds: row[6]), descriptor: row[7],
                    newest: Assessment(row: row))
            }
        }
    }

    /// UIDs of those that ``assessedStudies(_:)`` answers.
    public func settledStudyUIDs(_ ids: [Int64]) throws(ArchiveError) -> [StudyInstanceUID] {
        try read { db in
            let statement = try db.cachedStatement(
                sql: "SELECT uid FROM study WHERE id = ? AND state = 1 AND awaitingAssessment <> 1")
            return try ids.compactMap { id in
                try String.fetchOne(statement, arguments: [id]).map { try StudyInstanceUID($0) }
            }
        }
    }

    /// Publishes new versions that change what studies are, in one transaction, and asks for the rest of each
    /// assessment, which may depend on it, to be made anew once nothing more urgent waits.
    ///
    /// - Parameter note: why, for the timeline.
    /// - Returns: how many were published; the others have a newer version, or got Instances meanwhile.
    public func publish(
        renamed drafts: [RenamedAssessment], note: String, at date: Date
    ) throws(ArchiveError) -> Int {
        try write { db in try drafts.count { try Self.publish($0, note: note, at: date, in: db) } }
    }

    private static func publish(
        _ draft: RenamedAssessment, note: String, at date: Date, in db: Database
    ) throws -> Bool {
        let renamed = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    UPDATE study SET awaitingAssessment = 2,
                        assessmentVersion = assessmentVersion + 1, catalogue = ?, code = ?, confidence = ?, outcome = ?,
                        awaitsReview = ?
                    WHERE id = ? AND state = 1 AND awaitingAssessment <> 1 AND assessmentVersion = ?
                    RETURNING uid, completeness, quality, instanceCount
                    """),
            arguments: [
                draft.match?.catalogue ?? "", draft.match?.code ?? "", draft.match?.confidence ?? 0,
                try outcomeID(draft.outcome, in: db), draft.awaitsReview, draft.study, draft.follows,
            ])
        guard let renamed else { return false }
        let completeness: String = renamed[1]
        let quality: String = renamed[2]
        try db.cachedStatement(
            sql: """
                INSERT INTO assessment (study, version, instanceCount, at, catalogue, code, confidence, completeness,
                    quality, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            draft.study, draft.follows + 1, renamed[3] as Int, date.milliseconds, draft.match?.catalogue ?? "",
            draft.match?.code ?? "", draft.match?.confidence ?? 0, completeness, quality, draft.json,
        ])
        try IndexTransaction(db).record(
            .assessed, study: try StudyInstanceUID(renamed[0]), at: date,
            detail:
                "version \(draft.follows + 1), \(draft.match?.code ?? "unmapped"), \(completeness), \(quality); \(note)"
        )
        return true
    }

    // MARK: Distinct texts

    /// Writes what an assessment rests on into the row of its Study.
    static func setBasis(_ basis: AssessmentBasis, of study: Int64, in db: Database) throws {
        try db.cachedStatement(sql: "UPDATE study SET descriptor = ?, outcome = ? WHERE id = ?").execute(arguments: [
            try descriptorID(basis.descriptor, in: db), try outcomeID(basis.outcome, in: db), study,
        ])
    }

    /// The row of a descriptor, added when it is new.
    private static func descriptorID(_ record: DescriptorRecord, in db: Database) throws -> Int64 {
        var digest = SHA256()
        for part in [record.foldedDescription, record.modality, record.json] {
            digest.update(data: Data(part.utf8))
            digest.update(data: Data([0]))
        }
        let bytes = Data(digest.finalize())
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM descriptor WHERE digest = ?"), arguments: [bytes])
        {
            return id
        }
        try db.cachedStatement(
            sql: "INSERT INTO descriptor (digest, description, modality, label, json) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [bytes, record.foldedDescription, record.modality, record.description, record.json])
        return db.lastInsertedRowID
    }

    private static func outcomeID(_ text: String, in db: Database) throws -> Int64 {
        if let id = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM outcome WHERE text = ?"), arguments: [text])
        {
            return id
        }
        try db.cachedStatement(sql: "INSERT INTO outcome (text) VALUES (?)").execute(arguments: [text])
        return db.lastInsertedRowID
    }
}

/// The texts of outcomes, each fetched once: there are few, and millions of studies have them.
private final class OutcomeTexts {
    private let db: Database
    private var texts: [Int64: String] = [:]

    init(_ db: Database) { self.db = db }

    subscript(id: Int64?) -> String {
        get throws {
            guard let id else { return "" }
            if let text = texts[id] { return text }
            let text =
                try String.fetchOne(
                    db.cachedStatement(sql: "SELECT text FROM outcome WHERE id = ?"), arguments: [id]) ?? ""
            texts[id] = text
            return text
        }
    }
}

extension DescribedStudy {
    fileprivate init(_ row: Row, _ outcomes: OutcomeTexts) throws {
        self.init(
            id: row[0], institution: row[1], sourceAETitle: row[2], date: row[3],
            arrivedAt: (row[4] as Int64?).map(Date.init(milliseconds:)), outcome: try outcomes[row[5]])
    }
}

extension StoredDescriptor {
    fileprivate init(_ row: Row) {
        record = DescriptorRecord(
            foldedDescription: row["description"], description: row["label"], modality: row["modality"],
            json: row["json"])
        cursor = DescriptorCursor(
            foldedDescription: record.foldedDescription, modality: record.modality, id: row["id"])
    }
}
