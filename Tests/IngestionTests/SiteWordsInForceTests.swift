import Archive
import Catalogue
import DICOMCore
import Foundation
import Matching
import TestCatalogues
import TestImages
import Testing

@testable import Ingestion

@Suite struct SiteWordsInForceTests {
    let test: TestIngest

    init() throws { test = try TestIngest() }

    private static let study = StudyDescriptor(modality: "DX", studyDescription: "routine thing PA and lateral")
    private static let words = file("anatomy.chest\ten\troutine thing")

    private static func file(_ line: String) -> [UInt8] { Array("canonical_id\tlanguage\tterm\n\(line)\n".utf8) }

    private func start() throws -> CataloguesInForce {
        try CataloguesInForce(
            archive: test.archive, namer: Bundled.namer, logger: TestIngest.logger)
    }

    private var folder: URL { test.folder.url.appending(path: "data/lexicon") }

    private func drop(_ bytes: [UInt8], as name: String) throws {
        try Data(bytes).write(to: folder.appending(path: name))
    }

    private func codes(_ rules: CataloguesInForce) -> [String] {
        rules.namer.name(Self.study, on: nil).outcome.codes.map(\.value)
    }

    private func events(_ kind: EventKind) throws -> [String] {
        try test.archive.index.events().filter { $0.kind == kind }.map(\.detail)
    }

    @Test func `added words name studies at once and after a restart, and removed ones no more`() throws {
        let rules = try start()
        #expect(codes(rules).isEmpty)
        let change = try rules.addWords(Self.words, file: "site.tsv", by: "An")
        #expect(change.added.map(\.text) == ["routine thing"])
        #expect(codes(rules) == ["BW03ZZZ8B"])
        #expect(codes(try start()) == ["BW03ZZZ8B"])
        #expect(try events(.lexiconAdded) == ["site.tsv, 1 words by An: 1 added, 0 removed"])
        try rules.removeWords("site.tsv", by: "Bo")
        #expect(codes(rules).isEmpty)
        #expect(codes(try start()).isEmpty)
        #expect(try events(.lexiconRemoved) == ["site.tsv by Bo"])
        #expect(throws: UnknownWords(file: "site.tsv")) { try rules.removeWords("site.tsv", by: "Bo") }
    }

    @Test func `words and catalogues of the site are in force together`() throws {
        let rules = try start()
        _ = try rules.addWords(Self.words, file: "site.tsv", by: "An")
        _ = try rules.add(exampleList(), file: "list.tsv", by: "An")
        for rules in [rules, try start()] {
            #expect(codes(rules) == ["BW03ZZZ8B"])
            #expect(rules.namer.library.editions.count == 4)
        }
    }

    @Test func `a file of the same name replaces the first and says what changed`() throws {
        let rules = try start()
        _ = try rules.addWords(Self.words, file: "site.tsv", by: "An")
        let change = try rules.addWords(Self.file("anatomy.chest\ten\tother thing"), file: "site.tsv", by: "An")
        #expect(change.added.map(\.text) == ["other thing"])
        #expect(change.removed.map(\.text) == ["routine thing"])
        #expect(codes(rules).isEmpty)
    }

    @Test(arguments: ["anatomy.chest\ten\tＫnee", "anatomy.chest\tzh\t膝關節", "anatomy.chest\ten\tbad\u{7}"])
    func `a file with a fault, however a taken word is written, changes nothing in memory or on the disk`(
        line: String
    ) throws {
        let rules = try start()
        _ = try rules.addWords(Self.words, file: "site.tsv", by: "An")
        let before = try test.archive.lexiconFiles.files(byteLimit: .max)
        #expect(throws: CatalogueFaults.self) { try rules.addWords(Self.file(line), file: "site.tsv", by: "An") }
        #expect(throws: CatalogueFaults.self) { try rules.addWords(Self.words, file: "../site.tsv", by: "An") }
        #expect(codes(rules) == ["BW03ZZZ8B"])
        #expect(try test.archive.lexiconFiles.files(byteLimit: .max) == before)
    }

    @Test func `a damaged file is refused and stays, and its last accepted copy is in force`() throws {
        _ = try start().addWords(Self.words, file: "site.tsv", by: "An")
        let damaged = Self.file("anatomy.chest\ten\tknee")
        try drop(damaged, as: "site.tsv")
        let rules = try start()
        #expect(codes(rules) == ["BW03ZZZ8B"])
        let refused = try #require(rules.state.refusedWords.first)
        #expect(refused.kept == "site.tsv")
        #expect(refused.faults.map(\.description) == ["site.tsv:2: term: \"knee\" already stands for anatomy.knee"])
        #expect(try Data(contentsOf: folder.appending(path: "site.tsv")) == Data(damaged))
        #expect(try events(.lexiconRefused).count == 1)
        _ = try rules.addWords(Self.words, file: "site.tsv", by: "An")
        #expect(rules.state.refusedWords.isEmpty)
        #expect(try start().state.refusedWords.isEmpty)
    }

    @Test func `a refused file without an accepted copy, or with an unfit name, is refused alone and can be removed`()
        throws
    {
        try drop(Self.file("anatomy.chest\ten\tknee"), as: "bad.tsv")
        try drop([UInt8](repeating: 0x20, count: SiteWords.fileByteLimit + 1), as: "large.tsv")
        try drop(Self.words, as: "词.tsv")
        try drop(Self.words, as: "good.tsv")
        let rules = try start()
        #expect(rules.state.refusedWords.map(\.file).sorted() == ["bad.tsv", "large.tsv", "词.tsv"])
        #expect(rules.state.refusedWords.allSatisfy { $0.kept == nil })
        #expect(codes(rules) == ["BW03ZZZ8B"])
        try rules.removeWords("bad.tsv", by: "An")
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "bad.tsv").path))
        #expect(rules.state.refusedWords.count == 2)
    }

    @Test func `a file that is deleted by hand is out of force at the next start`() throws {
        _ = try start().addWords(Self.words, file: "site.tsv", by: "An")
        try FileManager.default.removeItem(at: folder.appending(path: "site.tsv"))
        #expect(codes(try start()).isEmpty)
        #expect(try test.archive.lexiconFiles.accepted(byteLimit: .max).isEmpty)
        #expect(try events(.lexiconRemoved).count == 1)
    }

    @Test func `the worked example is right and a study is named by it`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let example = try Data(contentsOf: root.appending(path: "docs/examples/example-lexicon.tsv"))
        let rules = try start()
        let study = StudyDescriptor(modality: "DX", studyDescription: "年检甲区 立位一")
        #expect(rules.namer.name(study, on: nil).outcome.codes.isEmpty)
        _ = try rules.addWords(Array(example), file: "example-lexicon.tsv", by: "An")
        #expect(rules.namer.name(study, on: nil).outcome.codes.map(\.value) == ["BW03ZZZZ1"])
    }
}
