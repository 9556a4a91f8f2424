import Foundation
import Testing

/// Images that no sane machine makes: kept, answered, judged, and harmless.
@Suite struct AssessmentBadInputTests {
    private struct Study: Decodable {
        struct Quality: Decodable {
            struct Finding: Decodable {
                let rule: String
                let severity: String
                let detail: String
            }
            let verdict: String
            let findings: [Finding]
        }
        let state: String
        let quality: Quality
    }

    @Test func `impossible pixels and header values are stored and judged in bounded time, and the daemon serves on`()
        throws
    {
        try PriordProcess.serving { daemon in
            let desk = Operator(daemon: daemon)
            let said = try ClientReport.of(
                "assessment_bad_input.py",
                ["\(daemon.dicomPort)", Tool.root.appending(path: "Fixtures").path], within: .seconds(240))
            #expect(said.cases.count > 150)
            for (name, facts) in said.cases { #expect(facts["status"] == "0000", "\(name): \(facts)") }

            try desk.waitForAssessments(said.cases.count, within: .seconds(240))
            let instances = said.cases.values.compactMap { Int($0["instances"] ?? "") }.reduce(0, +)
            #expect(try daemon.indexRows("SELECT count(*) FROM instance") == [["\(instances)"]])

            for (name, facts) in said.cases {
                let study = try desk.answer(Study.self, "study", facts["study"] ?? "")
                #expect(study.state == "settled", "\(name)")
                #expect(["pass", "review", "fail", "notAssessed"].contains(study.quality.verdict), "\(name)")
                // What cannot be decoded is a finding with its reason. Some damage to a codestream shows in nothing but
                // the picture: those cases say so.
                if name.hasPrefix("pixels "), !name.hasSuffix("?") {
                    #expect(study.quality.verdict != "pass", "\(name)")
                    #expect(study.quality.findings.contains { !$0.detail.isEmpty }, "\(name)")
                }
            }

            // It is as well as before: the next study gets its verdict, and memory did not follow the dimensions claimed.
            let sound = Tool.root.appending(path: "Fixtures/studies/11-ct-chest")
            #expect(try desk.send(sound).isSuccess)
            try desk.waitForAssessments(said.cases.count + 1)
            #expect(daemon.waitForExit(within: .zero) == nil)
            #expect(daemon.residentByteCount < 400 << 20, "\(daemon.residentByteCount)")
            #expect(try desk.run("verify", "--full", within: .seconds(120)).isSuccess)
        }
    }
}
