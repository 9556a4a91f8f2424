public import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
public import Ingestion
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// Fetches studies from sources, from the queue in the index: what somebody asked for, and what rules ask for ahead. A
/// restart goes on where the last stop left it; what came stays, and only what is missing is asked for again.
public final class FetchService: Service {
    public struct Limits: Sendable, Equatable {
        /// Attempts for one study that somebody asked for, and for one that nobody did yet.
        public var attempts = 3
        public var attemptsAhead = 2
        /// Between two looks at the queue.
        public var pause: Duration = .milliseconds(250)
        /// A study is about to be read if it was made so many days ago at most; priors are fetched ahead for such.
        public var freshDays = 2

        public init() {}
    }

    private let desk: SourceDesk
    private let index: StudyIndex
    private let ingestor: Ingestor
    private let limits: Limits
    private let logger: Logger
    /// Numbers of what is being fetched.
    private let running = Mutex<Set<Int64>>([])

    public init(
        desk: SourceDesk, index: StudyIndex, ingestor: Ingestor, limits: Limits = Limits(), logger: Logger
    ) {
        self.desk = desk
        self.index = index
        self.ingestor = ingestor
        self.limits = limits
        self.logger = logger
    }

    /// Whether it is being fetched at this moment.
    public func isRunning(_ id: Int64) -> Bool { running.withLock { $0.contains(id) } }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let sources = self.desk.activity.map(\.source).filter(\.isFetchedFrom)
                await self.endLost(besides: sources)
                for source in sources { group.addTask { await self.serve(source) } }
                group.addTask { await self.takeWishes() }
                if sources.contains(where: { $0.prefetch?.occasions.contains(.firstImage) == true }) {
                    group.addTask { await self.watchArrivals() }
                }
                // Without sources there is nothing to do but to be there.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(86_400)) }
            }
        }
    }

    /// What waits from a source that was taken out of the configuration would wait for ever, and keep the study from being
    /// fetched from another.
    private func endLost(besides sources: [PriorSource]) async {
        do {
            let names = Set(sources.map(\.name))
            for fetch in try await offPool({ [index] in try index.endFetches(exceptFrom: names, at: Date()) }) {
                logger.warning(
                    "a study is not fetched: nothing is fetched from this source any more",
                    metadata: [
                        "source": "\(fetch.source)", "study-instance-uid": "\(fetch.studyInstanceUID)",
                        "cause": "\(fetch.cause.rawValue)",
                    ])
            }
        } catch {
            logger.error("what waits to be fetched cannot be looked through", metadata: ["why": "\(error)"])
        }
    }

    /// One study of a source after the other.
    private func serve(_ source: PriorSource) async {
        while !Task.isCancelled {
            do {
                let due = try await offPool { [index] in
                    try index.fetchesDue(from: source.name, at: Date(), limit: 1)
                }
                if let fetch = due.first {
                    try await attempt(fetch, from: source)
                } else {
                    try await Task.sleep(for: limits.pause)
                }
            } catch is CancellationError {
                return
            } catch {
                logger.error("nothing can be fetched", metadata: ["source": "\(source.name)", "why": "\(error)"])
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private func attempt(_ fetch: SourceFetch, from source: PriorSource) async throws {
        guard running.withLock({ $0.insert(fetch.id).inserted }) else {
            // It was asked for from here while another source was sending it, which ends first.
            return try await Task.sleep(for: limits.pause)
        }
        defer { running.withLock { _ = $0.remove(fetch.id) } }
        let pause = source.pauses.pause(after: fetch.attemptCount + 1)
        try await offPool { [index] in try index.begin(fetch, next: Date().addingTimeInterval(pause)) }
        guard let outcome = try await outcome(of: fetch, from: source) else {
            // Neither an orderly stop nor giving way is a failure; it goes on at once when it may.
            return try await offPool { [index] in try index.putBack(fetch, at: Date()) }
        }
        // Somebody may have asked for it meanwhile.
        let now = try await offPool { [index] in try index.fetch(fetch.id) } ?? fetch
        let limit = now.cause.isAhead ? limits.attemptsAhead : limits.attempts
        let isLast = outcome.isFinal || now.attemptCount >= limit
        let end: SourceFetch.State? =
            if outcome.failure == nil {
                .fetched
            } else if isLast {
                outcome.received > 0 ? .partial : .failed
            } else {
                nil
            }
        let amount = outcome.expected.map { "\(outcome.received) of \($0)" } ?? "\(outcome.received)"
        let detail = "\(amount) instances here" + (outcome.failure.map { ", \($0)" } ?? "")
        try await offPool { [index] in
            try index.note(
                fetch, end: end, next: end == nil ? Date().addingTimeInterval(pause) : nil, expected: outcome.expected,
                received: outcome.received, failure: outcome.failure ?? "", detail: detail, at: Date())
        }
        logger.log(
            level: outcome.failure == nil ? .info : .warning,
            outcome.failure == nil ? "study fetched" : "study not fetched",
            metadata: [
                "source": "\(source.name)", "study-instance-uid": "\(fetch.studyInstanceUID)",
                "cause": "\(now.cause.rawValue)", "instances": "\(amount)",
                "attempt": "\(now.attemptCount) of \(limit)", "why": "\(outcome.failure ?? "")",
            ])
    }

    /// Fetches as long as that is wanted: a dropped study, one that is asked for from elsewhere, and one that nobody asked
    /// for while somebody waits for another, are left.
    ///
    /// - Returns: nil when it was left.
    private func outcome(of fetch: SourceFetch, from source: PriorSource) async throws -> FetchOutcome? {
        let job = StudyFetch(fetch: fetch, source: source, index: index, ingestor: ingestor)
        return try await withThrowingTaskGroup(of: FetchOutcome?.self) { group in
            group.addTask { try await job.run() }
            group.addTask { [index, limits] in
                repeat {
                    try await Task.sleep(for: limits.pause)
                } while try await offPool { try index.isWanted(fetch, at: Date()) }
                return nil
            }
            defer { group.cancelAll() }
            do {
                return try await group.next() ?? nil
            } catch is CancellationError {
                return nil
            }
        }
    }

    /// Queues what rules ask for.
    private func takeWishes() async {
        for await wish in desk.wishes {
            do {
                let outcome = try await offPool { [index] in
                    guard try index.study(wish.order.studyInstanceUID) == nil else {
                        return SourceFetchQueueing?.none
                    }
                    return try index.queueFetch(wish.order, byteLimit: wish.byteLimit, at: Date())
                }
                guard let outcome, case .full = outcome else { continue }
                logger.notice(
                    "a study is not fetched ahead: as much waits as may",
                    metadata: [
                        "source": "\(wish.order.source)", "study-instance-uid": "\(wish.order.studyInstanceUID)",
                    ])
            } catch {
                logger.error(
                    "nothing can be queued to be fetched",
                    metadata: ["source": "\(wish.order.source)", "why": "\(error)"])
            }
        }
    }

    /// Looks at studies that have come, and for priors of those that are about to be read. It reads what is stored, so
    /// that nothing waits for it; what was fetched itself starts nothing.
    private func watchArrivals() async {
        var mark: Int64?
        while !Task.isCancelled {
            do {
                let known = mark
                let (new, next) = try await offPool { [index, limits] in
                    let (studies, next) = try index.studies(since: known, limit: 100)
                    let today = CalendarDay(seconds: Date().timeIntervalSince1970)
                    return (
                        try studies.filter { uid in
                            guard let day = try index.study(uid).flatMap({ CalendarDay(dicom: $0.study.date) }) else {
                                return false
                            }
                            return abs(day.days(to: today)) <= limits.freshDays
                        }, next
                    )
                }
                mark = next
                for study in new { try await desk.lookAhead(beside: study) }
                if new.isEmpty { try await Task.sleep(for: limits.pause) }
            } catch is CancellationError {
                return
            } catch {
                logger.error("nothing can be looked for ahead", metadata: ["why": "\(error)"])
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }
}
