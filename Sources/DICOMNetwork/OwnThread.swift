internal import Foundation

/// Runs work that waits for other systems on a thread of its own: minutes of silence must not take a thread that others
/// want.
public func onOwnThread<Success: Sendable, Failure>(
    named name: String, _ work: @escaping @Sendable () throws(Failure) -> Success
) async throws(Failure) -> Success {
    let result: Result<Success, Failure> = await withCheckedContinuation { continuation in
        let thread = Foundation.Thread {
            continuation.resume(returning: Result { () throws(Failure) in try work() })
        }
        thread.name = name
        thread.stackSize = 1 << 20
        thread.start()
    }
    return try result.get()
}
