public import Archive
internal import DICOMCore
public import DICOMNetwork
internal import Dispatch
internal import Foundation
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// Storage Commitment behind the Associations: looks at the Instances of every request, and delivers each result until it
/// has arrived or is given up. The queue is the index, so a restart goes on where the last stop left it.
public final class CommitmentService: Service {
    let desk = CommitmentDesk()
    let settings: CommitmentSettings
    private let archive: Archive
    let reporter: CommitmentReporter
    private let onTestimony: @Sendable () -> Void
    private let logger: Logger
    private let isStopping = Atomic(false)
    private let verified = RecentlyVerified()
    /// Peers that are being called, by AE Title and address.
    private let called = Mutex<Set<String>>([])
    /// Results that became due while nobody woke the service are looked for so often.
    private static let tick = Duration.seconds(1)
    /// Peers that are called at once.
    private static let width = 4
    private static let pageLimit = 200

    /// - Parameter onTestimony: called when a study may have to be assessed again.
    public init(
        archive: Archive, settings: CommitmentSettings, limits: AssociationLimits, logger: Logger,
        onTestimony: @escaping @Sendable () -> Void
    ) {
        self.archive = archive
        self.settings = settings
        self.onTestimony = onTestimony
        self.logger = logger
        reporter = CommitmentReporter(index: archive.index, settings: settings, limits: limits)
    }

    /// Looks for work at once, as after an operator's `retry`.
    public func wake() { desk.wake() }

    /// What an Association may carry back while it is open.
    func session(patience: Duration) -> CommitmentSession {
        CommitmentSession(index: archive.index, desk: desk, reporter: reporter, patience: patience)
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown {
                await withDiscardingTaskGroup { group in
                    let (checked, announce) = AsyncStream.makeStream(
                        of: Void.self, bufferingPolicy: .bufferingNewest(1))
                    group.addTask { await self.everyTick { self.desk.wake() } }
                    group.addTask {
                        for await _ in self.desk.wakeUps {
                            await self.offPool { self.checkQueued() }
                            announce.yield()
                        }
                        announce.finish()
                    }
                    group.addTask {
                        await withDiscardingTaskGroup { calls in
                            for await _ in checked {
                                for due in await self.takeDue() { calls.addTask { await self.deliver(due) } }
                            }
                        }
                    }
                }
            }
        } onGracefulShutdown: {
            self.isStopping.store(true, ordering: .relaxed)
        }
    }

    private func everyTick(_ work: () -> Void) async {
        while !Task.isCancelled {
            work()
            try? await Task.sleep(for: CommitmentService.tick)
        }
    }

    /// Looks at the Instances of every queued request, one of each peer in turn.
    func checkQueued() {
        var last: AETitle?
        do throws(ArchiveError) {
            while !isStopping.load(ordering: .relaxed),
                let next = try archive.index.commitmentToCheck(after: last)
            {
                last = next.request.callingAETitle
                let failures = try CommitmentCheck(archive: archive, verified: verified)
                    .failures(of: next, logger: logger) { !isStopping.load(ordering: .relaxed) }
                guard let failures else { return }
                try archive.index.keep(failures: failures, of: next, at: Date())
                logger.info(
                    "commitment checked",
                    metadata: [
                        "commitment": "\(next.id)", "calling-ae": "\(next.request.callingAETitle)",
                        "instances": "\(next.request.instances.count)", "failed-instances": "\(failures.count)",
                    ])
                desk.noteChecked(next.id)
                onTestimony()
            }
        } catch {
            logger.error("commitments cannot be checked", metadata: ["why": "\(error)"])
        }
    }

    /// What is due and no open Association delivers, by peer; peers that are being called are left out, and at most
    /// ``width`` are called at a time, so that a slow one holds up its own results alone.
    private func takeDue() async -> [(peer: String, commitments: [Commitment])] {
        let due: [Commitment]
        do {
            due = try await offPool { [archive] in
                Result {
                    try archive.index.commitmentsToReport(by: Date(), limit: CommitmentService.pageLimit)
                }
            }.get()
        } catch {
            logger.error("commitments cannot be reported", metadata: ["why": "\(error)"])
            return []
        }
        let peers = Dictionary(grouping: due.filter { !desk.isClaimed($0.id) }) {
            "\($0.request.callingAETitle)\\\($0.request.host)"
        }
        return called.withLock { called in
            let free = peers.filter { !called.contains($0.key) }.sorted { $0.value[0].id < $1.value[0].id }
            let taken = free.prefix(CommitmentService.width - called.count)
            called.formUnion(taken.map(\.key))
            return taken.map { ($0.key, $0.value) }
        }
    }

    private func deliver(_ due: (peer: String, commitments: [Commitment])) async {
        await offPool { self.reporter.deliver(due.commitments, logger: self.logger) }
        called.withLock { _ = $0.remove(due.peer) }
        desk.wake()
    }

    private func offPool<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: work()) }
        }
    }
}
