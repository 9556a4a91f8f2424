internal import Archive
internal import DICOMCore
internal import DICOMNetwork

/// The N-EVENT-REPORT that tells what became of a request (PS3.4 J.3.3).
struct CommitmentReport {
    let commitment: Commitment
    let aeTitle: AETitle

    func command(in context: PresentationContext, messageID: UInt16) -> Command {
        var command = Command(
            field: .eventReportRequest, presentationContextID: context.id, messageID: messageID,
            affectedSOPClassUID: StorageCommitment.sopClassUID,
            affectedSOPInstanceUID: StorageCommitment.sopInstanceUID, hasDataSet: true)
        command.typeID =
            (commitment.failures.isEmpty ? StorageCommitment.EventType.success : .failuresExist).rawValue
        return command
    }

    /// Transaction UID, what is committed, and what is not and why.
    var attributes: AttributeSet {
        var attributes = AttributeSet()
        attributes[.transactionUID] = commitment.request.transactionUID
        attributes[.retrieveAETitle] = aeTitle.value
        var committed: [AttributeSet] = []
        var failed: [AttributeSet] = []
        for (place, instance) in commitment.request.instances.enumerated() {
            var item = AttributeSet()
            item[.referencedSOPClassUID] = instance.sopClassUID.value
            item[.referencedSOPInstanceUID] = instance.sopInstanceUID.value
            if let reason = commitment.failures[place] {
                item[.failureReason] = String(reason.code)
                failed.append(item)
            } else {
                committed.append(item)
            }
        }
        if !committed.isEmpty { attributes.set(.referencedSOPSequence, to: committed) }
        if !failed.isEmpty { attributes.set(.failedSOPSequence, to: failed) }
        return attributes
    }

    /// Sends it; the peer's answer is a message of its own.
    func send(
        over association: Association, in context: PresentationContext, messageID: UInt16
    ) throws(AssociationError) {
        let bytes: [UInt8]
        do throws(DataSetError) {
            bytes = try attributes.encoded(transferSyntax: context.transferSyntax)
        } catch {
            throw .dataSet("\(error)")
        }
        try association.send(command(in: context, messageID: messageID), dataSet: bytes)
    }
}
