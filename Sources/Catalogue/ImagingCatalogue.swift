/// Identifies an edition of a list, e.g. `zhejiang-imaging-2021`: lower-case letters, digits and hyphens.
public struct CatalogueID: Hashable, Sendable {
    public let value: String

    /// Nil when `value` is empty or holds another character.
    public init?(_ value: String) {
        let isAllowed = value.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard !value.isEmpty, isAllowed else { return nil }
        self.value = value
    }

    private init(known value: String) { self.value = value }

    public static let zhejiangImaging = CatalogueID(known: "zhejiang-imaging-2021")
    public static let vietnamProcedures = CatalogueID(known: "vietnam-25qd-byt-2014")
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
        try table.require(CatalogueItem.columns)
        var items: [CatalogueItem] = []
        var positions: [ItemCode: Int] = [:]
        for row in table.rows {
            let item = try CatalogueItem(row)
            guard positions.updateValue(items.count, forKey: item.code) == nil else {
                throw row.fault("code", "\(item.code) stands twice")
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
    static let columns = [
        "no", "modality", "name_zh", "definition_zh", "code", "name_en", "name_vi", "anatomy", "laterality", "views",
        "view_count", "position", "contrast", "technique", "required_series", "expected_series", "coverage",
        "dicom_modality", "views_basis", "position_basis",
    ]

    init(_ row: TabSeparatedTable.Row) throws(CatalogueError) {
        number = try row.integer("no")
        do {
            code = try ItemCode(row["code"])
        } catch {
            throw row.fault("code", error.reason)
        }
        name = try LocalizedName(
            zh: row.nonEmpty("name_zh"), en: row.nonEmpty("name_en"), vi: row.nonEmpty("name_vi"))
        definitionZH = row["definition_zh"]
        modality = try row.nonEmpty("modality")
        dicomModalities = row.list("dicom_modality", separator: "/")
        let families = Set(dicomModalities.map(ModalityFamily.init(dicomModality:)))
        guard families.count == 1, let common = families.first, let family = common else {
            throw row.fault("dicom_modality", "\"\(row["dicom_modality"])\" is not one kind of imaging")
        }
        self.family = family
        var anatomy: [ConceptID] = []
        for part in row.list("anatomy") {
            guard let concept = ConceptID(kind: .anatomy, name: part) else {
                throw row.fault("anatomy", "\"\(part)\" is not a name of the lexicon")
            }
            anatomy.append(concept)
        }
        guard !anatomy.isEmpty else { throw row.fault("anatomy", "is empty") }
        self.anatomy = anatomy
        laterality = try row.value("laterality", as: Laterality.self)
        var views: [ItemView] = []
        for token in row.list("views") {
            guard let view = ItemView(token: token) else { throw row.fault("views", "\"\(token)\" is not a view") }
            views.append(view)
        }
        self.views = views
        viewsBasis = try row.value("views_basis", as: Basis.self)
        viewCount = row["view_count"].isEmpty ? nil : try row.integer("view_count")
        var positions: [Position] = []
        for token in row.list("position", separator: "/") where token != "UNSPECIFIED" {
            guard let position = Position(rawValue: token) else {
                throw row.fault("position", "\"\(token)\" is not a position")
            }
            positions.append(position)
        }
        self.positions = positions
        positionBasis = try row.value("position_basis", as: Basis.self)
        contrast = try row.value("contrast", as: Contrast.self)
        guard let technique = ConceptID(kind: .technique, name: row["technique"]) else {
            throw row.fault("technique", "\"\(row["technique"])\" is not a name of the lexicon")
        }
        self.technique = technique
        requiredSeries = row.list("required_series").map { $0.split(separator: "/").map(String.init) }
        expectedSeries = row.list("expected_series").map { $0.split(separator: "/").map(String.init) }
        coverage = row["coverage"]
    }
}
