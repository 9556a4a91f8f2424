import Archive
import DICOMCore
import DICOMNetwork
import Foundation
import Logging
import Recall
import ServiceLifecycle
import Synchronization

/// Resolves whose the studies are that have come, after their commit and never in it.
///
/// Every commit wakes it; what an earlier run or an earlier version left is done beside, in steps between which
/// commits have the index to themselves for as long, while there are any.
struct PersonResolution: Service {
    private let registry: PersonRegistry
    private let logger: Logger
    private let commits: AsyncStream<Void>
    private let commitCount: CommitCount

    /// A look without being woken, for what was left by an error or a new index.
    private static let pause = Duration.seconds(5)

    init(registry: PersonRegistry, index: StudyIndex, logger: Logger) {
        self.registry = registry
        self.logger = logger
        let (commits, commit) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.commits = commits
        let commitCount = CommitCount()
        self.commitCount = commitCount
        index.onCommit {
            commitCount.value.wrappingAdd(1, ordering: .relaxed)
            commit.yield()
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask { for await _ in commits { look.yield() } }
                group.addTask {
                    while !Task.isCancelled {
                        look.yield()
                        try? await Task.sleep(for: Self.pause)
                    }
                    look.finish()
                }
                for await _ in looks { await drain() }
                group.cancelAll()
            }
        }
    }

    private func drain() async {
        while !Task.isCancelled {
            let (start, commits) = (ContinuousClock.now, commitCount.value.load(ordering: .relaxed))
            do {
                let step = try await step()
                for failure in step.failures {
                    logger.error(
                        "a study is given to no person yet",
                        metadata: ["study": "\(failure.study)", "why": "\(failure.why)"])
                }
                guard step.resolvedCount > 0 else { return }
            } catch {
                logger.error("persons cannot be resolved", metadata: ["why": "\(error)"])
                return
            }
            guard commitCount.value.load(ordering: .relaxed) != commits else { continue }
            try? await Task.sleep(for: start.duration(to: .now))
        }
    }

    /// On a thread of its own pool, since it blocks for the disk.
    private func step() async throws -> ResolutionStep {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(with: Result { try registry.resolvePending() })
            }
        }
    }
}

/// Commits of instances since the start.
private final class CommitCount: Sendable {
    let value = Atomic<Int>(0)
}

extension PatientHeader {
    /// Reads the header of a stored object; nil when it cannot be read any more, which `verify` tells.
    init?(of instance: StoredInstance, in archive: Archive, characterSets: [AETitle: TextEncoding]) {
        guard let object = try? archive.open(instance) else { return nil }
        let header = withExtendedLifetime(object) {
            try? ObjectHeader(descriptor: object.fileDescriptor, characterSets: characterSets)
        }
        guard let attributes = header?.attributes else { return nil }
        self.init()
        otherPatientIDs = attributes.strings(.otherPatientIDs).filter { !$0.isEmpty }
        for item in attributes.items(.otherPatientIDsSequence) {
            guard let patientID = item[.patientID] else { continue }
            if let issuer = item[.issuerOfPatientID] {
                others.append(.init(issuer: issuer, patientID: patientID))
            } else {
                otherPatientIDs.append(patientID)
            }
        }
        phones = attributes.strings(.patientTelephoneNumbers).filter { !$0.isEmpty }
        address = attributes[.patientAddress] ?? ""
    }
}
