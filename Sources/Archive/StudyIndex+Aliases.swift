internal import Foundation
internal import GRDB

extension EventKind {
    /// A person taught what studies of this description are; the detail names the alias.
    public static let aliasTaught = EventKind(rawValue: "aliasTaught")
    public static let aliasRemoved = EventKind(rawValue: "aliasRemoved")
}

extension StudyIndex {
    /// Puts an alias in force. In the same transaction the timeline of every Study it reaches says so, and the Study
    /// waits to be assessed anew: a crash right after loses nothing.
    ///
    /// - Parameters:
    ///   - overridden: the objections it is put in force against; "" when there were none.
    ///   - replaced: an alias that ends with this one.
    public func teach(
        _ record: AliasRecord, by author: AliasAuthor, overridden: String, replacing replaced: Int64?,
        reaching reach: StudyReach
    ) throws(ArchiveError) -> AliasEvent {
        try write { db in
            if let replaced, let old = try Self.aliasInForce(replaced, in: db) {
                _ = try Self.append(.removed, alias: old.alias, old.record, author, overridden: "", in: db)
            }
            let event = try Self.append(.taught, alias: nil, record, author, overridden: overridden, in: db)
            try Self.askAgain(reach, .aliasTaught, alias: event.alias, at: author.at, in: db)
            return event
        }
    }

    /// Ends an alias; what it reached waits to be assessed anew.
    ///
    /// - Returns: nil when it is not in force.
    public func removeAlias(
        _ alias: Int64, by author: AliasAuthor, reaching reach: StudyReach
    ) throws(ArchiveError) -> AliasEvent? {
        try write { db in
            guard let old = try Self.aliasInForce(alias, in: db) else { return nil }
            let event = try Self.append(.removed, alias: alias, old.record, author, overridden: "", in: db)
            try Self.askAgain(reach, .aliasRemoved, alias: alias, at: author.at, in: db)
            return event
        }
    }

    /// The events that taught what is in force now, oldest first.
    public func aliasesInForce() throws(ArchiveError) -> [AliasEvent] {
        try read { db in try Row.fetchAll(db, sql: Self.inForce + " ORDER BY id").map(AliasEvent.init) }
    }

    /// What happened to one alias, or to all, oldest first.
    public func aliasHistory(of alias: Int64? = nil) throws(ArchiveError) -> [AliasEvent] {
        try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM aliasEvent WHERE ? IS NULL OR alias = ? ORDER BY id", arguments: [alias, alias]
            ).map(AliasEvent.init)
        }
    }

    /// The number of the newest alias event; 0 before the first.
    public func lastAliasEvent() throws(ArchiveError) -> Int64 { try read(Self.lastAliasEvent) }

    static func lastAliasEvent(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(id) FROM aliasEvent")) ?? 0
    }

    /// Institution Names of the studies of a description, each once.
    public func institutions(
        ofDescription folded: String, modality: String
    ) throws(ArchiveError) -> [String] {
        try read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT institution FROM study WHERE descriptor IN
                        (SELECT id FROM descriptor WHERE description = ? AND modality = ?)
                    """, arguments: [folded, modality])
        }
    }

    /// Ids of the studies within `reach` after `id`, ascending.
    public func studies(within reach: StudyReach, after id: Int64, limit: Int) throws(ArchiveError) -> [Int64] {
        try read { db in
            let (condition, arguments) = try Self.condition(reach)
            return try Int64.fetchAll(
                db, sql: "SELECT id FROM study WHERE id > ? AND \(condition) ORDER BY id LIMIT ?",
                arguments: [id] + arguments + [limit])
        }
    }

    /// Safe matches of the studies within `reach`, most frequent first.
    public func matches(within reach: StudyReach) throws(ArchiveError) -> [(code: String, count: Int)] {
        try read { db in
            let (condition, arguments) = try Self.condition(reach)
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT code, count(*) FROM study WHERE \(condition) AND code <> ''
                    GROUP BY code ORDER BY count(*) DESC, code
                    """, arguments: arguments
            ).map { ($0[0], $0[1]) }
        }
    }

    /// Distinct descriptors of the studies within `reach` with how many have each, most frequent first.
    public func descriptors(
        within reach: StudyReach, limit: Int
    ) throws(ArchiveError) -> [(json: String, count: Int)] {
        try read { db in
            let (condition, arguments) = try Self.condition(reach)
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT descriptor.json, found.n FROM
                        (SELECT descriptor, count(*) AS n FROM study WHERE \(condition) GROUP BY descriptor
                         ORDER BY n DESC LIMIT ?) AS found
                    JOIN descriptor ON descriptor.id = found.descriptor ORDER BY found.n DESC, descriptor.id
                    """, arguments: arguments + [limit]
            ).map { ($0[0], $0[1]) }
        }
    }

    // MARK: Rows

    private static let inForce = """
        SELECT * FROM aliasEvent WHERE kind = 'taught' AND NOT EXISTS
            (SELECT 1 FROM aliasEvent AS later WHERE later.alias = aliasEvent.alias AND later.kind = 'removed')
        """

    private static func aliasInForce(_ alias: Int64, in db: Database) throws -> AliasEvent? {
        try Row.fetchOne(db, sql: inForce + " AND alias = ?", arguments: [alias]).map(AliasEvent.init)
    }

    private static func condition(_ reach: StudyReach) throws -> (String, StatementArguments) {
        var condition =
            "descriptor IN (SELECT id FROM descriptor WHERE description = ? AND modality = ?)"
        var arguments: StatementArguments = [reach.foldedDescription, reach.modality]
        if let institutions = reach.institutions {
            condition += " AND institution IN (SELECT value FROM json_each(?))"
            arguments += [String(decoding: try JSONEncoder().encode(institutions), as: UTF8.self)]
        }
        if let sender = reach.sourceAETitle {
            condition += " AND sourceAETitle = ?"
            arguments += [sender]
        }
        return (condition, arguments)
    }

    private static func append(
        _ kind: AliasEvent.Kind, alias: Int64?, _ record: AliasRecord, _ author: AliasAuthor, overridden: String,
        in db: Database
    ) throws -> AliasEvent {
        let id = try lastAliasEvent(db) + 1
        try db.execute(
            sql: """
                INSERT INTO aliasEvent (id, alias, kind, at, person, reason, overridden, description, foldedDescription,
                    modality, site, aeTitle, code, grade, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, alias ?? id, kind.rawValue, author.at.milliseconds, author.person, author.reason, overridden,
                record.description, record.foldedDescription, record.modality, record.site, record.aeTitle, record.code,
                record.grade, record.confidence,
            ])
        return AliasEvent(
            id: id, alias: alias ?? id, kind: kind, author: author, overridden: overridden, record: record)
    }

    private static func askAgain(
        _ reach: StudyReach, _ kind: EventKind, alias: Int64, at date: Date, in db: Database
    ) throws {
        let (condition, arguments) = try condition(reach)
        try db.execute(
            sql: "INSERT INTO event (at, kind, study, detail) SELECT ?, ?, uid, ? FROM study WHERE \(condition)",
            arguments: [date.milliseconds, kind.rawValue, "alias \(alias)"] + arguments)
        try db.execute(
            sql: """
                UPDATE study SET awaitingAssessment = 2
                WHERE state = 1 AND awaitingAssessment = 0 AND assessmentVersion > 0 AND \(condition)
                """, arguments: arguments)
    }
}

extension AliasEvent {
    fileprivate init(row: Row) throws {
        guard let kind = Kind(rawValue: row["kind"]) else {
            throw ArchiveError.index(resultCode: 11, message: "alias event \(row["id"] as Int64) is damaged")
        }
        self.init(
            id: row["id"], alias: row["alias"], kind: kind,
            author: AliasAuthor(
                person: row["person"], reason: row["reason"], at: Date(milliseconds: row["at"])),
            overridden: row["overridden"],
            record: AliasRecord(
                description: row["description"], foldedDescription: row["foldedDescription"],
                modality: row["modality"], site: row["site"], aeTitle: row["aeTitle"], code: row["code"],
                grade: row["grade"], confidence: row["confidence"]))
    }
}
