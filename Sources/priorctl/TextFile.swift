internal import Foundation

/// Files that people wrote.
enum TextFile {
    /// Larger ones are no tables.
    private static let byteLimit = 8 << 20

    /// - Throws: ``CommandFailure/file(path:reason:)`` when it can't be read or is not UTF-8.
    static func read(_ path: String) throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure.file(path: path, reason: "cannot be read: \(error.localizedDescription)")
        }
        guard data.count <= byteLimit else {
            throw CommandFailure.file(path: path, reason: "\(data.count) bytes, where at most \(byteLimit) are read")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure.file(path: path, reason: "is not UTF-8")
        }
        return text
    }
}
