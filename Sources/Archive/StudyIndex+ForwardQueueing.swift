public import DICOMCore
public import Foundation
internal import GRDB

/// Studies that were there before a rule, which a person wants it applied to. All that is given must hold.
public struct ForwardBackfill: Sendable, Equatable {
    /// Name of the rule.
    public var rule: String
    /// By Study Date.
    public var range: ReportRange
    public var study: StudyInstanceUID?
    /// What a destination has taken is sent to it once more.
    public var sendsAgain = false
    /// Nothing is queued, only counted.
    public var isTrial = false

    public init(rule: String, range: ReportRange = ReportRange(), study: StudyInstanceUID? = nil) {
        self.rule = rule
        self.range = range
        self.study = study
    }
}

extension StudyIndex {
    /// Queues a study for every destination that a rule names and that lacks something of it, in the transaction of
    /// whoever settles or assesses it.
    ///
    /// - Parameters:
    ///   - origins: destinations that are not sent what they sent themselves.
    ///   - isAssessed: whether rules that need an assessment may hold.
    ///   - sendsAgain: whether what was taken is sent once more.
    ///   - person: who asks for it.
    /// - Returns: rows that are queued now.
    @discardableResult
    static func queueForwards(
        of study: Int64, by rules: [ForwardRule], sparing origins: [String: ForwardOrigin], isAssessed: Bool,
        sendsAgain: Bool = false, for person: String? = nil, at date: Date, in db: Database
    ) throws -> Int {
        let rules = rules.filter { isAssessed || !$0.needsAssessment }
        guard !rules.isEmpty,
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT uid, modalities, sourceAETitle, code, completeness, quality, date FROM study WHERE id = ?
                        """), arguments: [study])
        else { return 0 }
        let today = CalendarDay(seconds: date.timeIntervalSince1970)
        let subject = ForwardSubject(
            modalities: Set((row[1] as String).split(separator: "\\").map(String.init)), source: row[2], code: row[3],
            completeness: row[4], quality: row[5], age: CalendarDay(dicom: row[6]).map { $0.days(to: today) })
        let uid = try StudyInstanceUID(row[0])
        var reached: Set<String> = []
        var count = 0
        for rule in rules where rule.fits(subject) && reached.insert(rule.destination).inserted {
            let origin = origins[rule.destination]
            let queued = try Int64.fetchOne(
                db.cachedStatement(sql: queueing),
                arguments: [
                    uid.value, rule.destination, rule.name, date.milliseconds, study, sendsAgain,
                    origin?.aeTitle.value ?? "\\", origin?.host ?? "",
                ])
            guard let queued else { continue }
            if sendsAgain {
                try db.execute(sql: "DELETE FROM forwardInstance WHERE forward = ?", arguments: [queued])
            }
            try IndexTransaction(db).record(
                .forwardQueued, study: uid, at: date,
                detail: "\(rule.destination): rule \(rule.name)" + (person.map { ", by \($0)" } ?? ""))
            count += 1
        }
        return count
    }

    /// One row, when the destination lacks an Instance that it did not send itself.
    private static let queueing = """
        INSERT INTO forward (study, destination, rule, state, queuedAt, attempts, nextAttemptAt,
            lastFailure, coveredTo, sentCount, failedCount)
        SELECT ?1, ?2, ?3, 0, ?4, 0, ?4, '', -1, 0, 0 WHERE \(lacking)
        ON CONFLICT (study, destination) DO UPDATE SET state = 0, rule = excluded.rule,
            queuedAt = excluded.queuedAt, attempts = 0, nextAttemptAt = excluded.nextAttemptAt, endedAt = NULL,
            lastFailure = '', coveredTo = CASE WHEN ?6 THEN -1 ELSE coveredTo END,
            sentCount = CASE WHEN ?6 THEN 0 ELSE sentCount END
        WHERE (?6 OR forward.state <> 0) AND \(lacking) AND (?6 OR EXISTS (
            SELECT 1 FROM series JOIN instance ON instance.series = series.id
            WHERE series.study = ?5 AND instance.ordinal > forward.coveredTo))
        RETURNING id
        """

    private static let lacking = """
        EXISTS (SELECT 1 FROM series JOIN instance ON instance.series = series.id WHERE series.study = ?5
            AND NOT (instance.callingAETitle = ?7 AND (?8 = '' OR instance.host = ?8)))
        """

    /// Applies one rule to settled studies that were there before it.
    ///
    /// Blocks; in several transactions, so that arriving instances need not wait for it.
    /// - Parameter progress: gets how many of the studies were looked at; false stops.
    /// - Returns: how many studies are queued now, or would be; nil when there is no such rule.
    public func queueForwards(
        by backfill: ForwardBackfill, for person: String, at date: Date,
        progress: ArchiveProgress = { _, _ in true }
    ) throws(ArchiveError) -> Int? {
        let (rules, origins) = (forwardRules.filter { $0.name == backfill.rule }, forwardOrigins)
        guard !rules.isEmpty else { return nil }
        defer { ringForwards() }
        let step: Int64 = 1000
        let last = try read { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM study") ?? 0 }
        var conditions = ["state = 1", backfill.range.condition]
        var arguments = backfill.range.arguments
        if let study = backfill.study {
            conditions.append("uid = ?")
            arguments += [study.value]
        }
        let sql = """
            SELECT id, assessmentVersion > 0 FROM study
            WHERE id BETWEEN ? AND ? AND \(conditions.joined(separator: " AND "))
            """
        var count = 0
        var isWanted = true
        var first: Int64 = 1
        while first <= last, isWanted {
            let end = first + step - 1
            count += try write { db in
                var queued = 0
                try db.inSavepoint {
                    for row in try Row.fetchAll(db, sql: sql, arguments: [first, end] + arguments) {
                        let rows = try Self.queueForwards(
                            of: row[0], by: rules, sparing: origins, isAssessed: row[1],
                            sendsAgain: backfill.sendsAgain, for: person, at: date, in: db)
                        queued += rows > 0 ? 1 : 0
                    }
                    return backfill.isTrial ? .rollback : .commit
                }
                return queued
            }
            isWanted = progress(Int(min(end, last)), Int(last))
            first = end + 1
        }
        if !backfill.isTrial { try noteBackfill(backfill, count, by: person, at: date) }
        guard isWanted else { throw .stopped }
        return count
    }

    private func noteBackfill(
        _ backfill: ForwardBackfill, _ count: Int, by person: String, at date: Date
    ) throws(ArchiveError) {
        var detail = "rule \(backfill.rule)"
        if let study = backfill.study { detail += ", \(study)" }
        if let first = backfill.range.firstDate { detail += ", from \(first)" }
        if let last = backfill.range.lastDate { detail += ", to \(last)" }
        if backfill.sendsAgain { detail += ", once more" }
        try write { db in
            try IndexTransaction(db).record(
                .forwardsAdded, study: backfill.study, at: date, detail: "\(detail): \(count) studies, by \(person)")
        }
    }
}
