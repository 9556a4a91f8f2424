public import DICOMCore
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
            var end: [IndexKey]?
            switch walk {
            case .text, .rows:
                end = try Self.restrict(&statement, after: cursor?.last, limit: limit, in: db).upperBound
                    .map { [.number($0)] }
            case .date, .modality, .patientIDPrefix, .accessionPrefix:
                end = try statement.restrictToWindow(after: cursor?.last, in: db)
            case .instanceUIDs, .seriesUIDs, .studyUIDs, .patientIDs, .accessionNumbers, .candidates: break
            }
            let (matches, last) = try Self.matches(statement, limit: limit, in: db)
            var next: IndexCursor?
            if let last {
                next = IndexCursor(walk: walk, last: last)
            } else if let end {
                // Everything up to there has been seen, and all that is below it.
                let inner = walk.columns(query).inner.map { _ in IndexKey.number(.max) }
                next = IndexCursor(walk: walk, last: end + inner)
            }
            return IndexPage(matches: matches, next: next)
        }
    }

    /// The part of a long walk that one page looks at.
    private struct Window {
        /// nil at the end.
        let upperBound: Int64?
    }

    private static func restrict(
        _ statement: inout IndexStatement, after last: [IndexKey]?, limit: Int, in db: Database
    ) throws -> Window {
        var first: Int64 = 0
        if case .number(let row) = last?.first {
            // Below the row there may be more, unless all of it has been seen.
            let isSeen = last?.dropFirst().allSatisfy { $0 == .number(.max) } ?? true
            first = isSeen ? row : row - 1
        }
        if case .text = statement.walk {
            // Most of what full text finds does match: a page needs few more than it is to have.
            let found = try statement.walk.candidates(
                after: first, limit: min(statement.query.bounds.candidates, 4 * limit), in: db)
            try statement.restrict(toRowsAfter: first, upTo: found.upperBound ?? .max, among: found.ids)
            return Window(upperBound: found.upperBound)
        }
        let table = statement.query.level == .patient ? "patient" : "study"
        let greatest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM \(table)") ?? 0
        let upperBound = first + statement.query.bounds.rows(statement.query.level)
        try statement.restrict(toRowsAfter: first, upTo: upperBound)
        return Window(upperBound: upperBound < greatest ? upperBound : nil)
    }

    /// - Returns: also the keys of the last match, when there may be more.
    private static func matches(
        _ statement: IndexStatement, limit: Int, in db: Database
    ) throws -> (matches: [IndexMatch], last: [IndexKey]?) {
        var matches: [IndexMatch] = []
        var (study, series): ((id: Int64, summary: StudySummary)?, (id: Int64, summary: SeriesSummary)?)
        let rows = try statement.rows(db, limit: limit)
        while let row = try rows.next() {
            var reader = RowReader(row, at: statement.keyCount)
            switch statement.query.level {
            case .patient:
                let patient = PatientSummary(reading: &reader).patient
                matches.append(IndexMatch(patient: patient, study: nil, series: nil, instance: nil))
            case .study:
                let study = try StudySummary(reading: &reader)
                matches.append(IndexMatch(patient: study.patient, study: study, series: nil, instance: nil))
            case .series:
                let above = try reader.next(StudySummary.columns, sameAs: study, StudySummary.init)
                study = above
                matches.append(
                    IndexMatch(
                        patient: above.summary.patient, study: above.summary,
                        series: try SeriesSummary(reading: &reader), instance: nil))
            case .image:
                let above = try reader.next(StudySummary.columns, sameAs: study, StudySummary.init)
                let within = try reader.next(SeriesSummary.columns, sameAs: series, SeriesSummary.init)
                (study, series) = (above, within)
                matches.append(
                    IndexMatch(
                        patient: above.summary.patient, study: above.summary, series: within.summary,
                        instance: try StoredInstance(reading: &reader)))
            }
            if matches.count == limit { return (matches, statement.keys(of: row)) }
        }
        return (matches, nil)
    }
}

extension RowReader {
    /// Reads an id and what has it, unless it is that of the row before.
    fileprivate mutating func next<Value>(
        _ columns: RowColumns, sameAs known: (id: Int64, summary: Value)?, _ read: (inout RowReader) throws -> Value
    ) rethrows -> (id: Int64, summary: Value) {
        let id: Int64 = next()
        if let known, known.id == id {
            skip(columns)
            return known
        }
        return (id, try read(&self))
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
