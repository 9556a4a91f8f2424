internal import Dispatch
internal import Synchronization

/// Runs `body` for 0..<`count` on the cores there are, and waits for all of it; the start of the program is made of such
/// work.
///
/// - Returns: the results in the order of their numbers.
public func concurrently<Result: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
    let results = Mutex<[Int: Result]>([:])
    DispatchQueue.concurrentPerform(iterations: count) { number in
        let result = body(number)
        results.withLock { $0[number] = result }
    }
    return results.withLock { results in (0..<count).compactMap { results[$0] } }
}
