/// A family name and how many bear it (surnames.tsv).
public struct Surname: Sendable, Equatable {
    /// Simplified characters, or Vietnamese with its marks.
    public let text: String
    public let language: Language
    /// Of those whose names are of this language, in 0...1.
    public let share: Double

    /// The commonest of China and Vietnam.
    ///
    /// - Throws: ``CatalogueError`` naming line, column and reason of the first fault.
    public static func bundled() throws(CatalogueError) -> [Surname] {
        let table = try BundledFile.surnames.table()
        try table.require(["surname", "language", "percent"])
        var surnames: [Surname] = []
        for row in table.rows {
            guard let percent = Double(row["percent"]), (0...100).contains(percent) else {
                throw row.fault("percent", "\"\(row["percent"])\" is not a share in percent")
            }
            surnames.append(
                Surname(
                    text: try row.nonEmpty("surname"), language: try row.value("language", as: Language.self),
                    share: percent / 100))
        }
        return surnames
    }
}
