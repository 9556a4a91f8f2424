internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// Asks a destination to commit to what it took (Storage Commitment Push Model SCU, PS3.4 J.3.2): in rounds, each of one list
/// or more, until everything is answered or it was asked often enough.
///
/// An answer on the same Association is waited for only as long as nothing else is to be done; others come to
/// ``ForwardReports`` over Associations of the destination. All calls block.
struct ForwardCommitmentRounds {
    let request: AssociationRequest
    let terms: ForwardCommitmentTerms
    let lane: ForwardLane

    /// Instances of one list.
    private static let listLimit = 2000
    /// How long the Association stays open for the answers.
    private static let patience = Duration.seconds(5)
    /// Bytes of the largest answer that is read.
    private static let answerLimit = 8 << 20
    private static let slice = Duration.milliseconds(100)

    private enum Fault: Error {
        case archive(ArchiveError)
        case association(AssociationError)
        /// The destination answered, and does not commit.
        case refused(String)
    }

    func run() throws(ArchiveError) {
        while lane.mayBegin,
            let forward = try lane.index.forwardsToCommit(
                to: lane.destination.name, at: Date(), limit: 1
            ).first
        {
            guard forward.attemptCount < terms.roundLimit else {
                try giveUp(forward)
                continue
            }
            switch outcome(of: forward) {
            case .success: try lane.noteSuccess()
            case .failure(.archive(let error)): throw error
            case .failure(.refused(let why)): try refuse(forward, why)
            case .failure(.association(let error)):
                guard !lane.isStopping else { return }
                try lane.postpone(forward, answered: 0, because: .unavailable("\(error)"))
            }
        }
    }

    private func outcome(of forward: DueForward) -> Result<Void, Fault> {
        do throws(Fault) { return .success(try ask(forward)) } catch { return .failure(error) }
    }

    private func giveUp(_ forward: DueForward) throws(ArchiveError) {
        let why = "asked to commit \(forward.attemptCount) times, without an answer"
        lane.logger.warning(
            "destination does not commit",
            metadata: [
                "destination": "\(forward.destination)", "study-instance-uid": "\(forward.studyInstanceUID)",
                "why": "\(why)",
            ])
        try lane.index.giveUpCommitment(of: forward, because: why, at: Date())
    }

    /// Counts as a round, so that what never commits is not asked for ever.
    private func refuse(_ forward: DueForward, _ why: String) throws(ArchiveError) {
        lane.logger.warning(
            "commitment refused",
            metadata: [
                "destination": "\(forward.destination)", "study-instance-uid": "\(forward.studyInstanceUID)",
                "why": "\(why)",
            ])
        guard forward.attemptCount + 1 < terms.roundLimit else {
            return try lane.index.giveUpCommitment(of: forward, because: why, at: Date())
        }
        let next = Date().addingTimeInterval(lane.destination.pauses.pause(after: forward.attemptCount + 1))
        try lane.index.endCommitmentRound(of: forward, nextAt: next, because: why)
    }

    private func ask(_ forward: DueForward) throws(Fault) {
        var request = request
        request.contexts = [(StorageCommitment.sopClassUID, StorageCommitment.transferSyntaxes)]
        let association = try opened(request)
        lane.use { association.interrupt() }
        defer { lane.use(nil) }
        do throws(Fault) {
            guard let context = association.acceptedContexts.values.first else {
                throw .refused("it does not accept storage commitment")
            }
            try ask(forward, over: association, in: context)
        } catch {
            association.abort()
            throw error
        }
        association.end()
    }

    private func opened(_ request: AssociationRequest) throws(Fault) -> Association {
        do throws(AssociationError) { return try request.open() } catch { throw .association(error) }
    }

    private func ask(
        _ forward: DueForward, over association: Association, in context: PresentationContext
    ) throws(Fault) {
        var open: Set<String> = []
        var messageID: UInt16 = 0
        do throws(ArchiveError) { try lane.index.beginCommitmentRound(of: forward) } catch { throw .archive(error) }
        while let list = try next(of: forward) {
            messageID &+= 1
            open.insert(list.transactionUID)
            try send(list, messageID, over: association, in: context, &open)
        }
        let next = Date().addingTimeInterval(terms.wait)
        do throws(ArchiveError) {
            try lane.index.endCommitmentRound(of: forward, nextAt: next)
        } catch {
            throw .archive(error)
        }
        // Everything is asked for; how the Association ends does not matter.
        let deadline = ContinuousClock.now + ForwardCommitmentRounds.patience
        while !open.isEmpty, ContinuousClock.now < deadline, !lane.isStopping, !lane.hasWork {
            guard association.waitForInput(atMost: ForwardCommitmentRounds.slice) else { continue }
            guard let command = try? association.receive(), command.field == .eventReportRequest else { return }
            try answer(command, over: association, in: context, &open)
        }
    }

    private func next(of forward: DueForward) throws(Fault) -> ForwardCommitment? {
        do throws(ArchiveError) {
            return try lane.index.nextCommitment(
                of: forward, transactionUID: SOPInstanceUID.randomValue(),
                limit: ForwardCommitmentRounds.listLimit, at: Date())
        } catch {
            throw .archive(error)
        }
    }

    private func send(
        _ list: ForwardCommitment, _ messageID: UInt16, over association: Association, in context: PresentationContext,
        _ open: inout Set<String>
    ) throws(Fault) {
        var attributes = AttributeSet()
        attributes[.transactionUID] = list.transactionUID
        attributes.set(
            .referencedSOPSequence,
            to: list.instances.map { instance in
                var item = AttributeSet()
                item[.referencedSOPClassUID] = instance.sopClassUID.value
                item[.referencedSOPInstanceUID] = instance.sopInstanceUID.value
                return item
            })
        var command = Command(
            field: .actionRequest, presentationContextID: context.id, messageID: messageID,
            affectedSOPClassUID: StorageCommitment.sopClassUID,
            affectedSOPInstanceUID: StorageCommitment.sopInstanceUID, hasDataSet: true)
        command.typeID = StorageCommitment.requestAction
        let bytes: [UInt8]
        do throws(DataSetError) {
            bytes = try attributes.encoded(transferSyntax: context.transferSyntax)
        } catch {
            throw .association(.dataSet("\(error)"))
        }
        do throws(AssociationError) { try association.send(command, dataSet: bytes) } catch {
            throw .association(error)
        }
        while true {
            let response: Command
            do throws(AssociationError) {
                response = try association.receiveResponse(within: request.limits.idle)
            } catch {
                throw .association(error)
            }
            if response.field == .eventReportRequest {
                try answer(response, over: association, in: context, &open)
                continue
            }
            guard response.field == .actionResponse, response.messageID == messageID else {
                throw .association(.protocolViolation("something else than the answer to an N-ACTION-RQ"))
            }
            guard response.status == .success else {
                throw .refused("the destination answered \(response.status) to the request to commit")
            }
            return
        }
    }

    /// Takes a report that comes over this Association.
    private func answer(
        _ command: Command, over association: Association, in context: PresentationContext, _ open: inout Set<String>
    ) throws(Fault) {
        var status = DIMSEStatus.processingFailure
        do throws(AssociationError) {
            let bytes =
                command.hasDataSet
                ? try association.dataSet(of: command, byteLimit: ForwardCommitmentRounds.answerLimit) : []
            if let bytes,
                let report = try? AttributeSet(
                    encoded: bytes, transferSyntax: context.transferSyntax, keepsAllGroups: true)
            {
                status = ForwardReports(lanes: [lane]).take(report, eventType: command.typeID)
                if let transaction = report[.transactionUID] { open.remove(transaction) }
            }
            try association.send(command.response(.eventReportResponse, status: status))
        } catch {
            throw .association(error)
        }
    }
}
