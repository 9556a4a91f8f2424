import Foundation
import Testing

/// Rules as they are configured, studies judged by them, and the report of it.
@Suite(.serialized) struct QualityReportTests {
    private struct Report: Decodable {
        struct Rule: Decodable {
            let rule: String
            let review: Int
            let fail: Int
        }
        struct Row: Decodable {
            let group: String
            let studies: Int
            let pass: Int
            let review: Int
            let fail: Int
            let rules: [Rule]
        }
        let rows: [Row]
        let total: Row

        /// Studies that a rule raised.
        func raised(_ rule: String) -> Int {
            total.rules.filter { $0.rule == rule }.reduce(0) { $0 + $1.review + $1.fail }
        }
    }

    private struct Config: Decodable {
        struct Setting: Decodable {
            let key: String
            let value: String
        }
        let settings: [Setting]
    }

    private struct Reassessed: Decodable { let studies: Int }

    private static func waitUntil(_ limit: Duration = .seconds(60), _ condition: () throws -> Bool) throws {
        let deadline = ContinuousClock.now + limit
        while try !condition() {
            guard ContinuousClock.now < deadline else {
                throw PriordProcess.Failure(description: "not so within \(limit)")
            }
            usleep(50_000)
        }
    }

    @Test(.timeLimit(.minutes(4)))
    func `studies are judged by the rules in force, reported, and judged again when those change`() throws {
        var settings = PriordProcess.Settings()
        let keep = FileManager.default.temporaryDirectory.appending(path: "priord-rate-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: keep) }
        settings.dataDirectory = keep
        settings.yaml = "assessment: {rules: {lossy-compression: off}}"
        var daemon = try PriordProcess(settings)
        defer { daemon.end() }
        var ctl = Operator(daemon: daemon)
        for name in ["04-dr-chest-pa", "22-dr-blank", "29-dr-chest-pa-lossy"] {
            let folder = Tool.root.appending(path: "Fixtures/studies/\(name)")
            try #require(try ctl.send(folder).isSuccess)
        }
        try ctl.waitForAssessments(3)

        let report = try ctl.answer(Report.self, "report", "quality", "--by", "institution")
        #expect(report.total.studies == 3 && report.total.fail == 1)
        #expect(report.raised("blank-image") == 1 && report.raised("lossy-compression") == 0)
        let csv = try ctl.run("report", "quality", "--by", "month", "--csv")
        #expect(csv.text.hasPrefix("group,studies,pass,review,fail,notAssessed,passRate,"))
        #expect(try ctl.run("report", "quality", "--lang", "vi").isSuccess)
        #expect(try ctl.run("report", "quality", "--drift", "--csv").text.hasPrefix("group,institution,rule,"))
        #expect(try !ctl.run("report", "quality", "--by", "peer").isSuccess)

        daemon.stop()
        settings.yaml = "assessment: {rules: {lossy-compression: {ratio: 1}, blank-image: off}}"
        daemon = try PriordProcess(settings)
        ctl = Operator(daemon: daemon)
        let rows = try ctl.answer(Config.self, "config").settings
        #expect(rows.contains { $0.key == "assessment.rules.blank-image" && $0.value == "off" })
        #expect(try ctl.answer(Reassessed.self, "reassess", "--all").studies == 3)
        let new = ctl
        try Self.waitUntil {
            let report = try new.answer(Report.self, "report", "quality")
            return report.raised("lossy-compression") == 1 && report.raised("blank-image") == 0
        }
        #expect(try ctl.answer(Reassessed.self, "reassess", "--rule", "blank-image").studies == 0)
        #expect(try !ctl.run("reassess").isSuccess)
    }

    @Test func `every fault of the rules is reported at once, with the name probably meant`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "priord-rules-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "priord.yaml")
        try Data("assessment:\n  rules:\n    blurr: off\n    exam-date: {clock-skew: -1}\n".utf8).write(to: file)
        let output = try Tool.run(Tool.built("priord"), ["config", "check", "--config", file.path])
        #expect(!output.isSuccess)
        #expect(output.text.contains("did you mean blur?") && output.text.contains("priord.yaml:3"))
        #expect(output.text.contains("write a number from 0 to 86400 (s)"))
        #expect(try Tool.run(Tool.built("priord"), ["config", "rules"]).text.contains("clock-skew: 900"))
    }
}
