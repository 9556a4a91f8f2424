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
                    group.addTask { for await _ in checked { await self.deliverDue() } }
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

    /// Looks at the Instances of every queued request, oldest first.
    func checkQueued() {
        do throws(ArchiveError) {
            while !isStopping.load(ordering: .relaxed),
                let next = try archive.index.commitmentsToCheck(limit: 1).first
            {
                let failures = try CommitmentCheck(archive: archive)
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

    /// Delivers what is due and no open Association delivers, several peers at a time.
    func deliverDue() async {
        let due: [Commitment]
        do {
            due = try archive.index.commitmentsToReport(by: Date(), limit: CommitmentService.pageLimit)
                .filter { !desk.isClaimed($0.id) }
        } catch {
            return logger.error("commitments cannot be reported", metadata: ["why": "\(error)"])
        }
        let peers = Dictionary(grouping: due) { "\($0.request.callingAETitle)\\\($0.request.host)" }
        await withTaskGroup(of: Void.self) { group in
            for (place, commitments) in peers.values.enumerated() {
                if place >= CommitmentService.width { await group.next() }
                group.addTask { await self.offPool { self.reporter.deliver(commitments, logger: self.logger) } }
            }
        }
    }

    private func offPool(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                work()
                continuation.resume()
            }
        }
    }
}

extension Duration {
    var seconds: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) / 1e18
    }
}
