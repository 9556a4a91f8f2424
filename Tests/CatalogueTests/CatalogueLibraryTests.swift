import DICOMCore
import Testing

@testable import Catalogue

/// A small list of another province, as a clerk writes it.
struct SampleList {
    var notes: [(key: String, value: String)] = [
        ("id", "jiangsu-imaging"), ("edition", "2026"), ("kind", "imaging"), ("from", "2026-07-01"),
        ("publisher", "江苏省卫生健康委员会"), ("source", "示例"), ("grammar", "code-axes"),
    ]
    var columns = CatalogueItem.requiredColumns
    var rows: [[String: String]] = [CatalogueFileTests.chest]

    static let procedureColumns = CatalogueColumns(.procedures).required + ["zhejiang_codes", "zhejiang_relation"]
    static let procedure = [
        "no": "1", "name_zh": "头颅CT平扫", "name_en": "CT of the brain, plain", "name_vi": "Chụp CLVT sọ não",
        "modality": "CT", "region": "brain", "laterality": "none", "contrast": "without", "technique": "plain",
        "is_interventional": "no", "guidance": "none", "zhejiang_codes": "B020ZYZZZ", "zhejiang_relation": "same",
    ]

    static var procedures: SampleList {
        var list = SampleList(columns: procedureColumns, rows: [procedure])
        list["kind"] = "procedures"
        list["id"] = "hospital-procedures"
        list["refers-to"] = "zhejiang-imaging"
        return list
    }

    subscript(key: String) -> String? {
        get { notes.first { $0.key == key }?.value }
        set {
            let place = notes.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): notes[place].value = value
            case (let place?, nil): notes.remove(at: place)
            case (nil, let value?): notes.append((key, value))
            case (nil, nil): break
            }
        }
    }

    var bytes: [UInt8] {
        let head = notes.map { "# \($0.key): \($0.value)\n" }.joined()
        let body = ([columns] + rows.map { row in columns.map { row[$0] ?? "" } }).map {
            $0.joined(separator: "\t") + "\n"
        }
        return Array((head + body.joined()).utf8)
    }
}

@Suite struct CatalogueLibraryTests {
    static let bundled = Result { try CatalogueLibrary.bundled(lexicon: .bundled()) }
    let library: CatalogueLibrary
    init() throws { library = try Self.bundled.get() }

    func faults(_ bytes: [UInt8], in library: CatalogueLibrary? = nil) -> [String] {
        do throws(CatalogueFaults) {
            _ = try (library ?? self.library).edition(from: bytes, file: "list.tsv")
            return []
        } catch {
            return error.faults.map { "\($0.line) \($0.column): \($0.reason)" }
        }
    }

    @Test func `the program has an imaging list, procedures and techniques`() throws {
        #expect(
            library.editions.map { "\($0.id) \($0.header.kind) \($0.entries.count)" } == [
                "zhejiang-imaging-2021 imaging 180", "vietnam-25qd-byt-2014 procedures 350",
                "cn-interventional-2019 techniques 80",
            ])
    }

    @Test func `a right file is an edition with what it says of itself`() throws {
        let edition = try library.edition(from: SampleList().bytes, file: "list.tsv")
        #expect(edition.id.value == "jiangsu-imaging-2026")
        #expect(edition.header.effective.from == CalendarDay(dicom: "20260701"))
        #expect(edition.header.publisher == "江苏省卫生健康委员会")
        #expect(edition.entries.map(\.key) == ["BW03ZZZZ1"])
        #expect(!edition.isBundled)
    }

    @Test func `line numbers count the lines above the header, remarks and what a spreadsheet fills up`() {
        var list = SampleList()
        list["remark"] = nil
        let head = "# Written by hand\t\t\t\n# source of all:\t\n"
        list.rows[0]["laterality"] = "middle"
        #expect(
            faults(Array(head.utf8) + list.bytes) == ["11 laterality: \"middle\" is not a known laterality"])
    }

    @Test(arguments: [
        ("id", nil, "7 id: the file does not say it above its header row"),
        ("kind", "lists", "3 kind: \"lists\" is not one of imaging, procedures, techniques"),
        ("from", "2026-02-30", "4 from: \"2026-02-30\" is not a day as YYYY-MM-DD"),
        ("until", "2026-01-01", "8 until: is before from"),
        ("edition", "2026 A", "2 edition: \"2026 A\" is not lower-case letters, digits and hyphens, at most 64"),
        ("grammar", "own", "7 grammar: \"own\" is not a known grammar; known is code-axes"),
        ("publisher", "", "5 publisher: is empty"),
        (
            "form", "2026",
            "8 form: is not a known key; known are id, edition, kind, from, until, publisher, source, grammar, refers-to"
        ),
        ("refers-to", "nowhere", "8 refers-to: no list nowhere is loaded"),
    ])
    func `a wrong or missing key is refused with its line`(key: String, value: String?, fault: String) {
        var list = SampleList()
        list[key] = value
        #expect(faults(list.bytes) == [fault])
    }

    @Test func `a key that stands twice is refused`() {
        var list = SampleList()
        list.notes.append(("kind", "imaging"))
        #expect(faults(list.bytes) == ["8 kind: stands twice"])
    }

    @Test(arguments: [
        ("anatomy", "elephant", "\"elephant\" is not a name of the lexicon of kind anatomy"),
        ("technique", "magic", "\"magic\" is not a name of the lexicon of kind technique"),
        ("code", "BW03ZZZ8Y", "BW03ZZZ8Y is not well formed: Y is not allowed at position 9"),
        ("code", "BW03", "has 4 characters where 9 are expected"),
        ("name_zh", "", "is empty"),
        ("contrast", "some", "\"some\" is not a known contrast"),
    ])
    func `a wrong cell is refused with its line`(column: String, value: String, reason: String) {
        var list = SampleList()
        list.rows[0][column] = value
        #expect(faults(list.bytes) == ["9 \(column): \(reason)"])
    }

    @Test func `a code outside the grammar is right in a list that does not say it uses it`() {
        var list = SampleList()
        list["grammar"] = nil
        list.rows[0]["code"] = "XX03ZZZ8Y"
        #expect(faults(list.bytes).isEmpty)
    }

    @Test func `every fault of a file is told, not only the first`() {
        var list = SampleList()
        list.columns.removeAll { $0 == "notes" }
        list.columns.append("colour")
        list.rows.append(CatalogueFileTests.chest)
        list.rows[0]["name_vi"] = ""
        list.rows[0]["views"] = "UP"
        list["from"] = "someday"
        let found = faults(list.bytes)
        #expect(found == ["4 from: \"someday\" is not a day as YYYY-MM-DD"])
        list["from"] = "2026-07-01"
        #expect(
            faults(list.bytes) == [
                "8 colour: is not a column of a catalogue of imaging", "9 name_vi: is empty",
                "9 views: \"UP\" is not a view",
            ])
        list.rows[0] = CatalogueFileTests.chest
        #expect(faults(list.bytes).contains("10 code: BW03ZZZZ1 stands twice"))
    }

    @Test func `a missing column and an empty list are told`() {
        var list = SampleList()
        list.columns.removeAll { $0 == "code" || $0 == "views" }
        #expect(
            faults(list.bytes) == [
                "8 code: the header has no such column", "8 views: the header has no such column",
            ])
        #expect(faults(SampleList(rows: []).bytes) == ["8 code: no row stands below the header"])
    }

    @Test(arguments: [
        (Array("PK".utf8) + [3, 4, 0], "is a spreadsheet; save it as tab-separated text in UTF-8"),
        ([0xFF, 0xFE, 0x6E, 0x00], "is UTF-16; save it as tab-separated text in UTF-8"),
        ([0x6E, 0x00], "holds NUL bytes and is no text"),
        ([], "the file is empty"),
    ])
    func `what is no table is refused for what it is`(bytes: [UInt8], reason: String) {
        #expect(faults(bytes) == ["1 #1: \(reason)"])
    }

    @Test func `GBK is refused line by line, and a file of faults ends after a readable number`() throws {
        var list = SampleList()
        list.rows = []
        let row: [UInt8] = [0x31, 0x09, 0xB0, 0xA1, 0x0A]
        let bytes = list.bytes + (0..<1000).flatMap { _ in row }
        let error = try #require(throws: CatalogueFaults.self) { try library.edition(from: bytes, file: "list.tsv") }
        #expect(error.faults.count == FaultNotes.limit)
        #expect(error.furtherCount > 0)
        #expect(error.faults[0].reason == "is not valid UTF-8")
    }

    @Test func `a file beyond the limit is refused unread`() {
        let bytes = [UInt8](repeating: 0x20, count: CatalogueLibrary.fileByteLimit + 1)
        #expect(faults(bytes).first?.hasSuffix("bytes, where at most 4194304 are read") == true)
    }

    // MARK: References

    @Test func `procedures are checked against the list they refer to`() {
        var list = SampleList.procedures
        #expect(faults(list.bytes).isEmpty)
        list.rows[0]["zhejiang_codes"] = "B020ZYZZZ;BW03ZZZ8A"
        #expect(faults(list.bytes) == ["10 zhejiang_codes: \"BW03ZZZ8A\" is no item of zhejiang-imaging"])
        list.rows[0]["zhejiang_codes"] = "B020ZYZZZ"
        list["refers-to"] = nil
        #expect(
            faults(list.bytes) == ["9 zhejiang_codes: names items of another list, which refers-to does not say"])
    }

    @Test func `a procedure number that stands twice is refused`() {
        var list = SampleList.procedures
        list.rows.append(SampleList.procedure)
        #expect(faults(list.bytes) == ["11 no: 1 stands twice"])
    }

    @Test func `techniques are checked against the procedures they refer to`() {
        var list = SampleList(
            columns: CatalogueColumns(.techniques).required + ["matching_vietnam_nos"],
            rows: [
                [
                    "id": "P4-01", "domain": "peripheral", "surgical_level": "4", "no": "1", "name_zh": "栓塞术",
                    "name_en": "Embolisation", "name_vi": "Nút mạch", "vessels_or_organs": "liver",
                    "action": "embolisation", "matching_vietnam_nos": "350;351",
                ]
            ])
        list["kind"] = "techniques"
        list["id"] = "hospital-techniques"
        list["refers-to"] = "vietnam-25qd-byt"
        #expect(faults(list.bytes) == ["10 matching_vietnam_nos: \"351\" is no item of vietnam-25qd-byt"])
    }

    @Test func `an edition others refer to stays, and is not replaced by one without what they name`() throws {
        var library = library
        library.put(try library.edition(from: SampleList().bytes, file: "a.tsv"))
        var procedures = SampleList.procedures
        procedures["refers-to"] = "jiangsu-imaging"
        procedures.rows[0]["zhejiang_codes"] = "BW03ZZZZ1"
        library.put(try library.edition(from: procedures.bytes, file: "b.tsv"))
        let id = try #require(CatalogueID("jiangsu-imaging-2026"))
        let user = try #require(CatalogueID("hospital-procedures-2026"))
        #expect(throws: CatalogueRemovalError.referredTo(id, by: user)) { try library.remove(id) }
        var other = SampleList()
        other.rows[0]["code"] = "BW03ZZZ8B"
        #expect(
            faults(other.bytes, in: library) == ["8 code: \"BW03ZZZZ1\" is missing, which another list refers to"])
        try library.remove(user)
        try library.remove(id)
        #expect(library.editions.count == 3)
    }

    // MARK: Editions by date

    private func library(_ periods: [(edition: String, from: String, until: String?)]) throws -> CatalogueLibrary {
        var library = library
        for period in periods {
            var list = SampleList()
            list["edition"] = period.edition
            list["from"] = period.from
            list["until"] = period.until
            library.put(try library.edition(from: list.bytes, file: "\(period.edition).tsv"))
        }
        return library
    }

    @Test(arguments: [
        ("20200101", "2022"), ("20220101", "2022"), ("20231231", "2022"), ("20240101", "2024"), ("20251231", "2024"),
        ("20260101", nil),
    ])
    func `the edition that holds on a day is the newest that has begun and not ended`(day: String, edition: String?)
        throws
    {
        let library = try library([("2022", "2022-01-01", nil), ("2024", "2024-01-01", "2025-12-31")])
        let list = try #require(ListID("jiangsu-imaging"))
        #expect(library.edition(of: list, on: CalendarDay(dicom: day))?.header.edition == edition)
    }

    @Test func `without a day the newest edition holds`() throws {
        let library = try library([("2024", "2024-01-01", nil), ("2022", "2022-01-01", nil)])
        let list = try #require(ListID("jiangsu-imaging"))
        #expect(library.edition(of: list, on: nil)?.header.edition == "2024")
        #expect(library.imaging(on: nil).map(\.id.value) == ["jiangsu-imaging-2024", "zhejiang-imaging-2021"])
    }

    @Test func `editions that overlap by their own words are refused`() throws {
        let library = try library([("2022", "2022-01-01", "2024-06-30")])
        var next = SampleList()
        next["edition"] = "2024"
        next["from"] = "2024-06-30"
        #expect(
            faults(next.bytes, in: library) == [
                "4 from: overlaps jiangsu-imaging-2022, which holds from 2022-01-01 until 2024-06-30"
            ])
        next["from"] = "2024-07-01"
        #expect(faults(next.bytes, in: library).isEmpty)
    }

    @Test func `an edition of the program is neither replaced nor removed`() throws {
        var list = SampleList()
        list["id"] = "zhejiang-imaging"
        list["edition"] = "2021"
        #expect(
            faults(list.bytes) == [
                "2 edition: zhejiang-imaging-2021 is part of the program; give another edition"
            ])
        var library = library
        #expect(throws: CatalogueRemovalError.bundled(.zhejiangImaging)) { try library.remove(.zhejiangImaging) }
    }

    @Test func `a change names what was added, removed and changed`() throws {
        let old = try library.edition(from: SampleList().bytes, file: "a.tsv")
        var list = SampleList()
        list.rows[0]["name_en"] = "Chest, one view"
        var second = CatalogueFileTests.chest
        second["code"] = "BW03ZZZ8B"
        second["no"] = "2"
        list.rows.append(second)
        let new = try library.edition(from: list.bytes, file: "a.tsv")
        let change = new.change(from: old)
        #expect(change.added == ["BW03ZZZ8B"])
        #expect(change.changed == ["BW03ZZZZ1"])
        #expect(change.removed.isEmpty)
        #expect(old.change(from: new).removed == ["BW03ZZZ8B"])
    }
}
