import DICOMCore
import Foundation
import Testing

@testable import PriordConfig

@Suite struct HostileFileTests {
    @Test func `what is not YAML is a fault with line and column`() throws {
        let fault = try #require(try faults("ae-title: PRIORD\npeers: [CT1, {").first)
        #expect(fault.key == "config")
        #expect(fault.source.line == 2 || fault.source.line == 3)
        guard case .notYAML(let column, let reason) = fault.problem else {
            Issue.record("\(fault)")
            return
        }
        #expect(column > 0 && !reason.isEmpty)
    }

    @Test func `a tab as indentation names its line and column`() throws {
        let fault = try #require(try faults("peers:\n\t- ae-title: CT1").first)
        #expect(fault.source.line == 2)
        #expect(fault.description.contains(":2), column 1: "))
    }

    @Test func `a key written twice is a fault that names it`() throws {
        let fault = try #require(try faults("bind: 127.0.0.1\nae-title: A\n'bind': 0.0.0.0").first)
        #expect(fault.description.contains("written more than once: bind"))
        let nested = try #require(try faults("peers:\n- ae-title: A\n  ae-title: B\n  hosts: 10.0.0.1").first)
        #expect(nested.description.contains("written more than once: ae-title"))
    }

    @Test func `an anchor bomb is refused before it unfolds, even as a key`() throws {
        let levels = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let found = try faults((["a0: &a0 lol"] + levels + ["? *a40\n: 1"]).joined(separator: "\n"))
        #expect(found.map(\.source.line) == [2])
    }

    @Test func `ampersands and stars in text are no aliases`() throws {
        let yaml = "peers: [{ae-title: CT1, hosts: 10.0.0.1, institution: 'R & D *unit*', issuer: A&B}]"
        #expect(try load(yaml).config.peers.first?.institution == "R & D *unit*")
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `nesting without end is a fault, no crash`(opening: String) throws {
        #expect(try faults(String(repeating: opening, count: 100_000)).map(\.key) == ["config"])
    }

    @Test func `nesting within libYAML's bound is a fault of the setting`() throws {
        let deep = String(repeating: "[", count: 900) + String(repeating: "]", count: 900)
        #expect(try faults("peers: [\(deep)]").map(\.key) == ["peers[0]"])
        #expect(try faults("? \(deep)\n: 1").map(\.key) == ["(not a name)"])
    }

    @Test func `a file of 10 MB is refused unread`() throws {
        let found = try faults(String(repeating: "a: 1\n", count: 2_000_000))
        #expect(found.map(\.problem) == [.unreadable(reason: "is larger than 1000000 bytes")])
    }

    @Test func `a file without end is refused`() throws {
        let found = try faults(arguments: ["config": "/dev/zero"])
        #expect(found.map(\.problem) == [.unreadable(reason: "is larger than 1000000 bytes")])
    }

    @Test func `a directory in place of a file is a fault`() throws {
        #expect(try faults(arguments: ["config": "/"]).map(\.key) == ["config"])
    }

    @Test func `faults without number are counted, not listed`() throws {
        let yaml = (1...20_000).map { "setting-\($0): 1" }.joined(separator: "\n")
        let error = #expect(throws: ConfigFaults.self) { try load(yaml) }
        #expect(error?.faults.count == ConfigFaults.shownLimit)
        #expect(error?.furtherCount == 20_000 - ConfigFaults.shownLimit)
        #expect(error?.description.hasSuffix("and 19800 more") == true)
    }

    @Test(arguments: [
        "a list", "- peers", "12", "--- a\n--- b", "%YAML 9.9\n---\na: 1", "\u{1}", "a: !!binary \"\u{7F}\"",
        "!!map {a: b}",
    ])
    func `a file that is no object of settings is a fault`(yaml: String) throws {
        #expect(try !faults(yaml).isEmpty)
    }

    @Test func `bytes that are not UTF-8 are a fault`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("priord.yaml", "")
        // 胸部 in GB18030, as an editor on an old Windows saves it.
        try Data([0x61, 0x3A, 0x20, 0xD0, 0xD8, 0xB2, 0xBF, 0x0A]).write(to: URL(filePath: path))
        let error = #expect(throws: ConfigFaults.self) { try PriordConfig.load(arguments: ["config": path]) }
        #expect(error?.faults.map(\.problem) == [.unreadable(reason: "is not UTF-8")])
    }

    @Test(arguments: ["", "\n\n", "# nothing\n", "---\n", "---\n...\n", "{}", "~"])
    func `an empty file leaves the defaults`(yaml: String) throws {
        #expect(try load(yaml).config.aeTitle == .priord)
    }

    @Test func `a byte order mark and Windows line ends are read`() throws {
        let yaml = "\u{FEFF}ae-title: PACS\r\nhttp-port: 80\r\npeers:\r\n- ae-title: CT1\r\n  hosts: 10.0.0.1\r\n"
        let config = try load(yaml).config
        #expect(config.aeTitle.value == "PACS")
        #expect(config.peers.first?.hosts == [try #require(HostBlock("10.0.0.1"))])
    }

    @Test func `a file with bytes changed at random loads or is refused, no crash`() throws {
        let example = try String(contentsOf: systemdDirectory().appending(path: "priord.yaml"), encoding: .utf8)
        let original = Array(inForce(example, tokenFile: "/dev/null").utf8)
        let pieces = [
            "&a ", "*a", "? ", "- ", ": ", "[", "{", "}", "'", "\"\\uD800", "|\n", "!!x ", "%TAG ! x\n", "\n---\n",
            "\0",
        ]
        var random = SplitMix64(state: 2)
        var settingFaultCount = 0
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0...20, using: &random))
                bytes.replaceSubrange(start..<end, with: (pieces.randomElement(using: &random) ?? "").utf8)
            }
            do {
                _ = try load(String(decoding: bytes, as: UTF8.self))
            } catch let faults as ConfigFaults {
                #expect(!faults.faults.isEmpty)
                settingFaultCount += faults.faults.contains { $0.key != "config" } ? 1 : 0
            }
        }
        // Enough of the files were still YAML for the settings to be read.
        #expect(settingFaultCount > 100)
    }
}

/// The same numbers on every run (Steele, Lea and Flood 2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
