internal import AdminAPI
internal import Archive
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import NIOCore

/// Takes in one Part-10 file that a client uploads, by the same door as C-STORE and with the same promise.
struct ImportUpload {
    let daemon: Daemon

    /// - Throws: ``IngestError`` when it is not stored.
    func receive(_ request: Request) async throws -> Response {
        let origin = InstanceOrigin(callingAETitle: nil, calledAETitle: nil, host: "", receivedAt: Date())
        let file = UploadedFile(daemon.ingestor.fileArrival(from: origin))
        for try await chunk in request.body {
            let isWanted = try await daemon.imports.run { chunk.withUnsafeReadableBytes { file.arrival.write($0) } }
            if !isWanted { break }
        }
        let answer: ImportAnswer = try await daemon.imports.run {
            switch try file.arrival.finish() {
            case .stored: ImportAnswer(outcome: .stored)
            case .duplicate: ImportAnswer(outcome: .duplicate)
            case .conflict(let id): ImportAnswer(outcome: .conflict, quarantineID: id)
            }
        }
        return try Response(json: answer)
    }
}

/// Carries a file between threads.
// @unchecked: each call is awaited before the next, so one thread uses it at a time.
private final class UploadedFile: @unchecked Sendable {
    let arrival: FileArrival
    init(_ arrival: FileArrival) { self.arrival = arrival }
}
