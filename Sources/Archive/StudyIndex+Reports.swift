internal import GRDB

/// What reports put studies together by.
public enum StudyGrouping: String, Sendable, CaseIterable {
    /// Station Name (0008,1010) of the first Series that has one, within an institution: names repeat from house to house.
    case station
    case institution
    /// Of the Study Date: `YYYYMM`.
    case month
    /// Calling AE Title of the first Instance.
    case peer

    /// The group of a row of `study`, as SQL.
    var key: String {
        switch self {
        case .station:
            """
            ifnull((SELECT stationName FROM series WHERE series.study = study.id AND stationName <> ''
                ORDER BY series.id LIMIT 1), '')
            """
        case .institution: "study.institution"
        case .month: StudyGrouping.month(of: "study.date")
        case .peer: "study.sourceAETitle"
        }
    }

    /// The month of a column with Study Dates, as SQL; "" for what is no date, as for none.
    static func month(of column: String) -> String {
        "CASE WHEN \(column) GLOB '\(String(repeating: "[0-9]", count: 8))' THEN substr(\(column), 1, 6) ELSE '' END"
    }
}

/// Studies that a report is about. Dates are Study Dates, `YYYYMMDD`, both included; nil leaves that end open.
public struct ReportRange: Sendable, Equatable {
    public var firstDate: String?
    public var lastDate: String?

    public init(firstDate: String? = nil, lastDate: String? = nil) {
        self.firstDate = firstDate
        self.lastDate = lastDate
    }

    /// A study without a date is in no range but the open one.
    var condition: String {
        firstDate == nil && lastDate == nil ? "1" : "study.date <> '' AND study.date BETWEEN ? AND ?"
    }

    var arguments: StatementArguments {
        firstDate == nil && lastDate == nil ? [] : [firstDate ?? "", lastDate ?? "99999999"]
    }
}

/// How many studies of one group got which verdict by which rule.
public struct CompletenessCount: Sendable, Equatable {
    /// "" where the studies do not say.
    public let group: String
    /// Where a station stands; "" in other groupings.
    public let institution: String
    /// `complete`, `incomplete` or `unknown`; "" for studies that are not assessed yet.
    public let verdict: String
    /// The rule that decided; "" where none did.
    public let rule: String
    public let studyCount: Int
}

extension StudyIndex {
    /// Verdicts on completeness of the newest assessments, in groups.
    ///
    /// - Returns: one row for each group, verdict and rule, groups ascending.
    /// - Complexity: reads every assessment in the range.
    public func completenessCounts(
        in range: ReportRange, by grouping: StudyGrouping
    ) throws(ArchiveError) -> [CompletenessCount] {
        let institution = grouping == .station ? "study.institution" : "''"
        return try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(grouping.key) AS "group", \(institution) AS institution, study.completeness AS verdict,
                        CASE WHEN study.completeness IN ('complete', 'incomplete')
                            THEN coalesce(json_extract(assessment.json, '$.completeness.decidedBy'),
                                json_extract(assessment.json, '$.completeness.evidence[0].rule'), '')
                            ELSE '' END AS rule, count(*) AS studyCount
                    FROM study LEFT JOIN assessment
                        ON assessment.study = study.id AND assessment.version = study.assessmentVersion
                    WHERE \(range.condition) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
                    """, arguments: range.arguments
            ).map { row in
                CompletenessCount(
                    group: row["group"], institution: row["institution"], verdict: row["verdict"], rule: row["rule"],
                    studyCount: row["studyCount"])
            }
        }
    }
}
