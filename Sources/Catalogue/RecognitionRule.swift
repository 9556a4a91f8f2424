/// One rule of the mutual-recognition notice, as Recall's verdicts cite it (zhejiang-recognition-rules.tsv).
public struct RecognitionRule: Sendable, Equatable, Identifiable {
    /// Who or what can say whether the rule holds.
    public enum Decider: String, Sendable {
        case software, clinician, mixed, administrative
        /// A register or an outcome outside DICOM is needed.
        case softwareWithExternalData = "software_external_data"
    }

    /// `ZR-` rules, `ZQ-` image quality, `ZE-` exceptions, `KI-` indicators, each with a two-digit number.
    public let id: String
    /// Section of the notice.
    public let section: String
    public let category: String
    public let textZH: String
    public let meaningEN: String
    public let dataNeeded: String
    public let decidableBy: Decider
    public let notes: String

    /// Every rule of Zhejiang's notice of 2021, in its order.
    public static func bundled() throws(CatalogueError) -> [RecognitionRule] {
        try list(BundledFile.recognitionRules.table())
    }

    static func list(_ table: TabSeparatedTable) throws(CatalogueError) -> [RecognitionRule] {
        try table.require(["id", "section", "category", "text_zh", "meaning_en", "data_needed", "decidable_by"])
        var rules: [RecognitionRule] = []
        var ids: Set<String> = []
        for row in table.rows {
            let id = try row.nonEmpty("id")
            guard ids.insert(id).inserted else { throw row.fault("id", "\(id) stands twice") }
            rules.append(
                RecognitionRule(
                    id: id, section: row["section"], category: row["category"], textZH: row["text_zh"],
                    meaningEN: row["meaning_en"], dataNeeded: row["data_needed"],
                    decidableBy: try row.value("decidable_by", as: Decider.self), notes: row["notes"]))
        }
        return rules
    }
}
