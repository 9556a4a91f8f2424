import Foundation
import Glibc
import Testing

/// An Orthanc of our own on free ports, with a directory that goes when it ends.
final class OrthancServer {
    let dicomPort: Int
    let httpPort: Int
    private let directory: URL
    private let process: Process

    private static let plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"

    /// - Parameter hasDICOMweb: with the plugin of that name.
    /// - Returns: nil where Orthanc, or the plugin, is not installed.
    static func started(hasDICOMweb: Bool = false) throws -> OrthancServer? {
        let usual = URL(filePath: "/usr/sbin/Orthanc")
        let program =
            Tool.installed("Orthanc")
            ?? (FileManager.default.isExecutableFile(atPath: usual.path) ? usual : nil)
        guard let program, !hasDICOMweb || FileManager.default.fileExists(atPath: plugin) else { return nil }
        return try OrthancServer(program, hasDICOMweb)
    }

    private init(_ program: URL, _ hasDICOMweb: Bool) throws {
        (dicomPort, httpPort) = (try Tool.freePort(), try Tool.freePort())
        directory = FileManager.default.temporaryDirectory.appending(path: "orthanc-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let settings: [String: Any] = [
            "StorageDirectory": directory.path, "IndexDirectory": directory.path, "HttpPort": httpPort,
            "DicomPort": dicomPort, "DicomAet": "ORTHANC", "RemoteAccessAllowed": false,
            "AuthenticationEnabled": false, "DefaultEncoding": "Utf8",
            "Plugins": hasDICOMweb ? [Self.plugin] : [],
            "DicomWeb": ["Enable": true, "Root": "/dicom-web/"],
        ]
        let file = directory.appending(path: "orthanc.json")
        try JSONSerialization.data(withJSONObject: settings).write(to: file)
        process = Process()
        process.executableURL = program
        process.arguments = [file.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        guard holds(within: .seconds(30), { (try? self.get("/system")) != nil }) else {
            throw PriordProcess.Failure(description: "Orthanc does not answer")
        }
    }

    deinit { end() }

    /// At once: its clean stop takes as long as its longest timeout, and nothing of it is kept.
    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Tells it of a peer that may ask for commitment.
    func knows(_ aeTitle: String, at port: Int) throws {
        let peer =
            "{\"AET\": \"\(aeTitle)\", \"Host\": \"127.0.0.1\", \"Port\": \(port), \"AllowStorageCommitment\": true}"
        let output = try Tool.run(
            "curl", ["-sf", "-X", "PUT", "http://127.0.0.1:\(httpPort)/modalities/peer", "-d", peer])
        guard output.isSuccess else { throw PriordProcess.Failure(description: "Orthanc refused a peer") }
    }

    /// Where its DICOMweb service is.
    var dicomWeb: String { "http://127.0.0.1:\(httpPort)/dicom-web" }

    var instanceCount: Int { get throws { try instances.count } }

    /// Whole files, in no order.
    var files: [Data] {
        get throws {
            try instances.map { id in
                let file = directory.appending(path: "fetched")
                _ = try Tool.run(
                    "curl", ["-sf", "-o", file.path, "http://127.0.0.1:\(httpPort)/instances/\(id)/file"])
                return try Data(contentsOf: file)
            }
        }
    }

    private var instances: [String] {
        get throws { try JSONDecoder().decode([String].self, from: Data(try get("/instances").utf8)) }
    }

    private func get(_ path: String) throws -> String {
        let output = try Tool.run("curl", ["-sf", "http://127.0.0.1:\(httpPort)\(path)"])
        guard output.isSuccess else { throw PriordProcess.Failure(description: "Orthanc does not answer \(path)") }
        return output.text
    }
}
