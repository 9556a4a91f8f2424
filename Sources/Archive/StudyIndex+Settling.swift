public import DICOMCore
public import Foundation
internal import GRDB

extension StudyIndex {
    /// Studies that are still receiving but had no new Instance since `date`, longest silent first.
    ///
    /// - Parameter heldSince: a Study with a Performed Procedure Step in progress is due only when it had no new Instance,
    ///   and its modality said nothing of the step, since then.
    public func studiesDueToSettle(
        lastInstanceBefore date: Date, heldSince: Date = .distantFuture, limit: Int = 100
    ) throws(ArchiveError) -> [DueStudy] {
        try due(
            """
            WHERE state = 0 AND lastInstanceAt < ? AND NOT EXISTS (
                SELECT 1 FROM stepStudy JOIN performedStep AS step ON step.id = stepStudy.step
                WHERE stepStudy.study = study.uid AND step.status = 0
                    AND max(step.changedAt, study.lastInstanceAt) >= ?)
            ORDER BY lastInstanceAt LIMIT ?
            """, [date.milliseconds, heldSince.milliseconds, limit])
    }

    /// Settles studies and asks for their assessment, in transactions that are short while others wait for the index.
    ///
    /// - Parameter reason: for the timeline, such as `quiet period`.
    /// - Returns: those that are settled now; one that got an Instance since it was read stays as it is.
    @discardableResult
    public func settle(_ studies: [DueStudy], reason: String, at date: Date) throws(ArchiveError) -> [DueStudy] {
        guard !studies.isEmpty else { return [] }
        let (rules, origins) = (forwardRules, forwardOrigins)
        defer { if !rules.isEmpty { ringForwards() } }
        var settled: [DueStudy] = []
        var left = studies[...]
        while !left.isEmpty {
            try write { db in
                let start = ContinuousClock.now
                while let study = left.popFirst() {
                    if let id = try Self.settle(study, because: reason, at: date, in: db) {
                        try Self.queueForwards(
                            of: id, by: rules, sparing: origins, isAssessed: false, at: date, in: db)
                        settled.append(study)
                    }
                    if isAwaited, start.duration(to: .now) > Self.awaitedTime { break }
                }
            }
        }
        return settled
    }

    /// - Returns: its row, or nil for one that has changed.
    private static func settle(
        _ study: DueStudy, because reason: String, at date: Date, in db: Database
    ) throws -> Int64? {
        let statement = try db.cachedStatement(
            sql: """
                UPDATE study SET state = 1, settledAt = ?, awaitingAssessment = 1
                WHERE uid = ? AND state = 0 AND instanceCount = ? RETURNING id
                """)
        let arguments: StatementArguments = [
            date.milliseconds, study.studyInstanceUID.value, study.instanceCount,
        ]
        guard let id = try Int64.fetchOne(statement, arguments: arguments) else { return nil }
        try StudyTextIndex(db).insert(id)
        try IndexTransaction(db).record(.settled, study: study.studyInstanceUID, at: date, detail: reason)
        return id
    }

    /// Settled studies that wait for an assessment, longest waiting first; those that are only to be assessed again
    /// come when no other waits.
    public func studiesAwaitingAssessment(
        limit: Int = 100, holding hold: AssessmentHold? = nil
    ) throws(ArchiveError) -> [DueStudy] {
        let fresh = try due(
            "WHERE awaitingAssessment = 1 AND \(hold?.condition ?? "1") ORDER BY settledAt LIMIT ?",
            (hold?.arguments ?? []) + [limit])
        return fresh.isEmpty ? try due("WHERE awaitingAssessment = 2 ORDER BY settledAt LIMIT ?", [limit]) : fresh
    }

    /// Keeps that an assessment of a Study begins, for a daemon that does not live to publish it. Durable when this
    /// returns.
    ///
    /// - Returns: how many have begun since the last one was published, this one among them; 0 for an unknown Study.
    public func beginAssessment(of study: StudyInstanceUID) throws(ArchiveError) -> Int {
        try write { db in
            try Int.fetchOne(
                db,
                sql: "UPDATE study SET assessmentAttempts = assessmentAttempts + 1 WHERE uid = ? "
                    + "RETURNING assessmentAttempts",
                arguments: [study.value]) ?? 0
        }
    }

    /// Takes back that assessments of Studies have begun, which an orderly stop of the daemon leaves unpublished.
    public func withdrawBeginnings(of studies: some Collection<StudyInstanceUID> & Sendable) throws(ArchiveError) {
        guard !studies.isEmpty else { return }
        try write { db in
            for study in studies {
                try db.cachedStatement(
                    sql: "UPDATE study SET assessmentAttempts = max(assessmentAttempts - 1, 0) WHERE uid = ?"
                ).execute(arguments: [study.value])
            }
        }
    }

    /// Publishes the next version of a Study's assessment; earlier versions stay. One that says what the newest version
    /// says makes no new one.
    public func publish(
        _ draft: AssessmentDraft, of study: StudyInstanceUID
    ) throws(ArchiveError) -> PublishOutcome {
        let (rules, origins) = (forwardRules, forwardOrigins)
        defer { if !rules.isEmpty { ringForwards() } }
        return try write { db in
            let current = try Row.fetchOne(
                db, sql: "SELECT id, instanceCount, assessmentVersion, testimonyVersion FROM study WHERE uid = ?",
                arguments: [study.value])
            guard let current else { return .unknownStudy }
            guard current[1] == draft.instanceCount else { return .studyChanged }
            guard try !Self.isAnswered(current[0], after: draft.at, in: db) else { return .senderAnswered }
            if let version = draft.testimonyVersion, current[3] != version { return .testimonyChanged }
            if let basis = draft.basis {
                guard try basis.aliasEvent == Self.lastAliasEvent(db) else { return .aliasesChanged }
                try Self.setBasis(basis, of: current[0], in: db)
            }
            if let operators = draft.operators { try Self.setOperators(operators, of: current[0], in: db) }
            if try Self.newestAssessment(of: study, in: db)?.verdicts.says(the: draft) == true {
                try db.execute(
                    sql: "UPDATE study SET awaitingAssessment = 0, assessmentAttempts = 0 WHERE id = ?",
                    arguments: [current[0] as Int64])
                try Self.queueForwards(
                    of: current[0], by: rules, sparing: origins, isAssessed: true, at: draft.at, in: db)
                return .unchanged(version: current[2])
            }
            let version: Int = current[2] + 1
            let verdicts: StatementArguments = [
                draft.match?.catalogue ?? "", draft.match?.code ?? "", draft.match?.confidence ?? 0,
                draft.completeness, draft.quality,
            ]
            try db.cachedStatement(
                sql: """
                    INSERT INTO assessment (study, version, instanceCount, at, json, catalogue, code, confidence,
                        completeness, quality) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(
                arguments: [current[0] as Int64, version, draft.instanceCount, draft.at.milliseconds, draft.json]
                    + verdicts)
            try db.cachedStatement(
                sql: """
                    UPDATE study SET awaitingAssessment = 0, assessmentAttempts = 0, assessmentVersion = ?,
                        catalogue = ?, code = ?, confidence = ?, completeness = ?, quality = ?, awaitsReview = ?
                    WHERE id = ?
                    """
            ).execute(
                arguments: [version] + verdicts
                    + [draft.basis?.awaitsReview ?? (draft.match == nil), current[0] as Int64])
            try Self.dropRetrievals(of: current[0], before: version, in: db)
            if let peer = draft.retrievesFrom {
                try Self.want(from: peer, of: current[0], version: version, at: draft.at, in: db)
            }
            try Self.writeQuality(of: current[0], in: db)
            try IndexTransaction(db).record(
                .assessed, study: study, at: draft.at,
                detail:
                    "version \(version), \(draft.match?.code ?? "unmapped"), \(draft.completeness), \(draft.quality)")
            try Self.queueForwards(
                of: current[0], by: rules, sparing: origins, isAssessed: true, at: draft.at, in: db)
            return .published(version: version)
        }
    }

    /// Every assessment of a Study, oldest first.
    public func assessments(of study: StudyInstanceUID) throws(ArchiveError) -> [Assessment] {
        try read { db in try Self.assessments(of: study, in: db) }
    }

    static func assessments(of study: StudyInstanceUID, in db: Database) throws -> [Assessment] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM assessment WHERE study = (SELECT id FROM study WHERE uid = ?) ORDER BY version
                """, arguments: [study.value]
        ).map(Assessment.init)
    }

    private static func newestAssessment(of study: StudyInstanceUID, in db: Database) throws -> Assessment? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT * FROM assessment WHERE study = (SELECT id FROM study WHERE uid = ?)
                    ORDER BY version DESC LIMIT 1
                    """), arguments: [study.value]
        ).map(Assessment.init)
    }

    func due(_ condition: String, _ arguments: StatementArguments) throws(ArchiveError) -> [DueStudy] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT uid, instanceCount, lastInstanceAt, testimonyVersion FROM study \(condition)"),
                arguments: arguments
            ).map { row in
                DueStudy(
                    studyInstanceUID: try StudyInstanceUID(row[0]), instanceCount: row[1],
                    lastInstanceAt: Date(milliseconds: row[2]), testimonyVersion: row[3])
            }
        }
    }
}

extension Assessment {
    init(row: Row) {
        let code: String = row["code"]
        let match = CatalogueMatch(catalogue: row["catalogue"], code: code, confidence: row["confidence"])
        self.init(
            version: row["version"],
            verdicts: AssessmentDraft(
                instanceCount: row["instanceCount"], at: Date(milliseconds: row["at"]),
                match: code.isEmpty ? nil : match, completeness: row["completeness"], quality: row["quality"],
                json: row["json"]))
    }
}

extension AssessmentDraft {
    /// Whether `other` says the same of the same Instances, whenever it does.
    fileprivate func says(the other: AssessmentDraft) -> Bool {
        instanceCount == other.instanceCount && match == other.match && completeness == other.completeness
            && quality == other.quality && json == other.json
    }
}
