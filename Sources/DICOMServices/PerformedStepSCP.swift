internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// The Modality Performed Procedure Step SOP Class as SCP (PS3.4 F.7). Success is answered only when it is durable.
struct PerformedStepSCP {
    let index: StudyIndex
    /// Called when a study may have to be assessed again.
    let onTestimony: @Sendable () -> Void

    /// Answers one N-CREATE-RQ.
    func create(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        logger: Logger
    ) throws(AssociationError) {
        var command = command
        let attributes = try association.attributes(of: command, in: context)
        do throws(Refusal) {
            try check(command, peer)
            // The UID is the requestor's to give, or ours (PS3.7 10.1.5.1.4).
            if command.affectedSOPInstanceUID.isEmpty { command.affectedSOPInstanceUID = SOPInstanceUID.randomValue() }
            let attributes = try attributes.get()
            if let objection = PerformedStepRules.objection(toCreating: attributes) { throw objection }
            let step = PerformedStep(
                uid: try uid(of: command), attributes: attributes, callingAETitle: peer.aeTitle,
                host: association.host, createdAt: Date())
            guard try kept({ () throws(ArchiveError) in try index.create(step) }, logger) else {
                throw Refusal(.duplicateSOPInstance, "a step of this UID is known")
            }
            tell(of: step, logger)
        } catch {
            return try error.answer(command, with: .createResponse, over: association, logger)
        }
        try association.answer(command.response(.createResponse, status: .success))
    }

    /// Answers one N-SET-RQ.
    func set(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        logger: Logger
    ) throws(AssociationError) {
        let attributes = try association.attributes(of: command, in: context)
        do throws(Refusal) {
            try check(command, peer)
            let (uid, attributes) = (try uid(of: command), try attributes.get())
            var objection: Refusal?
            var changed: PerformedStep?
            let isKept = try kept(
                { () throws(ArchiveError) in
                    try index.changePerformedStep(uid, at: Date()) { step in
                        guard step.callingAETitle == peer.aeTitle || peer.changesStepsOfOthers else {
                            objection = Refusal(.notAuthorized, "another peer has created this step")
                            return false
                        }
                        objection = PerformedStepRules.apply(attributes, to: &step)
                        changed = step
                        return objection == nil
                    }
                }, logger)
            guard isKept != nil else { throw Refusal(.noSuchObjectInstance, "no step of this UID is known") }
            if let objection { throw objection }
            if let changed { tell(of: changed, logger) }
        } catch {
            return try error.answer(command, with: .setResponse, over: association, logger)
        }
        try association.answer(command.response(.setResponse, status: .success))
    }

    private func check(_ command: Command, _ peer: PeerRights) throws(Refusal) {
        guard peer.may(.mpps) else { throw Refusal(.notAuthorized, "no performed steps of this peer") }
        guard command.affectedSOPClassUID == SOPClasses.performedStep else {
            throw Refusal(.noSuchSOPClass, "SOP Class UID is not that of the presentation context")
        }
    }

    private func uid(of command: Command) throws(Refusal) -> SOPInstanceUID {
        do {
            return try SOPInstanceUID(command.affectedSOPInstanceUID)
        } catch {
            throw Refusal(.invalidObjectInstance, "\(error)")
        }
    }

    private func kept<Value>(
        _ work: () throws(ArchiveError) -> Value, _ logger: Logger
    ) throws(Refusal) -> Value {
        do throws(ArchiveError) {
            return try work()
        } catch {
            throw Refusal.internalFault(error, logger)
        }
    }

    private func tell(of step: PerformedStep, _ logger: Logger) {
        logger.info(
            "performed step",
            metadata: [
                "sop-instance-uid": "\(step.uid)", "status": "\(step.status.dicom)",
                "study-instance-uid": "\(step.studies.map(\.value).joined(separator: " "))",
                "series": "\(step.series.count)",
            ])
        onTestimony()
    }
}
