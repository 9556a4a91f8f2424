/// One sentence of China's 2019 norms for interventional techniques that asks something countable or checkable
/// (cn-interventional-requirements.tsv).
public struct InterventionalRequirement: Sendable, Equatable, Identifiable {
    /// How far an index of studies can answer it.
    public enum Answerable: String, Sendable {
        case yes
        /// The index gives a proxy, or one half of the answer.
        case partial
        case no
    }

    public enum Comparison: String, Sendable {
        case atLeast = ">="
        case atMost = "<="
        case equal = "="
        case present, report
    }

    /// `RG-061` of the norm for general techniques, `RP-063` of that for peripheral vessels.
    public let id: String
    public let domain: Procedure.Domain
    /// Section of the norm.
    public let section: String
    /// Whom it is about: `training_base`, `physician_level4`.
    public let subject: String
    public let textZh: String
    public let meaning: String
    public let metric: String
    public let comparison: Comparison
    /// A number, or a grade; "" where nothing is set.
    public let threshold: String
    public let unit: String
    public let answerable: Answerable
    /// Where the answer is, Attributes or registers.
    public let dataSource: String
    public let notes: String

    /// In the order of the file.
    public static func bundled() throws(CatalogueError) -> [InterventionalRequirement] {
        let table = try BundledFile.interventionalRequirements.table()
        try table.require([
            "id", "domain", "section", "subject", "text_zh", "meaning_en", "metric", "operator", "threshold", "unit",
            "pacs_computable", "data_source", "notes",
        ])
        var requirements: [InterventionalRequirement] = []
        for row in table.rows { requirements.append(try InterventionalRequirement(row)) }
        return requirements
    }

    private init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        id = try row.nonEmpty("id")
        domain = try row.value("domain", as: Procedure.Domain.self)
        section = row["section"]
        subject = row["subject"]
        textZh = row["text_zh"]
        meaning = row["meaning_en"]
        metric = try row.nonEmpty("metric")
        comparison = try row.value("operator", as: Comparison.self)
        threshold = row["threshold"]
        unit = row["unit"]
        answerable = try row.value("pacs_computable", as: Answerable.self)
        dataSource = row["data_source"]
        notes = row["notes"]
    }
}
