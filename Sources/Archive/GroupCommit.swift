internal import Dispatch
internal import Synchronization

/// What happened to an object handed to the archive.
public enum CommitOutcome: Sendable, Equatable {
    /// Its bytes and its row are durable.
    case stored
    /// The same bytes in the same Transfer Syntax are stored already; nothing was added.
    case duplicate
    /// Its SOP Instance UID is stored with other bytes; both are kept, this one in quarantine.
    case conflict(quarantineID: Int64)
    /// In quarantine, as asked for.
    case quarantined(id: Int64)
}

/// Lets callers that wait for durability share one sync.
///
/// Whoever comes while nobody works processes at once all that is queued, itself included, and then passes the work
/// on to the first of those who came meanwhile. Nobody waits for a batch to fill, one caller alone pays no change of
/// thread, and no caller works for others more than once.
final class GroupCommit<Request: Sendable>: Sendable {
    typealias Answer = Result<CommitOutcome, ArchiveError>

    private struct State {
        var queue: [Ticket] = []
        var isWorking = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let process: @Sendable ([Request]) -> [Answer]

    /// - Parameter process: gives one answer a request, in order. Never called twice at the same time.
    init(limit: Int, process: @escaping @Sendable ([Request]) -> [Answer]) {
        self.limit = max(1, limit)
        self.process = process
    }

    /// Blocks the calling thread until `request` has been processed.
    func submit(_ request: Request) throws(ArchiveError) -> CommitOutcome {
        let own = Ticket(request)
        let isFirst = state.withLock { state in
            state.queue.append(own)
            defer { state.isWorking = true }
            return !state.isWorking
        }
        if !isFirst {
            own.turn.wait()
            if let answer = own.answer { return try answer.get() }
        }
        let batch = state.withLock { state in
            let batch = Array(state.queue.prefix(limit))
            state.queue.removeFirst(batch.count)
            return batch
        }
        for (ticket, answer) in zip(batch, process(batch.map(\.request))) {
            ticket.answer = answer
            if ticket !== own { ticket.turn.signal() }
        }
        let next = state.withLock { state in
            state.isWorking = !state.queue.isEmpty
            return state.queue.first
        }
        next?.turn.signal()
        guard let answer = own.answer else { preconditionFailure("a caller is in its own first batch") }
        return try answer.get()
    }

    /// One caller that waits. Safe to share: `answer` is written before `turn` is signalled and read after it.
    private final class Ticket: @unchecked Sendable {
        let request: Request
        let turn = DispatchSemaphore(value: 0)
        var answer: Answer?

        init(_ request: Request) { self.request = request }
    }
}
