// DICOMServices owns what is answered over Associations: Verification, Storage and Study Root C-FIND, and the mapping of
// every failure to a DIMSE Status. Associations themselves are DICOMNetwork's, storing is Ingestion's. Start reading at
// `AssociationServer.serve`.

internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Ingestion
internal import Logging

/// The Storage Service as SCP (PS3.4 B).
struct StorageSCP {
    let ingestor: Ingestor
    let index: StudyIndex

    /// Answers one C-STORE-RQ. Success is sent only when object and index row are durable.
    ///
    /// - Throws: ``AssociationError`` when the Association itself fails; then nothing of the instance remains.
    func store(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        logger: Logger
    ) throws(AssociationError) {
        let status = try received(command, over: association, context: context, from: peer, logger: logger)
        try association.answer(command.response(.storeResponse, status: status))
    }

    private func received(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        logger: Logger
    ) throws(AssociationError) -> DIMSEStatus {
        func refuse(_ status: DIMSEStatus, _ reason: String) throws(AssociationError) -> DIMSEStatus {
            if command.hasDataSet { try association.receiveDataSet(of: command) { _ in false } }
            report(status, reason, command, from: peer, association, logger)
            return status
        }
        guard peer.may(.store) else { return try refuse(.notAuthorized, "this peer may not store") }
        guard command.hasDataSet else { return try refuse(.cannotUnderstand, "a C-STORE without a data set") }
        guard command.affectedSOPClassUID == context.abstractSyntax else {
            return try refuse(.sopClassNotSupported, "SOP Class UID is not that of the presentation context")
        }

        let announced = AnnouncedInstance(
            sopClassUID: command.affectedSOPClassUID, sopInstanceUID: command.affectedSOPInstanceUID,
            transferSyntaxUID: context.transferSyntax)
        let origin = InstanceOrigin(
            callingAETitle: peer.aeTitle, calledAETitle: peer.calledAETitle, host: association.host, receivedAt: Date())
        let arrival: Arrival
        do throws(IngestError) {
            arrival = try ingestor.arrival(announced, from: origin, as: association.party)
        } catch {
            return try refuse(DIMSEStatus(error), "\(error)")
        }
        try association.receiveDataSet(of: command) { arrival.write($0) }

        do throws(IngestError) {
            switch try arrival.finish() {
            case .stored, .duplicate: return .success
            case .conflict(let id):
                report(
                    peer.conflictStatus, "other bytes are stored under this UID; kept in quarantine as \(id)", command,
                    from: peer, association, logger)
                return peer.conflictStatus
            }
        } catch {
            report(DIMSEStatus(error), "\(error)", command, from: peer, association, logger)
            return DIMSEStatus(error)
        }
    }

    /// One log line, and the peer's row in `priorctl status`, for what was not simply stored.
    private func report(
        _ status: DIMSEStatus, _ reason: String, _ command: Command, from peer: PeerRights, _ association: Association,
        _ logger: Logger
    ) {
        logger.warning(
            "instance not stored",
            metadata: [
                "sop-instance-uid": "\(command.affectedSOPInstanceUID.printable)",
                "sop-class-uid": "\(command.affectedSOPClassUID.printable)", "status": "\(status)", "why": "\(reason)",
            ])
        do throws(ArchiveError) {
            try index.recordFailure(
                ofPeer: peer.aeTitle, host: association.host, reason: "\(status): \(reason)", at: Date())
        } catch {
            logger.error("peer activity cannot be recorded", metadata: ["why": "\(error)"])
        }
    }
}

extension String {
    /// What a peer sent as a name or UID, in a form that fits a log line: at most 64 characters, no control characters.
    var printable: String {
        String(unicodeScalars.prefix(64).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }
}
