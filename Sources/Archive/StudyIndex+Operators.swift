public import DICOMCore
internal import GRDB

/// Somebody whom a Study names as having made it.
public struct StudyOperator: Sendable, Hashable {
    public enum Role: Int, Sendable {
        /// Performing Physician's Name (0008,1050).
        case performing = 0
        /// Operators' Name (0008,1070).
        case operating = 1
    }

    public let role: Role
    /// A value of VR PN, every component group.
    public let name: String

    public init(_ role: Role, name: String) {
        self.role = role
        self.name = name
    }
}

/// A Study as volumes are counted by it.
public struct PerformedStudy: Sendable, Equatable {
    public let studyInstanceUID: StudyInstanceUID
    /// `YYYYMMDD`, "" when not dated.
    public let date: String
    public let institution: String
    /// Calling AE Title of the first Instance.
    public let sourceAETitle: AETitle?
    /// Every list's entry it was named, as `catalogue/key`.
    public let entries: [Substring]
    /// In the order the headers name them.
    public let operators: [StudyOperator]
}

extension StudyIndex {
    /// Keeps who made a Study, in the place of what was known.
    static func setOperators(_ operators: [StudyOperator], of study: Int64, in db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM studyOperator WHERE study = ?").execute(arguments: [study])
        let insert = try db.cachedStatement(
            sql: "INSERT INTO studyOperator (study, place, role, name) VALUES (?, ?, ?, ?)")
        for (place, one) in operators.enumerated() {
            try insert.execute(arguments: [study, place, one.role.rawValue, one.name])
        }
    }

    /// Assessed Studies with a Series of `modality`, by date, one at a time.
    ///
    /// - Complexity: O(*n*) in the Studies of that modality and range.
    public func forEachPerformedStudy(
        modality: String, in range: ReportRange, _ body: (PerformedStudy) -> Void
    ) throws(ArchiveError) {
        var conditions = ["m.modality = ?", "study.assessmentVersion > 0", range.condition]
        var arguments: StatementArguments = [modality]
        arguments += range.arguments
        if let first = range.firstDate {
            conditions.append("m.date >= ?")
            arguments += [first]
        }
        let sql = """
            SELECT study.uid, study.date, study.institution, study.sourceAETitle,
                ifnull(outcome.text, ''), o.role, o.name
            FROM studyModality AS m CROSS JOIN study ON study.id = m.study
            LEFT JOIN outcome ON outcome.id = study.outcome
            LEFT JOIN studyOperator AS o ON o.study = study.id
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY study.date, study.id, o.place
            """
        return try read { db in
            var operators: [StudyOperator] = []
            var current: (uid: String, date: String, institution: String, title: String?, text: String)?
            func close() throws {
                guard let current else { return }
                body(
                    PerformedStudy(
                        studyInstanceUID: try StudyInstanceUID(current.uid), date: current.date,
                        institution: current.institution, sourceAETitle: current.title.flatMap { try? AETitle($0) },
                        entries: current.text.split(separator: "+"),
                        operators: operators))
                operators = []
            }
            let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
            while let row = try rows.next() {
                if current?.uid != row[0] {
                    try close()
                    current = (row[0], row[1], row[2], row[3], row[4])
                }
                if let role = (row[5] as Int?).flatMap(StudyOperator.Role.init(rawValue:)) {
                    operators.append(StudyOperator(role, name: row[6]))
                }
            }
            try close()
        }
    }

    /// Whether a Study of any of these Institution Names has a Series of any of `modalities`.
    public func has(modalities: [String], atAny institutions: [String]) throws(ArchiveError) -> Bool {
        func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
        return try read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM study JOIN series ON series.study = study.id
                        WHERE study.institution IN (\(marks(institutions.count)))
                        AND series.modality IN (\(marks(modalities.count))))
                    """, arguments: StatementArguments(institutions + modalities)) ?? false
        }
    }
}
