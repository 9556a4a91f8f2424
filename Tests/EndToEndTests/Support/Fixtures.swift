import Foundation

/// The invented studies of `Fixtures/`.
enum Fixtures {
    static let studies = Tool.root.appending(path: "Fixtures/studies")

    static let instanceCount =
        (try? FileManager.default.subpathsOfDirectory(atPath: studies.path))?.count { $0.hasSuffix(".dcm") } ?? 0

    /// The folder of real files, or nil where there is none.
    static var real: URL? {
        let real =
            ProcessInfo.processInfo.environment["PRIORD_REAL_DICOM"].map { URL(filePath: $0) }
            ?? Tool.root.deletingLastPathComponent().appending(path: "shared/dicom")
        guard FileManager.default.fileExists(atPath: real.path) else {
            print("no real files at \(real.path); not tried")
            return nil
        }
        return real
    }
}
