import Foundation
import Testing

@testable import PriordConfig

/// `systemd/priord.service` against the settings it must agree with.
@Suite struct UnitFileTests {
    let text: String

    init() throws {
        text = try String(contentsOf: systemdDirectory().appending(path: "priord.service"), encoding: .utf8)
    }

    @Test func `the state directory is the default data directory`() {
        let state = value("StateDirectory").map { "/var/lib/\($0)/" }
        #expect(PriordConfig().dataDirectory.path(percentEncoded: false) == state)
        #expect(value("ConfigurationDirectory").map { "/etc/\($0)/priord.yaml" } == PriordConfig.defaultFile)
    }

    @Test func `systemd waits longer for the stop than Associations get to finish`() throws {
        let stop = try #require(value("TimeoutStopSec"))
        let parsed = SettingFormat<Duration>.duration(.zero ... .seconds(3600)).parse(stop)
        #expect(try #require(parsed) >= PriordConfig().drainTimeout + .seconds(10))
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: systemdAnalyze), "systemd-analyze is not installed"))
    func `systemd accepts the unit, and rates its exposure OK`() throws {
        let directory = try TemporaryDirectory()
        // The daemon is not installed where its tests run.
        let unit = try directory.file("priord.service", text.replacing("/usr/bin/priord serve", with: "/bin/true"))
        #expect(try exitStatus(of: ["verify", "--man=no", unit]) == 0)
        #expect(try exitStatus(of: ["security", "--offline=true", "--no-pager", "--threshold=20", unit]) == 0)
    }

    private func value(_ key: String) -> String? {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key + "=") }
        return line.map { String($0.dropFirst(key.count + 1)) }
    }

    private func exitStatus(of arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: systemdAnalyze)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

private let systemdAnalyze = "/usr/bin/systemd-analyze"

/// Found from this file, so that the tests run from any working directory.
func systemdDirectory() -> URL {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return tests.deletingLastPathComponent().appending(path: "systemd")
}
