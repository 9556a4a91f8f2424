import Foundation
import Testing

/// Words of a site, as an operator puts them in force.
@Suite(.serialized, .timeLimit(.minutes(4))) struct LexiconTests {
    private struct Listed: Decodable {
        struct File: Decodable, Equatable {
            let file: String
            let wordCount: Int
        }
        struct Refused: Decodable {
            struct Fault: Decodable { let line: Int }
            let file: String
            let faults: [Fault]
            let kept: String?
        }
        let files: [File]
        let refused: [Refused]
    }

    private struct Remap: Decodable {
        struct Change: Decodable, Equatable {
            let description: String
            let from: [String]
            let to: [String]
            let count: Int
            let studies: [String]
        }
        let changedCount: Int
        let publishedCount: Int
        let changes: [Change]
    }

    private struct Study: Decodable {
        struct Match: Decodable { let code: String }
        let match: Match?
    }

    /// In this department a knee without a side is the left one.
    private static let words = "canonical_id\tlanguage\tterm\nlaterality.left\tzh\t正侧位\n"
    private static let leftKnee = "BQ08ZZZ0B"

    private func write(_ text: String, _ name: String = "site.tsv", in daemon: PriordProcess) throws -> String {
        let file = daemon.directory.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    @Test func `files are checked without a daemon, and the worked example is right`() throws {
        let priorctl = Tool.built("priorctl")
        let example = Tool.root.appending(path: "docs/examples/example-lexicon.tsv").path
        let right = try Tool.run(priorctl, ["lexicon", "check", example, "--lang", "vi"])
        #expect(right.isSuccess)
        #expect(right.text.contains("không có lỗi"))
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let faulty = folder.appending(path: "faulty.tsv")
        try Data("canonical_id\tlanguage\tterm\nanatomy.chest\ten\tKNEE\nanatomy.no\ten\tnew\n".utf8).write(to: faulty)
        let wrong = try Tool.run(priorctl, ["lexicon", "check", faulty.path, "--lang", "en"])
        #expect(wrong.status == 1)
        #expect(wrong.text.contains("faulty.tsv:2: term: \"KNEE\" already stands for anatomy.knee"))
        #expect(wrong.text.contains("faulty.tsv:3: canonical_id: there is no anatomy.no"))
        #expect(try Tool.run(priorctl, ["lexicon", "check", "/nowhere.tsv"]).status == 1)
    }

    @Test func `what a dry run with words lists is what those words in force and a remap then change`() throws {
        try PriordProcess.serving { daemon in
            let ctl = Operator(daemon: daemon)
            let uids = try Manifest.load().studies.reduce(into: [:]) { $0[$1.folder] = $1.studyInstanceUID }
            let folders = ["09-cr-knee-side-unstated", "01-dr-chest-pa-lat", "10-ct-chest"]
            for folder in folders {
                try #require(try ctl.send(Tool.root.appending(path: "Fixtures/studies/\(folder)")).isSuccess)
            }
            try ctl.waitForAssessments(folders.count)
            let knee = try #require(uids["studies/09-cr-knee-side-unstated"])
            #expect(try ctl.answer(Study.self, "study", knee).match == nil)
            let review = try ctl.run("review", "list", "--lang", "zh")
            #expect(review.text.contains("未说明左右"), "\(review.text)")
            #expect(!review.text.contains("ambiguous"))

            let file = try write(Self.words, in: daemon)
            let dry = try ctl.answer(Remap.self, "remap", "--dry-run", "--lexicon", file)
            #expect(dry.changedCount >= 1)
            #expect(dry.changes.contains { $0.studies == [knee] && $0.to.first?.hasSuffix(Self.leftKnee) == true })
            #expect(try ctl.answer(Study.self, "study", knee).match == nil)

            #expect(try ctl.run("lexicon", "add", file, "--by", "An").isSuccess)
            #expect(try ctl.answer(Remap.self, "remap", "--dry-run").changes == dry.changes)
            let real = try ctl.answer(Remap.self, "remap")
            #expect(real.changes == dry.changes)
            #expect(real.publishedCount == dry.changedCount)
            #expect(try ctl.answer(Study.self, "study", knee).match?.code == Self.leftKnee)
            #expect(try ctl.answer(Remap.self, "remap").changedCount == 0)

            #expect(try ctl.run("lexicon", "remove", "site.tsv", "--by", "Bo").isSuccess)
            #expect(try ctl.answer(Remap.self, "remap").publishedCount == dry.changedCount)
            #expect(try ctl.answer(Study.self, "study", knee).match == nil)
            let events = try daemon.indexRows("SELECT kind, detail FROM event WHERE kind LIKE 'lexicon%' ORDER BY id")
            #expect(events.map { $0[0] } == ["lexiconAdded", "lexiconRemoved"])
            #expect(zip(events, ["by An", "by Bo"]).allSatisfy { $0.0[1].contains($0.1) })
        }
    }

    @Test func `a bad file is refused and the words before it stay, also across a kill and a restart`() throws {
        var settings = PriordProcess.Settings()
        let kept = URL(filePath: NSTemporaryDirectory()).appending(path: "priord-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: kept) }
        settings.dataDirectory = kept
        let first = try PriordProcess(settings)
        defer { first.end() }
        var ctl = Operator(daemon: first)
        #expect(try ctl.run("lexicon", "add", write(Self.words, in: first)).isSuccess)
        let faulty = Self.words + "anatomy.chest\ten\tknee\n"
        let refused = try ctl.run("lexicon", "add", write(faulty, "bad.tsv", in: first), "--name", "site.tsv")
        #expect(refused.status == 1)
        #expect(refused.text.contains("bad.tsv:3: term"), "\(refused.text)")
        let inForce = [Listed.File(file: "site.tsv", wordCount: 1)]
        #expect(try ctl.answer(Listed.self, "lexicon", "list").files == inForce)
        first.killNow()

        let file = kept.appending(path: "lexicon/site.tsv")
        try Data(faulty.utf8).write(to: file)
        let second = try PriordProcess(settings)
        defer { second.end() }
        ctl = Operator(daemon: second)
        let listed = try ctl.answer(Listed.self, "lexicon", "list")
        #expect(listed.files == inForce)
        #expect(listed.refused.map(\.file) == ["site.tsv"])
        #expect(listed.refused.map(\.kept) == ["site.tsv"])
        #expect(listed.refused.first?.faults.map(\.line) == [3])
        let status = try ctl.run("status", "--lang", "en")
        #expect(status.status == 1)
        #expect(status.text.contains("site.tsv: line 3, term: \"knee\" already stands for anatomy.knee"))
        #expect(try Data(contentsOf: file) == Data(faulty.utf8))
        #expect(second.waitForLog(containing: "lexicon refused") != nil)
        #expect(try ctl.run("lexicon", "add", write(Self.words, in: second)).isSuccess)
        #expect(try ctl.run("status").status == 0)
    }
}
