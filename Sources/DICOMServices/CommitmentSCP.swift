internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// The Storage Commitment Push Model SOP Class as SCP: the request (PS3.4 J.3.2). The answer that a request is taken
/// goes out when it is durably queued; ``CommitmentService`` does the rest.
struct CommitmentSCP {
    /// Instances that one request may name.
    static let instanceLimit = 50_000
    /// Earlier results that one Association is given.
    private static let earlierLimit = 100

    let index: StudyIndex
    let desk: CommitmentDesk
    let settings: CommitmentSettings

    /// Answers one N-ACTION-RQ. Its result may then go out over the same Association, by `session`.
    func act(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        session: CommitmentSession, logger: Logger
    ) throws(AssociationError) {
        let attributes = try association.attributes(of: command, in: context)
        let id: Int64
        do throws(Refusal) {
            id = try queue(command, try attributes.get(), from: peer, at: association.host, logger)
        } catch {
            return try error.answer(command, with: .actionResponse, over: association, logger)
        }
        session.expect(id, in: context)
        if settings.listener(peer.aeTitle, association.host) == nil {
            // It hears of its earlier requests here or never.
            do throws(ArchiveError) {
                let earlier = try index.commitmentsToReport(to: peer.aeTitle, limit: CommitmentSCP.earlierLimit)
                for one in earlier { session.expect(one.id, in: context, isChecked: true) }
            } catch {
                logger.error("earlier commitments cannot be reported", metadata: ["why": "\(error)"])
            }
        }
        try association.answer(command.response(.actionResponse, status: .success))
        // Not before: the peer has to know that the request is taken when the result comes.
        desk.wake()
    }

    private func queue(
        _ command: Command, _ attributes: AttributeSet, from peer: PeerRights, at host: String, _ logger: Logger
    ) throws(Refusal) -> Int64 {
        guard peer.may(.commitment) else { throw Refusal(.notAuthorized, "no commitment for this peer") }
        guard command.affectedSOPClassUID == StorageCommitment.sopClassUID else {
            throw Refusal(.noSuchSOPClass, "SOP Class UID is not that of the presentation context")
        }
        guard command.affectedSOPInstanceUID == StorageCommitment.sopInstanceUID else {
            throw Refusal(.noSuchObjectInstance, "not the well-known SOP Instance")
        }
        guard command.typeID == StorageCommitment.requestAction else {
            throw Refusal(.noSuchAction, "Action Type ID is not 1")
        }
        let now = Date()
        let request = CommitmentRequest(
            transactionUID: try CommitmentSCP.transactionUID(attributes), callingAETitle: peer.aeTitle,
            calledAETitle: peer.calledAETitle, host: host, requestedAt: now,
            instances: try CommitmentSCP.instances(attributes))
        let admission: CommitmentAdmission
        do throws(ArchiveError) {
            admission = try index.queue(
                request, limit: settings.pendingLimit, expiry: now.addingTimeInterval(settings.timeout.seconds))
        } catch {
            throw Refusal.internalFault(error, logger)
        }
        guard case .queued(let id) = admission else {
            throw Refusal(.resourceLimitation, "\(settings.pendingLimit) commitments of this peer are pending")
        }
        logger.info(
            "commitment requested",
            metadata: [
                "commitment": "\(id)", "transaction-uid": "\(request.transactionUID)",
                "instances": "\(request.instances.count)",
            ])
        return id
    }

    private static func transactionUID(_ attributes: AttributeSet) throws(Refusal) -> String {
        // Any kind of UID will do to check its form.
        guard let text = attributes[.transactionUID], let uid = try? SOPInstanceUID(text) else {
            throw Refusal(.invalidArgumentValue, "\(Tag.transactionUID) is missing or no UID")
        }
        return uid.value
    }

    /// Referenced SOP Sequence (0008,1199), each SOP Instance once: who names one twice means it once.
    static func instances(_ attributes: AttributeSet) throws(Refusal) -> [NamedInstance] {
        let items = attributes.items(.referencedSOPSequence)
        guard !items.isEmpty else {
            throw Refusal(.invalidArgumentValue, "\(Tag.referencedSOPSequence) is missing or empty")
        }
        guard items.count <= instanceLimit else {
            throw Refusal(.resourceLimitation, "more than \(instanceLimit) instances")
        }
        let named = items.compactMap(NamedInstance.init)
        guard named.count == items.count else {
            throw Refusal(.invalidArgumentValue, "a referenced instance without valid UIDs")
        }
        var seen = Set<NamedInstance>()
        return named.filter { seen.insert($0).inserted }
    }
}
