public import Archive
public import Foundation
public import Logging
public import ServiceLifecycle

/// Settles each study that had no new instance for the quiet period, and asks for its assessment.
public struct StudySettler: Service {
    private let index: StudyIndex
    private let quietPeriod: Duration
    private let queue: AssessmentQueue
    private let logger: Logger

    public init(index: StudyIndex, quietPeriod: Duration, queue: AssessmentQueue, logger: Logger) {
        self.index = index
        self.quietPeriod = quietPeriod
        self.queue = queue
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    if try await offPool({ try settle(asOf: Date()) }) > 0 { queue.wake() }
                } catch {
                    logger.error("studies cannot be settled", metadata: ["why": "\(error)"])
                }
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// Settles what has been quiet long enough at `now`.
    ///
    /// - Returns: how many studies.
    public func settle(asOf now: Date) throws(ArchiveError) -> Int {
        let quiet = now.addingTimeInterval(-quietPeriod.seconds)
        let due = try index.studiesDueToSettle(lastInstanceBefore: quiet)
        let settled = try index.settle(due, reason: "quiet for \(quietPeriod)", at: now)
        for study in settled {
            logger.info(
                "study settled",
                metadata: ["study-instance-uid": "\(study.studyInstanceUID)", "instances": "\(study.instanceCount)"])
        }
        return settled.count
    }

    /// Short against the quiet period, and no busier than four times a second.
    private var pause: Duration { max(.milliseconds(250), min(quietPeriod / 4, .seconds(2))) }
}

extension Duration {
    var seconds: TimeInterval {
        TimeInterval(components.seconds) + TimeInterval(components.attoseconds) / 1e18
    }
}
