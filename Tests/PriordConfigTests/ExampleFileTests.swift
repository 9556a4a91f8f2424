import DICOMCore
import Foundation
import Testing

@testable import PriordConfig

/// The commented file that is installed as /etc/priord/priord.yaml.
@Suite struct ExampleFileTests {
    let text: String

    init() throws {
        text = try String(contentsOf: systemdDirectory().appending(path: "priord.yaml"), encoding: .utf8)
    }

    @Test func `as installed it changes nothing`() throws {
        var config = try load(text).config
        config.file = nil
        #expect(config == PriordConfig())
    }

    @Test func `with every line in force it loads, shows every setting and keeps the defaults`() throws {
        let directory = try TemporaryDirectory()
        let tokens = try directory.file("tokens", String(repeating: "a", count: 64))
        let loaded = try load(inForce(text, tokenFile: tokens))
        let unset = loaded.effective.filter { $0.source == .defaultValue }.map(\.key)
        #expect(unset.filter { !$0.hasPrefix("assessment.rules.") } == ["config"])
        let defaults = PriordConfig.settings.filter(\.isFileKey).map(\.defaultText)
        #expect(loaded.effective.dropFirst().prefix(defaults.count).map(\.value) == defaults)
        #expect(loaded.config.peers.map(\.aeTitle.value) == ["CT1", "PACS"])
        #expect(loaded.config.httpAccess?.hosts.count == 2)
        #expect(loaded.config.notices.map(\.url.lastPathComponent) == ["notice.tsv"])
    }

    @Test func `with every line in force it may listen beyond loopback`() throws {
        let directory = try TemporaryDirectory()
        let tokens = try directory.file("tokens", String(repeating: "a", count: 64))
        let loaded = try load(inForce(text, tokenFile: tokens), arguments: ["bind": "0.0.0.0"])
        #expect(!loaded.config.bind.isLoopback)
    }
}

/// The example file with every setting in force. Prose is "#" and one space; a setting is "#" and a letter, or the
/// indentation of an object in a list. The files of the section `tls` are made beside the one of the tokens.
func inForce(_ example: String, tokenFile: String) -> String {
    let directory = URL(filePath: tokenFile).deletingLastPathComponent().path
    for name in ["priord.pem", "priord.key", "authorities.pem", "notice.tsv"] {
        let isMade = FileManager.default.createFile(
            atPath: directory + "/" + name, contents: Data("PEM".utf8), attributes: [.posixPermissions: 0o600])
        #expect(isMade)
    }
    let lines = example.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        line.wholeMatch(of: /#([a-z]|  ).*/) == nil ? line : line.dropFirst()
    }
    return lines.joined(separator: "\n").replacing("/etc/priord/http-tokens", with: tokenFile)
        .replacing("/etc/priord/tls", with: directory).replacing("/etc/priord/notice", with: directory + "/notice")
}
