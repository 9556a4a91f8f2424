import AdminAPI
import ArgumentParser
import Catalogue
import Foundation
import Matching
import Testing

@testable import priorctl

@Suite struct CodeCommandTests {
    static let lexicon = Result { try Lexicon.bundled() }
    static let book = Result { try CodeBook.bundled() }

    private func report(_ language: Language) throws -> CodeReport {
        CodeReport(presentation: Presentation(language), lexicon: try Self.lexicon.get())
    }

    @Test(arguments: [
        (Language.chinese, "目录内编码", "胸部正侧位"), (.english, "listed", "Chest, PA and lateral"),
        (.vietnamese, "có trong danh mục", "Ngực"),
    ])
    func `a code is explained in three languages`(language: Language, verdict: String, word: String) throws {
        let inspection = try #require(try Self.book.get().inspect("bw03zzz8b"))
        let text = try report(language).text(inspection)
        #expect(text.hasPrefix("BW03ZZZ8B  \(verdict)"))
        #expect(text.contains(word))
    }

    @Test func `a wrong code is told with place, choices and neighbours`() throws {
        let inspection = try #require(try Self.book.get().inspect("BW03ZZZ8Y"))
        let text = try report(.english).text(inspection)
        #expect(text.contains("wrong: Position 9, Y"))
        #expect(text.contains("B  Projections: frontal and lateral (two)"))
        #expect(text.contains("BW03ZZZ8B Chest, PA and lateral (zhejiang-imaging-2021)"))
    }

    @Test func `the JSON of a code has its stable names`() throws {
        let inspection = try #require(try Self.book.get().inspect("BWO3ZZZ8Y"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(CodeAnswer(inspection))) as? [String: Any])
        #expect(object["verdict"] as? String == "wrong")
        #expect((object["positions"] as? [[String: Any]])?.count == 9)
        #expect((object["wrong"] as? [String: Any])?["position"] as? Int == 9)
        #expect((object["slips"] as? [[String: Any]])?.first?["kind"] as? String == "letterO")
    }

    @Test func `a proposed code is marked as such`() throws {
        let asked = ExaminationAxes(
            modality: .ct, regions: [try #require(ConceptID("anatomy.knee"))], laterality: .right, contrast: true)
        let book = try Self.book.get()
        let found = try book.code(for: asked)
        #expect(ProposalAnswer(found).isProposed)
        #expect(try report(.english).text(found, book).contains("BQ2710ZZZ  proposed, given by no list"))
    }

    @Test(arguments: ["膝关节", "膝", "knee", "KNEE", "khớp gối", "khop goi"])
    func `words of three languages name the same concept`(word: String) throws {
        #expect(try Self.lexicon.get().concept(.anatomy, named: word)?.name == "knee")
    }

    @Test func `a word the lexicon does not know names nothing`() throws {
        #expect(try Self.lexicon.get().concept(.anatomy, named: "elephant") == nil)
        #expect(try Self.lexicon.get().concept(.anatomy, named: "") == nil)
    }

    @Test(arguments: [
        [], ["BW03ZZZ8B", "--propose"], ["--propose", "--modality", "CT"], ["BW03ZZZ8B", "--region", "knee"],
    ])
    func `a code or a proposal is asked for, not both and not neither`(arguments: [String]) {
        #expect(throws: (any Error).self) { try CodeCommand.parse(arguments) }
    }

    @Test(arguments: [
        ("右膝关节CT增强", "CT", "BQ2710ZZZ"), ("左踝MR增强", "MR", "BQ3H50ZZZ"), ("胸部CT平扫", "CT", nil),
        ("CT 大象 增强", "CT", nil),
    ])
    func `a code is proposed for what is understood and in no list`(text: String, modality: String, code: String?)
        throws
    {
        let explanation = try Matcher.bundled().explain(StudyDescriptor(modality: modality, studyDescription: text))
        #expect(try Self.book.get().proposal(for: explanation, modality: modality)?.code.value == code)
    }
}

@Suite struct CatalogueReportTests {
    @Test(arguments: Language.allCases)
    func `a checked file is told right or with its faults`(language: Language) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(
            contentsOf: root.appending(path: "docs/examples/example-imaging-2026.tsv"), encoding: .utf8)
        var library = try CatalogueLibrary.bundled(lexicon: .bundled())
        let report = CatalogueReport(Presentation(language))
        let wrong = CatalogueCheckAnswer(
            Array(text.replacing("BQ2710ZZZ", with: "BQ27").utf8), file: "mine.tsv", into: &library)
        #expect(!wrong.isRight)
        #expect(report.text(wrong).contains("mine.tsv:12: code: has 4 characters where 9 are expected"))
        let right = CatalogueCheckAnswer(Array(text.utf8), file: "mine.tsv", into: &library)
        #expect(right.isRight)
        #expect(right.change?.added.count == 4)
        #expect(report.text(right).contains("example-imaging-2026"))
        let again = CatalogueCheckAnswer(Array(text.utf8), file: "mine.tsv", into: &library)
        #expect(again.change?.comparedWith == "example-imaging-2026")
        #expect(again.change?.changed == [])
    }
}
