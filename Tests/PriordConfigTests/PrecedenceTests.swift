import DICOMCore
import Foundation
import Testing

@testable import PriordConfig

@Suite struct PrecedenceTests {
    let file = "ae-title: FROM_FILE\n"
    let environment = ["PRIORD_AE_TITLE": "FROM_ENV"]
    let arguments = ["ae-title": "FROM_FLAG"]

    @Test func `nothing given leaves every default`() throws {
        let loaded = try load()
        #expect(loaded.config == PriordConfig())
        #expect(loaded.effective.allSatisfy { $0.source == .defaultValue })
    }

    @Test func `the file stands before the default`() throws {
        let loaded = try load(file)
        #expect(loaded.config.aeTitle == AETitle.named("FROM_FILE"))
        #expect(loaded.effective.first { $0.key == "ae-title" }?.source.line == 1)
    }

    @Test func `the environment stands before the file`() throws {
        let loaded = try load(file, environment: environment)
        #expect(loaded.config.aeTitle == AETitle.named("FROM_ENV"))
        #expect(loaded.source(of: "ae-title") == .environment(variable: "PRIORD_AE_TITLE"))
    }

    @Test func `a flag stands before everything`() throws {
        let loaded = try load(file, arguments: arguments, environment: environment)
        #expect(loaded.config.aeTitle == AETitle.named("FROM_FLAG"))
        #expect(loaded.source(of: "ae-title") == .flag("--ae-title"))
    }

    @Test func `a flag switches off what the file switches on`() throws {
        #expect(try load("accept-any-peer: on", arguments: ["accept-any-peer": "off"]).config.acceptsAnyPeer == false)
    }

    @Test func `a wrong value is a fault even where a stronger one hides it`() throws {
        let found = try faults("dicom-port: many", arguments: ["dicom-port": "104"])
        #expect(found.map(\.key) == ["dicom-port"])
        #expect(found.first?.source.line == 1)
    }

    @Test func `a wrong flag is not replaced by a right file`() throws {
        let found = try faults("dicom-port: 104", arguments: ["dicom-port": "many"])
        #expect(found.map(\.source) == [.flag("--dicom-port")])
    }

    @Test func `the file named by a flag stands before the one named by the environment`() throws {
        let directory = try TemporaryDirectory()
        let one = try directory.file("one.yaml", "ae-title: ONE")
        let two = try directory.file("two.yaml", "ae-title: TWO")
        let loaded = try PriordConfig.load(arguments: ["config": one], environment: ["PRIORD_CONFIG": two])
        #expect(loaded.config.aeTitle == AETitle.named("ONE"))
        #expect(loaded.config.file?.path(percentEncoded: false) == one)
    }

    @Test func `a named file that is absent is a fault, the default one is not`() throws {
        let found = try faults(arguments: ["config": "/nonexistent/priord.yaml"])
        #expect(found.map(\.problem) == [.unreadable(reason: "cannot be opened: No such file or directory")])
        #expect(try PriordConfig.load(defaultFile: "/nonexistent/priord.yaml").config.file == nil)
    }

    @Test func `the effective settings print with value and source, and without secrets`() throws {
        let directory = try TemporaryDirectory()
        let secret = String(repeating: "s3cret", count: 8)
        let tokens = try directory.file("tokens", secret)
        let loaded = try load(
            """
            quiet-period: 5m
            peers: [{ae-title: CT1, hosts: 10.0.0.1, institution: 一院}]
            http-access: {token-file: \(tokens)}
            """, environment: ["PRIORD_LOG_LEVEL": "debug"])
        let lines = loaded.description.split(separator: "\n")
        #expect(
            lines.contains { $0.hasPrefix("quiet-period ") && $0.contains(" 5m ") && $0.hasSuffix("priord.yaml:1") })
        #expect(lines.contains { $0.hasPrefix("log-level ") && $0.hasSuffix("environment PRIORD_LOG_LEVEL") })
        #expect(lines.contains { $0.hasPrefix("peers[0] ") && $0.contains("CT1 at 10.0.0.1") && $0.contains("一院") })
        #expect(lines.contains { $0.hasPrefix("http-access ") && $0.contains("1 token") })
        #expect(!loaded.description.contains("s3cret"))
        #expect(!String(reflecting: loaded.config).contains("s3cret"))
        var dumped = ""
        dump(loaded.config, to: &dumped)
        #expect(!dumped.contains("s3cret"))
    }
}

extension LoadedConfig {
    func source(of key: String) -> ConfigSource? { effective.first { $0.key == key }?.source }
}

extension AETitle {
    static func named(_ value: String) -> AETitle? { try? AETitle(value) }
}
