public import DICOMCore
public import Foundation
internal import GRDB

extension StudyIndex {
    /// Keeps a new Performed Procedure Step. Its Studies are assessed with it, those already settled anew.
    ///
    /// - Returns: false when one of that UID is known; nothing is changed then.
    public func create(_ step: PerformedStep) throws(ArchiveError) -> Bool {
        try write { db in
            let isKnown = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT 1 FROM performedStep WHERE uid = ?"), arguments: [step.uid.value])
            guard isKnown == nil else { return false }
            try Self.insert(step, in: db)
            try Self.tell(of: step, in: db)
            return true
        }
    }

    /// Changes a Performed Procedure Step; nobody else does meanwhile.
    ///
    /// - Parameter body: answers whether to keep what it changed; it may not use the index.
    /// - Returns: nil when there is none of that UID, else what `body` answered.
    public func changePerformedStep(
        _ uid: SOPInstanceUID, at date: Date, _ body: (inout PerformedStep) -> Bool
    ) throws(ArchiveError) -> Bool? {
        try write { db in
            guard let row = try Self.stepRow(uid, in: db) else { return nil }
            var step = try PerformedStep(row: row)
            guard body(&step) else { return false }
            step.changedAt = date
            try Self.update(step, id: row["id"], in: db)
            try Self.tell(of: step, in: db)
            return true
        }
    }

    /// The Performed Procedure Step of that UID, or nil.
    public func performedStep(_ uid: SOPInstanceUID) throws(ArchiveError) -> PerformedStep? {
        try read { db in try Self.stepRow(uid, in: db).map(PerformedStep.init) }
    }

    /// Steps performed for a Study, oldest first.
    public func performedSteps(ofStudy uid: StudyInstanceUID) throws(ArchiveError) -> [PerformedStep] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT performedStep.* FROM stepStudy JOIN performedStep ON performedStep.id = stepStudy.step
                        WHERE stepStudy.study = ? ORDER BY performedStep.id
                        """), arguments: [uid.value]
            ).map(PerformedStep.init)
        }
    }

    /// Where SOP Instances are stored; those that are not, are not in the answer.
    public func holders(of uids: [SOPInstanceUID]) throws(ArchiveError) -> [SOPInstanceUID: StudyInstanceUID] {
        guard !uids.isEmpty else { return [:] }
        return try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT named.value, study.uid FROM json_each(?) AS named
                        JOIN instance ON instance.uid = named.value JOIN series ON series.id = instance.series
                        JOIN study ON study.id = series.study
                        """), arguments: [try Self.json(uids)])
            return try Dictionary(rows.map { (try SOPInstanceUID($0[0]), try StudyInstanceUID($0[1])) }) { a, _ in a }
        }
    }

    // MARK: Rows

    /// What the index is told of Studies changes their assessment: a settled one waits for it again.
    static func noteTestimony(of study: StudyInstanceUID, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE study SET testimonyVersion = testimonyVersion + 1,
                    awaitingAssessment = CASE state WHEN 1 THEN 1 ELSE awaitingAssessment END WHERE uid = ?
                """
        ).execute(arguments: [study.value])
    }

    static func json(_ uids: [some UID]) throws -> String {
        String(decoding: try JSONEncoder().encode(uids.map(\.value)), as: UTF8.self)
    }

    private static func stepRow(_ uid: SOPInstanceUID, in db: Database) throws -> Row? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM performedStep WHERE uid = ?"), arguments: [uid.value])
    }

    private static func insert(_ step: PerformedStep, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO performedStep (uid, callingAETitle, host, createdAt, status, stationAETitle, modality,
                    accessionNumber, startDate, startTime, endDate, endTime, changedAt, instanceCount, instances, json)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [step.uid.value, step.callingAETitle.value, step.host, step.createdAt.milliseconds]
                + columns(of: step))
        let id = db.lastInsertedRowID
        for study in step.studies {
            try db.cachedStatement(sql: "INSERT INTO stepStudy (study, step) VALUES (?, ?)")
                .execute(arguments: [study.value, id])
        }
    }

    private static func update(_ step: PerformedStep, id: Int64, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE performedStep SET status = ?, stationAETitle = ?, modality = ?, accessionNumber = ?,
                    startDate = ?, startTime = ?, endDate = ?, endTime = ?, changedAt = ?, instanceCount = ?,
                    instances = ?, json = ? WHERE id = ?
                """
        ).execute(arguments: columns(of: step) + [id])
    }

    private static func columns(of step: PerformedStep) throws -> StatementArguments {
        let attributes = step.attributes
        let instances = step.instances
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [
            step.status.rawValue, attributes[.performedStationAETitle] ?? "", attributes[.modality] ?? "",
            step.accessionNumber, attributes[.performedStepStartDate] ?? "", attributes[.performedStepStartTime] ?? "",
            attributes[.performedStepEndDate] ?? "", attributes[.performedStepEndTime] ?? "",
            step.changedAt.milliseconds, instances.count, try json(instances),
            String(decoding: try encoder.encode(attributes), as: UTF8.self),
        ]
    }

    private static func tell(of step: PerformedStep, in db: Database) throws {
        let kind: EventKind =
            switch step.status {
            case .inProgress: .stepStarted
            case .completed: .stepCompleted
            case .discontinued: .stepDiscontinued
            }
        for study in step.studies {
            try noteTestimony(of: study, in: db)
            // A modality may describe a step in progress with every series; its start is told once.
            guard kind != .stepStarted || step.changedAt == step.createdAt else { continue }
            try IndexTransaction(db).record(
                kind, study: study, at: step.changedAt,
                detail:
                    "\(step.uid) by \(step.callingAETitle), \(step.series.count) series, \(step.instances.count) instances"
            )
        }
    }
}

extension PerformedStep {
    fileprivate init(row: Row) throws {
        let json: String = row["json"]
        self.init(
            uid: try SOPInstanceUID(row["uid"]),
            attributes: try JSONDecoder().decode(AttributeSet.self, from: Data(json.utf8)),
            callingAETitle: try AETitle(row["callingAETitle"]), host: row["host"],
            createdAt: Date(milliseconds: row["createdAt"]))
        changedAt = Date(milliseconds: row["changedAt"])
    }
}
