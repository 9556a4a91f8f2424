import Foundation
import Testing

/// Forwarding by STOW-RS: to a server of our own that misbehaves, to Orthanc and to another priord.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ForwardStowTests {
    /// One Series of 16 slices.
    private static let head = Fixtures.studies.appending(path: "14-ct-head")

    private static func yaml(_ url: String, _ more: String = "") -> String {
        """
        peers: [{ae-title: PRIORCTL, hosts: 127.0.0.1}]
        ae-title: GATE
        idle-timeout: 3s
        destinations:
          - {name: cloud, url: "\(url)", retry-pause: 200ms, longest-pause: 400ms\(more)}
        forwards:
          - {name: pictures, to: cloud}
        """
    }

    private static func send(_ daemon: PriordProcess) throws -> Tool.Output {
        try Tool.run(
            Tool.built("priorctl"),
            ["send", head.path, "--to", "127.0.0.1:\(daemon.dicomPort)", "--ae-title", "GATE"])
    }

    private static func serving(
        _ options: [String], _ more: String = "",
        _ body: (PriordProcess, ForwardPeer, Operator) throws -> Void
    ) throws {
        let port = try Tool.freePort()
        try PriordProcess.serving(PriordProcess.configured(yaml("http://127.0.0.1:\(port)/pacs/", more))) {
            daemon throws in
            let peer = try ForwardPeer("forward_stow_peer.py", ["\(port)"] + options, in: daemon.directory)
            #expect(try send(daemon).isSuccess)
            try body(daemon, peer, Operator(daemon: daemon))
        }
    }

    @Test func `a study arrives bit by bit, in order, and tells nothing of priord's own affairs`() throws {
        try Self.serving([]) { daemon, peer, priorctl throws in
            #expect(try priorctl.waitForForward("sent").sentCount == 16)
            #expect(peer.storedNumbers == Array(1...16))
            #expect(try Set(peer.dataSets) == Set(dataSets(in: Self.head)))
            let first = try #require(peer.events("stored").first)
            #expect(first["path"] == "/pacs/studies")
            #expect(first["type"] == "multipart/related; type=\"application/dicom\"")
            #expect(first["accept"] == "application/dicom+json")
            #expect(first["part"] == "Content-Type: application/dicom")
            let meta = try Data(contentsOf: peer.folder.appending(path: "00000.meta"))
            #expect(meta.range(of: Data("GATE".utf8)) != nil)
            for secret in ["PRIORCTL", "text="] { #expect(meta.range(of: Data(secret.utf8)) == nil) }
        }
    }

    @Test func `every status does what it says: taken, refused, tried again`() throws {
        try Self.serving([
            "warn=2:B000", "refuse=3:C000", "refuse=4:A700:2", "busy=5:1:1", "status=6:500:1", "status=7:413",
            "status=8:507:1", "drop=9:1", "flood=10:1", "status=11:415",
        ]) { daemon, peer, priorctl throws in
            let row = try priorctl.waitForForward("partlyRefused")
            #expect((row.sentCount, row.failedCount) == (13, 3))
            #expect(row.failures.map(\.reason) == ["C000: cannot be understood", "HTTP 413", "HTTP 415"])
            #expect(peer.storedNumbers == [1, 2, 4, 5, 6, 8, 9, 10] + Array(12...16))
            #expect(daemon.logLines.count { $0.contains("instance taken with a warning") } == 1)
            #expect(peer.events("refused").count { $0.number == 4 } == 2)
            #expect(daemon.logLines.contains { $0.contains("HTTP 503, the destination is busy") })
        }
    }

    @Test func `a server that stalls is given up in time, and an instance that always breaks it for good`() throws {
        try Self.serving(["stall=2:1", "drop=8"], ", instance-attempts: 2") { _, peer, priorctl throws in
            let row = try priorctl.waitForForward("failed")
            #expect((row.sentCount, row.failedCount) == (15, 1))
            #expect(peer.storedNumbers.sorted() == Array(1...7) + Array(9...16))
            #expect(row.failures.map(\.state) == ["givenUp"])
        }
    }

    @Test func `what is not taken compressed is sent uncompressed`() throws {
        let port = try Tool.freePort()
        let yaml = Self.yaml("http://127.0.0.1:\(port)")
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
            let peer = try ForwardPeer(
                "forward_stow_peer.py", ["\(port)", "only=1.2.840.10008.1.2.1"], in: daemon.directory)
            let lossy = Fixtures.studies.appending(path: "29-dr-chest-pa-lossy")
            let sent = try Tool.run(
                Tool.built("priorctl"),
                ["send", lossy.path, "--to", "127.0.0.1:\(daemon.dicomPort)", "--ae-title", "GATE"])
            #expect(sent.isSuccess)
            let row = try Operator(daemon: daemon).waitForForward("sent")
            #expect(row.sentCount > 0 && row.failedCount == 0)
            #expect(peer.events("not taken").count == row.sentCount)
            #expect(peer.events("stored").allSatisfy { $0["syntax"] == "1.2.840.10008.1.2.1" })
        }
    }

    @Test func `Retry-After holds everything back for so long`() throws {
        try Self.serving(["busy=all:3:1"]) { daemon, peer, priorctl throws in
            _ = try #require(daemon.waitForLog(containing: "the destination is busy", within: .seconds(30)))
            let start = ContinuousClock.now
            #expect(try priorctl.run("forwards", "list").text.contains("busy"))
            #expect(try priorctl.waitForForward("sent").sentCount == 16)
            #expect(ContinuousClock.now - start > .seconds(2))
            #expect(peer.events("busy").count == 1)
        }
    }

    @Test func `credentials come from their file, and from nowhere else are they seen`() throws {
        let token = "s3cret-token-of-thirty-two-characters"
        try withSecret(token) { file throws in
            try Self.serving(["authorization=Bearer \(token)"], ", token-file: \(file)") {
                daemon, peer, priorctl throws in
                #expect(try priorctl.waitForForward("sent").sentCount == 16)
                #expect(!daemon.logLines.contains { $0.contains(token) })
                let settings = try priorctl.run("config", "--json").text.replacing("\\/", with: "/")
                #expect(!settings.contains(token) && settings.contains(file))
            }
        }
        try withSecret("user:pass word") { file throws in
            let encoded = Data("user:pass word".utf8).base64EncodedString()
            try Self.serving(["authorization=Basic \(encoded)"], ", password-file: \(file)") { _, _, priorctl throws in
                #expect(try priorctl.waitForForward("sent").sentCount == 16)
            }
        }
    }

    @Test func `a wrong password waits for a right one, which is taken without a restart`() throws {
        try withSecret("user:wrong") { file throws in
            let encoded = Data("user:right".utf8).base64EncodedString()
            try Self.serving(["authorization=Basic \(encoded)"], ", password-file: \(file)") {
                daemon, peer, priorctl throws in
                _ = try #require(daemon.waitForLog(containing: "HTTP 401", within: .seconds(30)))
                #expect(peer.storedNumbers.isEmpty)
                try Data("user:right\n".utf8).write(to: URL(filePath: file))
                #expect(try priorctl.waitForForward("sent").failedCount == 0)
            }
        }
    }

    private func withSecret(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)")
        #expect(
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path)
    }

    @Test func `TLS is spoken with whom the authority names, and shows our certificate`() throws {
        let port = try Tool.freePort()
        let url = "https://127.0.0.1:\(port)"
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["ours", "other"] { try Self.makeAuthority(name, in: folder) }
        for name in ["server", "client"] { try Self.makeCertificate(name, by: "ours", in: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        let client = "certificate-file: \(path("client.pem")), key-file: \(path("client.key"))"
        let tls = "tls=\(path("server.pem")),\(path("server.key")),\(path("ours.pem"))"

        // Whom the authority does not name is told nothing, and who shows nothing is not let in.
        for wrong in [", ca-file: \(path("other.pem")), \(client)", ", ca-file: \(path("ours.pem"))"] {
            try PriordProcess.serving(PriordProcess.configured(Self.yaml(url, wrong))) { daemon throws in
                let peer = try ForwardPeer("forward_stow_peer.py", ["\(port)", tls], in: daemon.directory)
                #expect(try Self.send(daemon).isSuccess)
                _ = try #require(daemon.waitForLog(containing: "study not forwarded", within: .seconds(30)))
                #expect(peer.storedNumbers.isEmpty)
            }
        }
        let right = Self.yaml(url, ", ca-file: \(path("ours.pem")), \(client)")
        try PriordProcess.serving(PriordProcess.configured(right)) { daemon throws in
            let peer = try ForwardPeer("forward_stow_peer.py", ["\(port)", tls], in: daemon.directory)
            #expect(try Self.send(daemon).isSuccess)
            #expect(try Operator(daemon: daemon).waitForForward("sent").sentCount == 16)
            #expect(try Set(peer.dataSets) == Set(dataSets(in: Self.head)))
        }
    }

    private static func makeAuthority(_ name: String, in folder: URL) throws {
        try openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", folder.appending(path: "\(name).key").path,
            "-out", folder.appending(path: "\(name).pem").path,
        ])
    }

    private static func makeCertificate(_ name: String, by authority: String, in folder: URL) throws {
        func path(_ name: String) -> String { folder.appending(path: name).path }
        try openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=\(name)",
            "-keyout", path("\(name).key"), "-out", path("\(name).csr"),
        ])
        try Data("subjectAltName=IP:127.0.0.1".utf8).write(to: folder.appending(path: "names"))
        try openssl([
            "x509", "-req", "-days", "2", "-in", path("\(name).csr"), "-CA", path("\(authority).pem"),
            "-CAkey", path("\(authority).key"), "-CAcreateserial", "-extfile", path("names"),
            "-out", path("\(name).pem"),
        ])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path("\(name).key"))
    }

    private static func openssl(_ arguments: [String]) throws {
        let output = try Tool.run("openssl", arguments)
        guard output.isSuccess else { throw PriordProcess.Failure(description: output.text) }
    }

    @Test func `a kill of the daemon in the middle loses nothing and delivers bit by bit`() throws {
        let port = try Tool.freePort()
        let yaml = Self.yaml("http://127.0.0.1:\(port)", ", rate-limit: 256KB/s")
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon throws in
            let peer = try ForwardPeer("forward_stow_peer.py", ["\(port)"], in: daemon.directory)
            #expect(try Self.send(daemon).isSuccess)
            #expect(holds(within: .seconds(60)) { peer.storedNumbers.count >= 3 })
            daemon.killNow()
            let settings = PriordProcess.Settings(arguments: [], yaml: yaml, dataDirectory: daemon.dataDirectory)
            try PriordProcess.serving(settings) { restarted throws in
                _ = try Operator(daemon: restarted).waitForForward("sent")
                #expect(try Set(peer.dataSets) == Set(dataSets(in: Self.head)))
            }
        }
    }

    @Test func `Orthanc takes a study by DICOMweb`() throws {
        guard let orthanc = try OrthancServer.started(hasDICOMweb: true) else {
            return print("Orthanc's DICOMweb plugin is not installed; not tried")
        }
        defer { orthanc.end() }
        try PriordProcess.serving(PriordProcess.configured(Self.yaml(orthanc.dicomWeb))) { daemon throws in
            #expect(try Self.send(daemon).isSuccess)
            #expect(try Operator(daemon: daemon).waitForForward("sent").sentCount == 16)
            #expect(try Set(orthanc.files.map(dataSet)) == Set(dataSets(in: Self.head)))
        }
    }

    @Test func `two priords that send each other everything come to rest`() throws {
        let port = try Tool.freePort()
        let far = """
            peers: [{ae-title: PRIORCTL, hosts: 127.0.0.1}]
            destinations:
              - {name: back, host: 127.0.0.1, port: \(port), ae-title: GATE, calling-ae-title: FAR, retry-pause: 200ms}
            forwards: [{name: pictures, to: back}]
            """
        try PriordProcess.serving(PriordProcess.configured(far)) { other throws in
            let near = Self.yaml("http://127.0.0.1:\(other.httpPort)/dicomweb")
                .replacing("peers: [", with: "peers: [{ae-title: FAR, hosts: 127.0.0.1}, ")
            let settings = PriordProcess.Settings(arguments: ["--dicom-port", "\(port)"], yaml: near)
            try PriordProcess.serving(settings) { daemon throws in
                #expect(try Self.send(daemon).isSuccess)
                #expect(try Operator(daemon: daemon).waitForForward("sent").sentCount == 16)
                #expect(try Operator(daemon: other).waitForForward("sent").sentCount == 16)
                // What came back is known, so it opens no study and goes nowhere.
                #expect(try Operator(daemon: daemon).forwards("--all").forwards.map(\.sentCount) == [16])
                let studies = try Operator(daemon: daemon).answer(StudyLines.self, "studies").studies
                #expect(studies.map(\.instanceCount) == [16])
                #expect(try Operator(daemon: daemon).run("verify", "--full").isSuccess)
            }
        }
    }
}
