internal import GRDB

/// The folded text of studies, and the trigrams and Chinese pairs of those that are settled.
///
/// A contentless full-text table forgets a text only when told the text it was given, so the text of a Study changes
/// only while it is receiving: `insert` when it settles, `remove` before it is re-opened.
struct StudyTextIndex {
    let db: Database

    init(_ db: Database) { self.db = db }

    /// Adds folded pieces that are not contained yet.
    func add(_ pieces: [String], to study: Int64) throws {
        let known = try text(of: study)
        var text = known ?? ""
        for piece in pieces where !piece.isEmpty && !text.contains(piece) {
            guard text.count + piece.count < SearchText.limit else { break }
            text += text.isEmpty ? piece : " " + piece
        }
        guard text != known else { return }
        try db.cachedStatement(
            sql:
                "INSERT INTO studyText (study, text) VALUES (?, ?) ON CONFLICT (study) DO UPDATE SET text = excluded.text"
        ).execute(arguments: [study, text])
    }

    /// Makes a Study that has settled findable by the parts of its text.
    func insert(_ study: Int64) throws {
        guard let text = try text(of: study) else { return }
        try db.cachedStatement(sql: "INSERT INTO studySearch (rowid, text) VALUES (?, ?)")
            .execute(arguments: [study, text])
        try db.cachedStatement(sql: "INSERT INTO studyPairs (rowid, text) VALUES (?, ?)")
            .execute(arguments: [study, Self.pairs(in: text)])
    }

    /// Takes a settled Study out again, before its text may change.
    func remove(_ study: Int64) throws {
        guard let text = try text(of: study) else { return }
        try db.cachedStatement(sql: "INSERT INTO studySearch (studySearch, rowid, text) VALUES ('delete', ?, ?)")
            .execute(arguments: [study, text])
        try db.cachedStatement(sql: "INSERT INTO studyPairs (studyPairs, rowid, text) VALUES ('delete', ?, ?)")
            .execute(arguments: [study, Self.pairs(in: text)])
    }

    private static func pairs(in text: String) -> String {
        Set(SearchText.pairs(in: text)).sorted().joined(separator: " ")
    }

    private func text(of study: Int64) throws -> String? {
        try String.fetchOne(db.cachedStatement(sql: "SELECT text FROM studyText WHERE study = ?"), arguments: [study])
    }
}
