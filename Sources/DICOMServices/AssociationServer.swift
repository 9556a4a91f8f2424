public import Archive
internal import DICOMCore
public import DICOMNetwork
public import Delivery
internal import Dispatch
public import Ingestion
public import Logging
public import ServiceLifecycle

/// Serves Associations until graceful shutdown, then lets messages under way finish.
public struct AssociationServer: Service {
    private let listener: AssociationListener
    private let policy: AssociationPolicy
    private let storage: StorageSCP
    private let query: QuerySCP
    private let retrieve: RetrieveSCP
    private let performedSteps: PerformedStepSCP
    private let commitment: CommitmentSCP
    private let commitments: CommitmentService
    private let reports: ForwardReports
    private let idleTimeout: Duration
    private let drainTimeout: Duration
    private let logger: Logger

    /// - Parameter onTestimony: called when a study may have to be assessed again.
    public init(
        listener: AssociationListener, policy: AssociationPolicy, ingestor: Ingestor, index: StudyIndex,
        queries: QueryEngine, turns: FairTurns, sender: InstanceSender, destinations: @escaping MoveDestinations,
        commitments: CommitmentService, reports: ForwardReports, limits: AssociationLimits, drainTimeout: Duration,
        logger: Logger,
        onTestimony: @escaping @Sendable () -> Void
    ) {
        self.listener = listener
        self.policy = policy
        storage = StorageSCP(ingestor: ingestor, index: index)
        query = QuerySCP(engine: queries, turns: turns, aeTitle: policy.aeTitle)
        retrieve = RetrieveSCP(
            index: index, sender: sender, turns: turns, destinations: destinations, limits: limits)
        performedSteps = PerformedStepSCP(index: index, onTestimony: onTestimony)
        commitment = CommitmentSCP(index: index, desk: commitments.desk, settings: commitments.settings)
        self.commitments = commitments
        self.reports = reports
        idleTimeout = limits.idle
        self.drainTimeout = drainTimeout
        self.logger = logger
    }

    public func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withCheckedContinuation { continuation in
                DispatchQueue(label: "association-listener").async {
                    listener.run(drainTimeout: drainTimeout) { serve($0) }
                    continuation.resume()
                }
            }
        } onCancelOrGracefulShutdown: {
            logger.info("draining associations", metadata: ["open": "\(listener.associationCount)"])
            listener.stop()
        }
    }

    /// Serves one Association from its request to its end, on the thread it has for itself.
    func serve(_ association: Association) {
        var logger = logger
        logger[metadataKey: "peer"] = "\(association.host)"
        logger[metadataKey: "calling-ae"] = "\(association.callingAETitle.printable)"
        do throws(AssociationError) {
            guard let peer = try admit(association, logger) else { return }
            try serve(association, as: peer, logger)
        } catch {
            end(association, because: error, logger)
        }
    }

    private func admit(_ association: Association, _ logger: Logger) throws(AssociationError) -> PeerRights? {
        switch policy.admission(of: association) {
        case .rejected(let rejection):
            logger.warning(
                "association rejected",
                metadata: [
                    "called-ae": "\(association.calledAETitle.printable)",
                    "why": "\(rejection.result)/\(rejection.source)/\(rejection.reason)",
                    "certificate": "\(association.security.map { $0.certificate?.subject ?? "none" } ?? "no TLS")",
                ])
            association.reject(rejection)
            return nil
        case .admitted(let peer):
            var extensions: [String: [UInt8]] = [:]
            for context in association.proposedContexts {
                let proposed = association.requestedExtension(of: context.abstractSyntax)
                extensions[context.abstractSyntax] =
                    policy.extensionAnswer(to: proposed, of: context.abstractSyntax)
            }
            try association.accept(as: peer.calledAETitle.value, extensions: extensions) {
                policy.decision(on: $0, of: peer)
            }
            return peer
        }
    }

    private func serve(_ association: Association, as peer: PeerRights, _ logger: Logger) throws(AssociationError) {
        let contexts = association.acceptedContexts
        logger.debug("association accepted", metadata: ["contexts": "\(contexts.count)"])
        let session = commitments.session(patience: idleTimeout)
        while true {
            let command = try session.receive(over: association)
            guard let context = contexts[command.presentationContextID] else {
                throw .protocolViolation("a command in a presentation context that was not accepted")
            }
            let isOfContext = command.affectedSOPClassUID == context.abstractSyntax
            switch (command.field, policy.service(of: context.abstractSyntax)) {
            case (.echoRequest, _):
                try association.answer(command.response(.echoResponse, status: .success))
            case (.storeRequest, .storage):
                try storage.store(command, over: association, context: context, from: peer, logger: logger)
            case (.findRequest, .find(let model)) where isOfContext:
                try query.find(command, in: model, over: association, context: context, from: peer, logger: logger)
            case (.getRequest, .get(let model)) where isOfContext:
                try retrieve.get(command, model, over: association, context: context, from: peer, logger: logger)
            case (.moveRequest, .move(let model)) where isOfContext:
                try retrieve.move(command, model, over: association, context: context, from: peer, logger: logger)
            case (.cancelRequest, _):
                // What it would cancel has been answered already (PS3.7 9.3.2.3).
                break
            case (.createRequest, .performedStep):
                try performedSteps.create(command, over: association, context: context, from: peer, logger: logger)
            case (.setRequest, .performedStep):
                try performedSteps.set(command, over: association, context: context, from: peer, logger: logger)
            case (.actionRequest, .storageCommitment):
                try commitment.act(
                    command, over: association, context: context, from: peer, session: session, logger: logger)
            case (.eventReportRequest, .storageCommitment):
                try take(command, over: association, context: context, from: peer, logger)
            case (.eventReportResponse, .storageCommitment):
                session.take(command, logger: logger)
            case (.storeRequest, _), (.findRequest, _), (.getRequest, _), (.moveRequest, _):
                try refuse(command, .sopClassNotSupported, over: association, logger)
            case (.storeResponse, _), (.findResponse, _), (.getResponse, _), (.moveResponse, _),
                (.echoResponse, _), (.other, _), (.createRequest, _), (.createResponse, _), (.setRequest, _),
                (.setResponse, _),
                (.actionRequest, _), (.actionResponse, _), (.eventReportRequest, _), (.eventReportResponse, _):
                try refuse(command, .unrecognizedOperation, over: association, logger)
            }
        }
    }

    /// A destination says what it commits to, of what was forwarded to it.
    private func take(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        _ logger: Logger
    ) throws(AssociationError) {
        let attributes = try association.attributes(of: command, in: context)
        guard peer.may(.report) else {
            let refusal = Refusal(.notAuthorized, "this peer was not asked to commit to anything")
            return try refusal.answer(command, with: .eventReportResponse, over: association, logger)
        }
        switch attributes {
        case .failure(let refusal):
            try refusal.answer(command, with: .eventReportResponse, over: association, logger)
        case .success(let report):
            let status = reports.take(report, eventType: command.typeID)
            if status != .success { logger.warning("commitment not taken", metadata: ["status": "\(status)"]) }
            try association.answer(command.response(.eventReportResponse, status: status))
        }
    }

    private func refuse(
        _ command: Command, _ status: DIMSEStatus, over association: Association, _ logger: Logger
    ) throws(AssociationError) {
        guard let response = command.field.response else { throw .protocolViolation("a response to nothing") }
        if command.hasDataSet { try association.receiveDataSet(of: command) { _ in false } }
        logger.warning(
            "operation not supported",
            metadata: ["sop-class-uid": "\(command.affectedSOPClassUID.printable)", "status": "\(status)"])
        try association.answer(command.response(response, status: status))
    }

    private func end(_ association: Association, because error: AssociationError, _ logger: Logger) {
        switch error {
        case .released:
            association.confirmRelease()
        case .stopped:
            association.abort()
        case .aborted, .closed:
            logger.info("association ended", metadata: ["why": "\(error)"])
        case .timedOut, .rejected, .unreachable, .protocolViolation, .dataSet, .outOfResources:
            logger.warning("association aborted", metadata: ["why": "\(error)"])
            association.abort()
        }
    }
}
