internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Ingestion
internal import Logging

/// C-FIND in the Study Root Information Model at STUDY level (PS3.4 C.4.1, C.6.2).
struct QuerySCP {
    let index: StudyIndex
    let aeTitle: AETitle
    /// Studies read from the index at a time.
    private static let pageLimit = 200

    /// Answers one C-FIND-RQ with a response a match and a last one, unless the peer cancels meanwhile.
    func find(
        _ command: Command, over association: Association, context: PresentationContext, from peer: PeerRights,
        logger: Logger
    ) throws(AssociationError) {
        func finish(_ status: DIMSEStatus, _ reason: String) throws(AssociationError) {
            logger.warning("query refused", metadata: ["status": "\(status)", "why": "\(reason)"])
            try association.send(command.response(.findResponse, status: status))
        }
        var identifier: [UInt8] = []
        var isTooLong = false
        if command.hasDataSet {
            try association.receiveDataSet(of: command) { bytes in
                isTooLong = isTooLong || identifier.count + bytes.count > QuerySCP.identifierLimit
                if !isTooLong { identifier += bytes }
                return !isTooLong
            }
        }
        guard peer.mayQuery else { return try finish(.notAuthorized, "this peer may not query") }
        guard !isTooLong else { return try finish(.cannotUnderstand, "an identifier of more than 1 MiB") }

        let keys: AttributeSet
        do {
            keys = try AttributeSet(encoded: identifier, transferSyntax: context.transferSyntax)
        } catch {
            return try finish(.cannotUnderstand, "\(error)")
        }
        guard keys[.queryRetrieveLevel] == "STUDY" else {
            return try finish(.dataSetDoesNotMatchSOPClass, "Query/Retrieve Level is not STUDY")
        }
        let query: StudyQueryKeys
        do throws(StudyQueryKeys.Fault) {
            query = try StudyQueryKeys(keys)
        } catch {
            return try finish(.dataSetDoesNotMatchSOPClass, "\(error)")
        }
        try answer(command, query, over: association, context: context, logger)
    }

    private static let identifierLimit = 1 << 20

    private func answer(
        _ command: Command, _ query: StudyQueryKeys, over association: Association, context: PresentationContext,
        _ logger: Logger
    ) throws(AssociationError) {
        func fail(_ reason: String) throws(AssociationError) {
            logger.error("internal fault", metadata: ["trace-id": "\(UUID().uuidString)", "why": "\(reason)"])
            try association.send(command.response(.findResponse, status: .processingFailure))
        }
        let pending: DIMSEStatus = query.hasUnsupportedKeys ? .pendingWithUnsupportedKeys : .pending
        var filter = query.filter
        filter.limit = QuerySCP.pageLimit
        while !query.isImpossible {
            let page: [StudySummary]
            do throws(ArchiveError) {
                page = try index.studies(matching: filter)
            } catch {
                return try fail("\(error)")
            }
            for study in page where query.matches(study) {
                if try isCancelled(command, over: association) {
                    return try association.send(command.response(.findResponse, status: .cancelled))
                }
                let match: [UInt8]
                do {
                    match = try query.response(for: study, from: aeTitle)
                        .encoded(transferSyntax: context.transferSyntax)
                } catch {
                    return try fail("\(error)")
                }
                try association.send(command.response(.findResponse, status: pending), dataSet: match)
            }
            guard page.count == filter.limit else { break }
            filter.offset += page.count
        }
        try association.send(command.response(.findResponse, status: .success))
    }

    /// Whether a C-CANCEL-RQ for this query has come (PS3.7 9.1.2.2, PS3.4 C.4.1.3.2).
    private func isCancelled(_ query: Command, over association: Association) throws(AssociationError) -> Bool {
        guard association.hasInput else { return false }
        let command = try association.receive()
        guard command.field == .cancelRequest else { throw .protocolViolation("a command before the query's answer") }
        return command.messageID == query.messageID
    }
}
