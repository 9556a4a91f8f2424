/// Identifies an edition of a list, e.g. `zhejiang-imaging-2021`: lower-case letters, digits and hyphens.
public struct CatalogueID: Hashable, Sendable {
    public let value: String

    static let lengthLimit = 64

    /// Nil when `value` is empty, longer than 64 characters, or holds another character.
    public init?(_ value: String) {
        let isAllowed = value.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard !value.isEmpty, isAllowed, value.utf8.count <= Self.lengthLimit else { return nil }
        self.value = value
    }

    private init(known value: String) { self.value = value }

    public static let zhejiangImaging = CatalogueID(known: "zhejiang-imaging-2021")
    public static let vietnamProcedures = CatalogueID(known: "vietnam-25qd-byt-2014")
    public static let chinaTechniques = CatalogueID(known: "cn-interventional-2019")
}

extension CatalogueID: CustomStringConvertible {
    public var description: String { value }
}

/// One edition of a list of coded imaging items.
public struct ImagingCatalogue: Sendable {
    public let id: CatalogueID
    /// The edition, as its publisher tells it, here the year.
    public let version: String
    /// In the order of the list.
    public let items: [CatalogueItem]

    private let positions: [ItemCode: Int]

    /// Reads a list in the columns of Resources/README.md, section 1.
    ///
    /// - Throws: ``CatalogueError`` naming line, column and reason of the first fault.
    public init(id: CatalogueID, version: String, file: String, bytes: [UInt8]) throws(CatalogueError) {
        try self.init(id: id, version: version, table: TabSeparatedTable(bytes, file: file))
    }

    init(id: CatalogueID, version: String, table: TabSeparatedTable) throws(CatalogueError) {
        try table.require(CatalogueItem.requiredColumns)
        var faults = FaultNotes()
        self.init(id: id, version: version, table: table, &faults)
        if let first = faults.faults.min(by: { $0.line < $1.line }) { throw CatalogueError(first) }
    }

    /// Reads every row that can be read and notes the faults of the others.
    init(id: CatalogueID, version: String, table: TabSeparatedTable, _ faults: inout FaultNotes) {
        var items: [CatalogueItem] = []
        var positions: [ItemCode: Int] = [:]
        var numbers: Set<Int> = []
        for row in table.rows {
            guard let item = CatalogueItem(row, &faults) else { continue }
            if positions.updateValue(items.count, forKey: item.code) != nil {
                faults.add(row.fault("code", "\(item.code) stands twice").fault)
            } else if !numbers.insert(item.number).inserted {
                faults.add(row.fault("no", "\(item.number) stands twice").fault)
            }
            items.append(item)
        }
        self.id = id
        self.version = version
        self.items = items
        self.positions = positions
    }

    /// The item with this code, or nil when the list has none.
    public subscript(code: ItemCode) -> CatalogueItem? { positions[code].map { items[$0] } }

    /// Zhejiang's 180 mutual-recognition items of 2021, part of the program.
    public static func bundled() throws(CatalogueError) -> ImagingCatalogue {
        try ImagingCatalogue(id: .zhejiangImaging, version: "2021", table: BundledFile.zhejiangImaging.table())
    }
}

extension CatalogueItem {
    static let requiredColumns = [
        "no", "modality", "name_zh", "code", "name_en", "name_vi", "anatomy", "laterality", "views", "position",
        "contrast", "technique", "dicom_modality",
    ]
    static let columns =
        requiredColumns + [
            "definition_zh", "view_count", "required_series", "expected_series", "coverage", "views_basis",
            "position_basis",
        ]

    /// - Returns: nil when a cell is wrong; every wrong one is noted.
    init?(_ row: TabSeparatedTable.Row, _ faults: inout FaultNotes) {
        let number = faults.attempt { () throws(CatalogueError) in try row.integer("no") }
        let code = faults.attempt { () throws(CatalogueError) in
            do throws(ItemCodeError) {
                return try ItemCode(row["code"])
            } catch {
                throw row.fault("code", error.reason)
            }
        }
        let zh = faults.attempt { () throws(CatalogueError) in try row.nonEmpty("name_zh") }
        let en = faults.attempt { () throws(CatalogueError) in try row.nonEmpty("name_en") }
        let vi = faults.attempt { () throws(CatalogueError) in try row.nonEmpty("name_vi") }
        let modality = faults.attempt { () throws(CatalogueError) in try row.nonEmpty("modality") }
        let family = faults.attempt { () throws(CatalogueError) in try Self.family(row) }
        let anatomy = faults.attempt { () throws(CatalogueError) in try Self.anatomy(row) }
        let laterality = faults.attempt { () throws(CatalogueError) in try row.value("laterality", as: Laterality.self)
        }
        let views = faults.attempt { () throws(CatalogueError) in try Self.views(row) }
        let viewsBasis = faults.attempt { () throws(CatalogueError) in try row.value("views_basis", as: Basis.self) }
        let viewCount = faults.attempt { () throws(CatalogueError) in
            row["view_count"].isEmpty ? nil : try row.integer("view_count")
        }
        let positions = faults.attempt { () throws(CatalogueError) in try Self.positions(row) }
        let positionBasis = faults.attempt { () throws(CatalogueError) in
            try row.value("position_basis", as: Basis.self)
        }
        let contrast = faults.attempt { () throws(CatalogueError) in try row.value("contrast", as: Contrast.self) }
        let technique = faults.attempt { () throws(CatalogueError) in
            guard let technique = ConceptID(kind: .technique, name: row["technique"]) else {
                throw row.fault("technique", "\"\(row["technique"])\" is not a name of the lexicon")
            }
            return technique
        }
        guard let number, let code, let zh, let en, let vi, let modality, let family, let anatomy, let laterality,
            let views, let viewsBasis, let viewCount, let positions, let positionBasis, let contrast, let technique
        else { return nil }
        self.init(
            number: number, code: code, name: LocalizedName(zh: zh, en: en, vi: vi), definitionZH: row["definition_zh"],
            modality: modality, family: family, dicomModalities: row.list("dicom_modality", separator: "/"),
            anatomy: anatomy, laterality: laterality, views: views, viewsBasis: viewsBasis, viewCount: viewCount,
            positions: positions, positionBasis: positionBasis, contrast: contrast, technique: technique,
            requiredSeries: row.list("required_series").map { $0.split(separator: "/").map(String.init) },
            expectedSeries: row.list("expected_series").map { $0.split(separator: "/").map(String.init) },
            coverage: row["coverage"])
    }

    private static func family(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> ModalityFamily {
        let families = Set(row.list("dicom_modality", separator: "/").map(ModalityFamily.init(dicomModality:)))
        guard families.count == 1, let common = families.first, let family = common else {
            throw row.fault("dicom_modality", "\"\(row["dicom_modality"])\" is not one kind of imaging")
        }
        return family
    }

    private static func anatomy(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> [ConceptID] {
        var anatomy: [ConceptID] = []
        for part in row.list("anatomy") {
            guard let concept = ConceptID(kind: .anatomy, name: part) else {
                throw row.fault("anatomy", "\"\(part)\" is not a name of the lexicon")
            }
            anatomy.append(concept)
        }
        guard !anatomy.isEmpty else { throw row.fault("anatomy", "is empty") }
        return anatomy
    }

    private static func views(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> [ItemView] {
        var views: [ItemView] = []
        for token in row.list("views") {
            guard let view = ItemView(token: token) else { throw row.fault("views", "\"\(token)\" is not a view") }
            views.append(view)
        }
        return views
    }

    private static func positions(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> [Position] {
        var positions: [Position] = []
        for token in row.list("position", separator: "/") where token != "UNSPECIFIED" {
            guard let position = Position(rawValue: token) else {
                throw row.fault("position", "\"\(token)\" is not a position")
            }
            positions.append(position)
        }
        return positions
    }
}
