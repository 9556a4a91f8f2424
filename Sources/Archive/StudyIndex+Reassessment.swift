public import DICOMCore
internal import GRDB

/// Which settled studies are to be judged again. All that is given must hold.
public struct ReassessmentScope: Sendable, Equatable {
    /// By Study Date.
    public var range: ReportRange
    /// With a finding of this quality rule, of whatever severity.
    public var rule: String?
    public var study: StudyInstanceUID?

    public init(range: ReportRange = ReportRange(), rule: String? = nil, study: StudyInstanceUID? = nil) {
        self.range = range
        self.rule = rule
        self.study = study
    }
}

extension StudyIndex {
    /// Asks for another assessment of settled studies, after everything new. Those that wait for one are not counted.
    ///
    /// Blocks; in several transactions, so that arriving instances need not wait for it.
    /// - Parameter progress: gets how many of the studies were looked at; false stops.
    /// - Returns: how many studies will be assessed.
    public func askForAssessment(
        of scope: ReassessmentScope, progress: ArchiveProgress = { _, _ in true }
    ) throws(ArchiveError) -> Int {
        let step: Int64 = 5000
        let last = try read { db in try Int64.fetchOne(db, sql: "SELECT max(id) FROM study") ?? 0 }
        var conditions = ["state = 1", "assessmentVersion > 0", "awaitingAssessment = 0", scope.range.condition]
        var arguments = scope.range.arguments
        if let rule = scope.rule {
            conditions.append("EXISTS (SELECT 1 FROM ruleFinding WHERE ruleFinding.study = study.id AND rule = ?)")
            arguments += [rule]
        }
        if let study = scope.study {
            conditions.append("uid = ?")
            arguments += [study.value]
        }
        let sql = """
            UPDATE study SET awaitingAssessment = 2, assessmentAttempts = 0
            WHERE id BETWEEN ? AND ? AND \(conditions.joined(separator: " AND "))
            """
        var count = 0
        var first: Int64 = 1
        while first <= last {
            let end = first + step - 1
            count += try write { db in
                try db.execute(sql: sql, arguments: [first, end] + arguments)
                return db.changesCount
            }
            guard progress(Int(min(end, last)), Int(last)) else { throw .stopped }
            first = end + 1
        }
        return count
    }
}
