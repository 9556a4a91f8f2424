/// A numbered list of procedures beside the coded items: Vietnam's 350 of Decision 25/QĐ-BYT.
public struct ProcedureCatalogue: Sendable {
    public struct Procedure: Sendable, Equatable {
        /// How the procedure answers to the coded items it names.
        public enum Relation: String, Sendable {
            case same
            /// The procedure is silent on contrast, side, or site and side; the study decides which item it was.
            case byContrast = "by_contrast"
            case bySide = "by_side"
            case bySiteAndSide = "by_site_and_side"
        }

        public let number: Int
        public let name: LocalizedName
        /// Empty when no item of the imaging catalogue is the same examination.
        public let itemCodes: [ItemCode]
        public let relation: Relation?
    }

    public let id: CatalogueID
    public let procedures: [Procedure]

    private let byCode: [ItemCode: [Int]]

    public static func bundled() throws(CatalogueError) -> ProcedureCatalogue {
        try ProcedureCatalogue(id: .vietnamProcedures, table: BundledFile.vietnamProcedures.table())
    }

    init(id: CatalogueID, table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(["no", "name_vi", "name_en", "name_zh", "zhejiang_codes", "zhejiang_relation"])
        var procedures: [Procedure] = []
        var byCode: [ItemCode: [Int]] = [:]
        for row in table.rows {
            var codes: [ItemCode] = []
            for text in row.list("zhejiang_codes") {
                guard let code = try? ItemCode(text) else {
                    throw row.fault("zhejiang_codes", "\"\(text)\" is not a code")
                }
                codes.append(code)
                byCode[code, default: []].append(procedures.count)
            }
            let relation =
                codes.isEmpty ? nil : try row.value("zhejiang_relation", as: Procedure.Relation.self)
            procedures.append(
                Procedure(
                    number: try row.integer("no"),
                    name: LocalizedName(zh: row["name_zh"], en: row["name_en"], vi: row["name_vi"]),
                    itemCodes: codes, relation: relation))
        }
        self.id = id
        self.procedures = procedures
        self.byCode = byCode
    }

    /// The procedures a study of this item counts as, in the order of the list.
    public func procedures(for code: ItemCode) -> [Procedure] { (byCode[code] ?? []).map { procedures[$0] } }
}
