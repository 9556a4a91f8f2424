import Foundation
import Glibc
import Testing

/// Priors that are elsewhere, at real peers and at ones that lie, fall silent and die.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SourceTests {
    struct Answer: Decodable {
        struct Prior: Decodable {
            struct Recognition: Decodable {
                struct Rule: Decodable {
                    let id: String
                    let holds: Bool?
                }
                let verdict: String
                let rules: [Rule]
            }
            struct Difference: Decodable {
                struct Told: Decodable, Equatable {
                    let source: String
                    let value: String
                }
                let fact: String
                let told: [Told]
            }
            let studyInstanceUID: String
            let source: String
            let institution: String
            let studyDate: String
            let identityLink: String
            let relation: String
            let recognition: Recognition
            let differences: [Difference]

            subscript(id: String) -> Bool? { recognition.rules.first { $0.id == id }?.holds }
        }
        struct Source: Decodable {
            let name: String
            let state: String
            let millisecondsTaken: Int
            let count: Int
            let detail: String
        }
        let priors: [Prior]
        let sources: [Source]

        /// Which source has each prior.
        var places: [String: String] {
            Dictionary(priors.map { ($0.studyInstanceUID, $0.source) }) { first, _ in first }
        }
        var states: [String: String] { Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0.state) }) }
    }

    struct Fetch: Decodable {
        let id: Int
        let state: String
        let cause: String
        let attempts: Int
        let expectedCount: Int?
        let receivedCount: Int
        let lastFailure: String
    }

    struct Fetches: Decodable { let fetches: [Fetch] }

    private static let first = "2.25.274588220911404479339877106200941906599"
    private static let second = "2.25.157729379559394813614103289273720978248"
    private static let third = "2.25.177663147026741103334216049698126057046"
    private static let head = "14-ct-head"

    private static func folder(_ name: String) -> URL { Tool.root.appending(path: "Fixtures/studies/\(name)") }

    private static let folders = ["01-dr-chest-pa-lat", "02-dr-chest-pa-lat", "03-dr-chest-view-missing"]

    private static func send(_ names: [String], to ctl: Operator) throws {
        for name in names { try #require(try ctl.send(folder(name)).isSuccess) }
        try ctl.waitForAssessments(names.count)
    }

    /// A folder with copies of these studies.
    private static func copies(_ names: [String], in directory: URL) throws -> URL {
        let target = directory.appending(path: "copies-\(UUID().uuidString.prefix(4))")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        for name in names {
            try FileManager.default.copyItem(at: folder(name), to: target.appending(path: name))
        }
        return target
    }

    private static func daemon(_ sources: String, _ more: String = "") throws -> PriordProcess {
        try PriordProcess(PriordProcess.configured("accept-any-peer: on\n\(more)\nsources:\n\(sources)\n"))
    }

    private static func peer(_ options: [String], _ names: [String] = folders, in daemon: URL) throws -> (
        ForwardPeer, Int
    ) {
        let port = try Tool.freePort()
        let copies = try copies(names, in: daemon)
        let peer = try ForwardPeer(
            "source_peer.py", ["\(port)", copies.path] + options, in: daemon, named: "peer-\(port)")
        return (peer, port)
    }

    private static func scratch() throws -> URL {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sources-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }

    private static func priors(of study: String, by ctl: Operator) throws -> Answer {
        try ctl.answer(Answer.self, "priors", "--study", study, "--sources")
    }

    @Test func `another priord tells its priors with its assessments, and a fetched one is here`() throws {
        // Each is the other's source, which must not send questions round in circles.
        let (one, other) = (try Tool.freePort(), try Tool.freePort())
        func settings(_ port: Int, source: Int) -> PriordProcess.Settings {
            var settings = PriordProcess.configured(
                """
                accept-any-peer: on
                sources:
                  - {name: hub, kind: priord, url: "http://127.0.0.1:\(source)", deadline: 10s, cache: 0s}
                """)
            settings.arguments = ["--http-port", "\(port)"]
            return settings
        }
        try PriordProcess.serving(settings(other, source: one)) { hub throws in
            try PriordProcess.serving(settings(one, source: other)) { daemon throws in
                let ctl = Operator(daemon: daemon)
                try Self.send(Array(Self.folders.prefix(2)), to: Operator(daemon: hub))
                try Self.send([Self.folders[2]], to: ctl)

                let before = try Self.priors(of: Self.third, by: ctl)
                #expect(before.states == ["hub": "answered"])
                #expect(before.places == [Self.first: "hub", Self.second: "hub"])
                for prior in before.priors {
                    #expect(prior.relation == "same" && prior.identityLink == "same" && prior.differences.isEmpty)
                    // It was assessed there: complete and of passed quality.
                    #expect(prior["ZQ-03"] == true && prior["ZQ-04"] == true)
                }
                #expect(try ctl.answer(Answer.self, "priors", "--study", Self.third, "--no-sources").priors.isEmpty)

                let fetched = try ctl.answer(Fetch.self, "sources", "fetch", "hub", Self.first)
                #expect(fetched.state == "fetched" && fetched.receivedCount == 2 && fetched.expectedCount == 2)
                try ctl.waitForAssessments(2)
                #expect(try Self.priors(of: Self.third, by: ctl).places == [Self.first: "", Self.second: "hub"])
                // Asked once more, it finds everything here.
                #expect(try ctl.answer(Fetch.self, "sources", "fetch", "hub", Self.first).state == "fetched")
                let exported = daemon.directory.appending(path: "exported")
                #expect(try ctl.run("export", Self.first, exported.path).isSuccess)
                #expect(try Self.dataSets(below: exported) == Self.dataSets(below: Self.folder(Self.folders[0])))
            }
        }
    }

    private static func dataSets(below folder: URL) throws -> Set<Data> {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".dcm") }
        return Set(try paths.map { dataSet(of: try Data(contentsOf: folder.appending(path: $0))) })
    }

    @Test func `a silent, a lying, an absent and an endless source delay nobody beyond the deadline`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let kinds: [(name: String, options: [String], state: String)] = [
            ("good", [], "answered"), ("silent", ["silent"], "deadline"), ("drip", ["drip"], "deadline"),
            ("flood", ["flood"], "unreadable"), ("html", ["type=text/html"], "unreadable"),
            ("garbage", ["text=[{]"], "unreadable"), ("stranger", ["status=401"], "refused"),
            ("elsewhere", ["status=302"], "refused"),
        ]
        var peers: [ForwardPeer] = []
        var lines: [String] = []
        for kind in kinds {
            let (peer, port) = try Self.peer(kind.options, in: directory)
            peers.append(peer)
            lines.append("  - {name: \(kind.name), kind: dicomweb, url: \"http://127.0.0.1:\(port)\", deadline: 3s}")
        }
        defer { for peer in peers { peer.end() } }
        let absent = try Tool.freePort()
        lines.append("  - {name: absent, kind: dicomweb, url: \"http://127.0.0.1:\(absent)\", deadline: 3s}")
        // A port that takes connections and says nothing, asked by DIMSE.
        let silentPort = lines[1].split(separator: ":").compactMap { Int($0.prefix { $0.isNumber }) }.first {
            $0 > 1024
        }
        lines.append(
            "  - {name: mute, kind: c-find, host: 127.0.0.1, port: \(try #require(silentPort)), ae-title: MUTE, deadline: 3s}"
        )
        let daemon = try Self.daemon(lines.joined(separator: "\n"))
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        try Self.send([Self.folders[2]], to: ctl)
        let answer = try Self.priors(of: Self.third, by: ctl)
        var expected = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0.state) })
        expected["absent"] = "unreachable"
        expected["mute"] = "deadline"
        #expect(answer.states == expected)
        #expect(answer.sources.allSatisfy { $0.millisecondsTaken < 6_000 }, "\(answer.sources)")
        #expect(answer.places == [Self.first: "good", Self.second: "good"])
        // Of images that are not here nothing can be known.
        #expect(answer.priors.allSatisfy { $0.recognition.verdict != "recognised" && $0["ZQ-03"] == nil })
        #expect(!daemon.logLines.contains { $0.contains("HX00010234") || $0.contains("Xiaomei") })
        // The breaker opens, and a test asks all the same.
        for _ in 0..<3 { _ = try Self.priors(of: Self.third, by: ctl) }
        #expect(try Self.priors(of: Self.third, by: ctl).states["silent"] == "paused")
        #expect(try ctl.run("sources", "test", "stranger").status == 1)
        #expect(try ctl.run("sources", "test", "good").isSuccess)
        #expect(try ctl.run("sources", "list").text.contains("stranger"))
        #expect(try ctl.run("status").text.contains("sources"))
    }

    @Test func `two sources that tell different facts of one study are both shown`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (one, onePort) = try Self.peer([], in: directory)
        let (other, otherPort) = try Self.peer(["set=00080020:20260915", "set=00100040:M"], in: directory)
        defer {
            one.end()
            other.end()
        }
        let daemon = try Self.daemon(
            """
              - {name: one, kind: dicomweb, url: "http://127.0.0.1:\(onePort)"}
              - {name: other, kind: dicomweb, url: "http://127.0.0.1:\(otherPort)"}
            """)
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        try Self.send([Self.folders[1], Self.folders[2]], to: ctl)
        let answer = try Self.priors(of: Self.third, by: ctl)
        let first = try #require(answer.priors.first { $0.studyInstanceUID == Self.first })
        #expect(answer.priors.count == 2)
        #expect(first.source == "one" && first.studyDate == "20260914")
        #expect(Set(first.differences.map(\.fact)) == ["sex", "studyDate"])
        #expect(
            first.differences.first { $0.fact == "studyDate" }?.told == [
                .init(source: "one", value: "20260914"), .init(source: "other", value: "20260915"),
            ])
        // Whose it is, and of when, somebody has to say.
        #expect(first.identityLink == "possible" && first.recognition.verdict != "recognised")
        // The one that is here stays as it is here, and says what others tell.
        let second = try #require(answer.priors.first { $0.studyInstanceUID == Self.second })
        #expect(second.source.isEmpty && second.studyDate == "20261002" && second.identityLink == "same")
        #expect(second.differences.first { $0.fact == "studyDate" }?.told.map(\.source) == ["", "one", "other"])
        #expect(try ctl.run("priors", "--study", Self.third, "--sources").text.contains("Told differently"))
    }

    @Test func `a source that dies amid a study loses nothing, and what is missing is asked for alone`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (peer, port) = try Self.peer(["die=5:1"], [Self.head], in: directory)
        defer { peer.end() }
        let daemon = try Self.daemon(
            "  - {name: dying, kind: dicomweb, url: \"http://127.0.0.1:\(port)\", retry-pause: 200ms}")
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        let study = try #require(try Manifest.load().studies.first { $0.folder.hasSuffix(Self.head) })
        let fetch = try ctl.answer(Fetch.self, "sources", "fetch", "dying", study.studyInstanceUID)
        #expect(fetch.state == "fetched" && fetch.attempts == 2)
        #expect(fetch.receivedCount == study.files && fetch.expectedCount == study.files)
        let singles = peer.events("asked").count { ($0["path"] ?? "").contains("/instances/") }
        // What had come whole is not asked for again; what was still on its way may be.
        #expect((study.files - 5..<study.files).contains(singles))
        #expect(daemon.waitForLog(containing: "study not fetched") != nil)
        #expect(try ctl.run("verify", "--full").isSuccess)
    }

    @Test func `a source that dies every time leaves a part that says so`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (peer, port) = try Self.peer(["die=3", "die-single"], [Self.head], in: directory)
        let (alien, alienPort) = try Self.peer(["alien", "no-list"], [Self.head], in: directory)
        defer {
            peer.end()
            alien.end()
        }
        let daemon = try Self.daemon(
            """
              - {name: dying, kind: dicomweb, url: "http://127.0.0.1:\(port)", retry-pause: 200ms}
              - {name: alien, kind: dicomweb, url: "http://127.0.0.1:\(alienPort)", retry-pause: 200ms}
              - {name: closed, kind: dicomweb, url: "http://127.0.0.1:\(alienPort)", fetch: off}
            """)
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        let study = try #require(try Manifest.load().studies.first { $0.folder.hasSuffix(Self.head) })
        let fetch = try ctl.answer(Fetch.self, "sources", "fetch", "dying", study.studyInstanceUID)
        #expect(fetch.state == "partial" && fetch.attempts == 3)
        #expect((1...3).contains(fetch.receivedCount) && fetch.expectedCount == study.files)
        #expect(!fetch.lastFailure.isEmpty)
        #expect(try ctl.run("sources", "fetch", "dying", study.studyInstanceUID).status == 1)
        #expect(try ctl.answer(Fetches.self, "sources", "fetches").fetches.map(\.state) == ["partial", "partial"])
        // Objects of another study are no part of it: they are in quarantine, and the fetch fails.
        let other = try ctl.answer(Fetch.self, "sources", "fetch", "alien", study.studyInstanceUID)
        #expect(other.state != "fetched" && other.receivedCount == fetch.receivedCount)
        #expect(try ctl.run("quarantine", "list").text.contains("mismatch"))
        // Nobody has it; nothing may be fetched there; nobody is called that.
        let unknown = try ctl.answer(Fetch.self, "sources", "fetch", "dying", "1.2.3.4")
        #expect(unknown.state == "failed" && unknown.attempts == 1)
        #expect(try !ctl.run("sources", "fetch", "closed", "1.2.3").isSuccess)
        #expect(try !ctl.run("sources", "fetch", "nobody", "1.2.3").isSuccess)
    }

    @Test func `a study that a silent or removed source keeps waiting may come from another, or be dropped`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (silent, silentPort) = try Self.peer(["silent"], in: directory)
        let (good, goodPort) = try Self.peer([], in: directory)
        defer {
            silent.end()
            good.end()
        }
        let line = "  - {name: good, kind: dicomweb, url: \"http://127.0.0.1:\(goodPort)\"}\n"
        var settings = PriordProcess.configured(
            "accept-any-peer: on\nsources:\n\(line)"
                + "  - {name: silent, kind: dicomweb, url: \"http://127.0.0.1:\(silentPort)\"}\n")
        settings.dataDirectory = directory.appending(path: "data")
        var daemon = try PriordProcess(settings)
        var ctl = Operator(daemon: daemon)
        let waiting = try ctl.answer(Fetch.self, "sources", "fetch", "silent", Self.first, "--no-wait")
        #expect(holds(within: .seconds(20)) { !silent.events("asked").isEmpty })
        // It is with the other at once, whatever the first one does.
        let fetched = try ctl.answer(Fetch.self, "sources", "fetch", "good", Self.first)
        #expect(fetched.id == waiting.id && fetched.state == "fetched" && fetched.receivedCount == 2)
        let dropped = try ctl.answer(Fetch.self, "sources", "fetch", "silent", Self.second, "--no-wait")
        #expect(holds(within: .seconds(20)) { silent.events("asked").count > 1 })
        #expect(try ctl.run("sources", "drop", "\(dropped.id)", "--by", "zhao").isSuccess)
        #expect(try !ctl.run("sources", "drop", "\(dropped.id)").isSuccess)
        let left = try ctl.answer(Fetch.self, "sources", "fetch", "silent", Self.third, "--no-wait")
        #expect(holds(within: .seconds(20)) { silent.events("asked").count > 2 })
        #expect(try ctl.answer(Fetches.self, "sources", "fetches", "--all").fetches.map(\.state).contains("dropped"))
        daemon.killNow()
        // Without it in the configuration nothing waits for it for ever.
        settings.yaml = "accept-any-peer: on\nsources:\n\(line)"
        daemon = try PriordProcess(settings)
        defer { daemon.end() }
        ctl = Operator(daemon: daemon)
        #expect(daemon.waitForLog(containing: "nothing is fetched from this source any more") != nil)
        let ended = try ctl.answer(Fetches.self, "sources", "fetches", "--all").fetches.first { $0.id == left.id }
        #expect(ended?.state == "failed")
        #expect(try ctl.answer(Fetch.self, "sources", "fetch", "good", Self.third).state == "fetched")
    }

    @Test func `a prior stays in the list while it comes`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (peer, port) = try Self.peer([], in: directory)
        defer { peer.end() }
        // What comes is not assessed for long.
        var settings = PriordProcess.configured(
            "accept-any-peer: on\nsources:\n"
                + "  - {name: web, kind: dicomweb, url: \"http://127.0.0.1:\(port)\", cache: 0s}\n")
        settings.quietPeriod = "1h"
        let daemon = try PriordProcess(settings)
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        func places() throws -> [String: String] {
            try ctl.answer(
                Answer.self, "priors", "--patient", "HX00010234", "--issuer", "HUXI-REGION", "--item", "BW03ZZZ8B",
                "--sources"
            ).places
        }
        let before = try places()
        #expect(before[Self.first] == "web")
        #expect(try ctl.answer(Fetch.self, "sources", "fetch", "web", Self.first).state == "fetched")
        #expect(try places() == before)
    }

    @Test func `an order has the best priors fetched ahead, once, and within its bounds`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (peer, port) = try Self.peer([], in: directory)
        defer { peer.end() }
        // Days since the exams of the fixtures pass; the rule asks for no age here.
        let daemon = try Self.daemon(
            """
              - name: web
                kind: dicomweb
                url: "http://127.0.0.1:\(port)"
                cache: 0s
                prefetch: {relation: same, max-age-days: 36500, when: order, max-studies: 1}
            """)
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        func ask() throws -> Answer {
            try ctl.answer(
                Answer.self, "priors", "--patient", "HX00010234", "--issuer", "HUXI-REGION", "--item", "BW03ZZZ8B",
                "--sources")
        }
        let best = try #require(try ask().priors.first)
        #expect(best.source == "web")
        #expect(holds(within: .seconds(20)) { (try? ask())?.places[best.studyInstanceUID] == "" })
        let fetches = try ctl.answer(Fetches.self, "sources", "fetches", "--all").fetches
        #expect(fetches.contains { $0.cause == "order" && $0.state == "fetched" })
        let retrieved = peer.events("asked").count { $0["path"] == "/studies/\(best.studyInstanceUID)" }
        #expect(retrieved == 1)
    }

    @Test func `first images of an exam of today have its priors fetched ahead`() throws {
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        let (peer, port) = try Self.peer([], Array(Self.folders.prefix(2)), in: directory)
        defer { peer.end() }
        let daemon = try Self.daemon(
            """
              - name: web
                kind: dicomweb
                url: "http://127.0.0.1:\(port)"
                prefetch: {relation: same, max-age-days: 36500, when: first-image}
            """)
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        let made = try Self.copies([Self.folders[2]], in: directory)
        let files = try FileManager.default.subpathsOfDirectory(atPath: made.path).filter { $0.hasSuffix(".dcm") }
        let format = DateFormatter()
        format.dateFormat = "yyyyMMdd"
        format.locale = Locale(identifier: "en_US_POSIX")
        let changed = try Tool.run(
            "dcmodify",
            ["-nb", "-m", "(0008,0020)=\(format.string(from: Date()))"] + files.map { made.path + "/" + $0 })
        try #require(changed.isSuccess, "\(changed.text)")
        #expect(try ctl.send(made).isSuccess)
        #expect(
            holds(within: .seconds(30)) {
                let fetches = (try? ctl.answer(Fetches.self, "sources", "fetches", "--all"))?.fetches ?? []
                return fetches.count == 2 && fetches.allSatisfy { $0.cause == "firstImage" && $0.state == "fetched" }
            })
        // What was fetched starts nothing.
        try ctl.waitForAssessments(3)
        #expect(try ctl.answer(Fetches.self, "sources", "fetches", "--all").fetches.count == 2)
    }

    @Test func `an archive that speaks DIMSE is asked by C-FIND and fetched from by C-MOVE`() throws {
        guard let orthanc = try OrthancServer.started(hasDICOMweb: true) else { return }
        defer { orthanc.end() }
        let daemon = try Self.daemon(
            """
              - name: dimse
                kind: c-find
                host: 127.0.0.1
                port: \(orthanc.dicomPort)
                ae-title: ORTHANC
                issuer: HUXI-REGION
                deadline: 10s
                cache: 0s
              - {name: web, kind: dicomweb, url: "\(orthanc.dicomWeb)", issuer: HUXI-REGION, deadline: 10s, cache: 0s}
            """)
        defer { daemon.end() }
        try orthanc.knows("PRIORD", at: daemon.dicomPort)
        let ctl = Operator(daemon: daemon)
        for name in Self.folders.prefix(2) {
            let sent = try Tool.run(
                Tool.built("priorctl"),
                [
                    "send", Self.folder(name).path, "--to", "127.0.0.1:\(orthanc.dicomPort)", "--ae-title", "ORTHANC",
                ])
            try #require(sent.isSuccess, "\(sent.text)")
        }
        try Self.send([Self.folders[2]], to: ctl)
        let before = try Self.priors(of: Self.third, by: ctl)
        #expect(before.states == ["dimse": "answered", "web": "answered"])
        #expect(before.places == [Self.first: "dimse", Self.second: "dimse"])
        #expect(before.priors.allSatisfy { $0.relation == "same" && $0.identityLink == "same" })
        let moved = try ctl.answer(Fetch.self, "sources", "fetch", "dimse", Self.first)
        #expect(moved.state == "fetched" && moved.receivedCount == 2, "\(moved)")
        let retrieved = try ctl.answer(Fetch.self, "sources", "fetch", "web", Self.second)
        #expect(retrieved.state == "fetched" && retrieved.receivedCount == 2, "\(retrieved)")
        try ctl.waitForAssessments(3)
        #expect(try Self.priors(of: Self.third, by: ctl).places == [Self.first: "", Self.second: ""])
    }

    @Test func `DCMTK's archive is asked and fetched from, and finds again what a kill interrupted`() throws {
        let port = try Tool.freePort()
        let program = try #require(Tool.installed("dcmqrscp"), "dcmqrscp is not installed; make test installs it")
        let directory = try Self.scratch()
        defer { try? FileManager.default.removeItem(at: directory) }
        var settings = PriordProcess.configured(
            """
            accept-any-peer: on
            sources:
              - {name: dcmtk, kind: c-find, host: 127.0.0.1, port: \(port), ae-title: QRSCP, issuer: HUXI-REGION,
                 deadline: 10s, cache: 0s, retry-pause: 200ms}
            """)
        settings.dataDirectory = directory.appending(path: "data")
        let dicomPort = try Tool.freePort()
        settings.arguments = ["--dicom-port", "\(dicomPort)"]
        let storage = directory.appending(path: "qrscp")
        try FileManager.default.createDirectory(at: storage, withIntermediateDirectories: true)
        let file = directory.appending(path: "dcmqrscp.cfg")
        try Data(
            """
            NetworkTCPPort = \(port)
            MaxPDUSize = 16384
            MaxAssociations = 16
            HostTable BEGIN
            priord = (PRIORD, 127.0.0.1, \(dicomPort))
            HostTable END
            VendorTable BEGIN
            VendorTable END
            AETable BEGIN
            QRSCP \(storage.path) RW (100, 1024mb) ANY
            AETable END

            """.utf8
        ).write(to: file)
        let archive = try Tool.start(program, ["-c", file.path], output: Pipe())
        defer {
            kill(archive.processIdentifier, SIGKILL)
            archive.waitUntilExit()
        }
        func fill() -> Bool {
            let sent = try? Tool.run(
                Tool.built("priorctl"),
                [
                    "send", Self.folder(Self.head).path, "--to", "127.0.0.1:\(port)", "--ae-title", "QRSCP",
                ])
            return sent?.isSuccess == true
        }
        try #require(holds(within: .seconds(20)) { fill() })
        let study = try #require(try Manifest.load().studies.first { $0.folder.hasSuffix(Self.head) })
        var daemon = try PriordProcess(settings)
        // Asked for, and killed at once: whatever came until then stays, and the next start goes on.
        _ = try Operator(daemon: daemon).run("sources", "fetch", "dcmtk", study.studyInstanceUID, "--no-wait")
        daemon.killNow()
        daemon = try PriordProcess(settings)
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        #expect(
            holds(within: .seconds(60)) {
                let fetches = (try? ctl.answer(Fetches.self, "sources", "fetches", "--all"))?.fetches
                return fetches?.first?.state == "fetched" && fetches?.first?.receivedCount == study.files
            })
        #expect(try ctl.run("verify", "--full").isSuccess)
        #expect(try ctl.run("sources", "test", "dcmtk").isSuccess)
    }
}
