public import DICOMCore
internal import Foundation
internal import GRDB

/// Identities, what links them, and studies as far as they are somebody's: inside one transaction or one snapshot.
///
/// It keeps what it is given and judges nothing.
public struct PersonTable {
    let db: Database

    // MARK: Studies

    /// Studies that are not resolved, in the order they came.
    public func pending(limit: Int) throws -> [IdentityStudy] {
        try IdentityStudy.fetch(
            db, "INDEXED BY studyUnresolved WHERE identity IS NULL AND patientID <> '' ORDER BY id LIMIT ?",
            [limit])
    }

    /// Those of one patient's number.
    public func pending(patientID: String, issuer: String, limit: Int) throws -> [IdentityStudy] {
        try IdentityStudy.fetch(
            db,
            "INDEXED BY studyUnresolvedNumber WHERE patientID = ? AND issuer = ? AND identity IS NULL AND patientID <> '' ORDER BY id LIMIT ?",
            [patientID, issuer, limit])
    }

    /// Who numbered a patient so of whom studies are not resolved; empty when none waits.
    ///
    /// - Parameter issuer: nil for any.
    public func pendingIssuers(ofPatientID patientID: String, issuer: String?) throws -> [String] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT DISTINCT issuer FROM study INDEXED BY studyUnresolvedNumber
                WHERE patientID = ? AND (? IS NULL OR issuer = ?) AND identity IS NULL AND patientID <> ''
                """)
        return try String.fetchAll(statement, arguments: [patientID, issuer, issuer])
    }

    public func study(_ uid: StudyInstanceUID) throws -> IdentityStudy? {
        try IdentityStudy.fetch(db, "WHERE uid = ?", [uid.value]).first
    }

    public func study(row: Int64) throws -> IdentityStudy? {
        try IdentityStudy.fetch(db, "WHERE id = ?", [row]).first
    }

    /// Gives a study its identity.
    public func assign(_ study: Int64, to identity: Int64) throws {
        try db.cachedStatement(sql: "UPDATE study SET identity = ? WHERE id = ? AND identity IS NULL")
            .execute(arguments: [identity, study])
        guard db.changesCount > 0 else { return }
        try db.cachedStatement(sql: "UPDATE identity SET studyCount = studyCount + 1 WHERE id = ?")
            .execute(arguments: [identity])
    }

    /// Looks where one more study of an identity will stand.
    public func lookAhead(toStudyOf identity: Int64) throws {
        for index in ["studyByIdentity", "studyByIdentityCode"] {
            let statement = try db.cachedStatement(
                sql: "SELECT 1 FROM study INDEXED BY \(index) WHERE identity = ? LIMIT 1")
            _ = try Row.fetchOne(statement, arguments: [identity])
        }
    }

    /// How many studies are not resolved; counts no further than `limit`.
    public func pendingCount(limit: Int) throws -> Int {
        try Int.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT count(*) FROM
                        (SELECT 1 FROM study INDEXED BY studyUnresolved WHERE identity IS NULL AND patientID <> '' LIMIT ?)
                    """), arguments: [limit]) ?? 0
    }

    // MARK: Identities

    public func identity(key: String) throws -> IdentityRecord? {
        try IdentityRecord.fetch(db, "WHERE key = ?", [key]).first
    }

    public func identity(_ id: Int64) throws -> IdentityRecord? {
        try IdentityRecord.fetch(db, "WHERE id = ?", [id]).first
    }

    /// The variants of one number, the first ones first.
    public func variants(
        patientID: String, issuer: String, place: String, limit: Int
    ) throws -> [IdentityRecord] {
        try IdentityRecord.fetch(
            db, "WHERE patientID = ? AND issuer = ? AND place = ? ORDER BY variant LIMIT ?",
            [patientID, issuer, place, limit])
    }

    /// What the next variant of a number is counted as.
    public func nextVariant(patientID: String, issuer: String, place: String) throws -> Int {
        let statement = try db.cachedStatement(
            sql: "SELECT ifnull(max(variant) + 1, 0) FROM identity WHERE patientID = ? AND issuer = ? AND place = ?")
        return try Int.fetchOne(statement, arguments: [patientID, issuer, place]) ?? 0
    }

    /// Identities with that Patient ID.
    ///
    /// - Parameter issuer: nil for any.
    public func identities(patientID: String, issuer: String?, limit: Int) throws -> [IdentityRecord] {
        try IdentityRecord.fetch(
            db, "WHERE patientID = ? AND (? IS NULL OR issuer = ?) ORDER BY issuer, place, variant LIMIT ?",
            [patientID, issuer, issuer, limit])
    }

    /// The identities of one person that studies have, by their keys.
    public func members(ofPerson person: Int64, limit: Int) throws -> [IdentityRecord] {
        try IdentityRecord.fetch(db, "WHERE person = ? AND studyCount > 0 ORDER BY key LIMIT ?", [person, limit])
    }

    /// Identities that have one of `keys`, but for keys that more than `limit` have.
    public func identities(withKeys keys: [Int64], limit: Int) throws -> (found: Set<Int64>, overfullKeys: Int) {
        let statement = try db.cachedStatement(sql: "SELECT identity FROM identityKey WHERE key = ? LIMIT ?")
        var found: Set<Int64> = []
        var overfull = 0
        for key in keys {
            let ids = try Int64.fetchAll(statement, arguments: [key, limit + 1])
            if ids.count > limit { overfull += 1 } else { found.formUnion(ids) }
        }
        return (found, overfull)
    }

    /// The identities that have one of `keys`, at most `limit` of each.
    public func identities(withAnyOf keys: [Int64], limit: Int) throws -> Set<Int64> {
        let statement = try db.cachedStatement(sql: "SELECT identity FROM identityKey WHERE key = ? LIMIT ?")
        return try keys.reduce(into: []) { found, key in
            found.formUnion(try Int64.fetchAll(statement, arguments: [key, limit]))
        }
    }

    /// Looks where an identity will stand, and at those it will be held against.
    ///
    /// - Parameters:
    ///   - key: what it will be called.
    ///   - kept: keys it will have.
    ///   - sought: keys of the others, unless more than `limit` have one.
    public func lookAhead(toIdentity key: String, kept: Set<Int64>, sought: Set<Int64>, limit: Int) throws {
        _ = try identity(key: key)
        _ = try identities(withAnyOf: kept.subtracting(sought).sorted(), limit: 1)
        for other in try identities(withKeys: sought.sorted(), limit: limit).found.sorted() { _ = try identity(other) }
    }

    /// - Parameter family: the family name it counts for among names, or nil.
    /// - Returns: the record with its row, a person of its own.
    public func insert(_ record: IdentityRecord, keys: Set<Int64>, family: String?) throws -> IdentityRecord {
        var record = record
        try db.cachedStatement(
            sql: """
                INSERT INTO identity (key, patientID, issuer, place, variant, person, studyCount, name, birthDate, sex,
                    nationalHash, nationalLastFour, phones, address, others)
                VALUES (?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [record.key, record.patientID, record.issuer, record.place, record.variant]
                + StatementArguments(record.traits))
        record.id = db.lastInsertedRowID
        record.person = record.id
        try set(person: record.id, of: record.id)
        try set(keys, of: record.id)
        if let family { try count(family: family) }
        try db.cachedStatement(sql: "UPDATE personTotal SET identities = identities + 1, persons = persons + 1")
            .execute()
        return record
    }

    /// Writes what is known of the human anew.
    ///
    /// - Parameters:
    ///   - former: the keys it was found by.
    ///   - keys: those it is found by from now on.
    public func update(_ record: IdentityRecord, from former: Set<Int64>, to keys: Set<Int64>) throws {
        try db.cachedStatement(
            sql: """
                UPDATE identity SET name = ?, birthDate = ?, sex = ?, nationalHash = ?, nationalLastFour = ?,
                    phones = ?, address = ?, others = ? WHERE id = ?
                """
        ).execute(arguments: StatementArguments(record.traits) + [record.id])
        let removal = try db.cachedStatement(sql: "DELETE FROM identityKey WHERE key = ? AND identity = ?")
        for key in former.subtracting(keys) { try removal.execute(arguments: [key, record.id]) }
        try set(keys.subtracting(former), of: record.id)
    }

    private func set(_ keys: Set<Int64>, of identity: Int64) throws {
        let statement = try db.cachedStatement(sql: "INSERT INTO identityKey (key, identity) VALUES (?, ?)")
        for key in keys.sorted() { try statement.execute(arguments: [key, identity]) }
    }

    public func set(person: Int64, of identity: Int64) throws {
        try db.cachedStatement(sql: "UPDATE identity SET person = ? WHERE id = ?")
            .execute(arguments: [person, identity])
    }

    /// Adds to the totals.
    public func count(persons: Int = 0, overfullKeys: Int = 0) throws {
        guard persons != 0 || overfullKeys != 0 else { return }
        try db.cachedStatement(sql: "UPDATE personTotal SET persons = persons + ?, overfullKeys = overfullKeys + ?")
            .execute(arguments: [persons, overfullKeys])
    }

    private func count(family: String) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO familyName (name, identities) VALUES (?, 1)
                ON CONFLICT (name) DO UPDATE SET identities = identities + 1
                """
        ).execute(arguments: [family])
    }

    /// How many identities have each family name, the most frequent ones.
    public func families(limit: Int) throws -> [(name: String, identities: Int)] {
        try Row.fetchAll(
            db, sql: "SELECT name, identities FROM familyName ORDER BY identities DESC, name LIMIT ?",
            arguments: [limit]
        ).map { ($0[0], $0[1]) }
    }

    public func identityCount() throws -> Int {
        try Int.fetchOne(db, sql: "SELECT identities FROM personTotal") ?? 0
    }

    // MARK: Notes

    /// What was noted under a name, or nil.
    public func note(_ name: String) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM personState WHERE name = ?", arguments: [name])
    }

    public func setNote(_ name: String, to value: String) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO personState (name, value) VALUES (?, ?)", arguments: [name, value])
    }
}

extension StudyIndex {
    /// Runs `body` on a snapshot.
    public func readingPersons<Value>(_ body: (PersonTable) throws -> Value) throws(ArchiveError) -> Value {
        try read { db in try body(PersonTable(db: db)) }
    }

    /// Runs `body` in one transaction. Commits of instances wait for it: keep it short, and it does not wait for the disk.
    /// Whose a study is follows from what is durable: after a power cut studies may be unresolved again.
    public func changingPersons<Value>(_ body: (PersonTable) throws -> Value) throws(ArchiveError) -> Value {
        try write(isDurable: false) { db in try body(PersonTable(db: db)) }
    }

    public func personCounts() throws(ArchiveError) -> PersonCounts {
        try read { db in
            var counts = PersonCounts()
            if let row = try Row.fetchOne(db, sql: "SELECT identities, persons, overfullKeys FROM personTotal") {
                (counts.identities, counts.persons, counts.overfullKeys) = (row[0], row[1], row[2])
            }
            let table = PersonTable(db: db)
            counts.openReviews = try table.openPairCount(limit: PersonCounts.limit)
            counts.pendingStudies = try table.pendingCount(limit: PersonCounts.limit)
            return counts
        }
    }

    private static let siteKeyNote = "siteKey"

    func siteKeyMark() throws(ArchiveError) -> String? {
        try read { db in try PersonTable(db: db).note(Self.siteKeyNote) }
    }

    func keepSiteKeyMark(_ mark: String) throws(ArchiveError) {
        guard try siteKeyMark() != mark else { return }
        try write { db in try PersonTable(db: db).setNote(Self.siteKeyNote, to: mark) }
    }

    /// An image of the study, or what else there is: an object whose header speaks for its patient.
    public func instance(speakingFor study: Int64) throws(ArchiveError) -> StoredInstance? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(
                    sql: Self.instanceColumns + """
                         WHERE instance.series = (SELECT id FROM series WHERE study = ?
                            ORDER BY modality IN ('SR', 'PR', 'KO', 'DOC', 'SEG', 'REG', 'AU', 'RTPLAN'), id LIMIT 1)
                        ORDER BY instance.number IS NULL, instance.number, instance.ordinal LIMIT 1
                        """), arguments: [study]
            ).map(StoredInstance.init)
        }
    }
}

// MARK: Rows

extension IdentityStudy {
    fileprivate static func fetch(
        _ db: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [IdentityStudy] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, uid, patientID, issuer, patientName, birthDate, sex, institution, sourceAETitle, identity
                FROM study \(condition)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            IdentityStudy(
                id: row[0], studyInstanceUID: try StudyInstanceUID(row[1]),
                patient: PatientRecord(
                    patientID: row[2], issuer: row[3], name: row[4], birthDate: row[5], sex: row[6]),
                institution: row[7], sourceAETitle: try? AETitle(row[8] as String), identity: row[9])
        }
    }
}

extension IdentityRecord {
    fileprivate var traits: [String] {
        let list = others.isEmpty ? "" : (try? JSONEncoder().encode(others)).map { String(decoding: $0, as: UTF8.self) }
        return [
            name, birthDate, sex, nationalHash, nationalLastFour, phones.joined(separator: " "), address, list ?? "",
        ]
    }

    fileprivate static func fetch(
        _ db: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [IdentityRecord] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, key, patientID, issuer, place, variant, person, studyCount, name, birthDate, sex, nationalHash,
                    nationalLastFour, phones, address, others, isPaired FROM identity \(condition)
                """)
        return try Row.fetchAll(statement, arguments: arguments).map { row in
            var record = IdentityRecord(
                id: row[0], key: row[1], patientID: row[2], issuer: row[3], place: row[4], variant: row[5],
                person: row[6])
            record.studyCount = row[7]
            (record.name, record.birthDate, record.sex) = (row[8], row[9], row[10])
            (record.nationalHash, record.nationalLastFour) = (row[11], row[12])
            record.phones = (row[13] as String).split(separator: " ").map(String.init)
            record.address = row[14]
            record.isPaired = row[16]
            let others: String = row[15]
            if !others.isEmpty { record.others = try JSONDecoder().decode([Other].self, from: Data(others.utf8)) }
            return record
        }
    }
}
