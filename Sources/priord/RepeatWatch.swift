import DICOMCore
import Dispatch
import Foundation
import Logging
import Recall
import ServiceLifecycle

/// Looks at every assessed study whether it repeats an exam whose result had been offered, off the way of assessments; at the
/// start and once a day at everything that was offered of late, so that nothing is missed for a stop in between.
final class RepeatWatch: Service {
    private let desk: RecognitionDesk
    private let check: @Sendable () throws -> Void
    private let logger: Logger
    private let (studies, assessed) = AsyncStream.makeStream(
        of: StudyInstanceUID?.self, bufferingPolicy: .bufferingNewest(10_000))

    private static let day = Duration.seconds(24 * 3600)
    /// Offers of so many seconds are looked at again: more than any notice's window.
    private static let memory: TimeInterval = 100 * 24 * 3600

    /// - Parameter check: reads the decision log and keeps what is wrong with it.
    init(desk: RecognitionDesk, logger: Logger, check: @escaping @Sendable () throws -> Void) {
        self.desk = desk
        self.check = check
        self.logger = logger
    }

    /// Told of a study that was assessed; returns at once.
    func note(_ study: StudyInstanceUID) { assessed.yield(study) }

    func run() async throws {
        assessed.yield(nil)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await cancelWhenGracefulShutdown {
                    while !Task.isCancelled {
                        do { try await Task.sleep(for: Self.day) } catch { return }
                        self.assessed.yield(nil)
                    }
                }
            }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    for await study in self.studies {
                        guard !Task.isCancelled else { return }
                        await self.look(study)
                    }
                }
            }
        }
    }

    /// Runs work that blocks for the disk away from Swift's cooperative pool.
    private func offPool(_ work: @escaping @Sendable () throws -> Int) async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(with: Result { try work() }) }
        }
    }

    /// - Parameter study: nil for everything of late.
    private func look(_ study: StudyInstanceUID?) async {
        do {
            let found = try await offPool { [desk, check] in
                guard let study else {
                    try check()
                    return try desk.noteRepeats(since: Date().addingTimeInterval(-Self.memory))
                }
                return try desk.noteRepeat(by: study) == nil ? 0 : 1
            }
            if found > 0 { logger.info("repeated exams taken down", metadata: ["count": "\(found)"]) }
        } catch {
            logger.error("repeated exams are not looked for", metadata: ["why": "\(error)"])
        }
    }
}
