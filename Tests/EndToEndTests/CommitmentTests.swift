import Foundation
import Glibc
import Testing

/// Storage Commitment asked for by pynetdicom and by Orthanc.
@Suite struct CommitmentTests {
    private static let folder = Tool.root.appending(path: "Fixtures/studies/14-ct-head").path
    private static let success = [
        "status": "0000", "type": "1", "committed": "16", "failed": "0", "reasons": "", "transaction": "True",
    ]

    @Test func `a result comes on the same association, or on one of ours with the SCP role`() throws {
        try CommitmentTests.serving { daemon, port in
            let said = try CommitmentTests.run(daemon, port, ["store", "same", "new"])
            #expect(said.cases["same"] == CommitmentTests.success.merging(["on": "same", "role": ""]) { $1 })
            #expect(said.cases["new"] == CommitmentTests.success.merging(["on": "new", "role": "scu"]) { $1 })
            let kinds = try daemon.indexRows("SELECT kind FROM event WHERE kind LIKE 'commitment%' ORDER BY id")
            #expect(
                kinds.map { $0[0] }
                    == Array(repeating: ["commitmentChecked", "commitmentReported"], count: 2).flatMap(\.self))
        }
    }

    @Test func `what is not stored as named is not committed, each with its reason`() throws {
        try CommitmentTests.serving { daemon, port in
            let said = try CommitmentTests.run(daemon, port, ["store", "failures"])
            func outcome(_ name: String) -> [String?] {
                ["type", "committed", "failed", "reasons"].map { said[name, $0] }
            }
            #expect(outcome("unknown") == ["2", "16", "1", "0112"])
            #expect(outcome("other class") == ["2", "0", "1", "0119"])
            #expect(outcome("first of its UID") == ["1", "1", "0", ""])
            #expect(outcome("again the same") == ["1", "1", "0", ""])
            #expect(outcome("another list") == ["2", "0", "1", "0131"])
        }
    }

    @Test func `a stored object that was damaged since is not committed`() throws {
        try CommitmentTests.serving { daemon, port in
            _ = try CommitmentTests.run(daemon, port, ["store"])
            let objects = daemon.dataDirectory.appending(path: "objects")
            let names = FileManager.default.enumerator(atPath: objects.path)?.allObjects as? [String] ?? []
            let file = objects.appending(path: try #require(names.filter { $0.hasSuffix(".dcm") }.min()))
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count - 9] ^= 1
            try bytes.write(to: file)
            let said = try CommitmentTests.run(daemon, port, ["same"])
            #expect(["type", "committed", "failed", "reasons"].map { said["same", $0] } == ["2", "15", "1", "0110"])
            #expect(daemon.logLines.contains { $0.contains("a stored object does not verify") })
        }
    }

    @Test func `malformed requests get the answers of the standard, and the next one is served`() throws {
        try CommitmentTests.serving { daemon, port in
            let said = try CommitmentTests.run(daemon, port, ["store", "malformed"])
            let statuses = said.cases.mapValues { $0["status"] ?? "" }.filter { $0.key != "store" }
            #expect(
                statuses == [
                    "another action": "0123", "another instance": "0112", "no instances": "0115",
                    "no transaction": "0115", "an item without a UID": "0115", "garbage": "0110", "nothing": "0110",
                    "then a good one": "0000",
                ])
            #expect(said["then a good one", "committed"] == "16")
        }
    }

    @Test func `a kill between request and result delays the result and loses nothing`() throws {
        try CommitmentTests.serving { daemon, port in
            let asked = try CommitmentTests.run(daemon, port, ["store", "ask"])
            #expect(asked["ask", "status"] == "0000")
            daemon.killNow()
            let settings = PriordProcess.Settings(
                arguments: [], yaml: CommitmentTests.yaml(port), dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted in
                let heard = try CommitmentTests.run(restarted, port, ["listen"])
                #expect(heard.cases["listen"] == CommitmentTests.success.merging(["on": "new", "role": "scu"]) { $1 })
            }
        }
    }

    @Test func `an operator sees a result that cannot be delivered, and tries again or drops it`() throws {
        try CommitmentTests.serving { daemon, port in
            _ = try CommitmentTests.run(daemon, port, ["store", "ask", "ask"])
            let priorctl = Operator(daemon: daemon)
            #expect(
                holds(within: .seconds(20)) { daemon.logLines.count { $0.contains("commitment not reported") } >= 2 })
            let listed = try priorctl.answer(Commitments.self, "commitments", "list").commitments
            #expect(listed.map(\.id) == [2, 1])
            #expect(
                listed.allSatisfy { $0.state == "checked" && $0.attempts > 0 && $0.lastFailure.contains("refused") })
            #expect(try priorctl.run("status").status == 1)
            #expect(try priorctl.run("commitments", "list").text.contains("CT1"))

            #expect(try priorctl.run("commitments", "drop", "1", "--by", "zhao").isSuccess)
            #expect(try priorctl.run("commitments", "drop", "1").status != 0)
            #expect(try priorctl.run("commitments", "retry", "2").isSuccess)
            let heard = try CommitmentTests.run(daemon, port, ["listen"])
            #expect(heard["listen", "committed"] == "16")
            #expect(holds(within: .seconds(10)) { daemon.logLines.contains { $0.contains("commitment reported") } })
            #expect(try priorctl.answer(Commitments.self, "commitments", "list").commitments.isEmpty)
            #expect(try priorctl.run("commitments", "list").text.contains("no result waits"))
        }
    }

    @Test func `a result that is refused on the same association is delivered on a new one`() throws {
        try CommitmentTests.serving { daemon, port in
            let said = try CommitmentTests.run(daemon, port, ["store", "refused"])
            #expect(said["refused", "on"] == "same")
            #expect(said.cases["then"] == CommitmentTests.success.merging(["on": "new", "role": "scu"]) { $1 })
            #expect(
                try daemon.indexRows("SELECT state FROM commitment WHERE state <> 1", within: .seconds(10)) == [["2"]])
        }
    }

    @Test func `a peer that cannot be called hears of earlier requests when it asks again`() throws {
        try PriordProcess.serving { daemon in
            _ = try CommitmentTests.run(daemon, 1, ["store", "ask"])
            #expect(daemon.waitForLog(containing: "commitment checked") != nil)
            let said = try CommitmentTests.run(daemon, 1, ["both"])
            #expect(Set(["one", "other"].compactMap { said[$0, "committed"] }) == ["1", "16"])
            #expect(["one", "other"].allSatisfy { said[$0, "on"] == "same" })
            #expect(holds(within: .seconds(10)) { daemon.logLines.count { $0.contains("commitment reported") } == 2 })
        }
    }

    @Test func `Orthanc hears that all is kept, and what is not`() throws {
        let installed = FileManager.default.isExecutableFile(atPath: "/usr/sbin/Orthanc")
        guard installed || Tool.installed("Orthanc") != nil else {
            print("Orthanc is not installed; not tried")
            return
        }
        let port = try Tool.freePort()
        try PriordProcess.serving(PriordProcess.configured(CommitmentTests.yaml(port, aeTitle: "ORTHANC"))) { daemon in
            let said = try ClientReport.of(
                "protocol_orthanc_commitment.py", ["\(daemon.dicomPort)", "\(port)", CommitmentTests.folder])
            #expect(said.cases["all stored"] == ["status": "Success", "committed": "16", "failed": "0"])
            #expect(said.cases["one not stored"] == ["status": "Failure", "committed": "15", "failed": "1"])
        }
    }

    struct Commitments: Decodable {
        struct Row: Decodable {
            let id: Int
            let state: String
            let attempts: Int
            let lastFailure: String
        }
        let commitments: [Row]
    }

    /// A daemon that knows CT1, which takes Associations on the port handed over.
    private static func serving(_ body: (PriordProcess, Int) throws -> Void) throws {
        let port = try Tool.freePort()
        try PriordProcess.serving(PriordProcess.configured(yaml(port))) { try body($0, port) }
    }

    private static func yaml(_ port: Int, aeTitle: String = "CT1") -> String {
        "peers: [{ae-title: \(aeTitle), hosts: 127.0.0.1, port: \(port)}]"
    }

    private static func run(_ daemon: PriordProcess, _ port: Int, _ commands: [String]) throws -> ClientReport {
        try ClientReport.of("protocol_commitment.py", ["\(daemon.dicomPort)", "\(port)", folder] + commands)
    }
}
