internal import AdminAPI
internal import Archive
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import ServiceLifecycle
internal import Synchronization

/// A long operation answered as JSON Lines: progress while it goes, then result or problem.
///
/// It stops when the client goes away and when the daemon is asked to stop.
struct OperationStream<Outcome: Codable & Sendable>: Sendable {
    static var mediaType: String { "application/jsonl" }

    let lane: BlockingLane
    /// Turns what `work` throws into what the client is told.
    let problem: @Sendable (any Error) -> Problem
    /// Hands a part of the result on; false when it is not wanted any more.
    typealias PartWriter = (Outcome) -> Bool

    /// Blocks; asks its arguments after each step whether to go on.
    let work: @Sendable (ArchiveProgress, PartWriter) throws -> Outcome

    private static var unwrittenLimit: Int { 16 }

    /// Least time between two lines of progress, so that a fast operation is not slowed by telling about it.
    private var pause: Duration { .milliseconds(200) }

    func response() -> Response {
        Response(
            status: .ok, headers: [.contentType: Self.mediaType, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                let stopping = StopSignal()
                try await withGracefulShutdownHandler {
                    try await run(stopping, &writer)
                } onGracefulShutdown: {
                    stopping.give()
                }
            })
    }

    private func run(_ stopping: StopSignal, _ writer: inout any ResponseBodyWriter) async throws {
        let (events, event) = AsyncStream.makeStream(of: OperationEvent<Outcome>.self)
        // What is not written yet is bounded by the credit, as long as it is not progress, which may be passed over.
        let credit = DispatchSemaphore(value: 0)
        // Given and not made with, since a semaphore must not end below its first value.
        for _ in 0..<Self.unwrittenLimit { credit.signal() }
        async let outcome = lane.run { [work, pause] in
            defer { event.finish() }
            var next = ContinuousClock.now
            return try work { done, total in
                if ContinuousClock.now >= next, credit.wait(timeout: .now()) == .success {
                    event.yield(.progress(done: done, total: total))
                    next = .now + pause
                }
                return !stopping.isGiven
            } _: { part in
                // Nobody takes what is written once the client has gone.
                while credit.wait(timeout: .now() + 0.1) == .timedOut { if stopping.isGiven { return false } }
                event.yield(.part(part))
                return !stopping.isGiven
            }
        }
        let last: OperationEvent<Outcome>
        do {
            for await event in events {
                try await writer.write(Self.line(event))
                credit.signal()
            }
        } catch {
            stopping.give()
            throw error
        }
        do {
            last = .finished(try await outcome)
        } catch {
            last = .failed(problem(error))
        }
        try await writer.write(Self.line(last))
        try await writer.finish(nil)
    }

    private static func line(_ event: OperationEvent<Outcome>) throws -> ByteBuffer {
        var line = try AdminJSON.encoder().encode(event)
        line.append(UInt8(ascii: "\n"))
        return ByteBuffer(bytes: line)
    }
}

/// Tells a thread that blocks that its work is not wanted any more.
private final class StopSignal: Sendable {
    private let flag = Atomic<Bool>(false)
    var isGiven: Bool { flag.load(ordering: .relaxed) }
    func give() { flag.store(true, ordering: .relaxed) }
}
