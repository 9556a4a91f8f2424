import Foundation
import Glibc
import Testing

/// Forwarding to real receivers that come, go and refuse.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ForwardTests {
    private static let studies = Tool.root.appending(path: "Fixtures/studies")
    /// One study of 16 slices.
    private static let head = studies.appending(path: "14-ct-head")
    /// One study of 69 slices.
    private static let brain = studies.appending(path: "18-mr-brain-dwi")

    /// A storescp with a folder of its own.
    private final class Receiver {
        let folder: URL
        private let process: Process

        init(port: Int, in directory: URL, named name: String, _ options: [String] = []) throws {
            folder = directory.appending(path: name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let program = try #require(Tool.installed("storescp"), "storescp is not installed; make test installs it")
            process = try Tool.start(
                program, options + ["+xa", "+B", "-od", folder.path, "\(port)"], output: Pipe())
        }

        deinit { end() }

        /// At once, whatever is under way.
        func end() {
            guard process.isRunning else { return }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }

        var fileCount: Int { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).count) ?? 0 }

        var dataSets: [Data] { get throws { try EndToEndTests.dataSets(in: folder) } }
    }

    private static func yaml(_ port: Int, _ more: String = "") -> String {
        """
        peers: [{ae-title: PRIORCTL, hosts: 127.0.0.1}]
        destinations:
          - {name: pacs, host: 127.0.0.1, port: \(port), ae-title: PACS, retry-pause: 200ms, longest-pause: 1s\(more)}
        forwards:
          - {name: pictures, to: pacs, modalities: [CT, MR]}
        """
    }

    @Test func `a study goes to its destination bit by bit, and one that fits no rule stays`() throws {
        let port = try Tool.freePort()
        try PriordProcess.serving(PriordProcess.configured(Self.yaml(port))) { daemon throws in
            let receiver = try Receiver(port: port, in: daemon.directory, named: "inbox")
            for folder in [Self.studies.appending(path: "01-dr-chest-pa-lat"), Self.head] {
                #expect(try Operator(daemon: daemon).send(folder).isSuccess)
            }
            _ = try #require(daemon.waitForLog(containing: "study forwarded", within: .seconds(60)))
            try Operator(daemon: daemon).waitForAssessments(2)
            #expect(try Set(receiver.dataSets) == Set(dataSets(in: Self.head)))
            #expect(receiver.fileCount == 16)
            #expect(daemon.logLines.count { $0.contains("study forwarded") } == 1)
        }
    }

    @Test func `a destination that is killed halfway and a restart in between lose nothing and repeat little`() throws {
        let port = try Tool.freePort()
        let yaml = Self.yaml(port, ", rate-limit: 128KB/s")
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
            let first = try Receiver(port: port, in: daemon.directory, named: "first")
            #expect(try Operator(daemon: daemon).send(Self.brain).isSuccess)
            #expect(holds(within: .seconds(60)) { first.fileCount >= 10 })
            first.end()
            _ = try #require(daemon.waitForLog(containing: "study not forwarded", within: .seconds(20)))
            #expect(daemon.stop() == 0)

            let originals = try Set(dataSets(in: Self.brain))
            let before = try Set(first.dataSets).intersection(originals)
            #expect((9..<69).contains(before.count))
            let settings = PriordProcess.Settings(
                arguments: [], yaml: yaml, dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted throws in
                _ = try #require(restarted.waitForLog(containing: "study not forwarded", within: .seconds(20)))
                let second = try Receiver(port: port, in: daemon.directory, named: "second")
                _ = try #require(restarted.waitForLog(containing: "study forwarded", within: .seconds(60)))
                let after = try second.dataSets
                #expect(before.union(after) == originals)
                // At most the one whose answer the kill swallowed comes again.
                #expect(after.count <= 69 - before.count + 1)
            }
        }
    }

    @Test(arguments: [["--refuse"], ["--abort-during"], ["--abort-after"]])
    func `a receiver that rejects or breaks off loses nothing once it has come to its senses`(fault: [String]) throws {
        let port = try Tool.freePort()
        try PriordProcess.serving(PriordProcess.configured(Self.yaml(port))) { daemon throws in
            let ill = try Receiver(port: port, in: daemon.directory, named: "ill", fault)
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            #expect(
                holds(within: .seconds(60)) { daemon.logLines.count { $0.contains("study not forwarded") } >= 3 })
            ill.end()
            let well = try Receiver(port: port, in: daemon.directory, named: "well")
            let row = try Operator(daemon: daemon).waitForForward("sent")
            #expect(row.failedCount == 0)
            #expect(try Set(ill.dataSets + well.dataSets).isSuperset(of: dataSets(in: Self.head)))
        }
    }

    @Test func `a slow receiver is waited for, and a rate is kept`() throws {
        let port = try Tool.freePort()
        let byteCount = try dataSets(in: Self.head).reduce(0) { $0 + $1.count }
        let rate = byteCount / 3
        try PriordProcess.serving(PriordProcess.configured(Self.yaml(port, ", rate-limit: \(rate)B/s"))) {
            daemon throws in
            let receiver = try Receiver(port: port, in: daemon.directory, named: "inbox", ["--sleep-after", "0"])
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            #expect(holds(within: .seconds(60)) { receiver.fileCount > 0 })
            let start = ContinuousClock.now
            _ = try Operator(daemon: daemon).waitForForward("sent")
            #expect(ContinuousClock.now - start > .seconds(2))
            #expect(receiver.fileCount == 16)
        }
    }

    @Test func `outside its window a destination is sent nothing`() throws {
        let port = try Tool.freePort()
        let hour = Calendar(identifier: .gregorian).component(.hour, from: Date())
        func text(_ hour: Int) -> String { (hour % 24 < 10 ? "0" : "") + "\(hour % 24):00" }
        // Two hours from now, in the zone of this machine, which is the daemon's.
        let closed = Self.yaml(port, ", window: '\(text(hour + 2))-\(text(hour + 3))'")
        try PriordProcess.serving(PriordProcess.configured(closed)) { daemon throws in
            let receiver = try Receiver(port: port, in: daemon.directory, named: "inbox")
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            _ = try Operator(daemon: daemon).waitForForward("waiting")
            try Operator(daemon: daemon).waitForAssessments(1)
            #expect(receiver.fileCount == 0)
            #expect(daemon.stop() == 0)
            let settings = PriordProcess.Settings(
                arguments: [], yaml: Self.yaml(port, ", window: '\(text(hour + 23))-\(text(hour + 3))'"),
                dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted throws in
                _ = try Operator(daemon: restarted).waitForForward("sent")
                #expect(receiver.fileCount == 16)
            }
        }
    }

    private struct Page: Decodable {
        struct Row: Decodable {
            let id: Int64
            let state: String
            let sentCount: Int
            let lastFailure: String
        }
        struct Destination: Decodable {
            let breaker: String
            let waiting: Int
            let pausedAt: String?
        }
        let forwards: [Row]
        let destinations: [Destination]
    }

    @Test func `an operator sees what waits, holds it back, and lets it go`() throws {
        let port = try Tool.freePort()
        let yaml = Self.yaml(port, ", breaker-failures: 2")
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
            let priorctl = Operator(daemon: daemon)
            #expect(try priorctl.run("forwards", "list").text.contains("nothing waits"))
            #expect(try priorctl.send(Self.head).isSuccess)
            _ = try #require(daemon.waitForLog(containing: "breaker=open", within: .seconds(60)))
            let waiting = try priorctl.answer(Page.self, "forwards", "list")
            #expect(waiting.forwards.map(\.state) == ["waiting"])
            #expect(waiting.forwards.first?.lastFailure != "")
            #expect(waiting.destinations.map(\.waiting) == [1])
            #expect(try priorctl.run("status").status == 1)

            #expect(try priorctl.run("forwards", "pause", "pacs", "--by", "zhao").isSuccess)
            #expect(try priorctl.run("forwards", "pause", "nowhere").status != 0)
            let receiver = try Receiver(port: port, in: daemon.directory, named: "inbox")
            #expect(try priorctl.run("forwards", "retry", "1").isSuccess)
            #expect(try priorctl.answer(Page.self, "forwards", "list").destinations.first?.pausedAt != nil)
            #expect(receiver.fileCount == 0)
            #expect(try priorctl.run("forwards", "resume", "pacs").isSuccess)
            _ = try #require(daemon.waitForLog(containing: "study forwarded", within: .seconds(30)))
            #expect(receiver.fileCount == 16)
            #expect(try priorctl.answer(Page.self, "forwards", "list").forwards.isEmpty)
            let all = try priorctl.answer(Page.self, "forwards", "list", "--all")
            #expect(all.forwards.map(\.sentCount) == [16])
            #expect(try priorctl.run("forwards", "drop", "1").status != 0)
        }
    }
}
