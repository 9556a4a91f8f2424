internal import Archive
public import DICOMCore
public import DICOMNetwork
internal import Delivery
internal import Foundation
internal import Logging

/// Where a Move Destination listens: whom to call as whom, without contexts; nil when no address is known. `host` is the address
/// it last called from.
public typealias MoveDestinations = @Sendable (_ destination: AETitle, _ host: String?) -> AssociationRequest?

/// C-GET and C-MOVE of the Patient Root, Study Root and Patient/Study Only Information Models (PS3.4 C.4.2, C.4.3).
struct RetrieveSCP {
    let index: StudyIndex
    let sender: InstanceSender
    let turns: FairTurns
    let destinations: MoveDestinations
    let limits: AssociationLimits

    /// A destination gets so long to take the Instance that is under way when the retrieve is cancelled.
    private static let cancelPatience = Duration.seconds(2)

    /// One request that is being answered.
    private struct Operation {
        let command: Command
        let association: Association
        let context: PresentationContext
        let response: Command.Field
        let logger: Logger
        let start = ContinuousClock.now

        func refuse(_ status: DIMSEStatus, _ reason: String) throws(AssociationError) {
            logger.warning("retrieve refused", metadata: ["status": "\(status)", "why": "\(reason)"])
            try association.answer(command.response(response, status: status, failure: .init(comment: reason)))
        }

        func sendPending(_ tally: RetrieveTally) throws(AssociationError) {
            var answer = command.response(response, status: .pending)
            answer.subOperations = tally.subOperations
            try association.answer(answer)
        }

        /// One line for a retrieve that has no last response, because the Association broke.
        func note(_ error: AssociationError, _ tally: RetrieveTally) {
            logger.warning("retrieve broken off", metadata: facts(of: tally).merging(["why": "\(error)"]) { $1 })
        }

        private func facts(of tally: RetrieveTally) -> Logger.Metadata {
            [
                "completed": "\(tally.subOperations.completed)", "failed": "\(tally.subOperations.failed)",
                "warning": "\(tally.subOperations.warning)", "remaining": "\(tally.subOperations.remaining)",
                "bytes": "\(tally.byteCount)", "seconds": "\((ContinuousClock.now - start) / .seconds(1))",
            ]
        }

        /// The last response, with the list of what failed unless all is well (PS3.4 C.4.2.1.4.2, C.4.3.1.3.2).
        func finish(_ tally: RetrieveTally, isCancelled: Bool) throws(AssociationError) {
            let status = tally.status(isCancelled: isCancelled)
            var answer = command.response(response, status: status)
            answer.subOperations = tally.subOperations
            if status == .subOperationsImpossible, let reason = tally.lastFailure {
                answer.failure = .init(comment: reason)
            }
            logger.log(
                level: status == .success ? .info : .warning, "retrieve ended",
                metadata: facts(of: tally).merging(["status": "\(status)"]) { $1 })
            try association.answer(answer, dataSet: status == .success ? [] : failedList(tally.failedUIDs))
        }

        private func failedList(_ uids: [SOPInstanceUID]) -> [UInt8] {
            guard !uids.isEmpty else { return [] }
            var list = AttributeSet()
            list.set(.failedSOPInstanceUIDList, to: uids.map(\.value))
            do throws(DataSetError) {
                return try list.encoded(transferSyntax: context.transferSyntax)
            } catch {
                logger.error("internal fault", metadata: ["why": "\(error)"])
                return []
            }
        }
    }

    /// Sends what a C-GET-RQ asks for over the Association it came by.
    func get(
        _ command: Command, _ model: InformationModel, over association: Association, context: PresentationContext,
        from peer: PeerRights, logger: Logger
    ) throws(AssociationError) {
        let operation = Operation(
            command: command, association: association, context: context, response: .getResponse, logger: logger)
        guard let instances = try selected(by: operation, model, from: peer) else { return }
        var tally = RetrieveTally(count: instances.count)
        do throws(AssociationError) {
            let isCancelled = try send(instances, &tally, operation)
            try operation.finish(tally, isCancelled: isCancelled)
        } catch {
            operation.note(error, tally)
            throw error
        }
    }

    /// - Returns: whether the peer cancelled.
    private func send(
        _ selected: SelectedInstances, _ tally: inout RetrieveTally, _ operation: Operation
    ) throws(AssociationError) -> Bool {
        var instances = selected
        func following() -> StoredInstance? {
            do throws(ArchiveError) {
                return try instances.next()
            } catch {
                operation.logger.error("internal fault", metadata: ["why": "\(error)"])
                return nil
            }
        }
        var scu = StoreSCU(over: operation.association, limits: limits)
        let sender = sender.converting(in: turns, as: operation.association.party)
        var pace = Pace(tally)
        var next = following()
        var prepared: PreparedInstance?
        while let instance = next {
            next = following()
            let ready = prepared.take()
            prepared = next.flatMap { [scu] in sender.prepare($0, for: scu) }
            let outcome = try sender.send(instance, ready, with: &scu)
            tally.note(outcome, of: instance.sopInstanceUID)
            outcome.log(instance, failedCount: tally.subOperations.failed, operation.logger)
            try scu.takeCancel()
            if scu.cancelledMessageIDs.contains(operation.command.messageID) { return true }
            if pace.isDue(tally) { try operation.sendPending(tally) }
        }
        tally.failRemaining("it is no longer in the index")
        return false
    }

    /// Has what a C-MOVE-RQ asks for sent to its Move Destination, and tells the peer how that goes.
    func move(
        _ command: Command, _ model: InformationModel, over association: Association, context: PresentationContext,
        from peer: PeerRights, logger: Logger
    ) throws(AssociationError) {
        var logger = logger
        logger[metadataKey: "destination"] = "\(command.moveDestination.printable)"
        let operation = Operation(
            command: command, association: association, context: context, response: .moveResponse, logger: logger)
        guard let instances = try selected(by: operation, model, from: peer) else { return }
        guard let destination = destination(of: command, from: peer, association, logger) else {
            return try operation.refuse(.moveDestinationUnknown, "no address is known for this Move Destination")
        }
        let transfer: RetrieveTransfer
        do throws(NetworkError) {
            transfer = try RetrieveTransfer(
                instances, to: destination, by: sender.converting(in: turns, as: association.party),
                for: .init(aeTitle: peer.aeTitle.value, messageID: command.messageID), logger: logger)
        } catch {
            return try operation.refuse(.outOfResources, "\(error)")
        }
        transfer.start()
        do throws(AssociationError) {
            let isCancelled = try follow(transfer, operation)
            try operation.finish(transfer.tally, isCancelled: isCancelled)
        } catch {
            // Nobody is left who would hear how it ends.
            transfer.interrupt()
            operation.note(error, transfer.tally)
            throw error
        }
    }

    /// Tells the peer how a transfer goes until it ends, and stops it when the peer wants that.
    ///
    /// - Returns: whether the peer cancelled.
    private func follow(_ transfer: RetrieveTransfer, _ operation: Operation) throws(AssociationError) -> Bool {
        var pace = Pace(transfer.tally)
        var cancelledAt: ContinuousClock.Instant?
        while !transfer.ended.isRaised {
            let hasInput = operation.association.waitForInput(
                atMost: Pace.interval / 4, orUntilReadable: transfer.ended.descriptor)
            if hasInput {
                let command = try operation.association.receive()
                guard command.field == .cancelRequest else {
                    throw .protocolViolation("a command before the last answer")
                }
                if command.messageID == operation.command.messageID {
                    transfer.cancel()
                    cancelledAt = cancelledAt ?? .now
                }
            }
            if let cancelledAt, .now > cancelledAt + RetrieveSCP.cancelPatience { transfer.interrupt() }
            if !transfer.ended.isRaised, pace.isDue(transfer.tally) { try operation.sendPending(transfer.tally) }
        }
        return cancelledAt != nil
    }

    private func destination(
        of command: Command, from peer: PeerRights, _ association: Association, _ logger: Logger
    ) -> AssociationRequest? {
        guard let title = try? AETitle(command.moveDestination) else { return nil }
        do throws(ArchiveError) {
            // Who asks for itself is where it calls from.
            let host = title == peer.aeTitle ? association.host : try index.host(ofPeer: title)
            return destinations(title, host)
        } catch {
            logger.error("internal fault", metadata: ["why": "\(error)"])
            return nil
        }
    }

    /// What a request means, or nil after it has been refused.
    private func selected(
        by operation: Operation, _ model: InformationModel, from peer: PeerRights
    ) throws(AssociationError) -> SelectedInstances? {
        let association = operation.association
        let identifier = try association.identifier(
            of: operation.command, in: operation.context, byteLimit: Association.messageByteLimit)
        func refuse(_ status: DIMSEStatus, _ reason: String) throws(AssociationError) -> SelectedInstances? {
            try operation.refuse(status, reason)
            return nil
        }
        guard peer.may(.retrieve) else { return try refuse(.notAuthorized, "this peer may not retrieve") }
        let keys: AttributeSet
        do throws(Refusal) { keys = try identifier.get() } catch { return try refuse(error.status, error.reason) }
        let isRelational = association.requestedExtension(of: operation.context.abstractSyntax).first == 1
        do throws(RetrieveScope.Fault) {
            let scope = try RetrieveScope(keys, in: model, isRelational: isRelational)
            do throws(ArchiveError) {
                let instances = try index.instances(of: scope.selection)
                operation.logger.info(
                    "retrieve", metadata: ["level": "\(scope.level.rawValue)", "instances": "\(instances.count)"])
                return instances
            } catch {
                operation.logger.error("internal fault", metadata: ["why": "\(error)"])
            }
        } catch {
            return try refuse(.dataSetDoesNotMatchSOPClass, "\(error)")
        }
        return try refuse(.matchesNotCounted, "the index cannot be read")
    }
}

/// When a further response is due: when so many sub-operations have ended since the last one, or so much time has passed.
private struct Pace {
    static let interval = Duration.seconds(1)
    private static let step = 10

    private var remaining: Int
    private var last = ContinuousClock.now

    init(_ tally: RetrieveTally) { remaining = tally.subOperations.remaining }

    mutating func isDue(_ tally: RetrieveTally) -> Bool {
        let now = ContinuousClock.now
        guard remaining - tally.subOperations.remaining >= Pace.step || now - last >= Pace.interval else {
            return false
        }
        remaining = tally.subOperations.remaining
        last = now
        return true
    }
}
