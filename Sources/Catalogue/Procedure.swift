/// One numbered procedure of a list beside the coded imaging items, with the axes it is made of.
public struct Procedure: Sendable, Equatable {
    /// How the procedure answers to the coded items it names.
    public enum Relation: String, Sendable {
        case same
        /// The procedure is silent on contrast, side, or site and side; the study decides which item it was.
        case byContrast = "by_contrast"
        case bySide = "by_side"
        case bySiteAndSide = "by_site_and_side"
    }

    /// What the operator is guided by.
    public enum Guidance: String, Sendable, CaseIterable {
        case none
        case fluoroscopy = "fluoro"
        case subtractionAngiography = "DSA"
        case ultrasound = "US"
        case ct = "CT"
        case mr = "MR"
        case coneBeamCT = "CBCT"
    }

    /// What the name says of contrast; `none` where the question does not arise.
    public enum Contrast: String, Sendable, CaseIterable {
        case none, without, with, intraarticular, luminal, unspecified
    }

    /// Which of China's two documents a technique is filed in.
    public enum Domain: String, Sendable, CaseIterable, Codable {
        case general, peripheral
    }

    /// Unique within its list: the number, or `G3-12` where domain and level number anew.
    public let id: String
    public let number: Int
    /// Domain and level of surgery, in lists that have them.
    public let domain: Domain?
    public let surgicalLevel: Int?
    public let name: LocalizedName
    /// DR RF US CT MR XA, empty where the list does not say.
    public let modality: String
    /// Names of lexicon concepts of kind anatomy or finding, any of which is the subject.
    public let regions: [String]
    /// Whether the part is paired, as far as the name tells; no name of the bundled lists states a side.
    public let laterality: String
    public let contrast: Contrast?
    /// Names of lexicon concepts of kind technique or action, any of which is done.
    public let techniques: [String]
    public let isInterventional: Bool
    /// Nil where the list leaves it open.
    public let guidance: Guidance?
    /// Empty when no item of the imaging catalogue is the same examination.
    public let itemCodes: [ItemCode]
    public let relation: Relation?
    /// Numbers of Vietnam's list that are the same technique, and those that differ in one point.
    public let matchingNumbers: [Int]
    public let relatedNumbers: [Int]
}

extension Procedure {
    /// From a line of Resources/README.md, section 4.
    init(numbered row: TabSeparatedTable.Row) throws(CatalogueError) {
        number = try row.integer("no")
        id = String(number)
        domain = nil
        surgicalLevel = nil
        name = try Self.name(row)
        modality = row["modality"]
        regions = Self.concepts(row, "region")
        laterality = row["laterality"]
        contrast = try row.value("contrast", as: Contrast.self)
        techniques = Self.concepts(row, "technique")
        switch row["is_interventional"] {
        case "yes": isInterventional = true
        case "no": isInterventional = false
        default: throw row.fault("is_interventional", "\"\(row["is_interventional"])\" is not yes or no")
        }
        guidance = try row.value("guidance", as: Guidance.self)
        var codes: [ItemCode] = []
        for text in row.list("zhejiang_codes") {
            guard let code = try? ItemCode(text) else {
                throw row.fault("zhejiang_codes", "\"\(text)\" is not a code")
            }
            codes.append(code)
        }
        itemCodes = codes
        relation = codes.isEmpty ? nil : try row.value("zhejiang_relation", as: Relation.self)
        matchingNumbers = []
        relatedNumbers = []
    }

    /// From a line of Resources/README.md, section 5.
    init(technique row: TabSeparatedTable.Row) throws(CatalogueError) {
        number = try row.integer("no")
        id = try row.nonEmpty("id")
        domain = try row.value("domain", as: Domain.self)
        surgicalLevel = try row.integer("surgical_level")
        name = try Self.name(row)
        modality = ""
        regions = Self.concepts(row, "vessels_or_organs")
        laterality = ""
        contrast = nil
        techniques = Self.concepts(row, "action")
        isInterventional = true
        guidance = nil
        itemCodes = []
        relation = nil
        matchingNumbers = try Self.numbers(row, "matching_vietnam_nos")
        relatedNumbers = try Self.numbers(row, "related_vietnam_nos")
    }

    private static func name(_ row: TabSeparatedTable.Row) throws(CatalogueError) -> LocalizedName {
        try LocalizedName(zh: row.nonEmpty("name_zh"), en: row.nonEmpty("name_en"), vi: row.nonEmpty("name_vi"))
    }

    private static func concepts(_ row: TabSeparatedTable.Row, _ column: String) -> [String] {
        row.list(column).filter { $0 != "none" && $0 != "unspecified_region" }
    }

    private static func numbers(_ row: TabSeparatedTable.Row, _ column: String) throws(CatalogueError) -> [Int] {
        var numbers: [Int] = []
        for text in row.list(column) {
            guard let number = Int(text) else { throw row.fault(column, "\"\(text)\" is not a number") }
            numbers.append(number)
        }
        return numbers
    }
}
