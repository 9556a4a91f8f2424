internal import NIOPosix

/// A bounded number of threads for calls that block for the disk, away from Swift's cooperative pool.
///
/// What finds them all busy waits its turn; how much can wait is bounded by the connections there may be.
final class BlockingLane: Sendable {
    private let pool: NIOThreadPool

    init(threadCount: Int) {
        pool = NIOThreadPool(numberOfThreads: threadCount)
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { state in
                continuation.resume(
                    with: Result {
                        guard state == .active else { throw CancellationError() }
                        return try work()
                    })
            }
        }
    }
}
