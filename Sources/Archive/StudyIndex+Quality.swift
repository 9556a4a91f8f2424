public import DICOMCore
internal import GRDB

// What reports on quality count, in narrow rows, so that a million studies need no JSON parsed. They are derived from the
// newest assessment of each study, and written again with it.

/// How many studies of one group got which verdict on quality.
public struct QualityCount: Sendable, Equatable {
    /// "" where the studies do not say.
    public let group: String
    /// Where a station stands; "" in other groupings.
    public let institution: String
    /// `pass`, `review`, `fail` or `notAssessed`.
    public let verdict: String
    public let studyCount: Int
}

/// How many studies of one group a rule raised, by the worst it found in each.
public struct RuleCount: Sendable, Equatable {
    public let group: String
    public let institution: String
    public let rule: String
    /// `info`, `review` or `fail`.
    public let severity: String
    public let studyCount: Int
}

/// A figure that rules measure, of one station, in time.
public struct MeasureHistory: Sendable, Equatable {
    public let rule: String
    public let unit: String
    public let modality: String
    public let institution: String
    public let station: String
    /// Ascending by day.
    public internal(set) var values: [Value]

    public struct Value: Sendable, Equatable {
        /// Days since 1970-01-01.
        public let day: Int32
        public let value: Double

        public init(day: Int32, value: Double) {
            self.day = day
            self.value = value
        }
    }
}

extension StudyIndex {
    /// Verdicts on quality, and what each rule found, of the newest assessments of studies in a range of Study Dates.
    ///
    /// - Parameters:
    ///   - grouping: any but ``StudyGrouping/peer``.
    ///   - rule: only the findings of this rule; nil for all.
    /// - Returns: groups ascending.
    /// - Complexity: O(*n*) in the judged studies of the range.
    public func qualityCounts(
        in range: ReportRange, by grouping: StudyGrouping, rule: String? = nil
    ) throws(ArchiveError) -> (verdicts: [QualityCount], rules: [RuleCount]) {
        let (group, institution) = Self.judgedGroup(grouping)
        let condition = range.arguments.isEmpty ? "1" : "judged.date BETWEEN ? AND ? AND judged.date <> ''"
        return try read { db in
            let verdicts = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(group), \(institution), judged.quality, count(*)
                    FROM judgedStudy AS judged JOIN station ON station.id = judged.station
                    WHERE \(condition) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
                    """, arguments: range.arguments
            ).map { QualityCount(group: $0[0], institution: $0[1], verdict: $0[2], studyCount: $0[3]) }
            let rules = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(group), \(institution), finding.rule, finding.severity, count(*)
                    FROM ruleFinding AS finding JOIN judgedStudy AS judged ON judged.study = finding.study
                        JOIN station ON station.id = judged.station
                    WHERE \(condition) \(rule == nil ? "" : "AND finding.rule = ?")
                    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
                    """, arguments: range.arguments + StatementArguments(rule.map { [$0] } ?? [])
            ).map { row in
                RuleCount(
                    group: row[0], institution: row[1], rule: row[2], severity: Self.severities[row[3]],
                    studyCount: row[4])
            }
            return (verdicts, rules)
        }
    }

    /// The last day that anything was measured on, up to `day`; nil when nothing was.
    public func lastMeasuredDay(until day: CalendarDay) throws(ArchiveError) -> CalendarDay? {
        try read { db in
            let kinds = try Int64.fetchAll(db, sql: "SELECT id FROM measureKind")
            let days = try kinds.compactMap { kind in
                try Int.fetchOne(
                    db, sql: "SELECT max(day) FROM measure WHERE kind = ? AND day <= ?", arguments: [kind, day.number])
            }
            return days.max().map(CalendarDay.init(number:))
        }
    }

    /// What was measured between two Study Dates, both included, of each station.
    ///
    /// - Parameter rule: only the figures of this rule; nil for all.
    /// - Returns: by rule, modality, unit, institution and station, ascending.
    /// - Complexity: O(*n*) in the figures between the days.
    public func measures(
        from first: CalendarDay, to last: CalendarDay, rule: String? = nil
    ) throws(ArchiveError) -> [MeasureHistory] {
        try read { db in
            let kinds = try Row.fetchAll(
                db, sql: "SELECT id, rule, unit, modality FROM measureKind ORDER BY rule, modality, unit"
            ).filter { row in rule == nil || row["rule"] == rule }
            return try kinds.flatMap { kind in
                var histories: [Int64: [MeasureHistory.Value]] = [:]
                let rows = try Row.fetchCursor(
                    db.cachedStatement(
                        sql:
                            "SELECT station, day, value FROM measure WHERE kind = ? AND day BETWEEN ? AND ? ORDER BY day"
                    ),
                    arguments: [kind["id"] as Int64, first.number, last.number])
                while let row = try rows.next() {
                    histories[row[0], default: []].append(.init(day: row[1], value: row[2]))
                }
                return try histories.map { station, values in
                    let place = try Row.fetchOne(
                        db, sql: "SELECT institution, name FROM station WHERE id = ?", arguments: [station])
                    return MeasureHistory(
                        rule: kind["rule"], unit: kind["unit"], modality: kind["modality"],
                        institution: place?[0] ?? "", station: place?[1] ?? "", values: values)
                }.sorted { ($0.institution, $0.station) < ($1.institution, $1.station) }
            }
        }
    }

    /// As SQL; `station` of a study is that of its first series that names one.
    private static func judgedGroup(_ grouping: StudyGrouping) -> (group: String, institution: String) {
        switch grouping {
        case .station: ("station.name", "station.institution")
        case .institution, .peer: ("station.institution", "''")
        case .month: (StudyGrouping.month(of: "judged.date"), "''")
        }
    }

    private static let severities = ["info", "review", "fail"]

    // MARK: Writing

    /// Writes the rows of studies that have an assessment.
    ///
    /// - Parameter study: of this study; nil for all. Earlier rows give way.
    static func writeQuality(of study: Int64?, in db: Database) throws {
        let arguments: StatementArguments = study.map { [$0] } ?? []
        try removeQuality(of: study, in: db)
        let condition = study == nil ? "study.assessmentVersion > 0" : "study.id = ?"
        for sql in qualityRows(condition) {
            let statement = try db.cachedStatement(sql: sql)
            try statement.execute(arguments: arguments)
        }
    }

    static func removeQuality(of study: Int64?, in db: Database) throws {
        let arguments: StatementArguments = study.map { [$0] } ?? []
        for table in ["judgedStudy", "ruleFinding", "measure"] {
            let sql = "DELETE FROM \(table)" + (study == nil ? "" : " WHERE study = ?")
            try db.cachedStatement(sql: sql).execute(arguments: arguments)
        }
    }

    /// Writes the rows of assessments that an earlier version published.
    static func fillQuality(in db: Database) throws {
        let isFilled = try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS (SELECT 1 FROM judgedStudy) OR NOT EXISTS (SELECT 1 FROM study WHERE assessmentVersion > 0)
                """)
        if isFilled == false { try writeQuality(of: nil, in: db) }
    }

    private static func qualityRows(_ condition: String) -> [String] {
        let station = StudyGrouping.station.key
        let newest = """
            study JOIN assessment ON assessment.study = study.id AND assessment.version = study.assessmentVersion
            """
        let json = "CASE WHEN json_valid(assessment.json) THEN assessment.json ELSE '{}' END"
        let measured = """
            FROM \(newest) JOIN json_each(\(json), '$.quality.measures') AS entry
                JOIN series ON series.study = study.id AND series.uid = entry.value ->> 'seriesInstanceUID'
            """
        let day =
            "CAST(julianday(substr(study.date, 1, 4) || '-' || substr(study.date, 5, 2) || '-' || "
            + "substr(study.date, 7, 2)) - 2440587.5 AS INTEGER)"
        return [
            """
            INSERT OR IGNORE INTO station (institution, name)
                SELECT DISTINCT study.institution, \(station) FROM study WHERE \(condition)
            """,
            """
            INSERT OR IGNORE INTO station (institution, name)
                SELECT DISTINCT study.institution, series.stationName \(measured) WHERE \(condition)
            """,
            """
            INSERT INTO judgedStudy (study, date, station, quality)
                SELECT study.id, study.date, station.id, study.quality FROM study
                    JOIN station ON station.institution = study.institution AND station.name = \(station)
                WHERE \(condition)
            """,
            """
            INSERT INTO ruleFinding (study, rule, severity)
                SELECT study.id, entry.value ->> 'rule',
                    max(CASE entry.value ->> 'severity' WHEN 'fail' THEN 2 WHEN 'review' THEN 1 ELSE 0 END)
                FROM \(newest) JOIN json_each(\(json), '$.quality.findings') AS entry
                WHERE \(condition) AND entry.value ->> 'rule' IS NOT NULL GROUP BY 1, 2
            """,
            """
            INSERT OR IGNORE INTO measureKind (rule, unit, modality)
                SELECT DISTINCT entry.value ->> 'rule', entry.value ->> 'unit', series.modality \(measured)
                WHERE \(condition) AND entry.value ->> 'rule' IS NOT NULL AND entry.value ->> 'unit' IS NOT NULL
            """,
            """
            INSERT INTO measure (kind, day, study, place, station, value)
                SELECT measureKind.id, \(day), study.id, entry.key, station.id, entry.value ->> 'value' \(measured)
                    JOIN measureKind ON measureKind.rule = entry.value ->> 'rule'
                        AND measureKind.unit = entry.value ->> 'unit' AND measureKind.modality = series.modality
                    JOIN station ON station.institution = study.institution AND station.name = series.stationName
                WHERE \(condition) AND \(day) IS NOT NULL AND typeof(entry.value ->> 'value') IN ('real', 'integer')
            """,
        ]
    }

    static let qualitySchema = """
        CREATE TABLE station (
            id INTEGER PRIMARY KEY, institution TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (institution, name));
        CREATE TABLE judgedStudy (
            study INTEGER PRIMARY KEY REFERENCES study (id), date TEXT NOT NULL,
            station INTEGER NOT NULL REFERENCES station (id), quality TEXT NOT NULL);
        CREATE INDEX judgedStudyByDate ON judgedStudy (date, station, quality);
        -- The worst that a rule found in a study: 0 info, 1 review, 2 fail.
        CREATE TABLE ruleFinding (
            study INTEGER NOT NULL REFERENCES study (id), rule TEXT NOT NULL, severity INTEGER NOT NULL,
            PRIMARY KEY (study, rule)) WITHOUT ROWID;
        CREATE INDEX ruleFindingByRule ON ruleFinding (rule, severity);
        CREATE TABLE measureKind (
            id INTEGER PRIMARY KEY, rule TEXT NOT NULL, unit TEXT NOT NULL, modality TEXT NOT NULL,
            UNIQUE (rule, unit, modality));
        -- Of studies with a date; days since 1970-01-01. `place` counts the figures of a study.
        CREATE TABLE measure (
            kind INTEGER NOT NULL REFERENCES measureKind (id), day INTEGER NOT NULL,
            study INTEGER NOT NULL REFERENCES study (id), place INTEGER NOT NULL,
            station INTEGER NOT NULL REFERENCES station (id), value REAL NOT NULL,
            PRIMARY KEY (kind, day, study, place)) WITHOUT ROWID;
        CREATE INDEX measureByStudy ON measure (study);
        """
}
