import Foundation
import Glibc
import Testing

/// The main way as an operator sees it, with nothing but the built programs.
@Suite(.serialized, .timeLimit(.minutes(3))) struct OperatorTests {
    private static let fixtures = Tool.root.appending(path: "Fixtures/studies")

    private struct Priors: Decodable {
        struct Prior: Decodable {
            let studyInstanceUID: String
            let relation: String
        }
        let priors: [Prior]
    }

    private struct Study: Decodable {
        struct Evidence: Decodable {
            let rule: String
        }
        struct Completeness: Decodable {
            let verdict: String
            let evidence: [Evidence]
        }
        struct Quality: Decodable {
            let verdict: String
            let findings: [Evidence]
        }
        let completeness: Completeness
        let quality: Quality
    }

    @Test func `every fixture study is named, judged and found as it was made`() throws {
        let manifest = try Manifest.load()
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)

        #expect(try ctl.send(OperatorTests.fixtures).isSuccess)
        try ctl.waitForAssessments(manifest.studies.count)

        let listed = try ctl.answer(StudyLines.self, "studies", "--limit", "1000")
        #expect(listed.total == manifest.studies.count)
        let lines = Dictionary(uniqueKeysWithValues: listed.studies.map { ($0.studyInstanceUID, $0) })
        for study in manifest.studies {
            let line = try #require(lines[study.studyInstanceUID])
            #expect(line.state == "settled", "\(study.folder)")
            #expect(line.code == study.expected.code, "\(study.folder)")
            #expect(line.completeness == study.expected.completeness.verdict, "\(study.folder)")
            #expect(line.quality == study.expected.quality.verdict, "\(study.folder)")

            let whole = try ctl.answer(Study.self, "study", study.studyInstanceUID)
            if let rule = study.expected.completeness.rule {
                #expect(whole.completeness.evidence.first?.rule == rule, "\(study.folder)")
            }
            if let rule = study.expected.quality.rule {
                #expect(whole.quality.findings.first?.rule == rule, "\(study.folder)")
            }
            guard study.expected.code != nil else { continue }
            let priors = try ctl.answer(Priors.self, "priors", "--study", study.studyInstanceUID).priors
            let same = priors.prefix { $0.relation == "same" }
            #expect(same.map(\.studyInstanceUID) == study.expected.priors, "\(study.folder)")
            #expect(priors.dropFirst(same.count).allSatisfy { $0.relation != "same" }, "\(study.folder)")
        }
    }

    @Test func `studies are found by words of three languages, with diacritics or without`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        #expect(try ctl.send(OperatorTests.fixtures).isSuccess)
        let counts = [
            "湖滨": 10, "胸部": 10, "ngực": 4, "nguc": 4, "NGUYỄN thi": 3, "riverside chest": 4, "周 昞": 1, "đứcc": 0,
        ]
        for (text, count) in counts {
            #expect(try ctl.answer(StudyLines.self, "studies", "--text", text).total == count, "\(text)")
        }
    }

    @Test func `what was sent is exported bit for bit, verified, and indexed again from the objects alone`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        #expect(try ctl.send(OperatorTests.fixtures).isSuccess)

        let exported = daemon.directory.appending(path: "out")
        #expect(try ctl.run("export", "--all", exported.path).isSuccess)
        let sent = try OperatorTests.dataSets(below: OperatorTests.fixtures)
        #expect(try OperatorTests.dataSets(below: exported) == sent)

        #expect(try ctl.run("verify", "--full").isSuccess)
        let before = try ctl.answer(StudyLines.self, "studies", "--limit", "1000").studies.map(\.patientName)
        #expect(try ctl.run("reindex").isSuccess)
        let after = try ctl.answer(StudyLines.self, "studies", "--limit", "1000").studies.map(\.patientName)
        #expect(after == before)
        #expect(try ctl.run("verify", "--full").isSuccess)
    }

    @Test func `a flipped byte on the disk is found by verify and no other`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        #expect(try ctl.send(OperatorTests.fixtures.appending(path: "01-dr-chest-pa-lat")).isSuccess)
        let object = try #require(
            OperatorTests.files(below: daemon.dataDirectory.appending(path: "objects")).first)
        let handle = try FileHandle(forUpdating: object)
        let end = try handle.seekToEnd()
        try handle.seek(toOffset: end - 1)
        let last = try #require(try handle.read(upToCount: 1)?.first)
        try handle.seek(toOffset: end - 1)
        try handle.write(contentsOf: Data([last ^ 1]))
        try handle.close()

        #expect(try ctl.run("verify").isSuccess)
        let full = try ctl.run("verify", "--full")
        #expect(full.status == 2)
    }

    @Test func `status is critical without a daemon, a warning with something in quarantine, ok otherwise`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        #expect(try ctl.run("status").status == 0)

        // The same instance with other bytes: a second study of the generator under the UID of the first.
        let first = OperatorTests.fixtures.appending(path: "01-dr-chest-pa-lat")
        #expect(try ctl.send(first).isSuccess)
        let changed = daemon.directory.appending(path: "changed")
        try FileManager.default.copyItem(at: first, to: changed)
        for file in OperatorTests.files(below: changed) {
            var bytes = try Data(contentsOf: file)
            let name = try #require(bytes.range(of: Data("HUB".utf8)))
            bytes.replaceSubrange(name, with: Data("BUH".utf8))
            try bytes.write(to: file)
        }
        #expect(try ctl.send(changed).isSuccess)
        #expect(try ctl.run("status").status == 1)
        #expect(try ctl.run("quarantine", "list").text.contains("conflict"))

        daemon.stop()
        #expect(try ctl.run("status").status == 2)
    }

    @Test func `a second daemon on the same data directory is refused`() throws {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let second = try Tool.run(
            Tool.built("priord"),
            ["serve", "--data-dir", daemon.dataDirectory.path, "--dicom-port", "0", "--http-port", "0"])
        #expect(second.status == 1)
        #expect(second.text.contains("in use by another priord"))
    }

    @Test(arguments: ["--http-port", "--dicom-port"])
    func `a daemon whose port is taken says so and ends`(flag: String) throws {
        let first = try PriordProcess()
        defer { first.end() }
        let taken = flag == "--http-port" ? first.httpPort : first.dicomPort
        let other = flag == "--http-port" ? "--dicom-port" : "--http-port"
        let data = first.directory.appending(path: "other")
        let second = try Tool.run(
            Tool.built("priord"), ["serve", "--data-dir", data.path, flag, "\(taken)", other, "0"],
            within: .seconds(20))
        #expect(second.status == 1)
        #expect(second.text.contains("cannot listen on"))
    }

    @Test func `systemd hears when the daemon is ready, that it is alive, and that it stops`() throws {
        let path = "/tmp/priord-notify-\(getpid())"
        unlink(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        func next() -> String {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }

        var settings = PriordProcess.Settings()
        settings.environment = ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"]
        let daemon = try PriordProcess(settings)
        defer { daemon.end() }
        #expect(next() == "EXTEND_TIMEOUT_USEC=60000000")
        #expect(next() == "READY=1")
        #expect(next() == "WATCHDOG=1")
        #expect(next() == "WATCHDOG=1")
        kill(daemon.pid, SIGTERM)
        var last = next()
        while last == "WATCHDOG=1" { last = next() }
        #expect(last == "STOPPING=1")
        #expect(daemon.waitForExit(within: .seconds(10)) == 0)
    }

    static func files(below folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (found?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "dcm" }
            .sorted { $0.path < $1.path }
    }

    /// The bytes after the File Meta Information of every file, in an order that does not depend on names.
    static func dataSets(below folder: URL) throws -> Set<Data> {
        Set(
            try files(below: folder).map { file in
                let bytes = try Data(contentsOf: file)
                // (0002,0000) comes first and holds how many bytes of meta information follow it (PS3.10 7.1).
                let length = bytes[140..<144].reversed().reduce(0) { $0 << 8 | Int($1) }
                return Data(bytes[(144 + length)...])
            })
    }
}
