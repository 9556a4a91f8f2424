import AdminAPI
import Archive
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import Web

@Suite struct OperationStreamTests {
    @Test func `a second reindex is refused while one goes on`() async throws {
        let test = try TestDaemon()
        test.daemon.reindexing.withLock { $0 = true }
        try await test.onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/reindex", method: .post)
            let event = try AdminJSON.decoder().decode(
                OperationEvent<ReindexAnswer>.self, from: Data(response.body.readableBytesView))
            #expect(event.problem?.status == 409)
        }
    }

    @Test(.timeLimit(.minutes(10))) func `an operation ends when the daemon is asked to stop`() async throws {
        let lane = BlockingLane(threadCount: 1)
        let started = AsyncStream.makeStream(of: Void.self)
        let stream = OperationStream.endless(on: lane, onStart: { started.continuation.yield() })
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: Reader(stream: stream))], logger: TestDaemon.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in started.stream { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test(.timeLimit(.minutes(10))) func `an operation ends when its client has gone`() async throws {
        let lane = BlockingLane(threadCount: 1)
        let stream = OperationStream.endless(on: lane) {}
        await #expect(throws: GoneWriter.Gone.self) { try await stream.response().body.write(GoneWriter()) }
        #expect(try await lane.run { true })
    }
}

extension OperationStream<ExportAnswer> {
    /// Goes on until it is told to stop.
    fileprivate static func endless(on lane: BlockingLane, onStart: @escaping @Sendable () -> Void) -> Self {
        let work: @Sendable (ArchiveProgress, PartWriter) throws -> ExportAnswer = { progress, _ in
            onStart()
            while progress(1, 2) {}
            throw ArchiveError.stopped
        }
        return Self(lane: lane, problem: { _ in .unavailable("stopped") }, work: work)
    }
}

/// Runs a stream to its end, as the server does.
private struct Reader: Service {
    let stream: OperationStream<ExportAnswer>

    func run() async throws { try await stream.response().body.write(KeepingWriter()) }
}

private struct KeepingWriter: ResponseBodyWriter {
    mutating func write(_ buffer: ByteBuffer) async throws {}
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// A client that closed its connection.
private struct GoneWriter: ResponseBodyWriter {
    struct Gone: Error {}
    mutating func write(_ buffer: ByteBuffer) async throws { throw Gone() }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
