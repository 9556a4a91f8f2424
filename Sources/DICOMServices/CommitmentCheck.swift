internal import Archive
internal import DICOMCore
internal import Logging

/// Looks at every Instance of a request for commitment: is it stored, as what was named, with the bytes that came.
struct CommitmentCheck {
    let archive: Archive

    /// Reads every named object from the disk. Blocks.
    ///
    /// - Parameter mayGoOn: asked between objects; nil is returned when it says no.
    /// - Returns: the Failure Reasons (PS3.4 Table J.3-3) by place in the request; empty when all is committed.
    func failures(
        of commitment: Commitment, logger: Logger, while mayGoOn: () -> Bool
    ) throws(ArchiveError) -> [Int: DIMSEStatus]? {
        let instances = commitment.request.instances
        if try archive.index.hasOtherList(commitment) {
            return Dictionary(uniqueKeysWithValues: instances.indices.map { ($0, .duplicateTransactionUID) })
        }
        var failures: [Int: DIMSEStatus] = [:]
        for (place, instance) in instances.enumerated() {
            guard mayGoOn() else { return nil }
            failures[place] = try failure(of: instance, logger)
        }
        return failures
    }

    private func failure(of named: NamedInstance, _ logger: Logger) throws(ArchiveError) -> DIMSEStatus? {
        guard let stored = try archive.index.instance(named.sopInstanceUID) else { return .noSuchObjectInstance }
        guard stored.sopClassUID == named.sopClassUID else { return .classInstanceConflict }
        guard let fault = archive.verify(stored) else { return nil }
        logger.error(
            "a stored object does not verify",
            metadata: ["sop-instance-uid": "\(named.sopInstanceUID)", "why": "\(fault)"])
        return .processingFailure
    }
}
