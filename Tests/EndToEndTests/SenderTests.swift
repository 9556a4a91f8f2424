import Foundation
import Glibc
import Testing

/// Senders that are asked what they have: real systems, and things that only look like one.
@Suite struct SenderTests {
    private static let study = Tool.root.appending(path: "Fixtures/studies/14-ct-head")

    /// What becomes of a study of which `kind` sent all but one instance.
    private func report(_ kind: String, _ option: String, untilComplete: Bool = false) throws -> ClientReport {
        let port = try Tool.freePort()
        let yaml = """
            ask-back-wait: 3s
            peers:
              - {ae-title: SENDER, hosts: 127.0.0.1, port: \(port), \(option): on}
            """
        return try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon in
            try ClientReport.of(
                "sender_peer.py",
                [
                    kind, "\(port)", "\(daemon.dicomPort)", Tool.built("priorctl").path, daemon.dataDirectory.path,
                    SenderTests.study.path,
                ] + (untilComplete ? ["complete"] : []))
        }
    }

    @Test(arguments: ["dcmqrscp", "orthanc"])
    func `a study short of one instance that its sender has is incomplete and names it`(kind: String) throws {
        guard SenderTests.isInstalled(kind) else { return }
        let said = try report(kind, "ask-back")
        let uid = try #require(said["first", "withheld"])
        let number = try #require(said["first", "number"])
        #expect(said["first", "verdict"] == "incomplete")
        #expect(said["first", "rule"] == "sender-count")
        #expect(said["first", "missing"] == "instance \(number) (\(uid))")
        #expect(said["first", "versions"] == "incomplete")
        #expect(said["first", "timeline"] == "received settled askedSender assessed")
    }

    @Test(arguments: ["dcmqrscp", "orthanc"])
    func `what is missing is fetched, opens the study again and completes it in a second version`(kind: String) throws {
        guard SenderTests.isInstalled(kind) else { return }
        let said = try report(kind, "retrieve-missing", untilComplete: true)
        let sent = try #require(said["first", "sent"].flatMap { Int($0) })
        #expect(said["first", "senderCount"] == "incomplete")
        #expect(said["complete", "versions"] == "incomplete complete")
        #expect(said["complete", "instances"] == "\(sent + 1)")
        #expect(said["complete", "rule"] == "sender-count")
        let timeline = said["afterwards", "timeline"] ?? ""
        #expect(timeline.hasPrefix("received settled askedSender assessed retrievalRequested"))
        #expect(timeline.hasSuffix("settled askedSender assessed"))
        let kinds = timeline.split(separator: " ")
        #expect(kinds.count { $0 == "retrievalRequested" } == 1)
        #expect(kinds.count { $0 == "reopened" } == 1)
        let details = said["afterwards", "details"] ?? ""
        #expect(details.contains("SENDER: 1 instances (attempt 1 of 3)"))
        #expect(details.contains("SENDER: 1 completed, 0 failed, 0 with warning, status 0000"), "\(details)")
    }

    /// One second of quiet, at most three of waiting, and what the machine is slow by.
    @Test(arguments: ["down", "silent", "garbage", "mute"])
    func `a sender that does not answer delays the assessment little and proves nothing`(kind: String) throws {
        let said = try report(kind, "ask-back")
        #expect(said["first", "senderCount"] == "")
        #expect(said["first", "versions"]?.split(separator: " ").count == 1)
        let seconds = try #require(said["first", "seconds"].flatMap { Double($0) })
        #expect(seconds < 15)
    }

    private static func isInstalled(_ kind: String) -> Bool {
        let name = kind == "orthanc" ? "Orthanc" : kind
        let isThere =
            Tool.installed(name) != nil || FileManager.default.isExecutableFile(atPath: "/usr/sbin/\(name)")
        if !isThere { print("\(name) is not installed; not tried") }
        return isThere
    }
}
