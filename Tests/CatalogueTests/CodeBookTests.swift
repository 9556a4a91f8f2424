import DICOMCore
import Testing

@testable import Catalogue

@Suite struct CodeBookTests {
    static let bundled = Result { try CodeBook.bundled() }
    let book: CodeBook
    init() throws { book = try Self.bundled.get() }

    private func inspect(_ text: String) throws -> CodeInspection { try #require(book.inspect(text)) }

    private func part(_ names: String...) -> [ConceptID] {
        names.compactMap { ConceptID(kind: .anatomy, name: $0) }
    }

    // MARK: Explaining

    @Test func `every row of the grammar has a meaning in three languages`() throws {
        for item in try ImagingCatalogue.bundled().items {
            for position in book.grammar.explain(item.code) {
                let name = try #require(position.meaning?.name)
                #expect(Language.allCases.allSatisfy { !name[$0].isEmpty })
            }
        }
        let rows = try BundledFile.codeAxes.table().rows.count
        #expect(try BundledFile.codeAxesVietnamese.table().rows.count == rows)
    }

    @Test func `a row without a Vietnamese meaning, or one for no row, is refused`() throws {
        let table = try BundledFile.codeAxes.table()
        func vietnamese(_ rows: String) throws -> TabSeparatedTable {
            try TabSeparatedTable(Array("position\tcontext\tvalue\tmeaning_vi\n\(rows)".utf8), file: "vi.tsv")
        }
        #expect(throws: table.rows[1].fault("value", "has no Vietnamese meaning")) {
            try CodeAxes(table, vietnamese: vietnamese("1\t*\tB\tChẩn đoán hình ảnh\n"))
        }
        let one = try #require(table.rows.first)
        let extra = try vietnamese("1\t*\tB\tA\n1\t*\tC\tB\n")
        #expect(throws: extra.rows[1].fault("value", "explains no row of the grammar")) {
            try CodeAxes(table.only(one), vietnamese: extra)
        }
    }

    @Test func `a listed code is named with its catalogue`() throws {
        let inspection = try inspect("BW03ZZZ8B")
        #expect(inspection.slips.isEmpty)
        guard case .listed(let items) = inspection.verdict else {
            Issue.record("not listed")
            return
        }
        #expect(items.map(\.catalogue) == [.zhejiangImaging])
        #expect(items.map(\.name.zh) == ["胸部正侧位"])
        #expect(inspection.positions.map { $0.meaning?.name.vi }[3] == "Ngực")
    }

    @Test func `a code that no list has is well formed where the grammar explains it`() throws {
        let inspection = try inspect("BQ2710ZZZ")
        #expect(inspection.verdict == .unlisted)
        #expect(inspection.nearest.map(\.code.value).contains("BQ27ZUZZZ"))
    }

    @Test(arguments: [
        ("BW03ZZZ8Y", 9, "Y"), ("XW03ZZZ8B", 1, "X"), ("BW0?ZZZ8B", 4, "?"), ("BW03ZZZ8BB", 10, "B"),
        ("BW03ZZZ8", 9, ""),
        ("胸", 1, "胸"), ("BQ35ZYZZZ", 4, "5"),
    ])
    func `a wrong code is told by its first wrong position and what is allowed there`(
        code: String, position: Int, character: String
    ) throws {
        guard case .wrong(let fault) = try inspect(code).verdict else {
            Issue.record("not wrong")
            return
        }
        #expect(fault.position == position)
        #expect(fault.character.map(String.init) ?? "" == character)
        #expect(fault.allowed.isEmpty == (position > 9))
    }

    @Test func `the nearest listed codes are told for a wrong one`() throws {
        #expect(try inspect("BW03ZZZ8Y").nearest.map(\.code.value).prefix(2) == ["BW03ZZZ8B", "BW03ZZZ8C"])
    }

    @Test(arguments: [
        ("bw03zzz8b", [CodeInspection.Slip.lowerCase]), ("ＢＷ０３ＺＺＺ８Ｂ", [.fullWidth]),
        (" BW03 ZZZ-8B\n", [.separators]), ("BWO3ZZZ8B", [.letterO(position: 3)]),
        ("B02OI0ZZZ", [.letterO(position: 4), .letterI(position: 5)]), ("BW03ZZZ8B", []),
        ("ｂwo3zzz8b", [.fullWidth, .lowerCase, .letterO(position: 3)]),
    ])
    func `slips of writing are read and told`(text: String, slips: [CodeInspection.Slip]) throws {
        let inspection = try inspect(text)
        #expect(inspection.slips == slips)
        guard case .listed = inspection.verdict else {
            Issue.record("not listed")
            return
        }
    }

    @Test func `what is no code at all is not read`() {
        #expect(book.inspect("") == nil)
        #expect(book.inspect(" \n") == nil)
        #expect(book.inspect(String(repeating: "B", count: 65)) == nil)
        #expect(book.inspect("\u{202E}\u{1F600}\u{0}") != nil)
    }

    // MARK: Composing

    @Test func `composing from the axes of a listed item gives its code where the grammar is regular`() throws {
        let items = try ImagingCatalogue.bundled().items
        let regular = items.filter { (try? book.composition.compose(ExaminationAxes($0))) == $0.code }
        let others = items.filter { item in !regular.contains { $0.code == item.code } }.map(\.number)
        print("composed from their axes: \(regular.count) of \(items.count); not: \(others)")
        #expect(others == [12, 30, 49, 56, 64, 152])
        for item in items where !regular.contains(where: { $0.code == item.code }) {
            #expect(throws: CompositionError.self) { try book.composition.compose(ExaminationAxes(item)) }
        }
    }

    @Test func `every code that can be composed says the axes it was composed from`() throws {
        var count = 0
        for asked in Self.everything(book) {
            guard let code = try? book.composition.compose(asked) else { continue }
            let said = try #require(book.composition.axes(of: code), "\(code)")
            #expect(said.says(asked), "\(code) of \(asked)")
            count += 1
        }
        #expect(count > 2000)
    }

    @Test func `a proposed code is never a listed one, nor one that differs in nothing that was asked`() throws {
        let said = Dictionary(grouping: book.listed.keys) { String($0.value.prefix(4)) }
            .mapValues { $0.compactMap(book.composition.axes) }
        for asked in Self.everything(book) {
            guard case .proposed(let proposed)? = try? book.code(for: asked) else { continue }
            #expect(book.listed[proposed.code] == nil)
            #expect(said[String(proposed.code.value.prefix(4))]?.contains(proposed.axes) != true, "\(proposed.code)")
        }
    }

    @Test func `an examination outside the list has a proposed code with its neighbours`() throws {
        guard
            case .proposed(let proposed) = try book.code(
                for: ExaminationAxes(modality: .ct, regions: part("knee"), laterality: .right, contrast: true))
        else {
            Issue.record("not proposed")
            return
        }
        #expect(proposed.code.value == "BQ2710ZZZ")
        #expect(proposed.axes.regions == part("knee"))
        #expect(!proposed.nearest.isEmpty)
    }

    @Test(arguments: [
        (ExaminationAxes(modality: .ct, regions: [.chest], contrast: true), "BW2310ZZZ"),
        // One item of the part: the list's own name for it is the plain scan.
        (ExaminationAxes(modality: .ct, regions: [.knee], laterality: .right, contrast: false), "BQ27ZUZZZ"),
        // Nothing is said of the posture, and the list has one.
        (
            ExaminationAxes(
                modality: .radiograph, regions: [.knee], laterality: .right,
                views: [ItemView(projection: .ap), ItemView(projection: .lateral)]), "BQ07ZZZ0B"
        ),
    ])
    func `an examination of the list has the list's code`(asked: ExaminationAxes, code: String) throws {
        guard case .listed(let items) = try book.code(for: asked) else {
            Issue.record("not listed")
            return
        }
        #expect(items.map(\.code.value) == [code])
    }

    @Test(arguments: [
        (
            ExaminationAxes(modality: .ct, regions: [.knee], contrast: true),
            CompositionError.unstated(.laterality, choices: ["right", "left"])
        ),
        (
            ExaminationAxes(modality: .ct, regions: [.chest]),
            .unstated(.contrast, choices: ["without", "with"])
        ),
        (
            ExaminationAxes(modality: .mr, regions: [.tooth], contrast: true),
            .notInGrammar(.region, value: "tooth")
        ),
        (
            ExaminationAxes(
                modality: .ct, regions: [.chest], contrast: true, technique: ConceptID(kind: .technique, name: "plain")),
            .contradiction(.technique, .contrast)
        ),
        (
            ExaminationAxes(
                modality: .ct, regions: [.chest], contrast: true, technique: ConceptID(kind: .technique, name: "mrcp")),
            .notInGrammar(.technique, value: "mrcp")
        ),
        (
            ExaminationAxes(
                modality: .radiograph, regions: [.chest], position: .decubitus, views: [ItemView(projection: .ap)]),
            .notInGrammar(.position, value: "DECUBITUS")
        ),
        (
            ExaminationAxes(modality: .radiograph, regions: [.chest], views: [ItemView(projection: .craniocaudal)]),
            .notInGrammar(.views, value: "CC")
        ),
        (
            ExaminationAxes(
                modality: .radiograph, regions: [.chest], contrast: true, views: [ItemView(projection: .pa)]),
            .notInGrammar(.contrast, value: "with")
        ),
    ])
    func `what cannot be said safely is not composed`(asked: ExaminationAxes, error: CompositionError) {
        #expect(throws: error) { try book.code(for: asked) }
    }

    @Test func `an abdomen without a posture could be two items, so none is chosen`() throws {
        let asked = ExaminationAxes(
            modality: .radiograph, regions: [.abdomen], views: [ItemView(projection: .ap)])
        #expect(throws: CompositionError.unstated(.position, choices: ["SUPINE", "STANDING"])) {
            try book.code(for: asked)
        }
    }

    /// Every part, side, contrast, technique, posture and set of views there is, in all combinations of one family.
    private static func everything(_ book: CodeBook) -> [ExaminationAxes] {
        let said = Set(book.listed.keys).compactMap(book.composition.axes)
        let parts = Set(said.map { Part(modality: $0.modality, regions: $0.regions, laterality: $0.laterality) })
        let techniques = Set(said.flatMap(\.techniques).map(Optional.some) + [nil])
        let positions = Set(said.map(\.position))
        let views = Set(said.flatMap(\.views))
        return parts.flatMap { part in
            part.modality == .radiograph
                ? positions.flatMap { position in
                    views.map { views in
                        ExaminationAxes(
                            modality: part.modality, regions: part.regions, laterality: part.laterality,
                            position: position, views: views)
                    }
                }
                : [false, true].flatMap { contrast in
                    techniques.map { technique in
                        ExaminationAxes(
                            modality: part.modality, regions: part.regions, laterality: part.laterality,
                            contrast: contrast, technique: technique)
                    }
                }
        }
    }

    private struct Part: Hashable {
        let modality: ModalityFamily
        let regions: [ConceptID]
        let laterality: CatalogueItem.Laterality
    }
}

extension ConceptID {
    static let chest = ConceptID(kind: .anatomy, name: "chest")!
    static let knee = ConceptID(kind: .anatomy, name: "knee")!
    static let abdomen = ConceptID(kind: .anatomy, name: "abdomen")!
    static let tooth = ConceptID(kind: .anatomy, name: "tooth")!
}
