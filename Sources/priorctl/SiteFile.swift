internal import AdminAPI
internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// A catalogue or a file of words, as the operator has it.
struct SiteFile {
    let path: String
    /// Bytes that are read of such a file.
    let limit: Int

    func bytes() throws(CommandFailure) -> [UInt8] {
        // One byte more than is allowed, so that the check sees that it is too many.
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .file(path: path, reason: String(cString: strerror(errno)))
        }
        defer { try? handle.close() }
        do {
            return Array(try handle.read(upToCount: limit + 1) ?? Data())
        } catch {
            throw .file(path: path, reason: "cannot be read")
        }
    }

    /// Asks the daemon to put the file in force and prints what came of it, or its faults.
    ///
    /// - Parameters:
    ///   - name: what the daemon is to call it; the file's own name unless given.
    ///   - text: the answer for people.
    func add<Answer: Decodable>(
        to resource: String, as name: String? = nil, by person: String, _ common: CommonOptions,
        text: (CatalogueReport, Answer) -> String
    ) async throws {
        let bytes = try bytes()
        let query = [
            URLQueryItem(name: "by", value: person),
            URLQueryItem(name: "file", value: name ?? (path as NSString).lastPathComponent),
        ]
        let report = CatalogueReport(Presentation(common.lang))
        do {
            let data = try await common.client.data(
                resource, query: query, method: .POST, body: .bytes(ByteBuffer(bytes: bytes)))
            if common.json { return Output.json(data) }
            Output.line(text(report, try DaemonClient.decoded(data)))
        } catch CommandFailure.refused(let problem) {
            guard let faults = problem.faults else { throw CommandFailure.refused(problem) }
            if common.json {
                Output.json(try AdminJSON.encoder().encode(problem))
            } else {
                Output.remark(report.refusal(of: path, faults))
            }
            throw ExitCode.failure
        }
    }
}
