import Foundation
import Testing

/// Forwarding to destinations that have to commit to what they took: pynetdicom and Orthanc.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ForwardCommitmentTests {
    /// One Series of 16 slices.
    private static let head = Fixtures.studies.appending(path: "14-ct-head")

    private static func yaml(_ port: Int, _ more: String = "") -> String {
        """
        peers: [{ae-title: PRIORCTL, hosts: 127.0.0.1}]
        destinations:
          - {name: pacs, host: 127.0.0.1, port: \(port), ae-title: PACS, retry-pause: 200ms, longest-pause: 1s,
             commitment: on\(more)}
        forwards:
          - {name: pictures, to: pacs}
        """
    }

    private static func serving(
        _ options: [String], _ more: String = "",
        _ body: (PriordProcess, ForwardPeer, Operator) throws -> Void
    ) throws {
        let port = try Tool.freePort()
        try PriordProcess.serving(PriordProcess.configured(yaml(port, more))) { daemon throws in
            let peer = try ForwardPeer(
                "forward_peer.py", ["\(port)", "\(daemon.dicomPort)"] + options, in: daemon.directory)
            let priorctl = Operator(daemon: daemon)
            #expect(try priorctl.send(head).isSuccess)
            try body(daemon, peer, priorctl)
        }
    }

    @Test(arguments: ["report=new", "report=same"])
    func `an instance counts as delivered once the destination has committed to it`(report: String) throws {
        try Self.serving(["commit=all", report]) { daemon, peer, priorctl throws in
            let row = try priorctl.waitForForward("sent")
            #expect((row.sentCount, row.uncommittedCount) == (16, 0))
            #expect(peer.events("asked").compactMap { $0["count"] } == ["16"])
            #expect(holds(within: .seconds(10)) { peer.events("reported").map { $0["status"] } == ["0000"] })
            #expect(
                try daemon.indexRows("SELECT detail FROM event WHERE kind = 'forwarded'", within: .seconds(5))
                    == [["pacs: 16 sent and committed"]])
        }
    }

    @Test func `what is not committed is sent again`() throws {
        try Self.serving(["commit=all", "lose=3:1", "lose=5:2"]) { _, peer, priorctl throws in
            let row = try priorctl.waitForForward("sent")
            #expect(row.sentCount == 16)
            #expect(peer.storedNumbers == Array(1...16) + [3, 5, 5])
            #expect(peer.events("asked").compactMap { $0["count"] } == ["16", "2", "1"])
        }
    }

    @Test func `what is never committed is given up, seen, and tried again by hand`() throws {
        try Self.serving(["commit=all", "lose=3:4"], ", instance-attempts: 3") { _, peer, priorctl throws in
            let row = try priorctl.waitForForward("failed")
            #expect((row.sentCount, row.failedCount) == (15, 1))
            #expect(row.failures.map(\.state) == ["givenUp"])
            #expect(row.failures.first?.reason.contains("0112") == true)
            #expect(try priorctl.run("status").status == 1)
            #expect(try priorctl.run("forwards", "retry", "--destination", "pacs").isSuccess)
            #expect(try priorctl.waitForForward("sent").sentCount == 16)
            #expect(peer.storedNumbers.count { $0 == 3 } == 5)
        }
    }

    @Test func `a destination that never answers is asked again, and then shown as such`() throws {
        try Self.serving(["commit=never"], ", commitment-wait: 1s, commitment-attempts: 3") {
            _, peer, priorctl throws in
            let row = try priorctl.waitForForward("uncommitted")
            #expect((row.sentCount, row.uncommittedCount) == (16, 16))
            #expect(row.lastFailure.contains("3 times"))
            #expect(row.failures.count == 16 && row.failures.allSatisfy { $0.state == "uncommitted" })
            #expect(peer.events("asked").count == 3)
            #expect(Set(peer.events("asked").compactMap { $0["transaction"] }).count == 3)
            #expect(peer.storedNumbers == Array(1...16))
            #expect(try priorctl.run("status").status == 1)
        }
    }

    @Test func `a destination that refuses the request, or knows no commitment, is not asked for ever`() throws {
        try Self.serving(["commit=reject"], ", commitment-attempts: 2") { _, peer, priorctl throws in
            #expect(try priorctl.waitForForward("uncommitted").lastFailure.contains("0110"))
            #expect(peer.events("asked").count == 2)
        }
        try Self.serving([], ", commitment-attempts: 2") { _, peer, priorctl throws in
            #expect(try priorctl.waitForForward("uncommitted").lastFailure.contains("does not accept"))
            #expect(peer.storedNumbers == Array(1...16))
        }
    }

    @Test func `a kill between request and answer delays the delivery and sends nothing twice`() throws {
        let port = try Tool.freePort()
        let yaml = Self.yaml(port, ", commitment-wait: 2s")
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
            let mute = try ForwardPeer(
                "forward_peer.py", ["\(port)", "\(daemon.dicomPort)", "commit=never"], in: daemon.directory,
                named: "peer")
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            #expect(holds(within: .seconds(60)) { mute.events("asked").count == 1 })
            daemon.killNow()
            mute.end()
            let settings = PriordProcess.Settings(arguments: [], yaml: yaml, dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted throws in
                #expect(try Operator(daemon: restarted).forwards().forwards.map(\.state) == ["committing"])
                // It remembers nothing, so it has lost everything.
                let peer = try ForwardPeer(
                    "forward_peer.py", ["\(port)", "\(restarted.dicomPort)", "commit=all"], in: restarted.directory)
                #expect(try Operator(daemon: restarted).waitForForward("sent").sentCount == 16)
                #expect(peer.storedNumbers == Array(1...16))
                #expect(try Set(peer.dataSets) == Set(dataSets(in: Self.head)))
            }
        }
    }

    @Test func `Orthanc commits to what it took`() throws {
        guard let orthanc = try OrthancServer.started() else { return print("Orthanc is not installed; not tried") }
        defer { orthanc.end() }
        try PriordProcess.serving(
            PriordProcess.configured(
                Self.yaml(orthanc.dicomPort).replacing("ae-title: PACS", with: "ae-title: ORTHANC"))
        ) { daemon throws in
            try orthanc.knows("PRIORD", at: daemon.dicomPort)
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            let row = try Operator(daemon: daemon).waitForForward("sent")
            #expect((row.sentCount, row.uncommittedCount) == (16, 0))
            #expect(daemon.logLines.contains { $0.contains("destination committed") })
            #expect(try orthanc.instanceCount == 16)
        }
    }
}
