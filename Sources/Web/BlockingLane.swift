internal import Foundation

/// A bounded number of threads for calls that block for the disk, away from Swift's cooperative pool.
///
/// What finds them all busy waits its turn; how much can wait is bounded by the connections there may be.
// @unchecked: Foundation documents OperationQueue as safe from several threads; nothing else is held.
final class BlockingLane: @unchecked Sendable {
    private let queue = OperationQueue()

    init(name: String, threadCount: Int) {
        queue.name = name
        queue.maxConcurrentOperationCount = threadCount
        queue.qualityOfService = .utility
    }

    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try work() }) }
        }
    }
}
