import Archive
import Catalogue
import DICOMCore
import Foundation
import Matching
import TestCatalogues
import TestImages
import Testing

@testable import Ingestion

/// The worked example of docs/catalogues.md.
func exampleList(_ change: (String) -> String = { $0 }) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let file = root.appending(path: "docs/examples/example-imaging-2026.tsv")
    return Array(change(try String(contentsOf: file, encoding: .utf8)).utf8)
}

@Suite struct CataloguesInForceTests {
    static let id = CatalogueID("example-imaging-2026")
    let test: TestIngest

    init() throws { test = try TestIngest() }

    private func start() throws -> CataloguesInForce {
        try CataloguesInForce(archive: test.archive, namer: Bundled.namer, logger: TestIngest.logger)
    }

    private var folder: URL { test.folder.url.appending(path: "data/catalogues") }

    private func drop(_ bytes: [UInt8], as name: String) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    private func ids(_ catalogues: CataloguesInForce) -> [String] {
        catalogues.namer.library.editions.map(\.id.value)
    }

    private func events(_ kind: EventKind) throws -> [String] {
        try test.archive.index.events().filter { $0.kind == kind }.map(\.detail)
    }

    @Test func `without files of the site the catalogues of the program are in force`() throws {
        let catalogues = try start()
        #expect(
            ids(catalogues) == ["zhejiang-imaging-2021", "vietnam-25qd-byt-2014", "cn-interventional-2019"])
        #expect(catalogues.state.refused.isEmpty)
    }

    @Test func `an added file is in force at once, after a restart, and in the event log`() throws {
        let catalogues = try start()
        let addition = try catalogues.add(exampleList(), file: "list.tsv", by: "An")
        #expect(addition.edition.id == Self.id)
        #expect(addition.change.added.count == 4)
        let study = StudyDescriptor(modality: "CT", studyDescription: "右膝关节CT增强")
        let other = OtherMatch(catalogue: "example-imaging-2026", code: try ItemCode("BQ2710ZZZ"))
        #expect(catalogues.namer.name(study, on: CalendarDay(dicom: "20260801")).others.contains(other))
        #expect(ids(try start()).contains("example-imaging-2026"))
        #expect(try events(.catalogueAdded).contains { $0.contains("example-imaging-2026") && $0.contains("by An") })
    }

    @Test func `a file with a fault changes nothing, in memory or on the disk`() throws {
        let catalogues = try start()
        _ = try catalogues.add(exampleList(), file: "list.tsv", by: "An")
        let before = try test.archive.catalogueFiles.files(byteLimit: .max)
        let faulty = try exampleList { $0.replacing("BQ2710ZZZ", with: "BQ2710ZZO") }
        #expect(throws: CatalogueFaults.self) { try catalogues.add(faulty, file: "list.tsv", by: "An") }
        #expect(catalogues.namer.library.editions.contains { $0.id == Self.id })
        #expect(try test.archive.catalogueFiles.files(byteLimit: .max) == before)
    }

    @Test func `the same edition again replaces the first and says what changed`() throws {
        let catalogues = try start()
        _ = try catalogues.add(exampleList(), file: "list.tsv", by: "An")
        let corrected = try exampleList { $0.replacing("Chest CT without contrast", with: "Chest CT, plain") }
        let addition = try catalogues.add(corrected, file: "list.tsv", by: "An")
        #expect(addition.predecessor == Self.id)
        #expect(addition.change.changed == ["BW23ZYZZZ"])
        #expect(addition.change.added + addition.change.removed == [])
        #expect(ids(catalogues).count == 4)
    }

    @Test func `a dropped file is in force at the next start`() throws {
        try drop(exampleList(), as: "mine.tsv")
        let catalogues = try start()
        #expect(ids(catalogues).contains("example-imaging-2026"))
        #expect(try test.archive.catalogueFiles.accepted(byteLimit: .max).map(\.name) == ["mine.tsv"])
    }

    @Test func `files are read whatever their order, one referring to another`() throws {
        let procedures = """
            # id: hospital-procedures
            # edition: 1
            # kind: procedures
            # from: 2026-07-01
            # publisher: 示例医院
            # source: 示例
            # refers-to: example-imaging
            """
        let rows = [
            [
                "no", "name_zh", "name_en", "name_vi", "modality", "region", "laterality", "contrast", "technique",
                "is_interventional", "guidance", "zhejiang_codes", "zhejiang_relation",
            ],
            [
                "1", "膝CT增强", "Knee CT, enhanced", "CLVT khớp gối", "CT", "knee", "unspecified", "with", "enhanced",
                "no", "none", "BQ2710ZZZ", "by_side",
            ],
        ]
        let table = rows.map { $0.joined(separator: "\t") }.joined(separator: "\n")
        try drop(Array("\(procedures)\n\(table)\n".utf8), as: "a.tsv")
        try drop(exampleList(), as: "b.tsv")
        let catalogues = try start()
        #expect(catalogues.state.refused.isEmpty)
        #expect(ids(catalogues).contains("hospital-procedures-1"))
    }

    @Test func `a damaged file is refused and stays, and its last accepted copy is in force`() throws {
        _ = try start().add(exampleList(), file: "list.tsv", by: "An")
        let damaged = try exampleList { $0.replacing("chest", with: "ch\u{FFFD}st") }
        try drop(damaged, as: "example-imaging-2026.tsv")
        let catalogues = try start()
        let refused = try #require(catalogues.state.refused.first)
        #expect(refused.file == "example-imaging-2026.tsv")
        #expect(refused.kept == Self.id?.value)
        #expect(refused.faults.map(\.line) == [10, 11])
        #expect(catalogues.namer.library.editions.contains { $0.id == Self.id })
        #expect(try Data(contentsOf: folder.appending(path: "example-imaging-2026.tsv")) == Data(damaged))
        #expect(try events(.catalogueRefused).count == 1)

        _ = try catalogues.add(exampleList(), file: "list.tsv", by: "An")
        #expect(catalogues.state.refused.isEmpty)
        #expect(try start().state.refused.isEmpty)
    }

    @Test func `a damaged file without an accepted copy is refused alone`() throws {
        try drop(Array("no table".utf8), as: "bad.tsv")
        let catalogues = try start()
        #expect(catalogues.state.refused.map(\.file) == ["bad.tsv"])
        #expect(catalogues.state.refused.map(\.kept) == [nil])
        #expect(ids(catalogues).count == 3)
    }

    @Test func `a file beyond the limit, a folder and a broken link are refused unread`() throws {
        try drop([UInt8](repeating: 0x20, count: CataloguesInForce.fileByteLimit + 1), as: "large.tsv")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "folder.tsv"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: "link.tsv").path, withDestinationPath: "nowhere")
        #expect(mkfifo(folder.appending(path: "pipe.tsv").path, 0o600) == 0)
        #expect(
            try start().state.refused.map(\.file).sorted() == ["folder.tsv", "large.tsv", "link.tsv", "pipe.tsv"])
    }

    @Test func `a file that is deleted by hand is out of force at the next start`() throws {
        _ = try start().add(exampleList(), file: "list.tsv", by: "An")
        try FileManager.default.removeItem(at: folder.appending(path: "example-imaging-2026.tsv"))
        #expect(ids(try start()).count == 3)
        #expect(try test.archive.catalogueFiles.accepted(byteLimit: .max).isEmpty)
        #expect(try events(.catalogueRemoved).count == 1)
    }

    @Test func `an added edition is removed, one of the program is not`() throws {
        let catalogues = try start()
        _ = try catalogues.add(exampleList(), file: "list.tsv", by: "An")
        try catalogues.remove(#require(Self.id), by: "An")
        #expect(ids(catalogues).count == 3)
        #expect(ids(try start()).count == 3)
        #expect(throws: CatalogueRemovalError.bundled(.zhejiangImaging)) {
            try catalogues.remove(.zhejiangImaging, by: "An")
        }
        #expect(throws: CatalogueRemovalError.unknown(try #require(Self.id))) {
            try catalogues.remove(#require(Self.id), by: "An")
        }
    }

    @Test func `the last edition of the primary list stays`() throws {
        let namer = StudyNamer(
            library: Bundled.library, lexicon: Bundled.lexicon,
            primary: try #require(ListID("example-imaging")))
        let catalogues = try CataloguesInForce(archive: test.archive, namer: namer, logger: TestIngest.logger)
        let chest = StudyDescriptor(modality: "DX", studyDescription: "胸部正侧位")
        #expect(catalogues.namer.name(chest, on: nil).outcome == .unmapped(.outOfList, candidates: []))
        _ = try catalogues.add(exampleList(), file: "list.tsv", by: "An")
        #expect(catalogues.namer.name(chest, on: nil).catalogue == Self.id)
        #expect(throws: CatalogueRemovalError.primary(try #require(Self.id))) {
            try catalogues.remove(#require(Self.id), by: "An")
        }
    }

    @Test func `a study is named by the edition that holds on its day`() throws {
        let namer = StudyNamer(
            library: Bundled.library, lexicon: Bundled.lexicon,
            primary: try #require(ListID("example-imaging")))
        let catalogues = try CataloguesInForce(archive: test.archive, namer: namer, logger: TestIngest.logger)
        _ = try catalogues.add(exampleList(), file: "a.tsv", by: "An")
        let next = try exampleList {
            $0.replacing("edition: 2026", with: "edition: 2027").replacing("2026-07-01", with: "2027-01-01")
                .split(separator: "\n").filter { !$0.hasPrefix("3\t") }.joined(separator: "\n")
        }
        let addition = try catalogues.add(next, file: "b.tsv", by: "An")
        #expect(addition.change.removed == ["BQ2710ZZZ"])
        let knee = StudyDescriptor(modality: "CT", studyDescription: "右膝关节CT增强")
        let before = catalogues.namer.name(knee, on: CalendarDay(dicom: "20261231"))
        #expect(before.catalogue?.value == "example-imaging-2026")
        #expect(before.outcome.codes.map(\.value) == ["BQ2710ZZZ"])
        let after = catalogues.namer.name(knee, on: CalendarDay(dicom: "20270101"))
        #expect(after.catalogue?.value == "example-imaging-2027")
        #expect(after.outcome.codes.isEmpty)
    }
}
