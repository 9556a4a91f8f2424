import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct MetricsTests {
    @Test func `every sample follows HELP and TYPE of its family, each family once`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try await test.onPort { client in
            let response = try await client.execute(uri: "/metrics", method: .get)
            #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            var declared: Set<String> = []
            var current = ""
            for line in response.text.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP ") {
                    current = String(words[2])
                    #expect(declared.insert(current).inserted)
                } else if line.hasPrefix("# TYPE ") {
                    #expect(words[2] == current)
                    #expect(["counter", "gauge"].contains(words[3]))
                    #expect((words[3] == "counter") == current.hasSuffix("_total"))
                } else {
                    #expect(line.prefix { $0 != "{" && $0 != " " } == current)
                    #expect(Double(words[words.count - 1]) != nil)
                }
            }
            #expect(response.text.hasSuffix("\n"))
        }
    }

    @Test func `what was stored, doubled and refused is counted`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.store(SampleObject())
        try test.store(SampleObject(comment: "other bytes"))
        try await test.onPort { client in
            let lines = try await client.execute(uri: "/metrics", method: .get).text.split(separator: "\n")
            for line in [
                "priord_instances_stored_total 1", "priord_instances_duplicate_total 1",
                "priord_instances_conflicting_total 1", #"priord_instances_refused_total{status="A700"} 0"#,
                "priord_listener_up 1", "priord_associations_limit 64", #"priord_studies{state="receiving"} 1"#,
                #"priord_quarantined_objects{reason="conflict"} 1"#, #"priord_peer_instances_total{peer="MODALITY"} 1"#,
            ] {
                #expect(lines.contains(Substring(line)))
            }
        }
    }

    @Test func `label values are escaped`() {
        var page = MetricsText()
        page.add("m", .gauge, "Help.", by: "peer", [("a\"b\\c\nd", "1")])
        #expect(page.text == "# HELP m Help.\n# TYPE m gauge\nm{peer=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test func `as many peers are shown as are bounded, the latest`() throws {
        var snapshot = Snapshot.sample
        snapshot.peers = try (0..<500).map {
            .sample(try AETitle("PEER\($0)"), received: Date(timeIntervalSince1970: Double($0)), failed: nil)
        }
        let text = Metrics(facts: .sample(), snapshot: snapshot).text
        #expect(text.split(separator: "\n").count { $0.hasPrefix("priord_peer_instances_total{") } == 200)
        #expect(text.contains(#"priord_peer_instances_total{peer="PEER499"}"#))
        #expect(!text.contains(#"priord_peer_instances_total{peer="PEER299"}"#))
    }
}
