import Foundation
import Testing

/// Peers that share the Associations there are.
@Suite(.serialized, .timeLimit(.minutes(2))) struct SharesTests {
    private static let yaml = """
        association-limit: 8
        peers:
          - {ae-title: PACS, hosts: 127.0.0.1, association-limit: 4}
          - {ae-title: DR1, hosts: 127.0.0.1, association-reserve: 2, weight: 4}
          - {ae-title: CT1, hosts: 127.0.0.1}
        """

    private struct Status: Decodable {
        struct Check: Decodable {
            let name: String
            let summary: String
            let parts: [Check]
        }
        let checks: [Check]
    }

    private struct Peers: Decodable {
        struct Row: Decodable {
            let aeTitle: String
            let openAssociations: Int
            let refusedAssociations: Int
        }
        let peers: [Row]
    }

    @Test func `a migration gets its share and no more, and a modality what is kept for it`() throws {
        try PriordProcess.serving(PriordProcess.configured(SharesTests.yaml)) { daemon in
            let said = try ClientReport.of("protocol_shares.py", ["\(daemon.dicomPort)"])
            #expect(said["flood", "told"] == "4 accepted, 12 rejected 2/3/2")
            // Two of the four that are left are kept for DR1.
            #expect(said["another", "told"] == "2 accepted, 2 rejected 2/3/2")
            #expect(said["room", "told"] == "2 accepted, 2 rejected 2/3/2")
            #expect(said["room stores", "status"] == "status 0000, status 0000")
            #expect(said["stranger", "told"] == "1 rejected 1/1/3")
            #expect(said["flood goes on", "status"] == "4 status 0000")

            let peers = try Operator(daemon: daemon).answer(Peers.self, "peers", "list").peers
            let refused = Dictionary(uniqueKeysWithValues: peers.map { ($0.aeTitle, $0.refusedAssociations) })
            #expect(refused == ["PACS": 12, "CT1": 2, "DR1": 2])
            #expect(holds(within: .seconds(10)) { daemon.socketCount == 0 })
            let status = try Operator(daemon: daemon).answer(Status.self, "status")
            let parts = status.checks.first { $0.name == "associations" }?.parts ?? []
            #expect(parts.first { $0.name == "PACS" }?.summary == "0 open, 12 refused")
        }
    }
}
