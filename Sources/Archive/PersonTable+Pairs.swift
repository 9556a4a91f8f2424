internal import Foundation
internal import GRDB

/// What links identities, or may.
extension PersonTable {
    /// Every pair that the identity is in.
    public func pairs(of identity: Int64) throws -> [IdentityPair] {
        try IdentityPair.fetch(db, "WHERE one = ?1 UNION ALL \(IdentityPair.select) WHERE other = ?1", [identity])
    }

    public func pair(_ one: Int64, _ other: Int64) throws -> IdentityPair? {
        try IdentityPair.fetch(db, "WHERE one = ? AND other = ?", [min(one, other), max(one, other)]).first
    }

    /// Pairs that somebody should look at, the likeliest first.
    public func openPairs(limit: Int, offset: Int) throws -> [IdentityPair] {
        try IdentityPair.fetch(
            db, "WHERE isOpen = 1 ORDER BY weight DESC, one DESC, other DESC LIMIT ? OFFSET ?", [limit, offset])
    }

    /// Counts no further than `limit`.
    public func openPairCount(limit: Int) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM (SELECT 1 FROM identityPair WHERE isOpen = 1 LIMIT ?)", arguments: [limit])
            ?? 0
    }

    /// Keeps a pair in the place of what was kept of it.
    public func keep(_ pair: IdentityPair) throws {
        try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO identityPair (one, other, link, weight, reasons, isOpen, foundAt, decidedBy,
                    decidedAt, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            pair.one, pair.other, pair.link.rawValue, pair.weight, pair.reasons.joined(separator: " "), pair.isOpen,
            pair.foundAt.milliseconds, pair.decidedBy, pair.decidedAt?.milliseconds, pair.note,
        ])
    }

    public func remove(_ pair: IdentityPair) throws {
        try db.cachedStatement(sql: "DELETE FROM identityPair WHERE one = ? AND other = ?")
            .execute(arguments: [pair.one, pair.other])
    }
}

extension IdentityPair {
    fileprivate static let select =
        "SELECT one, other, link, weight, reasons, isOpen, foundAt, decidedBy, decidedAt, note FROM identityPair"

    fileprivate static func fetch(
        _ db: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> [IdentityPair] {
        try Row.fetchAll(db.cachedStatement(sql: "\(select) \(condition)"), arguments: arguments).map { row in
            guard let link = Link(rawValue: row[2]) else {
                throw ArchiveError.index(resultCode: 11, message: "a pair of identities is damaged")
            }
            var pair = IdentityPair(
                row[0], row[1], link: link, weight: row[3],
                reasons: (row[4] as String).split(separator: " ").map(String.init), foundAt: Date(milliseconds: row[6]))
            (pair.isOpen, pair.decidedBy, pair.note) = (row[5], row[7], row[9])
            pair.decidedAt = (row[8] as Int64?).map(Date.init(milliseconds:))
            return pair
        }
    }
}
