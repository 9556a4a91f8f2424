import Assessment
import Foundation
import Testing

@testable import PriordConfig

/// A directory of its own that is removed with the last reference.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "priord-config-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String, _ text: String, mode: Int = 0o640) throws -> String {
        let path = url.appending(path: name).path(percentEncoded: false)
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }
}

/// Loads from a file with the text given, and nothing else by default.
func load(
    _ yaml: String? = nil, arguments: [String: String] = [:], environment: [String: String] = [:]
) throws -> LoadedConfig {
    let directory = try TemporaryDirectory()
    let path = directory.url.appending(path: "priord.yaml").path(percentEncoded: false)
    if let yaml { _ = try directory.file("priord.yaml", yaml) }
    return try PriordConfig.load(
        arguments: arguments, environment: environment, defaultFile: path, rules: AssessmentParameters.schema)
}

/// The faults of a configuration that must have some.
func faults(
    _ yaml: String? = nil, arguments: [String: String] = [:], environment: [String: String] = [:]
) throws -> [ConfigFault] {
    let error = #expect(throws: ConfigFaults.self) {
        try load(yaml, arguments: arguments, environment: environment)
    }
    return try #require(error).faults
}

extension ConfigSource {
    var line: Int? {
        guard case .file(_, let line) = self else { return nil }
        return line
    }
}
