public import DICOMCore
internal import Foundation
internal import GRDB

extension StudyIndex {
    /// Studies that satisfy `filter`, newest Study Date and Time first.
    public func studies(matching filter: StudyFilter) throws(ArchiveError) -> [StudySummary] {
        try read { db in try StudyQuery(filter).rows(db).map(StudySummary.init) }
    }

    /// How many studies satisfy `filter`, whatever its limit and offset.
    public func countStudies(matching filter: StudyFilter) throws(ArchiveError) -> Int {
        try read { db in try StudyQuery(filter).count(db) }
    }

    /// One Study, or nil.
    public func study(_ uid: StudyInstanceUID) throws(ArchiveError) -> StudySummary? {
        try read { db in try Self.study(uid, in: db) }
    }

    /// One Study with its Series, timeline and assessments, all of the same moment; or nil.
    public func detail(of uid: StudyInstanceUID) throws(ArchiveError) -> StudyDetail? {
        try read { db in
            guard let summary = try Self.study(uid, in: db) else { return nil }
            let series = try Row.fetchAll(
                db,
                sql: """
                    SELECT \(SeriesSummary.columns) FROM series WHERE study = (SELECT id FROM study WHERE uid = ?)
                    ORDER BY number IS NULL, number, id
                    """, arguments: [uid.value]
            ).map(SeriesSummary.init)
            return StudyDetail(
                summary: summary, series: series, timeline: try Self.timeline(of: uid, in: db),
                assessments: try Self.assessments(of: uid, in: db))
        }
    }

    /// Instances of a Study, by Series and Instance Number, then in order of arrival.
    public func instances(inStudy uid: StudyInstanceUID) throws(ArchiveError) -> [StoredInstance] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: Self.instanceColumns + """
                         WHERE study.uid = ? ORDER BY series.number IS NULL, series.number, series.id,
                            instance.number IS NULL, instance.number, instance.ordinal
                        """), arguments: [uid.value]
            ).map(StoredInstance.init)
        }
    }

    /// The stored Instance of that UID, or nil.
    public func instance(_ uid: SOPInstanceUID) throws(ArchiveError) -> StoredInstance? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: Self.instanceColumns + " WHERE instance.uid = ?"), arguments: [uid.value]
            ).map(StoredInstance.init)
        }
    }

    /// The greatest ordinal that has a row; 0 when there is none.
    func lastOrdinal() throws(ArchiveError) -> Int64 {
        try read { db in try Int64.fetchOne(db, sql: "SELECT max(ordinal) FROM instance") ?? 0 }
    }

    /// Instances in the order they were stored: for walking through all of them in steps.
    func instances(in ordinals: ClosedRange<Int64>) throws(ArchiveError) -> [StoredInstance] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: Self.instanceColumns + " WHERE instance.ordinal BETWEEN ? AND ? ORDER BY instance.ordinal"),
                arguments: [ordinals.lowerBound, ordinals.upperBound]
            ).map(StoredInstance.init)
        }
    }

    /// Studies of one patient of one issuer, newest first: the candidates for a prior.
    ///
    /// - Parameters:
    ///   - patientID: empty finds nothing, since it names nobody.
    ///   - code: only studies whose newest assessment found this item; nil for all.
    ///   - excluding: usually the Study that is about to be read.
    public func studies(
        ofPatient patientID: String, issuer: String, code: String? = nil, excluding: StudyInstanceUID? = nil,
        limit: Int = 1000
    ) throws(ArchiveError) -> [StudySummary] {
        guard !patientID.isEmpty else { return [] }
        return try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT \(StudySummary.columns) FROM study
                        WHERE patient = (SELECT id FROM patient WHERE patientID = ? AND issuer = ?)
                            \(code == nil ? "AND ? IS NULL" : "AND code = ?") AND uid <> ?
                        ORDER BY date DESC, time DESC, id DESC LIMIT ?
                        """), arguments: [patientID, issuer, code, excluding?.value ?? "", limit]
            ).map(StudySummary.init)
        }
    }

    /// Patients of any issuer with that Patient ID.
    public func patients(withID patientID: String) throws(ArchiveError) -> [PatientSummary] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT \(PatientSummary.columns) FROM patient WHERE patientID = ? ORDER BY issuer",
                arguments: [patientID]
            ).map(PatientSummary.init)
        }
    }

    static let instanceColumns = """
        SELECT \(StoredInstance.columns)
        FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study
        """

    private static func study(_ uid: StudyInstanceUID, in db: Database) throws -> StudySummary? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(StudySummary.columns) FROM study WHERE uid = ?"), arguments: [uid.value]
        ).map(StudySummary.init)
    }
}
