internal import Foundation

/// Part-10 files below a directory.
struct DICOMFiles {
    /// Paths in alphabetical order.
    private(set) var paths: [String] = []
    /// Regular files that are none of Part 10.
    private(set) var otherCount = 0

    /// - Parameter root: a directory, searched with everything below it, or one file.
    /// - Throws: ``CommandFailure/file(path:reason:)`` when there is no such thing.
    init(below root: String) throws(CommandFailure) {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root, isDirectory: &isDirectory) else {
            throw .file(path: root, reason: "no such file or directory")
        }
        guard isDirectory.boolValue else {
            add(root)
            return
        }
        guard let walk = FileManager.default.enumerator(atPath: root) else {
            throw .file(path: root, reason: "cannot be read")
        }
        while let name = walk.nextObject() as? String {
            guard walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            add(root + "/" + name)
        }
        paths.sort()
    }

    /// A DICOMDIR is of Part 10 too, but lists objects and is none.
    private mutating func add(_ path: String) {
        if Self.isPart10(path), !path.hasSuffix("/DICOMDIR") { paths.append(path) } else { otherCount += 1 }
    }

    /// Whether the prefix `DICM` stands after a preamble of 128 bytes (PS3.10 7.1).
    private static func isPart10(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        guard let start = try? file.read(upToCount: 132), start.count == 132 else { return false }
        return start.suffix(4).elementsEqual("DICM".utf8)
    }
}
