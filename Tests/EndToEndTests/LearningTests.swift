import Foundation
import Testing

/// What operators teach, from the review list to the studies and back.
@Suite(.serialized) struct LearningTests {
    private struct Groups: Decodable {
        struct Group: Decodable {
            let description: String
            let modality: String
            let count: Int
            let candidates: [String]
            let newestStudy: String
        }
        let groups: [Group]
        let studyTotal: Int
    }

    private struct Study: Decodable {
        struct Match: Decodable {
            struct Evidence: Decodable {
                let source: String
                let text: String
            }
            let code: String
            let evidence: [Evidence]
        }
        struct Event: Decodable {
            let kind: String
            let detail: String
        }
        let assessmentVersion: Int
        let match: Match?
        let timeline: [Event]
    }

    private struct Lesson: Decodable {
        struct Alias: Decodable { let id: Int }
        let alias: Alias
        let renamedCount: Int
    }

    private struct Aliases: Decodable {
        struct Alias: Decodable {
            let id: Int
            let kind: String
            let by: String
            let reason: String
        }
        let aliases: [Alias]
    }

    private struct Remap: Decodable {
        struct Change: Decodable, Equatable {
            let from: [String]
            let to: [String]
            let studies: [String]
        }
        let changedCount: Int
        let publishedCount: Int
        let changes: [Change]
    }

    private static let leftKnee = "BQ08ZZZ0B"

    private static func send(_ names: String..., by ctl: Operator) throws {
        for name in names {
            let folder = Tool.root.appending(path: "Fixtures/studies/\(name)")
            try #require(try ctl.send(folder).isSuccess)
        }
        try ctl.waitForAssessments(names.count)
    }

    @Test(.timeLimit(.minutes(4)))
    func `what is taught names studies at once, outlives SIGKILL and reindex, and is taken back`() throws {
        var settings = PriordProcess.Settings()
        let keep = FileManager.default.temporaryDirectory.appending(path: "priord-learn-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: keep) }
        settings.dataDirectory = keep
        var daemon = try PriordProcess(settings)
        defer { daemon.end() }
        var ctl = Operator(daemon: daemon)
        try Self.send("09-cr-knee-side-unstated", "01-dr-chest-pa-lat", by: ctl)

        let group = try #require(try ctl.answer(Groups.self, "review", "list").groups.first)
        #expect(group.modality == "CR")
        #expect(group.candidates.contains(Self.leftKnee))
        let lesson = try ctl.answer(
            Lesson.self, "review", "resolve", group.newestStudy, "--code", Self.leftKnee, "--by", "zhao", "--why",
            "the department says so")
        #expect(lesson.renamedCount == 1)

        // At once, before anything was judged again.
        daemon.killNow()
        daemon = try PriordProcess(settings)
        ctl = Operator(daemon: daemon)
        func study() throws -> Study { try ctl.answer(Study.self, "study", group.newestStudy) }
        #expect(try study().match?.code == Self.leftKnee)
        #expect(try study().assessmentVersion >= 2)
        #expect(try study().match?.evidence.map(\.source) == ["Alias"])
        #expect(try study().match?.evidence.first?.text == "\(lesson.alias.id)")
        #expect(try study().timeline.contains { $0.kind == "aliasTaught" && $0.detail == "alias \(lesson.alias.id)" })
        #expect(try ctl.answer(Groups.self, "review", "list").studyTotal == 0)

        #expect(try ctl.run("reindex", within: .seconds(120)).isSuccess)
        #expect(try ctl.answer(Aliases.self, "alias", "list").aliases.map(\.by) == ["zhao"])
        #expect(try study().match?.code == Self.leftKnee)

        let removal = try ctl.answer(
            Lesson.self, "alias", "remove", "\(lesson.alias.id)", "--by", "li", "--why", "it was the right one")
        #expect(removal.renamedCount == 1)
        #expect(try study().match == nil)
        #expect(try ctl.answer(Groups.self, "review", "list").studyTotal == 1)
        let history = try ctl.answer(Aliases.self, "alias", "show", "\(lesson.alias.id)").aliases
        #expect(history.map(\.kind) == ["taught", "removed"])
        #expect(history.map(\.reason) == ["the department says so", "it was the right one"])
    }

    @Test(.timeLimit(.minutes(3)))
    func `a dry run with further words shows studies and changes none, without files nothing differs`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        try Self.send("09-cr-knee-side-unstated", by: ctl)
        #expect(try ctl.answer(Remap.self, "remap", "--dry-run").changedCount == 0)
        #expect(try ctl.answer(Remap.self, "remap").publishedCount == 0)

        let words = daemon.directory.appending(path: "words.tsv")
        try Data("canonical_id\tlanguage\tterm\nanatomy.chest\tzh\t膝关节\n".utf8).write(to: words)
        let refused = try ctl.run("remap", "--dry-run", "--lexicon", words.path)
        #expect(refused.status == 1)
        #expect(refused.text.contains("words.tsv:2"))

        try Data("canonical_id\tlanguage\tterm\nlaterality.left\tzh\t膝关节正侧位\n".utf8).write(to: words)
        let tried = try ctl.answer(Remap.self, "remap", "--dry-run", "--lexicon", words.path)
        #expect(tried.publishedCount == 0)
        #expect(try ctl.answer(Groups.self, "review", "list").studyTotal == 1)
        #expect(try ctl.run("remap", "--lexicon", words.path).status == 64)
    }

    @Test(.timeLimit(.minutes(3)))
    func `what contradicts or is not understood is refused with its reason`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        try Self.send("01-dr-chest-pa-lat", by: ctl)
        func refusal(_ description: String, _ code: String, by: String = "zhao") throws -> (Int32, String) {
            let output = try ctl.run(
                "alias", "add", description, "--modality", "DX", "--code", code, "--by", by, "--why", "a trial")
            return (output.status, output.text)
        }
        func expect(_ answer: (Int32, String), says text: String) {
            #expect(answer.0 == 1)
            #expect(answer.1.contains(text), "\(answer.1)")
        }
        expect(try refusal("胸部正侧位", "NONE"), says: "1 studies are safely matched to BW03ZZZ8B")
        expect(try refusal("左膝关节正侧位", "BQ07ZZZ0B"), says: "contradicts the item on laterality")
        expect(try refusal("routine", "BZZZZZZZZ"), says: "no catalogue in force lists BZZZZZZZZ")
        expect(try refusal("routine", "chest"), says: "no code of nine characters")
        expect(try refusal("routine", "BW03ZZZ8B", by: ""), says: "say who does this")
        expect(try refusal(String(repeating: "a", count: 64 << 10), "BW03ZZZ8B"), says: "longer than 1024 characters")
        expect(try refusal("routine\u{7}", "BW03ZZZ8B"), says: "control characters")
        #expect(try ctl.answer(Aliases.self, "alias", "list").aliases.isEmpty)
        #expect(
            try ctl.run(
                "alias", "add", "胸部正侧位", "--modality", "DX", "--code", "NONE", "--by", "zhao", "--why", "a trial",
                "--force"
            ).isSuccess)
        #expect(try ctl.run("alias", "show", "1").text.contains("1 studies are safely matched to BW03ZZZ8B"))
    }
}
