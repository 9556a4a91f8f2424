public import Archive
internal import DICOMCore
public import Foundation
public import Logging
public import ServiceLifecycle

/// Settles each study that had no new instance for the quiet period, or that is whole by stronger evidence, and asks for its
/// assessment. A study whose modality is still at work is held open.
public struct StudySettler: Service {
    private let index: StudyIndex
    private let quietPeriod: Duration
    /// A study with a performed procedure step in progress is settled only after so long without a sign of life.
    private let openStepPeriod: Duration
    private let queue: AssessmentQueue
    private let logger: Logger

    public init(
        index: StudyIndex, quietPeriod: Duration, openStepPeriod: Duration = .seconds(1800), queue: AssessmentQueue,
        logger: Logger
    ) {
        self.index = index
        self.quietPeriod = quietPeriod
        self.openStepPeriod = max(openStepPeriod, quietPeriod)
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
        var count = 0
        for (evidence, studies) in Dictionary(grouping: try index.wholeStudies(), by: \.evidence) {
            count += try settle(studies.map(\.study), because: evidence.reason, at: now)
        }
        let due = try index.studiesDueToSettle(
            lastInstanceBefore: now.addingTimeInterval(-quietPeriod.seconds),
            heldSince: now.addingTimeInterval(-openStepPeriod.seconds))
        return try count + settle(due, because: "quiet for \(quietPeriod)", at: now)
    }

    private func settle(
        _ due: [DueStudy], because reason: String, at now: Date
    ) throws(ArchiveError) -> Int {
        let settled = try index.settle(due, reason: reason, at: now)
        for study in settled {
            logger.info(
                "study settled",
                metadata: [
                    "study-instance-uid": "\(study.studyInstanceUID)", "instances": "\(study.instanceCount)",
                    "why": "\(reason)",
                ])
        }
        return settled.count
    }

    /// Short against the quiet period, and no busier than four times a second.
    private var pause: Duration { max(.milliseconds(250), min(quietPeriod / 4, .seconds(2))) }
}

extension SettlingEvidence {
    /// For the timeline.
    fileprivate var reason: String {
        switch self {
        case .performedStep: "every performed procedure step ended, and all its instances are here"
        case .commitment: "the sender's commitment list is here in full, and holds every instance"
        case .announcedCount: "as many instances came as they announced"
        }
    }
}
