import Assessment
import Foundation
import Testing

@testable import PriordConfig

@Suite struct TLSSettingsTests {
    /// A directory with the three files.
    private static func files() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for name in ["own.pem", "own.key", "ca.pem"] { _ = try directory.file(name, "PEM") }
        return directory
    }

    private static func section(_ directory: TemporaryDirectory, _ more: String = "") -> String {
        let path = directory.url.path(percentEncoded: false) + "/"
        return """
            tls:
              certificate: \(path)own.pem
              key: \(path)own.key
              authorities: \(path)ca.pem
            \(more)
            """
    }

    @Test func `the section is read with its defaults`() throws {
        let directory = try Self.files()
        let tls = try #require(try load(Self.section(directory)).config.tls)
        #expect(tls.port == 2762)
        #expect(tls.clientCertificate == .required)
        let other = try load(Self.section(directory, "  port: 0\n  client-certificate: optional")).config.tls
        #expect(other?.port == 0)
        #expect(other?.clientCertificate == .optional)
    }

    @Test func `every file that is missing is named, and what may not be used`() throws {
        let directory = try Self.files()
        #expect(try faults("tls: {port: 2762}").map(\.key) == ["tls.certificate", "tls.key", "tls.authorities"])
        try FileManager.default.removeItem(at: directory.url.appending(path: "ca.pem"))
        #expect(try faults(Self.section(directory)).map(\.key) == ["tls.authorities"])
    }

    @Test func `a key that everyone may read is refused`() throws {
        let directory = try Self.files()
        _ = try directory.file("own.key", "PEM", mode: 0o644)
        #expect("\(try faults(Self.section(directory)))".contains("take others' rights away"))
    }

    @Test func `two ports cannot be the same`() throws {
        let directory = try Self.files()
        #expect(try faults(Self.section(directory, "  port: 11112")).map(\.key) == ["tls.port"])
    }

    @Test func `what the credentials lack is a fault like any other`() throws {
        let directory = try Self.files()
        let path = try directory.file("priord.yaml", Self.section(directory) + "\nquiet-period: soon")
        let error = #expect(throws: ConfigFaults.self) {
            _ = try PriordConfig.load(
                defaultFile: path, rules: AssessmentParameters.schema
            ) { _ in ("key", "not the key of the certificate") }
        }
        let found = try #require(error).faults
        #expect(found.map(\.key) == ["quiet-period", "tls.key"])
        #expect("\(found)".contains("own.key: not the key of the certificate"))
    }
}
