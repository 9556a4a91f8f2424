internal import DICOMCore
internal import Synchronization

/// One lane of work for each sender, and so many at once: a slow sender holds up nobody else.
final class SenderLanes: Sendable {
    private let limit: Int
    private let busy = Mutex<Set<AETitle>>([])

    init(limit: Int) { self.limit = limit }

    /// - Returns: those of `senders` whose lane is free; none while as many as are allowed are busy.
    func free(_ senders: [AETitle]) -> [AETitle] {
        busy.withLock { busy in busy.count < limit ? senders.filter { !busy.contains($0) } : [] }
    }

    var areAnyBusy: Bool { busy.withLock { !$0.isEmpty } }

    /// Takes a lane; false when it, or every one allowed, is taken.
    func enter(_ sender: AETitle) -> Bool {
        busy.withLock { busy in busy.count < limit && busy.insert(sender).inserted }
    }

    func leave(_ sender: AETitle) { _ = busy.withLock { $0.remove(sender) } }
}
