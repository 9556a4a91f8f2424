import Foundation
import Testing

/// Clients of retrievals and of HTTP that nobody would want.
@Suite(.serialized, .timeLimit(.minutes(5))) struct HostileTests {
    /// One study of 16 slices.
    private static let head = Fixtures.studies.appending(path: "14-ct-head")

    /// A daemon with short deadlines that knows the scripts, and a Move Destination on `destination`.
    private func serving<Result>(_ body: (PriordProcess, _ destination: Int) throws -> Result) throws -> Result {
        let destination = try Tool.freePort()
        let callers = ["RETRIEVER", "PROTOCOL", "PRIORCTL"]
        let yaml = """
            pdu-timeout: 3s
            idle-timeout: 5s
            http-idle-timeout: 2s
            quiet-period: 10m
            peers:
            \(callers.map { "  - {ae-title: \($0), hosts: 127.0.0.1}" }.joined(separator: "\n"))
              - {ae-title: DEST, hosts: 127.0.0.1, port: \(destination)}
            """
        return try PriordProcess.serving(PriordProcess.configured(yaml)) { try body($0, destination) }
    }

    private func hostile(_ script: String, _ arguments: String...) throws -> ClientReport {
        try ClientReport.of(script, arguments, within: .seconds(200))
    }

    private func studyUID() throws -> String {
        try #require(try Manifest.load().studies.first { $0.folder.hasSuffix("14-ct-head") }?.studyInstanceUID)
    }

    /// By what is wrong with it; the same for every service where one Status is given. Nothing listens at the destination.
    private static let identifiers: [String: (find: String, retrieve: String)] = [
        "no level": ("A900", "A900"), "empty level": ("A900", "A900"), "unknown level": ("A900", "A900"),
        "two levels": ("A900", "A900"), "level of another model": ("A900", "A900"),
        // A query may leave out keys above its level, and what no UID can be matches nothing.
        "key missing": ("0000", "A900"), "key empty": ("0000", "A900"), "key below the level": ("0000", "A900"),
        "list above the level": ("0000", "A900"), "wildcard in a UID": ("0000", "A900"),
        "UID that is a path": ("0000", "A900"), "UID of 1000 digits": ("0000", "A900"), "UID of NULs": ("0000", "A900"),
        "30,000 UIDs": ("0000", "0000"), "a key of 1 MB": ("C000", "A900"), "3 MB of UIDs": ("C000", "A900"),
        "cut in a value": ("C000", "C000"), "cut in a head": ("C000", "C000"), "garbage": ("C000", "C000"),
        "length beyond the end": ("C000", "C000"), "sequence without end": ("C000", "C000"),
        "sequence of no items": ("C000", "C000"), "nested a thousand deep": ("C000", "C000"),
        "nothing": ("A900", "A900"), "no data set": ("A900", "A900"),
    ]

    private static let oddKeys = [
        "find, VR that is none": "0000", "move, VR that is none": "A900", "find, length of another VR": "C000",
        "move, length of another VR": "C000",
        // A list too long for its VR comes as UN (PS3.5 6.2.2), and is taken for what it is.
        "find, 1200 UIDs as UN": "0000", "move, 1200 UIDs as UN": "A702",
        "find, range that ends before it begins": "0000", "find, range of ranges": "A900",
        "find, range of nothing": "A900", "find, number that is none": "A900", "find, wildcards without end": "0000",
        "find, unknown character set": "0000", "find, escape without end": "0000",
    ]

    @Test func `every malformed identifier gets the status of the standard, and the association goes on`() throws {
        try serving { daemon, _ in
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            let said = try hostile("dimse_hostile.py", "identifiers", "\(daemon.dicomPort)", try studyUID())
            for (name, expected) in Self.identifiers {
                #expect(said["find, \(name)", "got"] == "status \(expected.find)", "find, \(name)")
                for service in ["move", "get"] {
                    #expect(said["\(service), \(name)", "got"] == "status \(expected.retrieve)", "\(service), \(name)")
                }
            }
            for (name, status) in Self.oddKeys { #expect(said[name, "got"] == "status \(status)", "\(name)") }
            #expect(said.cases.values.allSatisfy { $0["alive"] == "status 0000" })
            #expect(said.cases.values.allSatisfy { ($0["seconds"].flatMap { Double($0) } ?? 99) < 5 })
            #expect(daemon.logLines.allSatisfy { !$0.contains("internal fault") })
        }
    }

    @Test func `contexts for something else, odd destinations and odd cancellations are answered, or aborted`() throws {
        let expected = [
            "find in a MOVE context": "0122", "move in a FIND context": "0122", "get in a MOVE context": "0122",
            "find of another class than its context": "0122", "move in a VERIFICATION context": "0122",
            "get without storage contexts": "A702",
            "destination unknown": "A801", "destination empty": "A801", "destination blank": "A801",
            "destination of forty characters": "A801", "destination of control characters": "A801",
            "destination a path": "A801",
            "cancel before anything": "0000", "cancel of another message": "0000", "cancel after the end": "0000",
        ]
        // Whether the end or what interrupts it comes first is nobody's to say.
        let either = [
            "cancel twice": ["status FE00", "status 0000"],
            "cancel in another context": ["status FE00", "status 0000"],
            "two queries at once": ["aborted"], "a store in the middle of a move": ["aborted", "status A702"],
        ]
        try serving { daemon, _ in
            #expect(try Operator(daemon: daemon).send(Self.head).isSuccess)
            let said = try hostile("dimse_hostile.py", "contexts", "\(daemon.dicomPort)", try studyUID())
            for (name, status) in expected {
                #expect(said[name, "got"] == "status \(status)", "\(name)")
                #expect(said[name, "alive"] == "status 0000", "\(name)")
            }
            for (name, answers) in either { #expect(answers.contains(said[name, "got"] ?? ""), "\(name)") }
            #expect(holds(within: .seconds(10)) { daemon.socketCount == 0 })
        }
    }

    @Test func `who takes nothing of what it asked for, or leaves in the middle, is given up in bounded time`() throws {
        try serving { daemon, destination in
            let sent = try hostile("protocol_large.py", "\(daemon.dicomPort)", "\(64 << 20)")
            #expect(sent["large", "got"] == "status 0000")
            let study = try #require(try daemon.indexRows("SELECT uid FROM study").first?.first)
            let said = try hostile("dimse_hostile.py", "destinations", "\(daemon.dicomPort)", "\(destination)", study)
            for name in ["reads nothing", "reads for a moment, then leaves", "resets in the middle"] {
                let facts = said.cases["destination that \(name)"] ?? [:]
                #expect(facts["got"] == "status A702", "\(name)")
                #expect(facts["alive"] == "status 0000", "\(name)")
                #expect((facts["seconds"].flatMap { Double($0) } ?? 99) < 10, "\(name)")
            }
            let requestor = said.cases["requestor that reads nothing"] ?? [:]
            #expect(requestor["got"] == "closed")
            #expect((requestor["received"].flatMap { Int($0) } ?? .max) < 64 << 20)
            #expect(holds(within: .seconds(10)) { daemon.socketCount == 0 })
        }
    }

    /// By what is wrong with the request: the status, and reasons of what is not stored.
    private static let uploads: [String: (status: String, failed: String?)] = [
        "sound": ("200", ""), "sound, chunked byte by byte": ("200", ""), "no boundary": ("400", nil),
        "empty boundary": ("400", nil), "boundary of control characters": ("400", nil),
        "boundary of 1 MB": ("400", nil), "another boundary than announced": ("409", "C000"),
        "boundary within the data": ("200", ""), "line that only begins like the boundary": ("202", "C000"),
        "truncated in the second part": ("202", "C000"), "truncated against Content-Length": ("202", "C000"),
        "longer than its Content-Length": ("200", ""), "part with a Content-Length that lies": ("200", ""),
        "part without a head": ("200", ""), "part with a head of 1 MB": ("409", "C000"),
        "part with a head that is none": ("409", "C000"), "part of another type": ("202", "C000"),
        "multipart within multipart": ("409", "C000"), "nothing at all": ("400", nil), "no part": ("400", nil),
        "empty parts": ("409", "C000 C000 C000"), "garbage as an object": ("409", "C000"),
        "compressed as a whole": ("415", nil), "length and chunks at once": ("400", nil), "two lengths": ("400", nil),
        "negative length": ("400", nil), "length of 2^64": ("400", nil), "chunk of 2^64 bytes": ("400", nil),
        "chunk size that is none": ("400", nil), "chunk with an extension of 1 MB": ("closed", nil),
        "head of 1 MB": ("400", nil), "thousands of header fields": ("400", nil), "study that is a path": ("400", nil),
        "study of NUL": ("400", nil), "objects named by paths": ("409", "A900 A900 A900 A900"),
        "sound afterwards": ("200", ""),
    ]

    @Test func `every hostile upload gets its status, and what came whole with it is stored`() throws {
        try serving { daemon, _ in
            let said = try hostile("http_hostile.py", "uploads", "\(daemon.httpPort)")
            for (name, expected) in Self.uploads {
                let facts = said.cases[name] ?? [:]
                #expect(facts["status"] == expected.status, "\(name): \(facts)")
                if let failed = expected.failed, expected.status != "200" || facts["failed"] != nil {
                    #expect(facts["failed"] == failed, "\(name)")
                }
                if expected.status == "202" { #expect(facts["stored"] == "1", "\(name)") }
                if expected.status == "409" { #expect(facts["stored"] == "0", "\(name)") }
            }
            let many = said.cases["thousands of empty parts"] ?? [:]
            #expect(many["status"] == "409")
            #expect(many["failed"]?.hasSuffix("C000 0213") == true)
            #expect(said["silent in the middle", "closed"] == "True")
            #expect((said["trickle", "seconds"].flatMap { Double($0) } ?? 99) < 15)
            // What a client does wrong is no fault of ours.
            #expect(daemon.logLines.allSatisfy { !$0.contains(" error ") })
            let names = try FileManager.default.contentsOfDirectory(atPath: daemon.directory.path)
            #expect(Set(names).isSubset(of: ["data", "priord.yaml"]))
            #expect(daemon.objectFiles.allSatisfy { !$0.contains("/incoming/") })
        }
    }

    @Test func `clients that do not take their answer are closed, and keep nobody waiting meanwhile`() throws {
        try serving { daemon, _ in
            let sent = try hostile("protocol_large.py", "\(daemon.dicomPort)", "\(128 << 20)")
            #expect(sent["large", "got"] == "status 0000")
            let before = daemon.residentByteCount
            let said = try hostile("http_hostile.py", "readers", "\(daemon.httpPort)", "\(daemon.pid)")
            for name in ["takes nothing", "a byte at a time", "slowly but steadily", "forty that take nothing"] {
                let facts = said.cases[name] ?? [:]
                #expect(facts["left"] == "0", "\(name)")
                #expect(facts["status"] == "200" && facts["page"] == "404", "\(name)")
                #expect((facts["meanwhile"].flatMap { Double($0) } ?? 99) < 2, "\(name)")
                #expect((facts["seconds"].flatMap { Double($0) } ?? 99) < 10, "\(name)")
            }
            #expect((said["half closed", "received"].flatMap { Int($0) } ?? 0) > 128 << 20)
            #expect(said["afterwards", "left"] == "0")
            // Forty-three clients, each with a piece of its answer in memory.
            #expect(daemon.residentByteCount < before + 128 << 20)
        }
    }
}
