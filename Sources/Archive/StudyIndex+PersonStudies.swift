public import DICOMCore
internal import Foundation
internal import GRDB

/// What of an earlier study its worth as a prior is judged by.
public struct PriorCandidate: Sendable, Equatable {
    /// Its row.
    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    /// Row of its identity.
    public let identity: Int64
    public let catalogue: String
    public let code: String
    /// DA and TM, "" when not known.
    public let date: String
    public let time: String
    public let institution: String
    public let sourceAETitle: AETitle?
    public let modalities: [String]
    public let accessionNumber: String
    /// Verdicts of the newest assessment; "" when there is none.
    public let completeness: String
    public let quality: String
    /// Whether instances of other patients came under its UID.
    public let identityDiffers: Bool

    /// A study as it would stand in the index.
    public init(
        id: Int64 = 0, studyInstanceUID: StudyInstanceUID, identity: Int64, catalogue: String, code: String,
        date: String,
        time: String = "", institution: String = "", sourceAETitle: AETitle? = nil, modalities: [String] = [],
        accessionNumber: String = "", completeness: String = "", quality: String = "", identityDiffers: Bool = false
    ) {
        self.id = id
        self.studyInstanceUID = studyInstanceUID
        self.identity = identity
        self.catalogue = catalogue
        self.code = code
        self.date = date
        self.time = time
        self.institution = institution
        self.sourceAETitle = sourceAETitle
        self.modalities = modalities
        self.accessionNumber = accessionNumber
        self.completeness = completeness
        self.quality = quality
        self.identityDiffers = identityDiffers
    }

    /// Whether no rule of the newest assessment raised anything against its quality.
    public var hasPassed: Bool { quality == "pass" }
}

extension PersonTable {
    public func summary(of uid: StudyInstanceUID) throws -> StudySummary? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT \(StudySummary.columns) FROM study WHERE uid = ?"), arguments: [uid.value]
        ).map(StudySummary.init)
    }

    /// What studies of an identity were found to be, each once, and how many of all its studies are dated after a day.
    ///
    /// - Parameter date: a DA value.
    public func contents(
        ofIdentity identity: Int64, after date: String
    ) throws -> (items: [CatalogueMatch], laterCount: Int) {
        let statement = try db.cachedStatement(
            sql: """
                SELECT catalogue, code, sum(date > ?) FROM study INDEXED BY studyByIdentityCode WHERE identity = ?
                GROUP BY catalogue, code ORDER BY catalogue, code
                """)
        var contents: (items: [CatalogueMatch], laterCount: Int) = ([], 0)
        for row in try Row.fetchAll(statement, arguments: [date, identity]) {
            let (catalogue, code): (String, String) = (row[0], row[1])
            if !code.isEmpty { contents.items.append(CatalogueMatch(catalogue: catalogue, code: code, confidence: 1)) }
            contents.laterCount += row[2]
        }
        return contents
    }

    /// The studies of an identity that were found to be that item.
    public func candidates(ofIdentity identity: Int64, item: CatalogueMatch) throws -> [PriorCandidate] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, uid, date, time, institution, sourceAETitle, modalities, accessionNumber, completeness, quality,
                    identityDiffers FROM study WHERE identity = ? AND catalogue = ? AND code = ?
                """)
        return try Row.fetchAll(statement, arguments: [identity, item.catalogue, item.code]).map { row in
            PriorCandidate(
                id: row[0], studyInstanceUID: try StudyInstanceUID(row[1]), identity: identity,
                catalogue: item.catalogue, code: item.code, date: row[2], time: row[3], institution: row[4],
                sourceAETitle: try? AETitle(row[5] as String),
                modalities: (row[6] as String).split(separator: "\\").map(String.init), accessionNumber: row[7],
                completeness: row[8], quality: row[9], identityDiffers: row[10])
        }
    }

    /// What rules of the newest assessment raised against a study's quality: by rule, 1 for review and 2 for fail. One that
    /// passed has none.
    public func complaints(ofStudy id: Int64) throws -> [String: Int] {
        let statement = try db.cachedStatement(
            sql: "SELECT rule, severity FROM ruleFinding WHERE study = ? AND severity > 0")
        return try Row.fetchAll(statement, arguments: [id]).reduce(into: [:]) { $0[$1[0]] = $1[1] }
    }

    /// Whether the study has an instance of that SOP Class.
    public func has(_ sopClass: SOPClassUID, inStudy id: Int64) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT 1 FROM series JOIN instance ON instance.series = series.id
                WHERE series.study = ? AND series.modality IN ('DOC', 'OT') AND instance.sopClass = ? LIMIT 1
                """)
        return try Row.fetchOne(statement, arguments: [id, sopClass.value]) != nil
    }

    /// Structured reports of a study that tell of a reading, the newest first: dose reports and what computers mark are none
    /// (PS3.4 B.5: Basic Text, Enhanced, Comprehensive and Comprehensive 3D SR).
    public func readings(inStudy id: Int64, limit: Int) throws -> [StoredInstance] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(StoredInstance.columns) FROM series JOIN instance ON instance.series = series.id
                JOIN study ON study.id = series.study
                WHERE series.study = ? AND series.modality = 'SR' AND instance.sopClass IN (
                    '1.2.840.10008.5.1.4.1.1.88.11', '1.2.840.10008.5.1.4.1.1.88.22',
                    '1.2.840.10008.5.1.4.1.1.88.33', '1.2.840.10008.5.1.4.1.1.88.34')
                ORDER BY instance.ordinal DESC LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [id, limit]).map(StoredInstance.init(row:))
    }

    /// Studies of some identities, newest first.
    public func studies(ofIdentities identities: [Int64], limit: Int, offset: Int) throws -> [StudySummary] {
        let each = identities.map { _ in
            "SELECT * FROM (SELECT id, date, time FROM study WHERE identity = ? ORDER BY date DESC, time DESC, id DESC LIMIT ?)"
        }
        guard !each.isEmpty else { return [] }
        // Each identity's newest are found by index, so that little is sorted.
        let sql = """
            SELECT \(StudySummary.columns) FROM (\(each.joined(separator: " UNION ALL "))) AS newest
            JOIN study ON study.id = newest.id
            ORDER BY newest.date DESC, newest.time DESC, newest.id DESC LIMIT ? OFFSET ?
            """
        var arguments = StatementArguments()
        for identity in identities { arguments += [identity, offset + limit] }
        return try Row.fetchAll(db, sql: sql, arguments: arguments + [limit, offset]).map(StudySummary.init)
    }
}
