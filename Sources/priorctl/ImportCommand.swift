internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Takes in the DICOM files below a directory. Exit code 1 when one was refused."
    )

    @OptionGroup var common: CommonOptions
    @Argument(help: "A directory or a file.") var directory: String

    /// Uploads at once: enough to share the disk's syncs.
    private static let uploadLimit = 4

    func run() async throws {
        let files = try DICOMFiles(below: directory)
        let bar = ProgressBar("import", total: files.paths.count)
        defer { bar.finish() }
        var report = ImportReport(otherFiles: files.otherCount)
        let client = common.client
        try await withThrowingTaskGroup(of: (path: String, ImportReport.Outcome).self) { group in
            var waiting = files.paths[...]
            func startNext() {
                guard let path = waiting.popFirst() else { return }
                group.addTask { (path, try await Self.upload(path, to: client, bar)) }
            }
            for _ in 0..<Self.uploadLimit { startNext() }
            for try await (path, outcome) in group {
                report.add(outcome, of: path)
                startNext()
            }
        }
        bar.finish()
        if common.json {
            Output.json(try AdminJSON.encoder().encode(report))
        } else {
            for failure in report.refused { Output.remark("\(Output.printable(failure.file)): \(failure.reason)") }
            Output.line(report.summary)
        }
        if !report.refused.isEmpty { throw ExitCode.failure }
    }

    private static func upload(
        _ path: String, to client: DaemonClient, _ bar: ProgressBar
    ) async throws -> ImportReport.Outcome {
        let chunks: FileChunks
        do {
            chunks = try FileChunks(path: path)
        } catch {
            return .refused("\(error)")
        }
        defer { bar.advance(byteCount: chunks.byteCount) }
        do {
            let data = try await client.data(
                "/admin/v1/import", method: .POST, body: .stream(chunks, length: .known(chunks.byteCount)),
                timeout: DaemonClient.operationTimeout)
            return .answered(try DaemonClient.decoded(data))
        } catch let failure as CommandFailure {
            guard case .refused(let problem) = failure, problem.status < 500 else { throw failure }
            return .refused("\(failure)")
        }
    }
}

/// What became of all files: `import --json`.
struct ImportReport: Encodable, Equatable {
    enum Outcome: Sendable {
        case answered(ImportAnswer)
        case refused(String)
    }

    struct Refusal: Encodable, Equatable {
        let file: String
        let reason: String
    }

    var stored = 0
    var duplicates = 0
    /// In quarantine, since other bytes are stored under their UID.
    var conflicts = 0
    var refused: [Refusal] = []
    /// Files that are none of DICOM.
    let otherFiles: Int

    init(otherFiles: Int) { self.otherFiles = otherFiles }

    mutating func add(_ outcome: Outcome, of path: String) {
        switch outcome {
        case .refused(let reason): refused.append(Refusal(file: path, reason: reason))
        case .answered(let answer):
            switch answer.outcome {
            case .stored: stored += 1
            case .duplicate: duplicates += 1
            case .conflict: conflicts += 1
            }
        }
    }

    var summary: String {
        "\(stored) stored, \(duplicates) duplicates, \(conflicts) conflicts, \(refused.count) refused, "
            + "\(otherFiles) other files"
    }
}

/// The bytes of a file, piece by piece.
struct FileChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let path: String
    let byteCount: Int64
    private static let chunkByteCount = 256 << 10

    /// - Throws: ``CommandFailure/file(path:reason:)`` when it cannot be read.
    init(path: String) throws(CommandFailure) {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else {
            throw .file(path: path, reason: "cannot be read")
        }
        self.path = path
        byteCount = Int64(status.st_size)
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: FileHandle(forReadingAtPath: path), path: path) }

    struct Iterator: AsyncIteratorProtocol {
        let file: FileHandle?
        let path: String

        func next() async throws -> ByteBuffer? {
            guard let file else { throw CommandFailure.file(path: path, reason: "cannot be read") }
            guard let data = try file.read(upToCount: FileChunks.chunkByteCount), !data.isEmpty else { return nil }
            return ByteBuffer(bytes: data)
        }
    }
}
