import Foundation
import Testing

/// The pages in a real browser, and the API against its description.
@Suite struct PageTests {
    private static let manifest = Tool.root.appending(path: "Fixtures/manifest.json").path

    /// A daemon that has taken in and judged every fixture study.
    private static func withFixtures<Value>(
        _ settings: PriordProcess.Settings = .init(), _ body: (PriordProcess) throws -> Value
    ) throws -> Value {
        try PriordProcess.serving(settings) { daemon in
            try ProtocolTests.Peers.sendFixtures(to: daemon)
            let assessed =
                "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM study WHERE assessmentVersion = 0 OR awaitingAssessment)"
            #expect(try !daemon.indexRows(assessed, within: .seconds(60)).isEmpty)
            return try body(daemon)
        }
    }

    @Test func `a radiologist finds, compares and decides in a browser, in three languages, with keys alone too`()
        throws
    {
        guard let chromium = Tool.installed("chromium") else {
            print("Chromium is not installed; not tried")
            return
        }
        let said = try Self.withFixtures { daemon in
            let said = try ClientReport.of(
                "page_browser.py", ["\(daemon.httpPort)", chromium.path, Self.manifest], within: .seconds(300))
            // What is logged is for everybody who may read logs.
            let log = daemon.logLines.joined(separator: "\n")
            for secret in ["HX00010571", "Jianguo", "建国", "Nguyễn", "Dr. Shen"] {
                #expect(!log.contains(secret), "\(secret)")
            }
            return said
        }
        let searches = said.cases.filter { $0.key.hasPrefix("search ") }
        #expect(searches.count == 11)
        for (name, facts) in searches { #expect(facts["found"] == "True", "\(name)") }
        #expect(said["filter", "modalities"] == "['MR']")
        #expect(said["nothing", "said"] == "No study matches")
        #expect(said.cases["person"] == ["studies": "4", "years": "['2026', '2025']", "name": "True"])

        #expect(said["study", "order"] == "True")
        #expect(said["study", "closed"] == "True")
        #expect(said["study", "line"]?.contains("doctor decides 2026-08-03 18 days CT chest, without contrast") == true)
        #expect(said["study", "rules"] == "15")
        #expect(said["study", "questions"] == "11")

        #expect(said["decline", "without reason"] == "refused")
        #expect(said["decline", "shown"]?.contains("declined") == true)
        #expect(said["decline", "shown"]?.contains("ZE-10") == true)
        #expect(said["recognise", "shown"]?.contains("recognised") == true)
        #expect(said["recognise", "kept"] == "True")
        #expect(said["recognise", "hostile"] == "<script>alert(1)</script>")
        #expect(said["recognise", "forbidden"] == "0")
        #expect(said["order", "found"] == "True")
        #expect(said["order", "recognised"] == "True")
        #expect(said["events", "kinds"] == "['declined', 'opened', 'recognised', 'reminded']")

        for (tag, heading) in [("zh-Hans", "可比较的既往检查"), ("en", "Comparable priors"), ("vi", "Ca cũ có thể so sánh")] {
            #expect(said["language \(tag)", "lang"] == tag)
            #expect(said["language \(tag)", "heading"]?.hasPrefix(heading) == true)
        }
        #expect(said["switch", "kept"] == "vi")
        #expect(said.cases["keyboard"] == ["skip": "skip", "search": "q", "outline": "solid", "opened": "rules"])
        #expect(said.cases["without scripts"] == ["rules": "True", "stills": "2", "decided": "True"])

        #expect(said["viewer", "differs"] == "True")
        #expect(said["viewer", "place"] == "Image 11/22")
        #expect(said["viewer", "orientation"] == "RLAP")
        #expect(said["viewer", "window"] == "W 400 / 40")
        #expect(said["viewer", "label"] == "Not for primary diagnosis")
        #expect(said["viewer", "about"]?.contains("2026-08-21") == true)
        #expect(said.cases["scroll"] == ["changed": "True", "alone": "11"])
        #expect(said.cases["window"] == ["lung": "True", "darker": "True"])
        #expect(said.cases["zoom"] == ["larger": "True", "moved": "True", "back": "True"])
        #expect(said.cases["overlay"] == ["meanwhile": "Image 2/22", "asked": "0", "after": "Image 16/22"])
        #expect(said["pixels", "narrower"] == "True")
        #expect(said["mr", "offered"] == "['', 'full']")
        #expect(said["mr", "own"]?.hasPrefix("W ") == true)
        #expect(said["mr", "full"] != said["mr", "own"])
        #expect(said["mr", "brighter"] == "True")
        #expect(said["frames", "place"] == "Image 6/12 · frame 6/12")
        #expect(said["undecodable", "said"]?.hasPrefix("This image cannot be shown: 422") == true)

        #expect(said["fault unknown", "status"] == "404")
        #expect(said["fault malformed", "status"] == "400")
        #expect(said["fault person", "status"] == "404")
        for scheme in ["dark", "light"] {
            #expect(said["contrast \(scheme)", "faint"] == "[]")
            #expect((said["contrast \(scheme)", "texts"].flatMap { Int($0) } ?? 0) > 50)
        }
        for complaint in ["console", "errors", "elsewhere", "statuses"] {
            #expect(said["browser", complaint] == "[]", "\(complaint)")
        }
    }

    @Test func `every answer of the API is as its description says, and every problem it declares comes`() throws {
        var settings = PriordProcess.Settings()
        // Nobody answers for either; nothing is fetched from the first.
        settings.yaml = """
            sources:
              - name: nearby
                kind: priord
                url: http://127.0.0.1:1
                fetch: off
              - name: faraway
                kind: priord
                url: http://127.0.0.1:1
            """
        let said = try Self.withFixtures(settings) { daemon in
            try ClientReport.of("page_api.py", ["\(daemon.httpPort)", Self.manifest], within: .seconds(180))
        }
        #expect(said["answers", "wrong"] == "[]")
        // No two identities of the fixtures wait for a look.
        #expect(said["declared", "notSeen"] == "['settlePersonReview 200', 'settlePersonReview 409']")
        #expect((said["description", "operations"].flatMap { Int($0) } ?? 0) >= 24)
    }
}
