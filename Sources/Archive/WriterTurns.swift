internal import Dispatch
internal import Synchronization

/// Lets one at a time write, in the order in which they came: who goes from one turn to the next does not pass by those
/// who wait, as with a lock, which only wakes them.
final class WriterTurns: Sendable {
    private struct State {
        var isTaken = false
        /// Longest waiting first.
        var waiting: [DispatchSemaphore] = []
    }

    private let state = Mutex(State())

    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Blocks until it is the caller's turn, which lasts until ``pass()``.
    func take() {
        let own: DispatchSemaphore? = state.withLock { state in
            guard state.isTaken else {
                state.isTaken = true
                return nil
            }
            let own = DispatchSemaphore(value: 0)
            state.waiting.append(own)
            return own
        }
        own?.wait()
    }

    /// Ends the turn. Whoever is next has it from here on, before he wakes.
    func pass() {
        let next = state.withLock { state in
            state.isTaken = !state.waiting.isEmpty
            return state.waiting.isEmpty ? nil : state.waiting.removeFirst()
        }
        next?.signal()
    }
}
