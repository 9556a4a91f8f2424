internal import Foundation
internal import NIOCore
internal import Synchronization

/// Hands chunks from a thread that blocks for the disk to a task that must not, a few at a time.
final class ChunkPipe: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// What became of a chunk that was put in.
    enum Outcome: Equatable {
        case taken
        /// Nobody reads any more.
        case closed
        case timedOut
    }

    private struct State {
        var chunks: [ByteBuffer] = []
        var isFinished = false
        var isClosed = false
        var failure: (any Error)?
        /// Whether anything was ever asked for.
        var wasRead = false
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
    }

    private static let capacity = 2
    private let state = Mutex(State())
    /// Room for so many chunks; given and not made with, since a semaphore must not end below its first value.
    private let room = DispatchSemaphore(value: 0)

    init() { for _ in 0..<ChunkPipe.capacity { room.signal() } }

    /// Whether the other end has asked for a chunk.
    var wasRead: Bool { state.withLock { $0.wasRead } }

    /// Puts a chunk in, as soon as there is room. Blocks until the deadline at most.
    func put(_ chunk: ByteBuffer, until deadline: DispatchTime) -> Outcome {
        guard room.wait(timeout: deadline) == .success else { return .timedOut }
        let (isClosed, reader) = state.withLock { state in
            if state.isClosed { return (true, nil as CheckedContinuation<ByteBuffer?, any Error>?) }
            let reader = state.reader
            state.reader = nil
            if reader == nil { state.chunks.append(chunk) }
            return (false, reader)
        }
        guard !isClosed else {
            room.signal()
            return .closed
        }
        if let reader {
            room.signal()
            reader.resume(returning: chunk)
        }
        return .taken
    }

    /// Nothing more comes; with an error the reader fails.
    func finish(_ failure: (any Error)? = nil) {
        let reader = state.withLock { state in
            state.isFinished = true
            state.failure = failure
            defer { state.reader = nil }
            return state.reader
        }
        if let failure { reader?.resume(throwing: failure) } else { reader?.resume(returning: nil) }
    }

    /// Nothing more is read.
    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            state.chunks = []
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
        room.signal()
    }

    func makeAsyncIterator() -> Iterator { Iterator(pipe: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pipe: ChunkPipe
        func next() async throws -> ByteBuffer? { try await pipe.next() }
    }

    private func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let now: Result<ByteBuffer?, any Error>? = state.withLock { state in
                    state.wasRead = true
                    if !state.chunks.isEmpty { return .success(state.chunks.removeFirst()) }
                    if state.isClosed { return .success(nil) }
                    if let failure = state.failure { return .failure(failure) }
                    if state.isFinished { return .success(nil) }
                    state.reader = continuation
                    return nil
                }
                guard let now else { return }
                if case .success(.some) = now { room.signal() }
                continuation.resume(with: now)
            }
        } onCancel: {
            close()
        }
    }
}
