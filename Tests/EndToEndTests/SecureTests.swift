import Foundation
import Testing

/// DICOM by TLS (PS3.15 B.12): who gets in, with which proof, and who costs what.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SecureTests {
    /// Certificates made for one test, and the settings that go with them. Its directory goes with it.
    private final class Credentials {
        let directory: URL
        private(set) var pinned = ""

        init() throws {
            directory = FileManager.default.temporaryDirectory.appending(
                path: "priord-tls-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try authority("ca")
            try authority("other-ca")
            try certificate("priord", by: "ca")
            try certificate("pinned", by: "ca")
            try certificate("other", by: "ca")
            try certificate("expired", by: "ca", days: -1)
            try certificate("stranger", by: "other-ca")
            let text = try openssl("x509", "-in", "pinned.pem", "-noout", "-fingerprint", "-sha256")
            pinned = text.split(separator: "=").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
        }

        deinit { try? FileManager.default.removeItem(at: directory) }

        @discardableResult
        private func openssl(_ arguments: String...) throws -> String {
            let files = arguments.map { argument in
                let isFile = argument.hasSuffix(".pem") || argument.hasSuffix(".key") || argument.hasSuffix(".csr")
                return isFile ? directory.appending(path: argument).path : argument
            }
            let output = try Tool.run("openssl", files)
            guard output.isSuccess else { throw PriordProcess.Failure(description: output.text) }
            return output.text
        }

        private func authority(_ name: String) throws {
            try openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(name).key", "-out", "\(name).pem",
                "-subj",
                "/CN=\(name)", "-days", "2")
        }

        private func certificate(_ name: String, by authority: String, days: Int = 2) throws {
            try openssl(
                "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(name).key", "-out", "\(name).csr", "-subj",
                "/O=Hospital/CN=\(name)")
            try openssl(
                "x509", "-req", "-in", "\(name).csr", "-CA", "\(authority).pem", "-CAkey", "\(authority).key",
                "-CAcreateserial", "-days", "\(days)", "-out", "\(name).pem")
        }

        func path(_ name: String) -> String { directory.appending(path: name).path }

        func settings(own: String = "priord", key: String = "priord", client: String = "required") -> String {
            """
            association-request-timeout: 3s
            tls:
              port: 0
              certificate: \(path("\(own).pem"))
              key: \(path("\(key).key"))
              authorities: \(path("ca.pem"))
              client-certificate: \(client)
            peers:
              - {ae-title: PINNED, hosts: 127.0.0.1, certificates: "\(pinned)"}
              - {ae-title: SECURE, hosts: 127.0.0.1, tls: required}
              - {ae-title: OPEN, hosts: 127.0.0.1}
            """
        }
    }

    private func serving(
        client: String = "required", _ body: (PriordProcess, Int, Credentials) throws -> Void
    ) throws {
        let credentials = try Credentials()
        try PriordProcess.serving(PriordProcess.configured(credentials.settings(client: client))) { daemon in
            let line = try #require(daemon.waitForLog(containing: "priord serves"))
            try body(daemon, try #require(LineLog.number(after: "tls-port=", in: line)), credentials)
        }
    }

    private func report(_ mode: String, _ daemon: PriordProcess, _ port: Int, _ files: Credentials) throws
        -> ClientReport
    {
        try ClientReport.of("secure_peer.py", [mode, "\(daemon.dicomPort)", "\(port)", files.directory.path])
    }

    @Test func `who proves to be the peer gets in, and nobody else`() throws {
        try serving { daemon, port, files in
            let said = try report("peers", daemon, port, files)
            #expect(said.cases["certificate pinned"] == ["pinned": "accepted", "secure": "accepted"])
            #expect(said.cases["certificate other"] == ["pinned": "rejected 1/1/3", "secure": "accepted"])
            for name in ["expired", "stranger", "None"] {
                let got = said.cases["certificate \(name)"] ?? [:]
                #expect(
                    !got.isEmpty && got.values.allSatisfy { ["no connection", "aborted"].contains($0) },
                    "\(name): \(got)")
            }
            #expect(said["without TLS", "got"] == "rejected 1/1/3")
            #expect(said["open by TCP", "got"] == "accepted")
            #expect(said["TLSv1_2", "status"] == "0000")
            #expect(said["TLSv1_3", "status"] == "0000")
            #expect(try daemon.indexRows("SELECT count(*) FROM instance") == [["2"]])
            for reason in [
                "certificate has expired", "unable to get local issuer certificate", "did not return a certificate",
            ] {
                #expect(
                    daemon.logLines.contains { $0.contains("connection closed") && $0.contains(reason) }, "\(reason)")
            }
            #expect(daemon.logLines.contains { $0.contains("why=1/1/3") && $0.contains("CN=other") })
        }
    }

    @Test func `DCMTK's own clients are served, without a certificate only where none is required`() throws {
        for client in ["required", "optional"] {
            try serving(client: client) { daemon, port, files in
                let to = ["-aec", "PRIORD", "127.0.0.1", "\(port)"]
                let proof = ["+tls", files.path("pinned.key"), files.path("pinned.pem"), "+cf", files.path("ca.pem")]
                let sent = try Tool.run(
                    "storescu",
                    ["+sd", "-aet", "PINNED"] + proof + to + [Fixtures.studies.appending(path: "14-ct-head").path])
                #expect(sent.isSuccess, "\(sent.text)")
                #expect(try daemon.indexRows("SELECT count(*) FROM instance") == [["16"]])
                let anonymous = ["+tla", "+cf", files.path("ca.pem")]
                let said = try Tool.run("echoscu", ["-aet", "OPEN"] + anonymous + to)
                #expect(said.isSuccess == (client == "optional"), "\(said.text)")
                #expect(try !Tool.run("echoscu", ["-aet", "PINNED"] + anonymous + to).isSuccess)
            }
        }
    }

    @Test func `what breaks TLS or DICOM is ended, and nothing of it remains`() throws {
        try serving { daemon, port, files in
            let said = try report("hostile", daemon, port, files)
            #expect(said["TLS 1.1", "refused"] == "True")
            #expect(said["weak suites", "refused"] == "True")
            #expect(said["no TLS on the port for it", "got"] == "closed")
            #expect(said["TLS on the other port", "got"] == "closed")
            #expect(said["HTTP by TLS", "got"] == "closed")
            #expect(said["in small pieces", "got"] == "accepted")
            #expect(said["and an echo", "got"] == "status 0000")
            #expect(said["a forged record", "got"] == "closed")
            #expect(said["still serving", "got"] == "accepted")
            #expect(try daemon.indexRows("SELECT uid FROM instance").isEmpty)
            #expect(holds(within: .seconds(10)) { daemon.socketCount == 0 })
        }
    }

    @Test func `a renegotiation is refused`() throws {
        try serving { daemon, port, files in
            let arguments = [
                "-c",
                "(sleep 1; echo R; sleep 2; echo Q) | openssl s_client -tls1_2 -connect 127.0.0.1:\(port) -CAfile "
                    + "\(files.path("ca.pem")) -cert \(files.path("pinned.pem")) -key \(files.path("pinned.key")) 2>&1",
            ]
            let said = try Tool.run(URL(filePath: "/bin/sh"), arguments, within: .seconds(30))
            #expect(said.text.contains("RENEGOTIATING"))
            #expect(said.text.contains("no renegotiation"), "\(said.text.suffix(500))")
        }
    }

    @Test func `200 handshakes that never end keep nobody out and cost no thread`() throws {
        try serving { daemon, port, files in
            let threads = daemon.threadCount
            let said = try report("crowd", daemon, port, files)
            #expect(said["by TLS", "got"] == "accepted")
            #expect(said["by TCP", "got"] == "accepted")
            #expect(said["meanwhile", "seconds"].flatMap(Double.init) ?? 99 < 2.5)
            #expect(said["the crowd", "ended"] == "5")
            #expect(holds(within: .seconds(5)) { daemon.threadCount <= threads + 4 && daemon.socketCount == 0 })
        }
    }

    @Test func `config check tells which file is of no use, and why`() throws {
        let files = try Credentials()
        let faults = [
            ("priord", "pinned", "tls.key"), ("missing", "priord", "tls.certificate"), ("ca", "priord", "tls.key"),
        ]
        for (own, key, fault) in faults {
            let yaml = files.directory.appending(path: "priord.yaml")
            try Data(files.settings(own: own, key: key).utf8).write(to: yaml)
            let said = try Tool.run(Tool.built("priord"), ["config", "check", "--config", yaml.path])
            #expect(said.status == 78)
            #expect(said.text.contains(fault), "\(said.text)")
        }
        try Data("no PEM".utf8).write(to: files.directory.appending(path: "missing.pem"))
        let yaml = files.directory.appending(path: "priord.yaml")
        try Data(files.settings(own: "missing").utf8).write(to: yaml)
        let said = try Tool.run(Tool.built("priord"), ["config", "check", "--config", yaml.path])
        #expect(said.text.contains("tls.certificate"), "\(said.text)")
    }
}
