public import Archive
public import DICOMCore
internal import Foundation
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// What the assessment of studies is doing.
public struct AssessmentActivity: Sendable, Equatable {
    public var running = 0
    /// Since the start of the daemon.
    public var completed = 0
    public var failed = 0
    /// Published without having been looked at, because looking ended the daemon again and again.
    public var givenUp = 0
    /// Published in the last hour.
    public var completedLastHour = 0

    public init() {}
}

/// Assesses settled studies, oldest first, off the way of acknowledgements.
///
/// The queue itself is the index: a study waits there until its assessment is published, so a restart resumes it, and
/// memory holds no more than `workerCount` studies.
public final class AssessmentQueue: Service {
    private let index: StudyIndex
    private let assessor: StudyAssessor
    private let workerCount: Int
    private let awaited: AwaitedSenders
    private let logger: Logger
    private let onPublished: @Sendable (StudyInstanceUID) -> Void
    private let current = Mutex(State())
    private let (wakeUps, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Runs of the daemon that may end over a study before it is published without a look at it.
    private static let attemptLimit = 3
    /// Assessments that the index refused are tried again after so long.
    private static let retryPause = Duration.seconds(5)

    /// - Parameters:
    ///   - awaited: whose studies wait for their answer, and how long.
    ///   - onPublished: told of every study that is assessed; must return at once.
    public init(
        index: StudyIndex, assessor: StudyAssessor, workerCount: Int, awaited: AwaitedSenders = AwaitedSenders(),
        logger: Logger, onPublished: @escaping @Sendable (StudyInstanceUID) -> Void = { _ in }
    ) {
        self.index = index
        self.assessor = assessor
        self.workerCount = workerCount
        self.awaited = awaited
        self.logger = logger
        self.onPublished = onPublished
    }

    private struct State {
        var activity = AssessmentActivity()
        var hour = LastHour()
        var workerCount = 0
        var wakeUpCount = 0
        /// Studies being assessed.
        var claimed = Set<StudyInstanceUID>()
        /// Studies whose beginning this run of the daemon has counted: failures of the index are no attempts.
        var begun = Set<StudyInstanceUID>()
    }

    public var activity: AssessmentActivity {
        current.withLock { state in
            var activity = state.activity
            activity.completedLastHour = state.hour.count(at: .now)
            return activity
        }
    }

    /// Looks for waiting studies at once.
    public func wake() {
        current.withLock { $0.wakeUpCount += 1 }
        waker.yield()
    }

    public func run() async throws {
        wake()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await _ in self.wakeUps {
                    guard !Task.isCancelled else { return }
                    for _ in 0..<self.enlist() { group.addTask { await self.work() } }
                }
            }
        }
        await withdrawBeginnings()
    }

    /// An orderly stop is nothing that a study did.
    private func withdrawBeginnings() async {
        let begun = current.withLock { state in
            defer { state.begun = [] }
            return state.begun
        }
        do {
            try await offPool { [index] in try index.withdrawBeginnings(of: begun) }
        } catch {
            logger.error("attempts to assess cannot be taken back", metadata: ["why": "\(error)"])
        }
    }

    /// Counts as many workers as are missing.
    private func enlist() -> Int {
        current.withLock { state in
            defer { state.workerCount = max(state.workerCount, workerCount) }
            return max(0, workerCount - state.workerCount)
        }
    }

    /// Assesses one study after the other until none waits that nobody else assesses.
    private func work() async {
        while !Task.isCancelled {
            let wakeUpCount = current.withLock { $0.wakeUpCount }
            do {
                if let study = try await claim() {
                    defer { current.withLock { _ = $0.claimed.remove(study.studyInstanceUID) } }
                    try await assess(study)
                    continue
                }
            } catch {
                logger.error("assessments are held up", metadata: ["why": "\(error)"])
                try? await Task.sleep(for: AssessmentQueue.retryPause)
                continue
            }
            // Whoever woke the queue since has counted on this worker.
            let isOver = current.withLock { state in
                guard state.wakeUpCount == wakeUpCount else { return false }
                state.workerCount -= 1
                return true
            }
            if isOver { return }
        }
        current.withLock { $0.workerCount -= 1 }
    }

    private func claim() async throws -> DueStudy? {
        let waiting = try await offPool { [index, workerCount, awaited] in
            try index.studiesAwaitingAssessment(limit: workerCount, holding: awaited.hold(at: Date()))
        }
        return current.withLock { state in waiting.first { state.claimed.insert($0.studyInstanceUID).inserted } }
    }

    private func assess(_ study: DueStudy) async throws {
        current.withLock { $0.activity.running += 1 }
        var isPublished = false
        defer {
            current.withLock { state in
                state.activity.running -= 1
                if isPublished {
                    state.activity.completed += 1
                    state.hour.add(at: .now)
                } else {
                    state.activity.failed += 1
                }
            }
        }
        let uid = study.studyInstanceUID
        let draft = try await draft(of: study)
        let outcome = try await offPool { [index] in try index.publish(draft, of: uid) }
        isPublished = true
        switch outcome {
        case .published(let version):
            forgetBeginning(of: uid)
            onPublished(uid)
            logger.info("study assessed", metadata: ["study-instance-uid": "\(uid)", "version": "\(version)"])
        case .unchanged(let version):
            forgetBeginning(of: uid)
            onPublished(uid)
            logger.info("assessment confirmed", metadata: ["study-instance-uid": "\(uid)", "version": "\(version)"])
        case .studyChanged, .senderAnswered, .aliasesChanged, .testimonyChanged, .unknownStudy:
            logger.info("assessment outdated", metadata: ["study-instance-uid": "\(uid)"])
        }
    }

    /// Its attempts are over. One that is outdated goes on in this run, and has been counted.
    private func forgetBeginning(of study: StudyInstanceUID) {
        current.withLock { _ = $0.begun.remove(study) }
    }

    /// Judges the study, unless doing so has ended the daemon as often as it may.
    private func draft(of study: DueStudy) async throws -> AssessmentDraft {
        let uid = study.studyInstanceUID
        if current.withLock({ $0.begun.insert(uid).inserted }) {
            let attempts = try await offPool { [index] in try index.beginAssessment(of: uid) }
            if attempts > AssessmentQueue.attemptLimit {
                current.withLock { $0.activity.givenUp += 1 }
                logger.error(
                    "assessment given up",
                    metadata: ["study-instance-uid": "\(uid)", "attempts": "\(attempts - 1)"])
                return assessor.givenUp(study, after: attempts - 1, at: Date())
            }
        }
        return try await aside { [assessor] in try assessor.assess(study, at: Date()) }
    }
}

/// How many things happened in the last sixty minutes, by the minute.
struct LastHour {
    private var counts = [Int](repeating: 0, count: 60)
    /// The minute of the newest count, from the clock's start.
    private var newest: Int64 = 0
    private let start = ContinuousClock.now

    mutating func add(at now: ContinuousClock.Instant) {
        advance(to: now)
        counts[Int(newest % 60)] += 1
    }

    mutating func count(at now: ContinuousClock.Instant) -> Int {
        advance(to: now)
        return counts.reduce(0, +)
    }

    private mutating func advance(to now: ContinuousClock.Instant) {
        let minute = (now - start).components.seconds / 60
        for passed in 0..<min(max(minute - newest, 0), 60) { counts[Int((minute - passed) % 60)] = 0 }
        newest = max(newest, minute)
    }
}

/// Senders that are asked before their studies are assessed.
public struct AwaitedSenders: Sendable, Equatable {
    public var aeTitles: [AETitle]
    /// From settling on; then the study is assessed without an answer.
    public var wait: Duration

    public init(_ aeTitles: [AETitle] = [], wait: Duration = .zero) {
        self.aeTitles = aeTitles
        self.wait = wait
    }

    func hold(at now: Date) -> AssessmentHold? {
        guard !aeTitles.isEmpty else { return nil }
        return AssessmentHold(peers: aeTitles, settledAfter: now.addingTimeInterval(-wait.seconds))
    }
}
