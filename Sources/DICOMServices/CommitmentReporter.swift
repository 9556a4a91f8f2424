internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// Delivers results over Associations that priord opens, and keeps what became of them.
struct CommitmentReporter {
    let index: StudyIndex
    let settings: CommitmentSettings
    let limits: AssociationLimits

    func report(on commitment: Commitment) -> CommitmentReport {
        CommitmentReport(commitment: commitment, aeTitle: commitment.request.calledAETitle)
    }

    /// Delivers results of one peer that it asked for from one address. Blocks.
    func deliver(_ commitments: [Commitment], logger: Logger) {
        guard let first = commitments.first?.request else { return }
        var logger = logger
        logger[metadataKey: "calling-ae"] = "\(first.callingAETitle)"
        guard let peer = settings.listener(first.callingAETitle, first.host) else {
            for one in commitments { failed(one, "no port is configured for this peer", logger) }
            return
        }
        var left = commitments[...]
        do throws(AssociationError) {
            let association = try request(to: peer, first).open()
            guard let context = association.acceptedContexts.values.first else {
                try association.release()
                throw .rejected("the peer does not accept storage commitment")
            }
            while let commitment = left.first {
                try deliver(commitment, over: association, in: context, logger)
                left.removeFirst()
            }
            // Everything is answered, so how the Association ends does not matter.
            try? association.release()
        } catch {
            for one in left { failed(one, "\(error)", logger) }
        }
    }

    private func request(to peer: (host: String, port: Int), _ first: CommitmentRequest) -> AssociationRequest {
        var request = AssociationRequest(
            host: peer.host, port: peer.port, callingAETitle: first.calledAETitle, calledAETitle: first.callingAETitle,
            contexts: [(StorageCommitment.sopClassUID, StorageCommitment.transferSyntaxes)])
        request.abstractSyntaxesAsSCP = [StorageCommitment.sopClassUID]
        request.limits = limits
        return request
    }

    private func deliver(
        _ commitment: Commitment, over association: Association, in context: PresentationContext, _ logger: Logger
    ) throws(AssociationError) {
        let messageID: UInt16 = 1
        try report(on: commitment).send(over: association, in: context, messageID: messageID)
        let answer = try association.receive()
        guard answer.field == .eventReportResponse, answer.messageID == messageID else {
            association.abort()
            throw .protocolViolation("something else than the answer to an event report")
        }
        if answer.status == .success {
            delivered(commitment, logger)
        } else {
            failed(commitment, "the peer answered \(answer.status)", logger)
        }
    }

    func delivered(_ commitment: Commitment, _ logger: Logger) {
        do throws(ArchiveError) {
            try index.noteReported(commitment, at: Date())
            logger.info(
                "commitment reported",
                metadata: ["commitment": "\(commitment.id)", "failed-instances": "\(commitment.failures.count)"])
        } catch {
            // It will be delivered twice, which the standard allows.
            logger.error(
                "commitment reported, which cannot be noted",
                metadata: ["commitment": "\(commitment.id)", "why": "\(error)"])
        }
    }

    private func failed(_ commitment: Commitment, _ reason: String, _ logger: Logger) {
        let now = Date()
        let pause = CommitmentSettings.pause(afterAttempts: commitment.attempts + 1)
        let next = now.addingTimeInterval(pause.seconds)
        let isOver = next > commitment.expiresAt
        logger.warning(
            isOver ? "commitment given up" : "commitment not reported",
            metadata: [
                "commitment": "\(commitment.id)", "attempts": "\(commitment.attempts + 1)", "why": "\(reason)",
                "next": "\(isOver ? "never" : "in \(pause)")",
            ])
        do throws(ArchiveError) {
            try index.noteFailure(reason, of: commitment, nextAttemptAt: isOver ? nil : next, at: now)
        } catch {
            logger.error(
                "commitment cannot be noted", metadata: ["commitment": "\(commitment.id)", "why": "\(error)"])
        }
    }
}
