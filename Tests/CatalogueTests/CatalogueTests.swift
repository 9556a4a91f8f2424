import Testing

@testable import Catalogue

@Suite struct ImagingCatalogueTests {
    let catalogue: ImagingCatalogue
    init() throws { catalogue = try .bundled() }

    @Test func `the bundled list has Zhejiang's 180 items, 70 DR, 70 CT and 40 MR`() {
        #expect(catalogue.items.count == 180)
        #expect(catalogue.items.count { $0.modality == "DR" } == 70)
        #expect(catalogue.items.count { $0.modality == "CT" } == 70)
        #expect(catalogue.items.count { $0.modality == "MR" } == 40)
    }

    @Test func `an item is found by its code with all its axes`() throws {
        let item = try #require(catalogue[ItemCode("BW03ZZZ8B")])
        #expect(item.name.zh == "胸部正侧位")
        #expect(item.views == [ItemView(projection: .pa), ItemView(projection: .lateral)])
        #expect(item.positions == [.standing])
        #expect(item.dicomModalities == ["DX", "CR"])
        #expect(item.anatomy.map(\.value) == ["anatomy.chest"])
    }

    @Test func `a mammogram is a radiograph of the list and of modality MG in DICOM`() throws {
        let item = try #require(catalogue[ItemCode("BH02ZZZZG")])
        #expect(item.modality == "DR")
        #expect(item.family == .mammogram)
        #expect(item.views.map(\.token) == ["CC_R", "CC_L", "MLO_R", "MLO_L"])
    }

    @Test func `a well-formed code that is not listed is no item`() throws {
        #expect(try catalogue[ItemCode("BW03ZZZ8A")] == nil)
    }
}

@Suite struct CatalogueFileTests {
    static let header = CatalogueItem.columns
    static let chest: [String: String] = [
        "no": "1", "modality": "DR", "name_zh": "胸部正位", "name_en": "Chest, PA", "name_vi": "Ngực thẳng",
        "code": "BW03ZZZZ1", "anatomy": "chest", "laterality": "none", "views": "PA", "view_count": "1",
        "position": "UNSPECIFIED", "contrast": "none", "technique": "radiography", "dicom_modality": "DX/CR",
        "views_basis": "stated", "position_basis": "none",
    ]

    static func bytes(_ rows: [[String: String]], header: [String] = header) -> [UInt8] {
        let lines = [header] + rows.map { row in header.map { row[$0] ?? "" } }
        return Array(lines.map { $0.joined(separator: "\t") + "\n" }.joined().utf8)
    }

    func load(_ bytes: [UInt8]) throws(CatalogueError) -> ImagingCatalogue {
        try ImagingCatalogue(id: .zhejiangImaging, version: "test", file: "list.tsv", bytes: bytes)
    }

    @Test func `a list with one good row loads`() throws {
        #expect(try load(Self.bytes([Self.chest])).items.count == 1)
    }

    @Test func `a byte order mark and CRLF line ends are accepted`() throws {
        let text = String(decoding: Self.bytes([Self.chest]), as: UTF8.self)
        let edited: [UInt8] = [0xEF, 0xBB, 0xBF] + text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
        #expect(try load(edited).items.count == 1)
    }

    @Test(arguments: [
        ("code", "BW03ZZZZ", "has 8 characters where 9 are expected"),
        ("code", "BW03ZZZOB", "character 8 is not allowed in a code"),
        ("views", "PA;UP", "\"UP\" is not a view"),
        ("laterality", "middle", "\"middle\" is not a known laterality"),
        ("dicom_modality", "DX/CT", "\"DX/CT\" is not one kind of imaging"),
        ("no", "one", "\"one\" is not a number"),
        ("name_vi", "", "is empty"),
        ("position", "HANGING", "\"HANGING\" is not a position"),
    ])
    func `a wrong cell is refused with file, line, column and reason`(column: String, value: String, reason: String) {
        var second = Self.chest
        second["code"] = "BW03ZZZZ8"
        second[column] = value
        #expect(throws: CatalogueError.malformed(file: "list.tsv", line: 3, column: column, reason: reason)) {
            try load(Self.bytes([Self.chest, second]))
        }
    }

    @Test func `a code that stands twice is refused`() {
        #expect(
            throws: CatalogueError.malformed(
                file: "list.tsv", line: 3, column: "code", reason: "BW03ZZZZ1 stands twice")
        ) { try load(Self.bytes([Self.chest, Self.chest])) }
    }

    @Test func `a missing column is named`() {
        #expect(
            throws: CatalogueError.malformed(
                file: "list.tsv", line: 1, column: "code", reason: "the header has no such column")
        ) { try load(Self.bytes([Self.chest], header: Self.header.filter { $0 != "code" })) }
    }

    @Test func `a row with too few cells is refused with its line`() {
        #expect(
            throws: CatalogueError.malformed(
                file: "list.tsv", line: 2, column: "#1", reason: "1 cells where the header has \(Self.header.count)")
        ) { try load(Array((Self.header.joined(separator: "\t") + "\nx\n").utf8)) }
    }

    @Test func `bytes that are not UTF-8 are refused with line and cell`() {
        #expect(
            throws: CatalogueError.malformed(file: "list.tsv", line: 2, column: "#2", reason: "is not valid UTF-8")
        ) { try load(Array("no\tcode\n1\t".utf8) + [0xB0, 0xA1, 0x0A]) }
    }

    @Test func `an empty file is refused`() {
        #expect(throws: CatalogueError.self) { try load([]) }
    }
}

@Suite struct LexiconTests {
    @Test(arguments: [
        ("hd\tregion\t\thead", "code", "\"hd\" is not capital letters and digits"),
        ("HD\tpart\t\thead", "role", "\"part\" is not a known role"), ("HD\tregion\t\t", "words", "is empty"),
    ])
    func `a wrong part of an order code is refused with its place`(row: String, column: String, reason: String) throws {
        let table = try TabSeparatedTable(
            Array("code\trole\tmodality\twords\n\(row)\n".utf8), file: "lexicon-codes.tsv")
        let line = try #require(table.rows.first)
        #expect(
            throws: CatalogueError.malformed(file: "lexicon-codes.tsv", line: 2, column: column, reason: reason)
        ) { try OrderCodePart(line) }
    }

    @Test func `the bundled lexicon loads, and every part and technique of an item has words`() throws {
        let lexicon = try Lexicon.bundled()
        for item in try ImagingCatalogue.bundled().items {
            for concept in item.anatomy + [item.technique] { #expect(lexicon.names[concept] != nil, "\(concept)") }
        }
    }

    @Test func `a term of one kind that stands for two concepts is refused`() throws {
        let header = "canonical_id\tkind\tzh\ten\tvi\tpreferred\n"
        let rows = "anatomy.chest\tanatomy\t胸\t\t\tyes\nanatomy.lung\tanatomy\t胸\t\t\tyes\n"
        let terms = try TabSeparatedTable(Array((header + rows).utf8), file: "words.tsv")
        let rules = try TabSeparatedTable(Array("rule\tid\tmodality\tlanguage\twith\tvalue\n".utf8), file: "rules.tsv")
        #expect(
            throws: CatalogueError.malformed(
                file: "words.tsv", line: 3, column: "zh", reason: "\"胸\" already stands for anatomy.chest")
        ) {
            var builder = LexiconBuilder()
            try builder.add(synonyms: terms)
            _ = try builder.lexicon(rules: rules)
        }
    }

    @Test func `a term in a file of one language is refused when it already stands for something else`() throws {
        let header = "canonical_id\tlanguage\tterm\n"
        let rows = "anatomy.chest\tpl\tklatka\nanatomy.lung\tpl\tklatka\n"
        let terms = try TabSeparatedTable(Array((header + rows).utf8), file: "lexicon-european.tsv")
        #expect(
            throws: CatalogueError.malformed(
                file: "lexicon-european.tsv", line: 3, column: "term",
                reason: "\"klatka\" already stands for anatomy.chest")
        ) {
            var builder = LexiconBuilder()
            try builder.add(terms: terms)
        }
    }

    @Test func `a rule about a concept without words is refused`() throws {
        let terms = try TabSeparatedTable(
            Array("canonical_id\tkind\tzh\ten\tvi\tpreferred\nanatomy.chest\tanatomy\t胸\t\t\tyes\n".utf8),
            file: "words.tsv")
        let rules = try TabSeparatedTable(
            Array("rule\tid\tmodality\tlanguage\twith\tvalue\nwithin\tanatomy.lung\t\t\t\tanatomy.chest\n".utf8),
            file: "rules.tsv")
        #expect(
            throws: CatalogueError.malformed(
                file: "rules.tsv", line: 2, column: "id", reason: "anatomy.lung has no term")
        ) {
            var builder = LexiconBuilder()
            try builder.add(synonyms: terms)
            _ = try builder.lexicon(rules: rules)
        }
    }
}

@Suite struct CodeAxesTests {
    let axes: CodeAxes
    init() throws { axes = try .bundled() }

    @Test func `every character of every listed code has a meaning`() throws {
        for item in try ImagingCatalogue.bundled().items { #expect(axes.isWellFormed(item.code), "\(item.code)") }
    }

    @Test func `a code is explained position by position`() throws {
        let positions = try axes.explain(ItemCode("BW03ZZZ8B"))
        #expect(positions.map(\.index) == Array(1...9))
        #expect(positions[3].meaning?.name.en == "Chest")
        #expect(positions[8].meaning?.name.zh == "正侧位")
    }

    @Test func `a character the grammar does not allow there has no meaning`() throws {
        let positions = try axes.explain(ItemCode("BW03ZZZ8Y"))
        #expect(positions[8].meaning == nil)
        #expect(try !axes.isWellFormed(ItemCode("BW03ZZZ8Y")))
    }
}

@Suite struct OtherListTests {
    @Test func `the recognition rules are 45 with distinct ids`() throws {
        let rules = try RecognitionPolicy.bundled().rules
        #expect(rules.count == 45)
        #expect(rules.contains { $0.id == "ZR-03" })
    }

    @Test func `a coded item leads to the Vietnamese procedures that are the same examination`() throws {
        let list = try ProcedureCatalogue.bundled()
        #expect(list.procedures.count == 350)
        let numbers = try list.procedures(for: ItemCode("B030ZYZZZ")).map(\.number)
        #expect(numbers == [78])
    }

    @Test func `a Vietnamese procedure names only codes of the imaging list`() throws {
        let catalogue = try ImagingCatalogue.bundled()
        for procedure in try ProcedureCatalogue.bundled().procedures {
            for code in procedure.itemCodes { #expect(catalogue[code] != nil) }
        }
    }
}
