import Foundation
import NIOCore
import Testing

@testable import Delivery

@Suite(.timeLimit(.minutes(10))) struct ChunkPipeTests {
    private static func chunk(_ number: Int) -> ByteBuffer { ByteBuffer(string: "\(number)") }

    @Test func `chunks arrive in order, a few at a time`() async throws {
        let pipe = ChunkPipe()
        #expect(!pipe.wasRead)
        let thread = Thread {
            for number in 0..<1000 { _ = pipe.put(Self.chunk(number), until: .distantFuture) }
            pipe.finish()
        }
        thread.start()
        var numbers: [String] = []
        for try await chunk in pipe { numbers.append(String(buffer: chunk)) }
        #expect(numbers == (0..<1000).map(String.init))
        #expect(pipe.wasRead)
    }

    @Test func `what nobody takes is not waited for longer than until the deadline`() {
        let pipe = ChunkPipe()
        #expect(pipe.put(Self.chunk(1), until: .now()) == .taken)
        #expect(pipe.put(Self.chunk(2), until: .now()) == .taken)
        #expect(pipe.put(Self.chunk(3), until: .now() + 0.05) == .timedOut)
    }

    @Test func `a reader that goes away is told of, even to one that waits for room`() async {
        let pipe = ChunkPipe()
        _ = pipe.put(Self.chunk(1), until: .now())
        _ = pipe.put(Self.chunk(2), until: .now())
        let outcome = await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: pipe.put(Self.chunk(3), until: .distantFuture)) }.start()
            pipe.close()
        }
        #expect(outcome == .closed)
        #expect(pipe.put(Self.chunk(4), until: .distantFuture) == .closed)
    }

    @Test func `a failure of the giving end fails the taking one`() async throws {
        let pipe = ChunkPipe()
        _ = pipe.put(Self.chunk(1), until: .now())
        pipe.finish(OutgoingError.truncated)
        let iterator = pipe.makeAsyncIterator()
        #expect(try await iterator.next() == Self.chunk(1))
        await #expect(throws: OutgoingError.truncated) { try await iterator.next() }
    }

    @Test func `a reader that is cancelled lets go`() async throws {
        let pipe = ChunkPipe()
        let task = Task {
            let iterator = pipe.makeAsyncIterator()
            return try await iterator.next()
        }
        while !pipe.wasRead { await Task.yield() }
        task.cancel()
        #expect(try await task.value == nil)
        #expect(pipe.put(Self.chunk(1), until: .distantFuture) == .closed)
    }
}
