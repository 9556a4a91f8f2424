import Foundation
import Testing

/// Forwarding to a PACS that refuses, warns, and breaks off at single Instances.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ForwardFaultTests {
    /// One Series of 16 slices.
    private static let head = Fixtures.studies.appending(path: "14-ct-head")

    private static func yaml(_ port: Int, _ more: String = "") -> String {
        """
        peers: [{ae-title: PRIORCTL, hosts: 127.0.0.1}]
        destinations:
          - {name: pacs, host: 127.0.0.1, port: \(port), ae-title: PACS, retry-pause: 200ms, longest-pause: 400ms\(more)}
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
            let peer = try ForwardPeer("forward_peer.py", ["\(port)", "0"] + options, in: daemon.directory)
            let priorctl = Operator(daemon: daemon)
            #expect(try priorctl.send(head).isSuccess)
            try body(daemon, peer, priorctl)
        }
    }

    @Test func `an instance that always breaks the association is given up, and the others go on in order`() throws {
        try Self.serving(["abort=8"], ", instance-attempts: 3") { daemon, peer, priorctl throws in
            let row = try priorctl.waitForForward("failed")
            #expect((row.sentCount, row.failedCount) == (15, 1))
            #expect(row.failures.map(\.state) == ["givenUp"])
            #expect(row.failures.first?.reason.contains("given up after 3 attempts") == true)
            #expect(peer.storedNumbers == Array(1...7) + Array(9...16))
            #expect(peer.events("aborted").count == 3)
            #expect(try priorctl.run("status").status == 1)
            #expect(try priorctl.run("forwards", "list", "--failed").text.contains("given up after 3 attempts"))

            // By hand it is tried again, and fails again.
            #expect(try priorctl.run("forwards", "retry", "\(row.id)").isSuccess)
            #expect(holds(within: .seconds(20)) { peer.events("aborted").count > 3 })
        }
    }

    @Test func `an instance that breaks the association a few times arrives in its place`() throws {
        try Self.serving(["abort=5:3"]) { _, peer, priorctl throws in
            let row = try priorctl.waitForForward("sent")
            #expect(row.sentCount == 16)
            #expect(peer.storedNumbers == Array(1...16))
            #expect(try Set(peer.dataSets) == Set(dataSets(in: Self.head)))
        }
    }

    @Test func `a destination that takes nothing loses nothing, however often it breaks off`() throws {
        try Self.serving(["abort=all:9"], ", instance-attempts: 3, breaker-failures: 100") { _, peer, priorctl throws in
            let row = try priorctl.waitForForward("sent")
            #expect((row.sentCount, row.failedCount) == (16, 0))
            #expect(peer.events("aborted").count == 9)
            #expect(Set(peer.storedNumbers) == Set(1...16))
        }
    }

    @Test func `warnings are successes, a full disk is waited for, and a refusal is kept with its reason`() throws {
        try Self.serving([
            "refuse=2:B000", "refuse=3:B006", "refuse=4:B007", "refuse=5:A700:2", "refuse=6:A900", "refuse=7:C000",
            "refuse=8:0110",
        ]) { daemon, peer, priorctl throws in
            let row = try priorctl.waitForForward("partlyRefused")
            #expect((row.sentCount, row.failedCount) == (13, 3))
            #expect(row.failures.map { String($0.reason.prefix(4)) } == ["A900", "C000", "0110"])
            #expect(row.failures.allSatisfy { $0.state == "refused" })
            #expect(peer.storedNumbers == Array(1...5) + Array(9...16))
            #expect(peer.events("refused").count { $0["status"] == "A700" } == 2)
            #expect(peer.events("refused").count { $0["status"] == "C000" } == 1)
            #expect(daemon.logLines.count { $0.contains("instance taken with a warning") } == 3)
            #expect(try priorctl.run("forwards", "list", "--failed").text.contains("C000: cannot be understood"))
        }
    }

    @Test func `kills of both sides in the middle lose nothing, keep the order and deliver bit by bit`() throws {
        let (port, originals) = (try Tool.freePort(), try Set(dataSets(in: Self.head)))
        let yaml = Self.yaml(port, ", rate-limit: 256KB/s")
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
            let first = try ForwardPeer("forward_peer.py", ["\(port)", "0"], in: daemon.directory, named: "first")
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            #expect(holds(within: .seconds(60)) { first.storedNumbers.count >= 3 })
            first.end()
            _ = try #require(daemon.waitForLog(containing: "study not forwarded", within: .seconds(20)))
            let second = try ForwardPeer("forward_peer.py", ["\(port)", "0"], in: daemon.directory, named: "second")
            #expect(holds(within: .seconds(60)) { second.storedNumbers.count >= 3 })
            daemon.killNow()

            let settings = PriordProcess.Settings(arguments: [], yaml: yaml, dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted throws in
                _ = try Operator(daemon: restarted).waitForForward("sent")
                let received = try first.dataSets + second.dataSets
                #expect(Set(received) == originals)
                #expect(first.isInOrder)
                // What was answered in the last half second before the kill may come again, in its order.
                let numbers = second.storedNumbers
                #expect(zip(numbers, numbers.dropFirst()).count { $0 > $1 } <= 1)
                #expect(received.count < originals.count + 8)
            }
        }
    }

    @Test func `what a destination sent itself does not go back to it, unless it is to`() throws {
        for (more, count) in [("", 0), (", send-back: on", 16)] {
            let port = try Tool.freePort()
            let yaml = Self.yaml(port, more)
                .replacing("peers: [", with: "peers: [{ae-title: PACS, hosts: 127.0.0.1}, ")
            try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
                let peer = try ForwardPeer("forward_peer.py", ["\(port)", "0"], in: daemon.directory)
                let sent = try Tool.run(
                    "storescu",
                    ["-aet", "PACS", "-aec", "PRIORD", "+sd", "127.0.0.1", "\(daemon.dicomPort)", Self.head.path])
                #expect(sent.isSuccess)
                try Operator(daemon: daemon).waitForAssessments(1)
                if count > 0 { _ = try Operator(daemon: daemon).waitForForward("sent") }
                #expect(peer.storedNumbers.count == count)
                #expect(try Operator(daemon: daemon).forwards("--all").forwards.count == (count > 0 ? 1 : 0))
            }
        }
    }

    @Test func `a rule reaches studies that were there before it when a person says so`() throws {
        let port = try Tool.freePort()
        let before = PriordProcess.configured("peers: [{ae-title: PRIORCTL, hosts: 127.0.0.1}]")
        try PriordProcess.serving(before) { daemon throws in
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            try Operator(daemon: daemon).waitForAssessments(1)
            #expect(daemon.stop() == 0)
            let settings = PriordProcess.Settings(
                arguments: [], yaml: Self.yaml(port), dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted throws in
                let peer = try ForwardPeer("forward_peer.py", ["\(port)", "0"], in: restarted.directory)
                let priorctl = Operator(daemon: restarted)
                #expect(try priorctl.run("forwards", "add", "--rule", "pictures").status != 0)
                #expect(try priorctl.run("forwards", "add", "--rule", "nothing", "--all").status != 0)
                let trial = try priorctl.run("forwards", "add", "--rule", "pictures", "--all", "--dry-run")
                #expect(trial.text.contains("1 "))
                #expect(try priorctl.forwards("--all").forwards.isEmpty)
                let none = try priorctl.run("forwards", "add", "--rule", "pictures", "--to", "19990101")
                #expect(none.text.contains("0 "))
                #expect(try priorctl.run("forwards", "add", "--rule", "pictures", "--all", "--by", "zhao").isSuccess)
                #expect(try priorctl.waitForForward("sent").sentCount == 16)
                #expect(peer.storedNumbers == Array(1...16))

                #expect(try priorctl.run("forwards", "add", "--rule", "pictures", "--all").text.contains("0 "))
                #expect(try priorctl.run("forwards", "add", "--rule", "pictures", "--all", "--again").isSuccess)
                #expect(holds(within: .seconds(30)) { peer.storedNumbers.count == 32 })
                let kinds = try restarted.indexRows("SELECT detail FROM event WHERE kind = 'forwardsAdded' ORDER BY id")
                #expect(kinds.first?.first?.contains("rule pictures") == true)
                #expect(kinds.contains { $0[0].contains("by zhao") })
            }
        }
    }
}
