internal import Dispatch
internal import Foundation

/// Runs work that blocks for the disk away from Swift's cooperative pool.
public func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .utility).async {
            continuation.resume(with: Swift.Result { try work() })
        }
    }
}

/// Runs long work on a thread of its own to which the system prefers every other of the daemon.
///
/// It must not write to the index: who waits for the index would then wait for it.
func aside<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
            // On Linux this is of the calling thread alone.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
            continuation.resume(with: Swift.Result { try work() })
        }
        thread.name = "assessment"
        thread.stackSize = 4 << 20
        thread.start()
    }
}
