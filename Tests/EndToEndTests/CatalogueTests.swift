import Foundation
import Testing

/// Catalogues of a site, as an operator adds them to a running daemon.
@Suite(.serialized, .timeLimit(.minutes(3))) struct CatalogueTests {
    private struct Listed: Decodable {
        struct Row: Decodable {
            let id: String
            let state: String
        }
        struct Refused: Decodable {
            struct Fault: Decodable {
                let line: Int
                let column: String
            }
            let file: String
            let faults: [Fault]
            let kept: String?
        }
        let catalogues: [Row]
        let refused: [Refused]
    }

    private struct Study: Decodable {
        struct Match: Decodable {
            let catalogue: String
            let code: String
        }
        let match: Match?
    }

    private static let example = Tool.root.appending(path: "docs/examples/example-imaging-2026.tsv")

    private func write(
        _ name: String, in daemon: PriordProcess, _ change: (String) -> String = { $0 }
    ) throws -> String {
        let file = daemon.directory.appending(path: name)
        try Data(change(try String(contentsOf: Self.example, encoding: .utf8)).utf8).write(to: file)
        return file.path
    }

    private func ids(_ ctl: Operator) throws -> [String] {
        try ctl.answer(Listed.self, "catalogue", "list").catalogues.map(\.id)
    }

    @Test func `a file is checked without a daemon, every fault with file and line`() throws {
        let priorctl = Tool.built("priorctl")
        let right = try Tool.run(priorctl, ["catalogue", "check", Self.example.path, "--lang", "en"])
        #expect(right.isSuccess)
        #expect(right.text.contains("no fault"))
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let faulty = folder.appending(path: "faulty.tsv")
        let text = try String(contentsOf: Self.example, encoding: .utf8)
        try Data(text.replacing("BQ2710ZZZ", with: "BQ27").replacing("\tbrain\t", with: "\tbrains\t").utf8)
            .write(to: faulty)
        let wrong = try Tool.run(priorctl, ["catalogue", "check", faulty.path, "--lang", "en"])
        #expect(wrong.status == 1)
        #expect(wrong.text.contains("faulty.tsv:12: code: has 4 characters where 9 are expected"))
        #expect(wrong.text.contains("faulty.tsv:13: anatomy: \"brains\" is not a name of the lexicon"))
        #expect(try Tool.run(priorctl, ["catalogue", "check", "/nowhere.tsv"]).status == 1)
    }

    @Test func `a catalogue is added, listed and removed while the daemon runs`() throws {
        try PriordProcess.serving { daemon in
            let ctl = Operator(daemon: daemon)
            let file = try write("mine.tsv", in: daemon)
            let added = try ctl.run("catalogue", "add", file, "--by", "An", "--lang", "en")
            #expect(added.isSuccess, "\(added.text)")
            #expect(try ids(ctl).contains("example-imaging-2026"))
            #expect(try ctl.run("status").status == 0)
            #expect(try ctl.run("catalogue", "remove", "zhejiang-imaging-2021").status == 1)
            #expect(try ctl.run("catalogue", "remove", "example-imaging-2026", "--by", "An").isSuccess)
            #expect(try ids(ctl).count == 3)
            let events = try daemon.indexRows("SELECT kind, detail FROM event WHERE kind LIKE 'catalogue%' ORDER BY id")
            #expect(events.map { $0[0] } == ["catalogueAdded", "catalogueRemoved"])
            #expect(events.allSatisfy { $0[1].contains("by An") })
        }
    }

    @Test func `a bad file is refused and the edition before it stays, also across a kill and a restart`() throws {
        var settings = PriordProcess.Settings()
        let kept = URL(filePath: NSTemporaryDirectory()).appending(path: "priord-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: kept) }
        settings.dataDirectory = kept
        let first = try PriordProcess(settings)
        defer { first.end() }
        var ctl = Operator(daemon: first)
        #expect(try ctl.run("catalogue", "add", write("mine.tsv", in: first)).isSuccess)
        let faulty = try write("bad.tsv", in: first) { $0.replacing("BQ2710ZZZ", with: "BQ27") }
        let refused = try ctl.run("catalogue", "add", faulty)
        #expect(refused.status == 1)
        #expect(refused.text.contains("bad.tsv:12: code"))
        #expect(try ids(ctl).contains("example-imaging-2026"))
        first.killNow()

        // Somebody edits the file in place while the daemon is down.
        let file = kept.appending(path: "catalogues/example-imaging-2026.tsv")
        let damaged = try Data(contentsOf: URL(filePath: faulty))
        try damaged.write(to: file)
        let second = try PriordProcess(settings)
        defer { second.end() }
        ctl = Operator(daemon: second)
        let listed = try ctl.answer(Listed.self, "catalogue", "list")
        #expect(listed.catalogues.map(\.id).contains("example-imaging-2026"))
        #expect(listed.refused.map(\.file) == ["example-imaging-2026.tsv"])
        #expect(listed.refused.map(\.kept) == ["example-imaging-2026"])
        #expect(listed.refused.first?.faults.map(\.line) == [12])
        #expect(try ctl.run("status").status == 1)
        #expect(try Data(contentsOf: file) == damaged)
        #expect(second.waitForLog(containing: "catalogue refused") != nil)

        #expect(try ctl.run("catalogue", "add", write("mine.tsv", in: second)).isSuccess)
        #expect(try ctl.run("status").status == 0)
    }

    @Test func `a study is named by the edition of its day`() throws {
        let fixture = Tool.root.appending(path: "Fixtures/studies/01-dr-chest-pa-lat")
        let manifest = try Manifest.load()
        let study = try #require(manifest.studies.first { $0.folder.hasSuffix("01-dr-chest-pa-lat") })
        let day = try #require(
            Self.studyDate(in: try Data(contentsOf: Self.file(in: fixture))))
        let dashed = "\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))"
        for (from, edition) in [(dashed, "new"), ("2999-01-01", "old")] {
            var settings = PriordProcess.Settings()
            settings.environment = ["PRIORD_CATALOGUE": "example-imaging"]
            try PriordProcess.serving(settings) { daemon in
                let ctl = Operator(daemon: daemon)
                let old = try write("old.tsv", in: daemon) {
                    $0.replacing("edition: 2026", with: "edition: old").replacing("2026-07-01", with: "2000-01-01")
                }
                let new = try write("new.tsv", in: daemon) {
                    $0.replacing("edition: 2026", with: "edition: new").replacing("2026-07-01", with: from)
                }
                #expect(try ctl.run("catalogue", "add", old).isSuccess)
                #expect(try ctl.run("catalogue", "add", new).isSuccess)
                #expect(try ctl.send(fixture).isSuccess)
                try ctl.waitForAssessments(1)
                let match = try ctl.answer(Study.self, "study", study.studyInstanceUID).match
                #expect(match?.catalogue == "example-imaging-\(edition)")
                #expect(match?.code == "BW03ZZZ8B")
            }
        }
    }

    private static func file(in folder: URL) throws -> URL {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try #require(files.filter { $0.pathExtension == "dcm" }.min { $0.path < $1.path })
    }

    /// Study Date (0008,0020), VR DA, in Explicit VR Little Endian.
    private static func studyDate(in data: Data) -> String? {
        guard let tag = data.range(of: Data([0x08, 0x00, 0x20, 0x00]) + Data("DA".utf8)) else { return nil }
        return String(decoding: data[tag.upperBound.advanced(by: 2)...].prefix(8), as: UTF8.self)
    }
}
