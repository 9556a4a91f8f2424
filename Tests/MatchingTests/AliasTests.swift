import Catalogue
import DICOMCore
import Testing

@testable import Matching

@Suite struct AliasTests {
    private static let namer: StudyNamer = {
        do { return try .bundled() } catch { fatalError("\(error)") }
    }()

    private static func alias(
        _ description: String, _ code: String = "BW03ZZZ8B", id: Int64 = 1, modality: String = "DX",
        site: String? = nil, ae: String? = nil
    ) throws -> Alias {
        try Alias(
            id: id, description: description, scope: .init(modality: modality, site: site, aeTitle: ae),
            meaning: try #require(Alias.Meaning(code: code)), confidence: 0.9)
    }

    private static func study(_ description: String, _ modality: String = "DX") -> StudyDescriptor {
        StudyDescriptor(modality: modality, studyDescription: description)
    }

    // MARK: Folding

    @Test(arguments: [
        ("Khoa Chẩn Đoán 7", "ＫＨＯＡ  chẩn đoán 7"), ("體檢套餐A", "体检套餐a"), ("ROUTINE  7", " routine 7 "),
        ("hoá", "hóa"),
    ])
    func `case, width, spaces, traditional characters and the place of a tone mark make no difference`(
        taught: String, met: String
    ) throws {
        let book = AliasBook([try Self.alias(taught)])
        #expect(book.alias(for: Self.study(met), site: "", aeTitle: "") != nil)
    }

    @Test func `another word is another description`() throws {
        let book = AliasBook([try Self.alias("routine 7")])
        #expect(book.alias(for: Self.study("routine 8"), site: "", aeTitle: "") == nil)
        #expect(book.alias(for: Self.study("routine 7 left"), site: "", aeTitle: "") == nil)
    }

    @Test func `without Study Description the procedure and then the protocol is what a study is called`() throws {
        let book = AliasBook([try Self.alias("routine 7")])
        var study = StudyDescriptor(modality: "DX", procedureDescription: "Routine 7", protocolName: "other")
        #expect(book.alias(for: study, site: "", aeTitle: "") != nil)
        study = StudyDescriptor(modality: "DX", protocolName: "ROUTINE 7")
        #expect(book.alias(for: study, site: "", aeTitle: "") != nil)
    }

    // MARK: Scopes

    @Test func `the most particular scope wins, a sender before a site`() throws {
        let book = AliasBook([
            try Self.alias("routine 7", id: 1), try Self.alias("routine 7", id: 2, site: "First Hospital"),
            try Self.alias("routine 7", id: 3, ae: "DR2"),
            try Self.alias("routine 7", id: 4, site: "First Hospital", ae: "DR2"),
        ])
        func id(_ site: String, _ ae: String) -> Int64? {
            book.alias(for: Self.study("routine 7"), site: site, aeTitle: ae)?.id
        }
        #expect(id("", "") == 1)
        #expect(id("first  HOSPITAL", "DR1") == 2)
        #expect(id("Second Hospital", "DR2") == 3)
        #expect(id("First Hospital", "DR2") == 4)
    }

    @Test func `no scope is wider than a modality`() throws {
        let book = AliasBook([try Self.alias("routine 7")])
        #expect(book.alias(for: Self.study("routine 7", "CT"), site: "", aeTitle: "") == nil)
        var mixed = Self.study("routine 7")
        mixed.modalitiesInStudy = ["DX", "CT"]
        #expect(book.alias(for: mixed, site: "", aeTitle: "") == nil)
        mixed.modalitiesInStudy = ["SR", "DX", "PR"]
        #expect(book.alias(for: mixed, site: "", aeTitle: "") != nil)
        #expect(throws: AliasFault.modality) { try Alias.Scope(modality: "") }
        #expect(throws: AliasFault.modality) { try Alias.Scope(modality: "DX*") }
    }

    // MARK: Answers

    @Test func `an answer names its alias, the catalogue, grade and confidence as taught, and the other catalogues`()
        throws
    {
        let book = AliasBook([try Self.alias("routine 7", id: 12)])
        let (naming, alias) = Self.namer.name(
            Self.study("routine 7"), on: CalendarDay(dicom: "20261101"), site: "", aeTitle: "", by: book)
        #expect(alias?.id == 12)
        guard case .matched(let match, others: _) = naming.outcome else { return #expect(Bool(false), "no match") }
        #expect(match.code.value == "BW03ZZZ8B")
        #expect(match.catalogue == "zhejiang-imaging-2021")
        #expect(match.confidence == 0.9)
        #expect(match.grade == .exact)
        #expect(
            match.evidence == [Evidence(axis: .item, value: "BW03ZZZ8B", source: .alias, text: "12")])
        #expect(naming.item?.code.value == "BW03ZZZ8B")
        #expect(naming.others == Self.namer.name(Self.study("胸部正侧位"), on: nil).others)
    }

    @Test func `none of the items is an answer too`() throws {
        let book = AliasBook([try Self.alias("胸部正侧位", "NONE")])
        let naming = Self.namer.name(Self.study("胸部正侧位"), on: nil, site: "", aeTitle: "", by: book).naming
        #expect(naming.outcome == .unmapped(.taughtNone, candidates: []))
        #expect(naming.item == nil)
    }

    @Test func `a code of the catalogue and an Attribute of the other side outrank an alias`() throws {
        // BQ07ZZZ0B is the right knee.
        let book = AliasBook([try Self.alias("routine 7", "BQ07ZZZ0B")])
        var study = Self.study("routine 7")
        func alias() -> Int64? { Self.namer.name(study, on: nil, site: "", aeTitle: "", by: book).alias?.id }
        #expect(alias() == 1)
        study.laterality = "L"
        #expect(alias() == nil)
        study.laterality = "R"
        #expect(alias() == 1)
        study.procedureCodes = ["BW03ZZZ8B"]
        #expect(alias() == nil)
    }

    @Test func `an item that the catalogue of the day does not list is no answer`() throws {
        let book = AliasBook([try Self.alias("胸部正侧位", "BZZZZZZZZ")])
        let (naming, alias) = Self.namer.name(Self.study("胸部正侧位"), on: nil, site: "", aeTitle: "", by: book)
        #expect(alias == nil)
        #expect(naming.outcome.codes.map(\.value) == ["BW03ZZZ8B"])
    }

    // MARK: Objections

    private static func objections(_ alias: Alias, _ book: AliasBook = .empty) throws -> [AliasObjection] {
        let matcher = try #require(namer.matcher(on: nil))
        let catalogue = try #require(namer.imaging(on: nil))
        return AliasCheck(catalogue: catalogue) { matcher.explain($0) }.objections(to: alias, in: book)
    }

    @Test func `silence is no objection, since that is what aliases are for`() throws {
        #expect(try Self.objections(Self.alias("routine 7")).isEmpty)
        #expect(try Self.objections(Self.alias("胸片")).isEmpty)
        #expect(try Self.objections(Self.alias("膝关节正侧位", "BQ07ZZZ0B")).isEmpty)
        #expect(try Self.objections(Self.alias("胸部正侧位", "NONE")).isEmpty)
    }

    @Test(arguments: [("左膝关节正侧位", "BQ07ZZZ0B"), ("routine left", "BQ07ZZZ0B")])
    func `the other side is one`(description: String, code: String) throws {
        let found = try Self.objections(Self.alias(description, code))
        #expect(found.contains { if case .contradiction(.laterality, _, 0) = $0 { true } else { false } }, "\(found)")
    }

    @Test func `another part is one`() throws {
        let found = try Self.objections(Self.alias("腰椎正侧位"))
        #expect(found.contains { if case .contradiction(.region, _, 0) = $0 { true } else { false } }, "\(found)")
    }

    @Test func `another modality and an unlisted item are ones`() throws {
        let code = try ItemCode("BZZZZZZZZ")
        #expect(
            try Self.objections(Self.alias("routine 7", modality: "CT"))
                == [.modality(item: ["DX", "CR", "DR", "RG"])]
                || Self.objections(Self.alias("routine 7", modality: "CT")).contains {
                    if case .modality = $0 { true } else { false }
                })
        #expect(try Self.objections(Self.alias("routine 7", "BZZZZZZZZ")) == [.notListed(code)])
    }

    @Test func `the same scope taught otherwise is one, a narrower scope is not`() throws {
        let book = AliasBook([try Self.alias("routine 7", "NONE", id: 5)])
        #expect(try Self.objections(Self.alias("ROUTINE 7"), book) == [.taughtOtherwise(id: 5, .noItem)])
        #expect(try Self.objections(Self.alias("routine 7", site: "First Hospital"), book).isEmpty)
    }

    // MARK: Bad input

    @Test func `what can't be taught is refused with its reason`() throws {
        #expect(throws: AliasFault.noDescription) { try Self.alias(" \t ") }
        #expect(throws: AliasFault.noDescription) { try Self.alias("***") }
        #expect(throws: AliasFault.descriptionDamaged) { try Self.alias("chest\u{1B}[2J") }
        #expect(throws: AliasFault.descriptionDamaged) { try Self.alias("chest\u{202E}") }
        #expect(throws: AliasFault.descriptionTooLong) { try Self.alias(String(repeating: "a", count: 65536)) }
        #expect(throws: AliasFault.site) { try Self.alias("x", site: String(repeating: "s", count: 65)) }
        #expect(throws: AliasFault.aeTitle) { try Self.alias("x", ae: "SEVENTEEN_LETTERS") }
        #expect(throws: AliasFault.confidence) {
            try Alias(description: "x", scope: .init(modality: "DX"), meaning: .noItem, confidence: .nan)
        }
        #expect(Alias.Meaning(code: "none") == nil)
        #expect(Alias.Meaning(code: "BW03ZZZ8") == nil)
    }

    // MARK: Tables

    @Test func `a table gives back what was written`() throws {
        let aliases = [
            try Self.alias("常规\t7", site: "第一医院", ae: "DR 2"), try Self.alias("routine 8", "NONE"),
        ]
        let text = AliasTable.text(aliases.map { ($0, "zhao", "said by phone") })
        let rows = try AliasTable.rows("\u{FEFF}" + text.replacing("\n", with: "\r\n"))
        #expect(rows.map(\.alias.key) == aliases.map(\.key))
        #expect(rows.map(\.alias.scope) == aliases.map(\.scope))
        #expect(rows.map(\.alias.meaning) == aliases.map(\.meaning))
        #expect(rows.map(\.person) == ["zhao", "zhao"])
    }

    @Test func `every line of a table that is at fault is named`() throws {
        let header = AliasTable.columns.joined(separator: "\t")
        let text = """
            \(header)
            routine\tDX\t\t\tBW03ZZZ8B\texact\t0.9\tzhao\twhy
            routine\tDX\t\t\tBW03\texact\t0.9\tzhao\twhy
            \tDX\t\t\tNONE\texact\t0.9\tzhao\twhy
            routine\tDX\t\t\tNONE\tsure\t0.9\tzhao\twhy
            routine\tDX
            """
        do throws(AliasTable.Faults) {
            _ = try AliasTable.rows(text)
            #expect(Bool(false), "taken")
        } catch {
            #expect(error.faults.map(\.line) == [3, 4, 5, 6])
        }
        #expect(throws: AliasTable.Faults.self) { try AliasTable.rows("") }
        #expect(throws: AliasTable.Faults.self) { try AliasTable.rows("description\tcode\n") }
    }
}
