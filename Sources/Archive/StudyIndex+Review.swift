public import DICOMCore
internal import GRDB

extension StudyIndex {
    /// Unmapped studies grouped by description and modality, most frequent first.
    ///
    /// - Returns: a page of groups, how many groups there are, and how many studies are in them.
    public func reviewGroups(
        limit: Int = 100, offset: Int = 0
    ) throws(ArchiveError) -> (groups: [ReviewGroup], groupCount: Int, studyCount: Int) {
        try read { db in
            let totals = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*), ifnull(sum(n), 0) FROM (SELECT count(*) AS n FROM study
                        JOIN descriptor ON descriptor.id = study.descriptor
                        WHERE \(Self.waitsForReview) GROUP BY descriptor.description, descriptor.modality)
                    """)
            let groups = try Row.fetchAll(
                db,
                sql: """
                    SELECT descriptor.description, descriptor.modality, count(*) AS n, min(study.date), max(study.date)
                    FROM study JOIN descriptor ON descriptor.id = study.descriptor
                    WHERE \(Self.waitsForReview) GROUP BY descriptor.description, descriptor.modality
                    ORDER BY n DESC, descriptor.description, descriptor.modality LIMIT ? OFFSET ?
                    """, arguments: [limit, offset]
            ).compactMap { try Self.group($0, in: db) }
            return (groups, totals?[0] ?? 0, totals?[1] ?? 0)
        }
    }

    /// What a study is called that is to be taught, or nil when it is not known.
    public func descriptor(of study: StudyInstanceUID) throws(ArchiveError) -> DescriptorRecord? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT descriptor.* FROM study JOIN descriptor ON descriptor.id = study.descriptor WHERE study.uid = ?
                    """, arguments: [study.value]
            ).map {
                DescriptorRecord(
                    foldedDescription: $0["description"], description: $0["label"], modality: $0["modality"],
                    json: $0["json"])
            }
        }
    }

    private static let waitsForReview = "study.awaitsReview = 1"

    private static func group(_ row: Row, in db: Database) throws -> ReviewGroup? {
        let key: StatementArguments = [row[0] as String, row[1] as String]
        let members = """
            FROM study JOIN descriptor ON descriptor.id = study.descriptor
            WHERE descriptor.description = ? AND descriptor.modality = ? AND \(waitsForReview)
            """
        func tallies(_ column: String) throws -> [ReviewGroup.Tally] {
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(column), count(*) AS n \(members) GROUP BY 1 ORDER BY n DESC, 1 LIMIT \(ReviewGroup.limit)
                    """, arguments: key
            ).map { ReviewGroup.Tally(name: $0[0], count: $0[1]) }
        }
        let newest = try Row.fetchOne(
            db,
            sql: """
                SELECT study.uid, assessment.* FROM (SELECT study.id \(members)
                    ORDER BY study.date DESC, study.time DESC, study.id DESC LIMIT 1) AS newest
                JOIN study ON study.id = newest.id
                JOIN assessment ON assessment.study = study.id AND assessment.version = study.assessmentVersion
                """, arguments: key)
        guard let newest else { return nil }
        return ReviewGroup(
            foldedDescription: row[0], description: try tallies("descriptor.label").first?.name ?? "",
            modality: row[1], count: row[2], institutions: try tallies("study.institution"),
            sourceAETitles: try tallies("study.sourceAETitle"), firstDate: row[3], lastDate: row[4],
            newest: try StudyInstanceUID(newest[0]), assessment: Assessment(row: newest))
    }
}
