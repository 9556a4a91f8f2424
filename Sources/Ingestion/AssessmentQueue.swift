public import Archive
internal import DICOMCore
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
    private let logger: Logger
    private let current = Mutex(AssessmentActivity())
    private let (wakeUps, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// Assessments that the index refused are tried again after so long.
    private static let retryPause = Duration.seconds(5)

    public init(index: StudyIndex, assessor: StudyAssessor, workerCount: Int, logger: Logger) {
        self.index = index
        self.assessor = assessor
        self.workerCount = workerCount
        self.logger = logger
    }

    public var activity: AssessmentActivity { current.withLock { $0 } }

    /// Looks for waiting studies at once.
    public func wake() { waker.yield() }

    public func run() async throws {
        wake()
        await cancelWhenGracefulShutdown {
            for await _ in self.wakeUps {
                guard !Task.isCancelled else { return }
                do {
                    try await self.drain()
                } catch {
                    self.logger.error("assessments are held up", metadata: ["why": "\(error)"])
                    try? await Task.sleep(for: AssessmentQueue.retryPause)
                    self.wake()
                }
            }
        }
    }

    /// Assesses until no study waits.
    private func drain() async throws {
        while !Task.isCancelled {
            let waiting = try await offPool { [index, workerCount] in
                try index.studiesAwaitingAssessment(limit: workerCount)
            }
            guard !waiting.isEmpty else { return }
            try await withThrowingTaskGroup { group in
                for study in waiting {
                    group.addTask { try await offPool { try self.assess(study) } }
                }
                try await group.waitForAll()
            }
        }
    }

    private func assess(_ study: DueStudy) throws {
        current.withLock { $0.running += 1 }
        var isPublished = false
        defer {
            current.withLock { activity in
                activity.running -= 1
                if isPublished { activity.completed += 1 } else { activity.failed += 1 }
            }
        }
        let outcome = try index.publish(try assessor.assess(study, at: Date()), of: study.studyInstanceUID)
        isPublished = true
        let uid = study.studyInstanceUID
        switch outcome {
        case .published(let version):
            logger.info("study assessed", metadata: ["study-instance-uid": "\(uid)", "version": "\(version)"])
        case .unchanged(let version):
            logger.info("assessment confirmed", metadata: ["study-instance-uid": "\(uid)", "version": "\(version)"])
        case .studyChanged, .aliasesChanged, .unknownStudy:
            logger.info("assessment outdated", metadata: ["study-instance-uid": "\(uid)"])
        }
    }
}
