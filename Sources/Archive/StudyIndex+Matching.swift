public import DICOMCore
internal import Foundation
internal import GRDB

extension StudyIndex {
    /// The next matches of a query, at most `limit`, in the order of its walk.
    ///
    /// Rows that come or go between two pages may be seen or not; none is seen twice.
    ///
    /// - Parameter cursor: where the page before ended; nil for the first one.
    public func matches(
        _ query: IndexQuery, after cursor: IndexCursor? = nil, limit: Int
    ) throws(ArchiveError) -> IndexPage {
        try read { db in
            let walk = try cursor?.walk ?? IndexWalk(for: query, in: db)
            var statement = try IndexStatement(query, walk, after: cursor?.last)
            var window: Window?
            switch walk {
            case .text: window = try Self.restrict(&statement, after: cursor?.last, in: db)
            case .rows: window = try Self.restrict(&statement, after: cursor?.last, in: db)
            default: break
            }
            let rows = try statement.rows(db, limit: limit)
            var next: IndexCursor?
            if rows.count == limit, let last = rows.last {
                next = IndexCursor(walk: walk, last: statement.keys(of: last))
            } else if let upperBound = window?.upperBound {
                // Everything up to there has been seen: below its first row there is nothing that could come earlier.
                let inner = walk.columns(query).inner.map { _ in IndexKey.number(.max) }
                next = IndexCursor(walk: walk, last: [.number(upperBound)] + inner)
            }
            return IndexPage(matches: try Self.matches(rows, query.level, in: db), next: next)
        }
    }

    /// The part of a long walk that one page looks at.
    private struct Window {
        /// nil at the end.
        let upperBound: Int64?
    }

    private static func restrict(
        _ statement: inout IndexStatement, after last: [IndexKey]?, in db: Database
    ) throws -> Window {
        var first: Int64 = 0
        if case .number(let row) = last?.first {
            // Below the row there may be more, unless all of it has been seen.
            let isSeen = last?.dropFirst().allSatisfy { $0 == .number(.max) } ?? true
            first = isSeen ? row : row - 1
        }
        if case .text = statement.walk {
            let found = try statement.walk.candidates(after: first, limit: statement.query.bounds.candidates, in: db)
            try statement.restrict(toRowsAfter: first, upTo: found.upperBound ?? .max, among: found.ids)
            return Window(upperBound: found.upperBound)
        }
        let table = statement.query.level == .patient ? "patient" : "study"
        let greatest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(table)") ?? 0
        let upperBound = first + statement.query.bounds.rows
        try statement.restrict(toRowsAfter: first, upTo: upperBound)
        return Window(upperBound: upperBound < greatest ? upperBound : nil)
    }

    private static func matches(_ rows: [Row], _ level: QueryLevel, in db: Database) throws -> [IndexMatch] {
        func fetch(_ key: String, _ sql: String) throws -> [Int64: Row] {
            let ids = Set(rows.compactMap { $0[key] as Int64? }).sorted()
            let list = String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
            let found = try Row.fetchAll(
                db.cachedStatement(sql: sql + " IN (SELECT value FROM json_each(?))"), arguments: [list])
            return Dictionary(found.map { ($0[level == .image && key == "instanceRow" ? "ordinal" : "id"], $0) }) {
                first, _ in first
            }
        }
        guard !rows.isEmpty else { return [] }
        if level == .patient {
            let patients = try fetch("patientRow", "SELECT * FROM patient WHERE id")
            return rows.compactMap { row in
                patients[row["patientRow"]].map {
                    IndexMatch(patient: PatientSummary(row: $0).patient, study: nil, series: nil, instance: nil)
                }
            }
        }
        let studies = try fetch("studyRow", "SELECT * FROM study WHERE id").mapValues(StudySummary.init)
        let series =
            level >= .series
            ? try fetch("seriesRow", "SELECT * FROM series WHERE id").mapValues(SeriesSummary.init) : [:]
        let instances =
            level == .image
            ? try fetch("instanceRow", instanceColumns + " WHERE instance.ordinal").mapValues(StoredInstance.init) : [:]
        return rows.compactMap { row in
            studies[row["studyRow"]].map { study in
                IndexMatch(
                    patient: study.patient, study: study,
                    series: (row["seriesRow"] as Int64?).flatMap { series[$0] },
                    instance: (row["instanceRow"] as Int64?).flatMap { instances[$0] })
            }
        }
    }
}

extension StudyIndex {
    /// A stored Instance that speaks for a match: itself, or the first of the Series, or of the newest Study. Images are
    /// preferred to what describes or accompanies them.
    public func representative(of match: IndexMatch) throws(ArchiveError) -> StoredInstance? {
        if let instance = match.instance { return instance }
        return try read { db in
            let study: Int64? =
                if let uid = match.study?.studyInstanceUID {
                    try Int64.fetchOne(db, sql: "SELECT id FROM study WHERE uid = ?", arguments: [uid.value])
                } else {
                    try Int64.fetchOne(
                        db,
                        sql: """
                            SELECT id FROM study
                            WHERE patient = (SELECT id FROM patient WHERE patientID = ? AND issuer = ?)
                            ORDER BY id DESC LIMIT 1
                            """, arguments: [match.patient.patientID, match.patient.issuer])
                }
            let series = try Int64.fetchOne(
                db,
                sql: """
                    SELECT id FROM series WHERE study = ? AND (? IS NULL OR uid = ?)
                    ORDER BY modality IN ('SR', 'PR', 'KO', 'DOC', 'SEG', 'REG', 'AU', 'RTPLAN'), id LIMIT 1
                    """,
                arguments: [study, match.series?.seriesInstanceUID.value, match.series?.seriesInstanceUID.value])
            return try Row.fetchOne(
                db,
                sql: Self.instanceColumns + """
                     WHERE instance.series = ? ORDER BY instance.number IS NULL, instance.number, instance.ordinal LIMIT 1
                    """, arguments: [series]
            ).map(StoredInstance.init)
        }
    }

    /// SOP Classes of a Study's Instances, ascending, each once.
    public func sopClasses(inStudy uid: StudyInstanceUID) throws(ArchiveError) -> [String] {
        try read { db in
            try String.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT DISTINCT instance.sopClass FROM study JOIN series ON series.study = study.id
                        JOIN instance ON instance.series = series.id WHERE study.uid = ? ORDER BY 1
                        """), arguments: [uid.value])
        }
    }

    /// What a patient of one issuer has; nothing for an empty Patient ID, which names nobody.
    public func counts(ofPatient patientID: String, issuer: String) throws(ArchiveError) -> PatientCounts? {
        guard !patientID.isEmpty else { return nil }
        return try read { db in
            try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*), ifnull(sum(seriesCount), 0), ifnull(sum(instanceCount), 0) FROM study
                        WHERE patient = (SELECT id FROM patient WHERE patientID = ? AND issuer = ?)
                        """), arguments: [patientID, issuer]
            ).map { PatientCounts(studies: $0[0], series: $0[1], instances: $0[2]) }
        }
    }
}
