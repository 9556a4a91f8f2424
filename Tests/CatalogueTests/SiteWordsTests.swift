import Foundation
import Testing

@testable import Catalogue

@Suite struct SiteWordsTests {
    private let none = SiteWords { text in text.lowercased().filter { $0 != " " }.unicodeScalars.map(\.value) }

    private static func bytes(_ lines: String..., header: String = "canonical_id\tlanguage\tterm") -> [UInt8] {
        Array(([header] + lines).map { $0 + "\n" }.joined().utf8)
    }

    private func faults(_ bytes: [UInt8], in words: SiteWords? = nil) -> [String] {
        do throws(CatalogueFaults) {
            _ = try (words ?? none).file(from: bytes, named: "w.tsv")
            return []
        } catch {
            return error.faults.map { "\($0.line) \($0.column): \($0.reason)" }
        }
    }

    @Test func `words of either form stand beside those of the program, and rename nothing`() throws {
        var words = none
        let one = try words.file(from: Self.bytes("anatomy.chest\ten\troutine thing"), named: "a.tsv")
        words.put(one)
        words.put(
            try words.file(
                from: Self.bytes(
                    "anatomy.chest\t甲乙\tfirst thing\t\tyes", header: "canonical_id\tzh\ten\tvi\tpreferred"),
                named: "b.tsv"))
        let (program, lexicon) = (try Lexicon.bundled(), try words.lexicon())
        #expect(lexicon.terms.suffix(3).map(\.text) == ["routine thing", "甲乙", "first thing"])
        #expect(lexicon.terms.count == program.terms.count + 3)
        #expect(lexicon.names == program.names)
        #expect(lexicon.commonTermCount == program.commonTermCount)
        words.remove("b.tsv")
        #expect(words.files == [one])
    }

    @Test func `every fault of a file is named with line, column and reason`() {
        let long = String(repeating: "a", count: 101)
        let file = Self.bytes(
            "anatomy.tentacle\ten\ttentacle", "chest\ten\tchesty", "anatomy.chest\tenglish\tchesty",
            "anatomy.chest\ten\t", "anatomy.chest\ten\tbell\u{7}", "anatomy.chest\ten\tb\u{FFFD}d",
            "anatomy.chest\ten\t\(long)", "anatomy.chest\ten\t--", "anatomy.chest\ten\tKNEE", "anatomy.chest\ten",
            "anatomy.chest\ten\tnew word", "anatomy.knee\ten\tNew Word")
        #expect(
            faults(file) == [
                "2 canonical_id: there is no anatomy.tentacle", "3 canonical_id: \"chest\" is not kind.name",
                "4 language: \"english\" is not zh, en, vi or another code of two letters", "5 term: is empty",
                "6 term: holds a control character or a damaged one",
                "7 term: holds a control character or a damaged one",
                "8 term: has 101 characters where at most 100 are read", "9 term: \"--\" has no letter or digit",
                "10 term: \"KNEE\" already stands for anatomy.knee", "11 #2: 2 cells where the header has 3",
                "13 term: \"New Word\" already stands for anatomy.chest",
            ])
    }

    @Test(arguments: [
        ("", "1 #1: the file is empty"), ("canonical_id\tlanguage\n", "1 term: the header has no such column"),
        ("canonical_id\tlanguage\tterm\tword\n", "1 word: is not a column of a file of words"),
        ("canonical_id\tlanguage\tterm\n", "1 canonical_id: no row stands below the header"),
        ("canonical_id\tzh\ten\tvi\nanatomy.chest\t\t\t\n", "2 canonical_id: no word stands beside it"),
        ("PK\u{3}\u{4}", "1 #1: is a spreadsheet; save it as tab-separated text in UTF-8"),
    ])
    func `what is no file of words is refused`(text: String, fault: String) {
        #expect(faults(Array(text.utf8)).contains(fault), "\(faults(Array(text.utf8)))")
    }

    @Test func `a file beyond the limit, and bytes that are no UTF-8, are refused`() {
        #expect(faults([UInt8](repeating: 0x20, count: SiteWords.fileByteLimit + 1)).first?.contains("bytes") == true)
        #expect(faults(Self.bytes() + [0xFF, 0x09, 0x09, 0x0A]).contains("2 #1: is not valid UTF-8"))
    }

    @Test func `a word of another file of the site is taken too, unless that file is replaced`() throws {
        var words = none
        words.put(try words.file(from: Self.bytes("anatomy.chest\ten\troutine thing"), named: "a.tsv"))
        let other = Self.bytes("anatomy.knee\ten\troutine thing")
        #expect(faults(other, in: words) == ["2 term: \"routine thing\" already stands for anatomy.chest"])
        #expect(try words.file(from: other, named: "a.tsv").terms.count == 1)
    }

    @Test(arguments: [
        ("words.tsv", true), ("A-1_b.tsv", true), (".tsv", false), (".a.tsv", false), ("a/b.tsv", false),
        ("words.txt", false), ("词.tsv", false), (String(repeating: "a", count: 61) + ".tsv", false),
    ])
    func `names of files are plain`(name: String, isAllowed: Bool) {
        #expect(SiteWords.isFileName(name) == isAllowed)
    }
}
