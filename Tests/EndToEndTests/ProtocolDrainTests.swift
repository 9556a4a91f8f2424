import Foundation
import Testing

extension ProtocolTests {
    @Suite struct Draining {
        @Test func `SIGTERM lets a C-STORE finish, ends the idle, refuses the new and exits with 0`() throws {
            let keep = FileManager.default.temporaryDirectory.appending(path: "priord-drain-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: keep) }
            try PriordProcess.serving(.init(dataDirectory: keep)) { daemon in
                let said = try ClientReport.of("protocol_drain.py", ["\(daemon.dicomPort)", "\(daemon.pid)"])
                #expect(said["before", "got"] == "status 0000")
                #expect(said["idle", "got"] == "aborted")
                #expect(said["silent", "got"] == "closed")
                #expect(["refused", "closed"].contains(said["newcomer", "got"]))
                #expect(said["busy", "got"] == "status 0000")
                #expect(said["busy afterwards", "got"] == "aborted")
                #expect(daemon.waitForExit(within: .seconds(20)) == 0)
            }
            try PriordProcess.serving(.init(dataDirectory: keep)) { daemon in
                let stored = try daemon.indexRows("SELECT uid FROM instance")
                #expect(stored == [["2.25.730"]])
            }
        }

        @Test func `an instance that comes late opens its study again and makes a new assessment`() throws {
            try PriordProcess.serving(.init(quietPeriod: "500ms")) { daemon in
                let folder = Tool.root.appending(path: "Fixtures/studies/01-dr-chest-pa-lat")
                let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                func send(_ name: String) throws {
                    let said = try ClientReport.of(
                        "protocol_files.py",
                        ["\(daemon.dicomPort)", daemon.dataDirectory.path, folder.appending(path: name).path])
                    #expect(said.cases.values.map { $0["status"] } == ["0000"])
                }
                func assessment(_ version: Int) throws -> [String] {
                    try daemon.indexRows(
                        "SELECT instanceCount, completeness, code FROM assessment WHERE version = \(version)",
                        within: .seconds(15)
                    ).first ?? []
                }
                try send(files[0])
                #expect(try assessment(1) == ["1", "incomplete", "BW03ZZZ8B"])
                try send(files[1])
                #expect(try assessment(2) == ["2", "complete", "BW03ZZZ8B"])
                // The first one is not lost by the second.
                #expect(try assessment(1) == ["1", "incomplete", "BW03ZZZ8B"])
            }
        }
    }

    @Suite struct Settings {
        @Test func `faults of the settings are all reported at once and nothing starts`() throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "priord-\(UUID().uuidString).yaml")
            defer { try? FileManager.default.removeItem(at: file) }
            let yaml = """
                ae-title: MUCH-TOO-LONG-TO-BE-AN-AE-TITLE
                dicom-port: 70000
                quiet-periot: 60s
                association-limit: 0
                peers:
                  - ae-title: CT1
                    permissions: fly
                """
            try Data(yaml.utf8).write(to: file)
            for command in [["config", "check"], ["serve"]] {
                let output = try Tool.run(Tool.built("priord"), command + ["--config", file.path])
                #expect(output.status == 78)
                for fault in [
                    "ae-title", "dicom-port", "quiet-periot", "association-limit", "peers[0].hosts",
                    "peers[0].permissions",
                ] {
                    #expect(output.text.contains(fault), "\(fault) is not named in:\n\(output.text)")
                }
            }
        }
    }
}
