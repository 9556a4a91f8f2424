/// A numbered list of procedures beside the coded items: Vietnam's 350 of Decision 25/QĐ-BYT, China's 80 interventional
/// techniques of 2019.
public struct ProcedureCatalogue: Sendable {
    public let id: CatalogueID
    /// In the order of the list.
    public let procedures: [Procedure]

    private let byCode: [ItemCode: [Int]]
    private let byID: [String: Int]

    /// Vietnam's list.
    public static func bundled() throws(CatalogueError) -> ProcedureCatalogue {
        try ProcedureCatalogue(id: .vietnamProcedures, table: BundledFile.vietnamProcedures.table())
    }

    /// China's level 3 and 4 techniques.
    public static func bundledTechniques() throws(CatalogueError) -> ProcedureCatalogue {
        try ProcedureCatalogue(id: .chinaTechniques, table: BundledFile.chinaTechniques.table())
    }

    /// Reads a list in the columns of Resources/README.md, section 4 or 5; the header tells which.
    ///
    /// - Throws: ``CatalogueError`` naming line, column and reason of the first fault.
    public init(id: CatalogueID, file: String, bytes: [UInt8]) throws(CatalogueError) {
        try self.init(id: id, table: TabSeparatedTable(bytes, file: file))
    }

    init(id: CatalogueID, table: TabSeparatedTable) throws(CatalogueError) {
        let isOfTechniques = table.has("surgical_level")
        try table.require(["no", "name_vi", "name_en", "name_zh"])
        try table.require(isOfTechniques ? Self.techniqueColumns : Self.numberedColumns)
        var procedures: [Procedure] = []
        var byCode: [ItemCode: [Int]] = [:]
        var byID: [String: Int] = [:]
        for row in table.rows {
            let procedure = isOfTechniques ? try Procedure(technique: row) : try Procedure(numbered: row)
            guard byID.updateValue(procedures.count, forKey: procedure.id) == nil else {
                throw row.fault(isOfTechniques ? "id" : "no", "\(procedure.id) stands twice")
            }
            for code in procedure.itemCodes { byCode[code, default: []].append(procedures.count) }
            procedures.append(procedure)
        }
        self.id = id
        self.procedures = procedures
        self.byCode = byCode
        self.byID = byID
    }

    private static let numberedColumns = [
        "modality", "region", "laterality", "contrast", "technique", "is_interventional", "guidance",
    ]
    private static let techniqueColumns = [
        "id", "domain", "surgical_level", "vessels_or_organs", "action",
    ]

    /// The procedure with this id, or nil when the list has none.
    public subscript(id: String) -> Procedure? { byID[id].map { procedures[$0] } }

    /// The procedures a study of this item counts as, in the order of the list.
    public func procedures(for code: ItemCode) -> [Procedure] { (byCode[code] ?? []).map { procedures[$0] } }
}
