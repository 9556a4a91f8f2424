internal import DICOMCore
internal import Foundation
internal import GRDB

/// One Instance to be indexed, and where its bytes are.
struct NewInstance {
    let ordinal: Int64
    let record: InstanceRecord
    let origin: InstanceOrigin
    let digest: ObjectDigest
    let byteCount: Int64
    let dataSetOffset: Int64
}

/// One transaction that takes Instances in. Totals and peers are summed up and written once, by `finish()`.
///
/// Every statement finds its row by a unique index, so the cost does not grow with the index.
struct IndexTransaction {
    let db: Database
    /// Series of which text could not be decoded, in this transaction for the first time.
    var undecodable: [UndecodableSeries] = []
    private var totals = Totals()
    private var peers: [String: PeerTally] = [:]

    private struct Totals {
        var studies = 0
        var series = 0
        var instances = 0
        var bytes: Int64 = 0
        var duplicates = 0
    }

    private struct PeerTally {
        var host = ""
        var lastReceivedAt: Int64 = 0
        var instances = 0
        var bytes: Int64 = 0
        var duplicates = 0
    }

    init(_ db: Database) { self.db = db }

    /// Digest and Transfer Syntax of the stored Instance of that UID, or nil when there is none.
    func stored(_ uid: SOPInstanceUID) throws -> (digest: Data, transferSyntax: String)? {
        let statement = try db.cachedStatement(sql: "SELECT digest, transferSyntax FROM instance WHERE uid = ?")
        return try Row.fetchOne(statement, arguments: [uid.value]).map { ($0[0], $0[1]) }
    }

    mutating func countDuplicate(from origin: InstanceOrigin) {
        totals.duplicates += 1
        note(origin) { $0.duplicates += 1 }
    }

    mutating func insert(_ new: NewInstance) throws {
        let study = try study(of: new)
        let series = try series(of: new, in: study)
        try db.cachedStatement(
            sql: """
                INSERT INTO instance (ordinal, uid, series, sopClass, transferSyntax, digest, byteCount, dataSetOffset,
                    number, numberOfFrames, rows, columns, viewPosition, callingAETitle, host, receivedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            new.ordinal, new.record.sopInstanceUID.value, series.id, new.record.sopClassUID.value,
            new.record.transferSyntaxUID.value, new.digest.bytes, new.byteCount, new.dataSetOffset,
            new.record.image.number, new.record.image.numberOfFrames, new.record.image.rows,
            new.record.image.columns, new.record.image.viewPosition,
            new.origin.callingAETitle?.value ?? "", new.origin.host, new.origin.receivedAt.milliseconds,
        ])
        try db.cachedStatement(
            sql: """
                UPDATE study SET instanceCount = instanceCount + 1, byteCount = byteCount + ?,
                    seriesCount = seriesCount + ?, lastInstanceAt = max(lastInstanceAt, ?) WHERE id = ?
                """
        ).execute(arguments: [new.byteCount, series.isNew ? 1 : 0, new.origin.receivedAt.milliseconds, study])
        if let announced = new.record.announcedInstanceCount { try note(announced: announced, in: study) }
        try noteText(of: new, study: study, series: series.id)
        totals.instances += 1
        totals.bytes += new.byteCount
        note(new.origin) {
            $0.instances += 1
            $0.bytes += new.byteCount
        }
    }

    /// Writes what was summed up.
    func finish() throws {
        try db.cachedStatement(
            sql: """
                UPDATE total SET studies = studies + ?, series = series + ?, instances = instances + ?,
                    bytes = bytes + ?, duplicates = duplicates + ?
                """
        ).execute(arguments: [totals.studies, totals.series, totals.instances, totals.bytes, totals.duplicates])
        for (aeTitle, tally) in peers {
            try db.cachedStatement(
                sql: """
                    INSERT INTO peer (aeTitle, host, lastReceivedAt, instanceCount, byteCount, duplicateCount, lastFailure)
                    VALUES (?, ?, ?, ?, ?, ?, '')
                    ON CONFLICT (aeTitle) DO UPDATE SET
                        host = CASE excluded.host WHEN '' THEN host ELSE excluded.host END,
                        lastReceivedAt = max(ifnull(lastReceivedAt, 0), excluded.lastReceivedAt),
                        instanceCount = instanceCount + excluded.instanceCount,
                        byteCount = byteCount + excluded.byteCount,
                        duplicateCount = duplicateCount + excluded.duplicateCount
                    """
            ).execute(arguments: [
                aeTitle, tally.host, tally.lastReceivedAt, tally.instances, tally.bytes, tally.duplicates,
            ])
        }
    }

    func record(_ kind: EventKind, study: StudyInstanceUID?, at date: Date, detail: String) throws {
        try db.cachedStatement(sql: "INSERT INTO event (at, kind, study, detail) VALUES (?, ?, ?, ?)")
            .execute(arguments: [date.milliseconds, kind.rawValue, study?.value, detail])
    }

    private mutating func note(_ origin: InstanceOrigin, _ change: (inout PeerTally) -> Void) {
        guard let aeTitle = origin.callingAETitle?.value else { return }
        var tally = peers[aeTitle] ?? PeerTally()
        change(&tally)
        tally.lastReceivedAt = max(tally.lastReceivedAt, origin.receivedAt.milliseconds)
        if !origin.host.isEmpty { tally.host = origin.host }
        peers[aeTitle] = tally
    }
}

extension IndexTransaction {
    /// The row of the Study, created, completed or re-opened as this Instance asks for.
    private mutating func study(of new: NewInstance) throws -> Int64 {
        let uid = new.record.studyInstanceUID
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, state, patientID, issuer, identityDiffers, date, time, accessionNumber, studyID, description,
                    referringPhysicianName, institution, modalities FROM study WHERE uid = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [uid.value]) else { return try insertStudy(of: new) }
        let id: Int64 = row[0]
        if row[1] == StudyState.settled.rawValue {
            try StudyTextIndex(db).remove(id)
            try db.cachedStatement(
                sql: """
                    UPDATE study SET state = 0, settledAt = NULL, awaitingAssessment = 0, reopenedAt = ?,
                        reopenings = reopenings + 1 WHERE id = ?
                    """
            )
            .execute(arguments: [new.origin.receivedAt.milliseconds, id])
            try record(
                .reopened, study: uid, at: new.origin.receivedAt, detail: new.origin.callingAETitle?.value ?? "")
        }
        let patient = new.record.patient
        let (knownID, knownIssuer): (String, String) = (row[2], row[3])
        // Reports often leave out the issuer that images name; that tells nothing of another patient.
        let isOtherIssuer = knownIssuer != patient.issuer && !knownIssuer.isEmpty && !patient.issuer.isEmpty
        if row[4] == 0, knownID != patient.patientID || isOtherIssuer {
            try db.execute(sql: "UPDATE study SET identityDiffers = 1 WHERE id = ?", arguments: [id])
            try record(
                .identityDiffers, study: uid, at: new.origin.receivedAt,
                detail: new.record.sopInstanceUID.value)
        }
        try fillBlanks(of: id, row: row, from: new.record.study)
        return id
    }

    private mutating func insertStudy(of new: NewInstance) throws -> Int64 {
        let record = new.record
        let patient = try patient(record.patient)
        let received = new.origin.receivedAt.milliseconds
        try db.cachedStatement(
            sql: """
                INSERT INTO study (uid, patient, patientID, issuer, patientName, foldedName, birthDate, sex,
                    date, time, accessionNumber, studyID, description, referringPhysicianName, institution,
                    modalities, sourceAETitle, seriesCount, instanceCount, byteCount, state, firstInstanceAt,
                    lastInstanceAt, identityDiffers, awaitingAssessment, assessmentVersion, catalogue, code, confidence,
                    completeness, quality)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, 0, 0, 0, 0, ?, ?, 0, 0, 0, '', '', 0, '', '')
                """
        ).execute(arguments: [
            record.studyInstanceUID.value, patient, record.patient.patientID, record.patient.issuer,
            record.patient.name, SearchText.fold(record.patient.name), record.patient.birthDate, record.patient.sex,
            record.study.date, record.study.time, record.study.accessionNumber, record.study.studyID,
            record.study.description, record.study.referringPhysicianName, record.study.institution,
            new.origin.callingAETitle?.value ?? "", received, received,
        ])
        let id = db.lastInsertedRowID
        totals.studies += 1
        try StudyTextIndex(db).add(
            [
                SearchText.foldName(record.patient.name), SearchText.fold(record.patient.patientID),
                SearchText.fold(record.study.accessionNumber), SearchText.fold(record.study.description),
                SearchText.fold(record.study.institution),
            ], to: id)
        try self.record(
            .received, study: record.studyInstanceUID, at: new.origin.receivedAt,
            detail: new.origin.callingAETitle?.value ?? "")
        return id
    }

    /// The row of the patient, or nil without Patient ID: such studies must not meet under one patient.
    private func patient(_ patient: PatientRecord) throws -> Int64? {
        guard !patient.patientID.isEmpty else { return nil }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO patient (patientID, issuer, name, birthDate, sex, studyCount) VALUES (?, ?, ?, ?, ?, 1)
                ON CONFLICT (patientID, issuer) DO UPDATE SET name = excluded.name, birthDate = excluded.birthDate,
                    sex = excluded.sex, studyCount = studyCount + 1
                RETURNING id
                """)
        return try Int64.fetchOne(
            statement,
            arguments: [patient.patientID, patient.issuer, patient.name, patient.birthDate, patient.sex])
    }

    /// Takes over Attributes that no earlier Instance had: a report may come before the images and know less.
    private func fillBlanks(of id: Int64, row: Row, from record: StudyRecord) throws {
        let sent = [
            record.date, record.time, record.accessionNumber, record.studyID, record.description,
            record.referringPhysicianName, record.institution,
        ]
        let known: [String] = (5...11).map { row[$0] }
        guard zip(known, sent).contains(where: { $0.isEmpty && !$1.isEmpty }) else { return }
        let filled = zip(known, sent).map { $0.isEmpty ? $1 : $0 }
        try db.execute(
            sql: """
                UPDATE study SET date = ?, time = ?, accessionNumber = ?, studyID = ?, description = ?,
                    referringPhysicianName = ?, institution = ? WHERE id = ?
                """, arguments: StatementArguments(filled) + [id])
        if known[6].isEmpty, !filled[6].isEmpty { try forgetPlace(ofStudy: id) }
        for modality in (row[12] as String).split(separator: "\\") {
            try db.execute(
                sql:
                    "UPDATE studyModality SET date = ?, time = ? WHERE modality = ? AND date = ? AND time = ? AND study = ?",
                arguments: [filled[0], filled[1], String(modality), known[0], known[1], id])
        }
        try StudyTextIndex(db).add(
            [SearchText.fold(filled[2]), SearchText.fold(filled[4]), SearchText.fold(filled[6])], to: id)
    }

    /// Without an issuer the institution tells who numbered the patient: a Study that has just learned it is resolved anew.
    /// What rules found of an identity that nobody has any more goes with it.
    private func forgetPlace(ofStudy id: Int64) throws {
        let left = try db.cachedStatement(
            sql: """
                UPDATE identity SET studyCount = studyCount - 1
                WHERE id = (SELECT identity FROM study WHERE id = ? AND issuer = '') RETURNING id, studyCount
                """)
        guard let row = try Row.fetchOne(left, arguments: [id]) else { return }
        try db.execute(sql: "UPDATE study SET identity = NULL WHERE id = ?", arguments: [id])
        let (identity, studyCount): (Int64, Int) = (row[0], row[1])
        guard studyCount == 0 else { return }
        for column in ["one", "other"] {
            try db.execute(
                sql: "DELETE FROM identityPair WHERE \(column) = ? AND decidedBy = ''", arguments: [identity])
        }
    }

    /// The row of the Series, with its counters raised; created when this is its first Instance.
    private mutating func series(of new: NewInstance, in study: Int64) throws -> (id: Int64, isNew: Bool) {
        let uid = new.record.seriesInstanceUID.value
        let raised = try db.cachedStatement(
            sql: """
                UPDATE series SET instanceCount = instanceCount + 1, byteCount = byteCount + ?
                WHERE study = ? AND uid = ? RETURNING id
                """)
        if let id = try Int64.fetchOne(raised, arguments: [new.byteCount, study, uid]) { return (id, false) }
        let series = new.record.series
        try db.cachedStatement(
            sql: """
                INSERT INTO series (study, uid, modality, number, description, bodyPart, laterality, protocolName,
                    stationName, instanceCount, byteCount) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)
                """
        ).execute(arguments: [
            study, uid, series.modality, series.number, series.description, series.bodyPart, series.laterality,
            series.protocolName, series.stationName, new.byteCount,
        ])
        let id = db.lastInsertedRowID
        totals.series += 1
        try add(modality: series.modality, to: study)
        try StudyTextIndex(db).add([SearchText.fold(series.description)], to: study)
        return (id, true)
    }

    /// Keeps the least and the most that Instances of a Study announced of it.
    private func note(announced count: Int, in study: Int64) throws {
        guard count > 0 else { return }
        try db.cachedStatement(
            sql: """
                UPDATE study SET announcedLeast = min(ifnull(announcedLeast, ?1), ?1),
                    announcedMost = max(ifnull(announcedMost, ?1), ?1) WHERE id = ?2
                """
        ).execute(arguments: [count, study])
    }

    private func add(modality: String, to study: Int64) throws {
        let statement = try db.cachedStatement(sql: "SELECT modalities, date, time FROM study WHERE id = ?")
        guard !modality.isEmpty, let row = try Row.fetchOne(statement, arguments: [study]) else { return }
        var modalities = (row[0] as String).split(separator: "\\").map(String.init)
        guard !modalities.contains(modality) else { return }
        modalities.append(modality)
        try db.cachedStatement(sql: "UPDATE study SET modalities = ? WHERE id = ?")
            .execute(arguments: [modalities.sorted().joined(separator: "\\"), study])
        try db.cachedStatement(sql: "INSERT INTO studyModality (modality, date, time, study) VALUES (?, ?, ?, ?)")
            .execute(arguments: [modality, row[1] as String, row[2] as String, study])
    }
}
