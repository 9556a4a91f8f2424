import Foundation
import Testing

extension DICOMwebTests {
    /// QIDO-RS, and what viewers in a browser ask.
    @Suite struct Search {
        @Test func `what a client finds is what the files say, at every level, by pages and names and ranges`() throws {
            let said = try PriordProcess.serving { daemon in
                try ProtocolTests.Peers.sendFixtures(to: daemon)
                return try ClientReport.of(
                    "dicomweb_search.py", ["\(daemon.httpPort)", Fixtures.studies.path], within: .seconds(300))
            }
            #expect(said["base", "url"] == "http://127.0.0.1")
            for what in [
                "studies", "series", "instances", "paging", "names", "matching", "everything", "hostile",
                "slow readers",
                "damaged instance", "what nobody decodes",
            ] {
                #expect(said[what, "wrong"] == "", "\(what)")
                #expect((said[what, "compared"].flatMap { Int($0) } ?? 0) > 0, "\(what)")
            }
        }

        @Test func `OHIF's requests are answered with the configuration in docs`() throws {
            let study = "2.25.274588220911404479339877106200941906599"
            var settings = PriordProcess.Settings()
            settings.arguments += ["--cors-origins", "http://localhost:3000"]
            let said = try PriordProcess.serving(settings) { daemon in
                try ProtocolTests.Peers.sendFixtures(to: daemon)
                let file = Tool.root.appending(path: "docs/ohif/priord.js").path
                return try ClientReport.of("dicomweb_ohif.py", [file, "\(daemon.httpPort)", study])
            }
            #expect(said["configuration", "here"] == "http://127.0.0.1:8104")
            for name in [
                "qidoSupportsIncludeField", "supportsFuzzyMatching", "supportsWildcard", "enableStudyLazyLoad",
                "omitQuotationForMultipartRequest",
            ] {
                #expect(said["configuration", name] == "true", "\(name)")
            }
            #expect(said["configuration", "supportsReject"] == "false")
            #expect(said["preflight", "status"] == "204")
            #expect(said["preflight", "origin"] == "http://localhost:3000")
            #expect(said["preflight", "fields"]?.contains("Authorization") == true)
            #expect(said["study list", "count"] == said["study list", "described"])
            #expect((said["study list", "count"].flatMap { Int($0) } ?? 0) > 20)
            let filters = said.cases.filter { $0.key.hasPrefix("filter ") }
            #expect(filters.count == 7)
            for (name, facts) in filters { #expect(facts["found"] == "True", "\(name)") }
            #expect(said.cases["nothing"] == ["status": "200", "text": "[]"])
            #expect(said["series", "sorted"] == "True")
            #expect(said.cases["pictures"] == ["metadata": "2", "frames": "2", "compressed": "2"])
            #expect(said["origin", "allowed"] == "{'http://localhost:3000'}")
        }

        @Test func `behind a proxy URLs begin with what is configured`() throws {
            var settings = PriordProcess.Settings()
            settings.arguments += ["--http-base-url", "https://pacs.example/priord/"]
            let said = try PriordProcess.serving(settings) { daemon in
                try ProtocolTests.Peers.sendFixtures(to: daemon)
                return try ClientReport.of("dicomweb_search.py", ["\(daemon.httpPort)", "--base"])
            }
            #expect(said["base", "url"] == "https://pacs.example/priord")
        }
    }
}
