internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Delivery
internal import Foundation
internal import Ingestion
internal import Logging

/// C-FIND in the Query/Retrieve Information Models (PS3.4 C.4.1).
struct QuerySCP {
    let engine: QueryEngine
    let turns: FairTurns
    let aeTitle: AETitle

    /// A page of the index, or an object, takes about as long to read as so many bytes of an Instance to receive.
    private static let readCost = 512 << 10

    /// A match that is found is on its way after so long, although others would fit beside it.
    private static let longestWait = Duration.milliseconds(5)

    /// What an Association has agreed on for one SOP Class (PS3.4 C.5.1.1).
    struct Extension: Equatable {
        var isRelational = false
        var combinesDateTime = false
        var isFuzzy = false

        /// - Parameter bytes: Service Class Application Information as proposed.
        init(_ bytes: [UInt8]) {
            func asks(_ position: Int) -> Bool { position < bytes.count && bytes[position] == 1 }
            (isRelational, combinesDateTime, isFuzzy) = (asks(0), asks(1), asks(2))
        }

        /// The answer: as many bytes as were proposed, at most the five there are. Timezone adjustment and conversion of
        /// enhanced images are not offered.
        func answer(to proposed: [UInt8]) -> [UInt8] {
            let all: [UInt8] = [isRelational ? 1 : 0, combinesDateTime ? 1 : 0, isFuzzy ? 1 : 0, 0, 0]
            return Array(all.prefix(max(1, proposed.count)))
        }
    }

    /// Answers one C-FIND-RQ with a response a match and a last one, unless the peer cancels meanwhile.
    func find(
        _ command: Command, in model: InformationModel, over association: Association, context: PresentationContext,
        from peer: PeerRights, logger: Logger
    ) throws(AssociationError) {
        let identifier = try association.identifier(
            of: command, in: context, byteLimit: engine.limits.identifierByteCount)
        let query: Query
        do throws(Refusal) {
            guard peer.may(.query) else { throw Refusal(.notAuthorized, "this peer may not query") }
            query = try self.query(try identifier.get(), of: model, in: context, over: association)
        } catch {
            return try error.answer(command, with: .findResponse, over: association, logger)
        }
        if let refusal = try answer(command, query, over: association, context: context, logger) {
            try refusal.answer(command, with: .findResponse, over: association, logger)
        }
    }

    private func query(
        _ keys: AttributeSet, of model: InformationModel, in context: PresentationContext,
        over association: Association
    ) throws(Refusal) -> Query {
        let agreed = Extension(association.requestedExtension(of: context.abstractSyntax))
        var options = Query.Options()
        options.isRelational = agreed.isRelational
        options.combinesDateTime = agreed.combinesDateTime
        options.isFuzzy = agreed.isFuzzy
        options.timeZone = engine.timeZone
        do throws(QueryError) {
            return try Query(identifier: keys, model: model, options: options)
        } catch {
            throw Refusal(error)
        }
    }

    /// - Returns: why the query was not answered to its end; the last response is still to be sent then.
    private func answer(
        _ command: Command, _ query: Query, over association: Association, context: PresentationContext,
        _ logger: Logger
    ) throws(AssociationError) -> Refusal? {
        let pending: DIMSEStatus = query.unsupported.isEmpty ? .pending : .pendingWithUnsupportedKeys
        var encoder = DataSetEncoder(transferSyntax: context.transferSyntax, characterSet: query.characterSet)
        var run = engine.run(query)
        let presence = turns.enter(association.party)
        var flushedAt = ContinuousClock.now
        while true {
            let step: QueryRun.Step
            // Matches that are there leave together, and wait neither for the disk nor for long.
            let isAboutToRead = run.isAboutToRead
            if isAboutToRead || .now - flushedAt > QuerySCP.longestWait {
                try association.flush()
                flushedAt = .now
            }
            do throws(QueryError) {
                step =
                    try isAboutToRead
                    ? presence.turn(of: .computing, cost: QuerySCP.readCost) { () throws(QueryError) in try run.step() }
                    : run.step()
            } catch .index(let error) {
                return .internalFault(error, logger)
            } catch {
                return Refusal(error)
            }
            if case .end = step { break }
            if try isCancelled(command, over: association) {
                try association.answer(command.response(.findResponse, status: .cancelled))
                return nil
            }
            guard case .match(let match) = step else { continue }
            let response: [UInt8]
            do throws(DataSetError) {
                response = try encoded(match, query.level, &encoder, logger)
            } catch {
                return .internalFault(error, logger)
            }
            try association.queueAnswer(command.response(.findResponse, status: pending), dataSet: response)
        }
        try association.answer(command.response(.findResponse, status: .success))
        return nil
    }

    /// The Identifier of a response. An object may hold what cannot be written again; the match is told without it then.
    private func encoded(
        _ match: QueryMatch, _ level: QueryLevel, _ encoder: inout DataSetEncoder, _ logger: Logger
    ) throws(DataSetError) -> [UInt8] {
        do {
            return try encoder.encode(identifier(match.attributes, level))
        } catch {
            logger.warning(
                "a match is answered from the index alone",
                metadata: [
                    "study-instance-uid": "\(match.found.study?.studyInstanceUID.value ?? "")", "why": "\(error)",
                ])
            return try encoder.encode(identifier(match.indexed, level))
        }
    }

    /// What was asked for, and where it can be had (PS3.4 C.4.1.1.3.2).
    private func identifier(_ attributes: AttributeSet, _ level: QueryLevel) -> AttributeSet {
        var identifier = attributes
        identifier[.queryRetrieveLevel] = level.rawValue
        identifier[.retrieveAETitle] = aeTitle.value
        identifier[.instanceAvailability] = "ONLINE"
        return identifier
    }

    /// Whether a C-CANCEL-RQ for this query has come (PS3.7 9.1.2.2, PS3.4 C.4.1.3.2).
    private func isCancelled(_ query: Command, over association: Association) throws(AssociationError) -> Bool {
        guard association.hasInput else { return false }
        let command = try association.receive()
        guard command.field == .cancelRequest else { throw .protocolViolation("a command before the query's answer") }
        return command.messageID == query.messageID
    }
}

extension Refusal {
    /// The only place where a query that is not answered becomes a C-FIND Status (PS3.4 Table C.4-1).
    init(_ error: QueryError) {
        let status: DIMSEStatus =
            switch error {
            case .noLevel, .levelNotInModel, .unusableKey, .nothingAsked: .dataSetDoesNotMatchSOPClass
            case .tooManyObjects, .tookTooLong: .outOfResources
            case .index: .processingFailure
            }
        self.init(status, "\(error)")
    }
}
