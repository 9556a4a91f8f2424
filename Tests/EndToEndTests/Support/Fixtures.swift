import Foundation

/// The invented studies of `Fixtures/`.
enum Fixtures {
    static let studies = Tool.root.appending(path: "Fixtures/studies")

    static let instanceCount =
        (try? FileManager.default.subpathsOfDirectory(atPath: studies.path))?.count { $0.hasSuffix(".dcm") } ?? 0
}
