import Foundation
import Glibc
import Testing

/// C-GET and C-MOVE with real peers, and with destinations that are none.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RetrieveTests {
    private static let studies = Tool.root.appending(path: "Fixtures/studies")
    /// One study of 16 slices.
    private static let head = studies.appending(path: "14-ct-head")

    /// What `retrieve_dimse.py` saw of a daemon whose deadlines are short and whose peers are the script's.
    private func report(
        _ mode: String, _ folder: URL = RetrieveTests.head, within limit: Duration = .seconds(240)
    ) throws -> ClientReport {
        let port = try Tool.freePort()
        let yaml = """
            idle-timeout: 3s
            pdu-timeout: 3s
            association-request-timeout: 3s
            peers:
              - {ae-title: RETRIEVER, hosts: 127.0.0.1}
              - {ae-title: PROTOCOL, hosts: 127.0.0.1}
              - {ae-title: STRANGER, hosts: 127.0.0.1, permissions: [store, query]}
              - {ae-title: DEST, hosts: 127.0.0.1, port: \(port)}
              - {ae-title: PORTED, hosts: 127.0.0.1, port: \(port), permissions: [store, query, retrieve]}
            """
        return try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon in
            try ClientReport.of(
                "retrieve_dimse.py", [mode, "\(daemon.dicomPort)", "\(port)", folder.path], within: limit)
        }
    }

    private func expectWhole(_ said: ClientReport, syntaxes: Int) {
        for service in ["get", "move"] {
            #expect(said[service, "identical"] == said[service, "sent"], "\(said[service, "wrong"] ?? "")")
            #expect(said[service, "extra"] == "0")
            #expect(said["\(service) problems", "text"] == "")
            #expect((said[service, "syntaxes"].flatMap { Int($0) } ?? 0) >= syntaxes)
        }
        #expect(said["move problems", "originators"] == "[('RETRIEVER', 1)]")
    }

    @Test func `fixtures leave as they came, at every level and in both information models`() throws {
        let said = try report("whole", RetrieveTests.studies)
        expectWhole(said, syntaxes: 5)
        let whole = said["series", "whole"]
        let series = said["series", "series"]
        #expect(said.cases["series"]?["arrived"] == series)
        #expect(said["images", "arrived"] == "3")
        #expect(said["patient's study", "arrived"] == whole)
        #expect(said["relational image", "arrived"] == "3")
        #expect(said["relational series", "arrived"] == series)
        for name in ["series", "images", "patient", "patient's study", "relational image", "relational series"] {
            #expect(["0000", "B000"].contains(said[name, "status"] ?? ""), "\(name)")
        }
        for name in ["another's study", "no such study"] {
            #expect(said[name, "status"] == "0000")
            #expect(said[name, "arrived"] == "0")
        }
        #expect(said["hierarchical image", "status"] == "A900")
        #expect(said["relational refused", "status"] == "A900")
        #expect(said["no role", "status"] == "A702")
        #expect(said["no role", "arrived"] == "0")
    }

    @Test func `real files leave as they came, whatever their transfer syntax and character set`() throws {
        guard let real = Fixtures.real else { return }
        expectWhole(try report("whole", real, within: .seconds(400)), syntaxes: 10)
    }

    @Test func `a request that cannot be served gets the status of the standard`() throws {
        let said = try report("status")
        let expected = [
            "unknown destination": "A801", "not a destination": "A801",
            "no level": "A900", "patient level in study root": "A900", "no key": "A900", "wildcard": "A900",
            "no instances": "0000", "context missing": "A702", "malformed get": "C000", "malformed move": "C000",
        ]
        for (name, status) in expected { #expect(said[name, "status"] == status, "\(name)") }
        #expect(said["not authorized", "contexts"] == "[1, 1]")
        #expect(said["context missing", "listed"] == "16")
        #expect(said["context missing", "remaining"] == "absent")
    }

    @Test func `a cancelled retrieve stops and tells how far it came`() throws {
        let said = try report("cancel", RetrieveTests.studies.appending(path: "18-mr-brain-dwi"))
        for service in ["get", "move"] {
            let facts = said.cases[service] ?? [:]
            let arrived = facts["arrived"].flatMap { Int($0) } ?? 0
            #expect(facts["status"] == "FE00", "\(service): \(facts)")
            #expect(facts["consistent"] == "True")
            #expect((10..<69).contains(arrived))
            #expect(facts["completed"] == "\(arrived)")
            #expect(facts["remaining"] == "\(69 - arrived)")
        }
    }

    @Test(arguments: ["absent", "rejecting", "deaf", "mute", "silent"])
    func `a destination that takes nothing ends the retrieve in bounded time, all failed`(kind: String) throws {
        let facts = try report(kind).cases[kind] ?? [:]
        #expect(facts["status"] == "A702", "\(facts)")
        #expect(facts["failed"] == "16")
        #expect(facts["listed"] == "16")
        #expect(facts["consistent"] == "True")
        #expect(facts["echo"] == "0000")
        #expect((facts["seconds"].flatMap { Double($0) } ?? 99) < 20)
        // Whoever waits is told that it goes on.
        if ["mute", "silent"].contains(kind) { #expect((facts["pending"].flatMap { Int($0) } ?? 0) >= 1) }
    }

    @Test func `a destination that refuses some or breaks off gets the rest, and failures are counted`() throws {
        let choosy = try report("choosy").cases["choosy"] ?? [:]
        #expect(choosy["status"] == "B000")
        #expect(choosy["completed"] == "8")
        #expect(choosy["failed"] == "8")
        #expect(choosy["listed"] == "8")
        let aborting = try report("aborting").cases["aborting"] ?? [:]
        #expect(aborting["status"] == "B000", "\(aborting)")
        #expect(aborting["failed"] == "5")
        #expect(aborting["completed"] == "11")
        #expect(aborting["echo"] == "0000")
    }

    @Test func `getscu and movescu fetch a study`() throws {
        let port = try Tool.freePort()
        let yaml = """
            peers:
              - {ae-title: GETSCU, hosts: 127.0.0.1}
              - {ae-title: MOVESCU, hosts: 127.0.0.1, port: \(port)}
              - {ae-title: PRIORCTL, hosts: 127.0.0.1}
            """
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon in
            #expect(try Operator(daemon: daemon).send(RetrieveTests.head).isSuccess)
            let study = try #require(
                try Manifest.load().studies.first { $0.folder.hasSuffix("14-ct-head") }?.studyInstanceUID)
            let keys = ["-S", "-aec", "PRIORD", "-k", "0008,0052=STUDY", "-k", "0020,000D=\(study)"]
            for (tool, options) in [("getscu", []), ("movescu", ["-aem", "MOVESCU", "+P", "\(port)"])] {
                let inbox = daemon.directory.appending(path: tool)
                try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
                let output = try Tool.run(
                    tool, options + keys + ["-v", "-od", inbox.path, "127.0.0.1", "\(daemon.dicomPort)"])
                #expect(output.isSuccess, "\(output.text)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: inbox.path).count == 16, "\(output.text)")
            }
        }
    }

    @Test func `Orthanc fetches from us, is sent to by us, and asks us over HTTP`() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/sbin/Orthanc") || Tool.installed("Orthanc") != nil
        else {
            print("Orthanc is not installed; not tried")
            return
        }
        let port = try Tool.freePort()
        let yaml = """
            peers:
              - {ae-title: ORTHANC, hosts: 127.0.0.1, port: \(port)}
              - {ae-title: RETRIEVER, hosts: 127.0.0.1}
              - {ae-title: PRIORCTL, hosts: 127.0.0.1}
            """
        try PriordProcess.serving(PriordProcess.configured(yaml)) { daemon in
            #expect(try Operator(daemon: daemon).send(RetrieveTests.head).isSuccess)
            let said = try ClientReport.of(
                "retrieve_orthanc.py",
                ["\(daemon.dicomPort)", "\(port)", "\(daemon.httpPort)", RetrieveTests.head.path])
            #expect(said["sent by us", "status"] == "0000")
            for name in ["sent by us", "fetched by move"] {
                #expect(said[name, "instances"] == "16", "\(name)")
                #expect(said[name, "same"] == "16", "\(name)")
            }
            #expect(said["asked for /studies by key", "count"] == "1")
            #expect(said["asked for /series by key", "count"] == "1")
            #expect(said["asked for instances of the study", "count"] == "16")
            #expect(said["asked for another study", "count"] == "0")
        }
    }
}
