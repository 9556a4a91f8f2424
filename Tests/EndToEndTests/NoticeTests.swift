import Foundation
import Testing

/// A notice of the site's own: printed, changed, in force, and refused where it is wrong.
@Suite(.serialized, .timeLimit(.minutes(3))) struct NoticeTests {
    private struct Priors: Decodable {
        struct Prior: Decodable {
            struct Recognition: Decodable {
                struct Rule: Decodable {
                    let id: String
                    let holds: Bool?
                    let detail: String
                }
                let rules: [Rule]
                let policy: String
            }
            let recognition: Recognition
        }
        let priors: [Prior]
    }

    private struct Reasons: Decodable { let policy: String }

    private static func file(_ name: String, _ text: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "priord-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// The notice of the program, with another province's days.
    private static func changed(_ days: String) throws -> String {
        let own = try Tool.run(Tool.built("priord"), ["config", "notice"])
        try #require(own.isSuccess && own.text.contains("within-days\t30"))
        return own.text.replacing("# id: zhejiang-recognition-2021", with: "# id: elsewhere-2022")
            .replacing("within-days\t30", with: "within-days\t\(days)")
    }

    @Test func `another province's days are a file, and verdicts and reasons are those of its notice`() throws {
        let notice = try Self.file("notice.tsv", Self.changed("14"))
        defer { try? FileManager.default.removeItem(atPath: notice) }
        var settings = PriordProcess.configured("accept-any-peer: on\nrecognition: {policy: \(notice)}\n")
        settings.arguments = []
        try PriordProcess.serving(settings) { daemon throws in
            let ctl = Operator(daemon: daemon)
            let studies = try Manifest.load().studies.prefix(2)
            for study in studies {
                let folder = Tool.root.appending(path: "Fixtures").appending(path: study.folder)
                try #require(try ctl.send(folder).isSuccess)
            }
            try ctl.waitForAssessments(2)
            let second = try #require(studies.last).studyInstanceUID
            let prior = try #require(
                try ctl.answer(Priors.self, "priors", "--study", second, "--lang", "en").priors.first)
            #expect(prior.recognition.policy == "elsewhere-2022")
            #expect(prior.recognition.rules.first { $0.id == "ZR-30" }?.detail.hasSuffix("14 allowed") == true)
            #expect(try ctl.answer(Reasons.self, "decisions", "reasons").policy == "elsewhere-2022")
        }
    }

    @Test func `a notice that cannot be read or is wrong keeps priord from starting, with file and line`() throws {
        let wrong = try Self.file("notice.tsv", Self.changed("many"))
        defer { try? FileManager.default.removeItem(atPath: wrong) }
        for (path, reason) in [(wrong, "notice.tsv:"), ("/nowhere/notice.tsv", "/nowhere/notice.tsv cannot be opened")]
        {
            let yaml = try Self.file("priord.yaml", "ae-title: A\nrecognition:\n  policy: \(path)\n")
            defer { try? FileManager.default.removeItem(atPath: yaml) }
            let output = try Tool.run(Tool.built("priord"), ["config", "check", "--config", yaml])
            #expect(output.status == 78 && output.text.contains("recognition.policy (\(yaml):"), "\(output.text)")
            #expect(output.text.contains(reason))
        }
    }
}
