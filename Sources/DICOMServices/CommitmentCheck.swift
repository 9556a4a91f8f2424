internal import Archive
internal import DICOMCore
internal import Logging
internal import Synchronization

/// Looks at every Instance of a request for commitment: is it stored, as what was named, with the bytes that came.
struct CommitmentCheck {
    let archive: Archive
    let verified: RecentlyVerified

    /// Reads every named object from the disk. Blocks.
    ///
    /// - Parameter mayGoOn: asked between objects; nil is returned when it says no.
    /// - Returns: the Failure Reasons (PS3.4 Table J.3-3) by place in the request; empty when all is committed.
    func failures(
        of commitment: Commitment, logger: Logger, while mayGoOn: () -> Bool
    ) throws(ArchiveError) -> [Int: DIMSEStatus]? {
        let instances = commitment.request.instances
        if try archive.index.hasOtherList(commitment) {
            return Dictionary(
                uniqueKeysWithValues: instances.indices.map { ($0, CommitmentFailure.duplicateTransaction.reason) })
        }
        var failures: [Int: DIMSEStatus] = [:]
        for (place, instance) in instances.enumerated() {
            guard mayGoOn() else { return nil }
            failures[place] = try failure(of: instance, logger)
        }
        return failures
    }

    private func failure(of named: NamedInstance, _ logger: Logger) throws(ArchiveError) -> DIMSEStatus? {
        guard let stored = try archive.index.instance(named.sopInstanceUID) else {
            return CommitmentFailure.notStored.reason
        }
        guard stored.sopClassUID == named.sopClassUID else { return CommitmentFailure.otherClass.reason }
        if verified.contains(stored.sopInstanceUID) { return nil }
        guard let fault = archive.verify(stored) else {
            verified.insert(stored.sopInstanceUID)
            return nil
        }
        logger.error(
            "a stored object does not verify",
            metadata: ["sop-instance-uid": "\(named.sopInstanceUID)", "why": "\(fault)"])
        return CommitmentFailure.damaged.reason
    }
}

/// Objects whose bytes were read and found whole in the last minutes. Modalities ask for a list that grows with each image:
/// without this, an exam of 2,000 images would have two million of them read.
final class RecentlyVerified: Sendable {
    private let found = Mutex<[SOPInstanceUID: ContinuousClock.Instant]>([:])
    /// How long a look at the disk is believed.
    private static let duration = Duration.seconds(300)
    private static let capacity = 200_000

    func contains(_ instance: SOPInstanceUID, at now: ContinuousClock.Instant = .now) -> Bool {
        found.withLock { $0[instance].map { now - $0 < RecentlyVerified.duration } ?? false }
    }

    func insert(_ instance: SOPInstanceUID, at now: ContinuousClock.Instant = .now) {
        found.withLock { found in
            if found.count >= RecentlyVerified.capacity {
                found = found.filter { now - $0.value < RecentlyVerified.duration }
                if found.count >= RecentlyVerified.capacity { found = [:] }
            }
            found[instance] = now
        }
    }
}
