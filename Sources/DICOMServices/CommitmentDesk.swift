internal import Synchronization

/// Where Associations and ``CommitmentService`` settle who delivers a result: the Association it was asked for over, as
/// long as that is open, else the service.
final class CommitmentDesk: Sendable {
    /// What the service is to look for.
    let wakeUps: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation
    /// Commitments that an Association wants to deliver, and whether their result is known.
    private let claims = Mutex<[Int64: Bool]>([:])

    init() { (wakeUps, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    /// Makes the service look at once.
    func wake() { waker.yield() }

    /// An Association wants to deliver this one.
    ///
    /// - Returns: false when another one does already.
    func claim(_ id: Int64, isChecked: Bool = false) -> Bool {
        claims.withLock { claims in
            guard claims[id] == nil else { return false }
            claims[id] = isChecked
            return true
        }
    }

    /// Leaves these to the service again.
    func release(_ ids: [Int64]) {
        guard !ids.isEmpty else { return }
        claims.withLock { claims in for id in ids { claims[id] = nil } }
        wake()
    }

    func isClaimed(_ id: Int64) -> Bool { claims.withLock { $0[id] != nil } }

    /// The result of this one is known.
    func noteChecked(_ id: Int64) { claims.withLock { if $0[id] != nil { $0[id] = true } } }

    func isChecked(_ id: Int64) -> Bool { claims.withLock { $0[id] == true } }
}
