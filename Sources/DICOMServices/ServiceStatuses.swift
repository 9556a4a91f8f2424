public import DICOMCore
internal import DICOMNetwork

/// The Statuses that requests of one operation are answered with, and what each means here. An answer with another one is a
/// mistake of ours, which a debug build does not survive: so the conformance statement, which prints these, is true.
public struct ServiceStatuses: Sendable {
    /// In the words of PS3.7: `C-STORE`.
    public let operation: String
    let response: Command.Field
    public let meanings: [(status: DIMSEStatus, meaning: String)]

    /// In the order of the conformance statement.
    public static let all: [ServiceStatuses] = [echo, store, find, get, move, create, set, action, event]

    private static let internalFault = (
        status: DIMSEStatus.processingFailure, meaning: "internal fault, logged with a trace id"
    )

    private static let echo = ServiceStatuses(
        operation: "C-ECHO", response: .echoResponse, meanings: [(.success, "always")])

    private static let store = ServiceStatuses(
        operation: "C-STORE", response: .storeResponse,
        meanings: [
            (
                .success,
                "stored durably; or known, and the same bytes, or others (in quarantine) where `conflict-answer` is 0000"
            ),
            (
                .duplicateSOPInstance,
                "other bytes are stored under this UID (`conflict-answer: 0111`); kept in quarantine"
            ),
            internalFault,
            (.sopClassNotSupported, "SOP Class UID of the command is not that of the Presentation Context"),
            (.notAuthorized, "the peer may not `store`"),
            (.outOfResources, "disk reserve reached, or a write, sync or commit failed"),
            (
                .dataSetDoesNotMatchSOPClass,
                "SOP Class or SOP Instance UID of command and Data Set differ, or a mandatory UID is missing or "
                    + "malformed; in quarantine"
            ),
            (.cannotUnderstand, "the Data Set cannot be parsed (in quarantine), or there is none"),
        ])

    private static let find = ServiceStatuses(
        operation: "C-FIND", response: .findResponse,
        meanings: [
            (.pending, "a match"),
            (.pendingWithUnsupportedKeys, "a match; a key is not supported"),
            (.success, "the end"),
            (.cancelled, "the end after C-CANCEL, which is seen between two answers"),
            internalFault,
            (.sopClassNotSupported, "not a Presentation Context for it"),
            (.notAuthorized, "the peer may not `query`"),
            (
                .outOfResources,
                "more objects would have to be read than are allowed, or matches looked for longer than a minute"
            ),
            (
                .dataSetDoesNotMatchSOPClass,
                "no level, one the model does not have, a key that cannot be used, or nothing to match below STUDY level"
            ),
            (.cannotUnderstand, "the Identifier cannot be parsed, or is too long"),
        ])

    private static let get = retrieve("C-GET", .getResponse, [])
    private static let move = retrieve(
        "C-MOVE", .moveResponse,
        [
            (
                .moveDestinationUnknown,
                "the Move Destination is no peer with a `port` that may `receive`, or its address is not known"
            ),
            (.outOfResources, "no resources for another Association"),
        ])

    private static func retrieve(
        _ operation: String, _ response: Command.Field, _ further: [(status: DIMSEStatus, meaning: String)]
    ) -> ServiceStatuses {
        ServiceStatuses(
            operation: operation, response: response,
            meanings: [
                (.pending, "pending, with the four counts, which always add up to all"),
                (.success, "all sub-operations completed; also when nothing is stored under the keys"),
                (
                    .subOperationsIncomplete,
                    "some failed or ended with a warning; Failed SOP Instance UID List (20,000 at most)"
                ),
                (.subOperationsImpossible, "none succeeded; the list, and Error Comment with the last reason"),
                (.cancelled, "cancelled, with the number that remain"),
                (.sopClassNotSupported, "not a Presentation Context for it"),
                (.notAuthorized, "the peer may not `retrieve`"),
                (.matchesNotCounted, "the index cannot be read"),
                (.dataSetDoesNotMatchSOPClass, "level or key not usable"),
                (.cannotUnderstand, "the Identifier cannot be parsed, or is too long"),
            ] + further)
    }

    private static let create = ServiceStatuses(
        operation: "N-CREATE", response: .createResponse,
        meanings: [
            (.success, "kept; a UID is made (2.25.…) where none is given"),
            (.invalidAttributeValue, "status is not IN PROGRESS; a UID is malformed"),
            (.processingFailure, "the Data Set cannot be read; internal fault"),
            (.duplicateSOPInstance, "a step of this UID is known"),
            (.invalidObjectInstance, "malformed SOP Instance UID"),
            (.noSuchSOPClass, "another SOP Class than that of the Presentation Context"),
            (.missingAttribute, "an Attribute of Type 1 is missing, or a Series without its UID"),
            (.missingAttributeValue, "an Attribute of Type 1 is empty"),
            (.notAuthorized, "the peer may not `mpps`"),
            (.unrecognizedOperation, "not a Presentation Context for it"),
            (.resourceLimitation, "a Data Set of more than 8 MiB"),
        ])

    private static let set = ServiceStatuses(
        operation: "N-SET", response: .setResponse,
        meanings: [
            (.success, "changed; a Sequence is replaced as a whole"),
            (.invalidAttributeValue, "status is none of the three; a UID is malformed"),
            (
                .processingFailure,
                "the Data Set cannot be read; internal fault; the step has ended (Error ID A710, \"… may no longer be "
                    + "updated\")"
            ),
            (.noSuchObjectInstance, "no step of this UID"),
            (.invalidObjectInstance, "malformed SOP Instance UID"),
            (.noSuchSOPClass, "another SOP Class than that of the Presentation Context"),
            (.missingAttribute, "a Series without its UID"),
            (.missingAttributeValue, "a status without value"),
            (.notAuthorized, "the peer may not `mpps`, or another one has created the step (`change-steps-of-others`)"),
            (.unrecognizedOperation, "not a Presentation Context for it"),
            (.resourceLimitation, "a Data Set of more than 8 MiB"),
        ])

    private static let action = ServiceStatuses(
        operation: "N-ACTION", response: .actionResponse,
        meanings: [
            (.success, "queued"),
            (.processingFailure, "the Data Set cannot be read; internal fault"),
            (.noSuchObjectInstance, "not the well-known SOP Instance"),
            (
                .invalidArgumentValue,
                "Transaction UID or Referenced SOP Sequence is missing, empty or malformed"
            ),
            (.noSuchSOPClass, "another SOP Class than that of the Presentation Context"),
            (.noSuchAction, "Action Type ID is not 1"),
            (.notAuthorized, "the peer may not `commitment`"),
            (.unrecognizedOperation, "not a Presentation Context for it"),
            (.resourceLimitation, "too many requests are pending, or too many instances are named"),
        ])

    private static let event = ServiceStatuses(
        operation: "N-EVENT-REPORT", response: .eventReportResponse,
        meanings: [
            (.success, "what the destination commits to is noted"),
            (.processingFailure, "the Data Set cannot be read; internal fault"),
            (.noSuchEventType, "Event Type ID is neither 1 nor 2"),
            (.invalidArgumentValue, "the Transaction UID is missing, or none of ours that is awaited"),
            (.notAuthorized, "the peer may not `report`, and is no destination that was asked to commit"),
            (.unrecognizedOperation, "not a Presentation Context for it"),
            (.resourceLimitation, "a Data Set of more than 8 MiB"),
        ])

    /// Whether a response is one that the table of its operation has. Of operations without a table there is one answer.
    static func hold(_ response: Command) -> Bool {
        guard let statuses = all.first(where: { $0.response == response.field }) else {
            return response.status == .unrecognizedOperation
        }
        return statuses.meanings.contains { $0.status == response.status }
    }
}

extension Association {
    /// Answers a request with one of the Statuses of its operation.
    func answer(_ response: Command, dataSet: [UInt8] = []) throws(AssociationError) {
        assert(ServiceStatuses.hold(response), "\(response.field) is never answered with \(response.status)")
        try send(response, dataSet: dataSet)
    }

    /// The same for one that may wait for others (``queue(_:dataSet:)``).
    func queueAnswer(_ response: Command, dataSet: [UInt8]) throws(AssociationError) {
        assert(ServiceStatuses.hold(response), "\(response.field) is never answered with \(response.status)")
        try queue(response, dataSet: dataSet)
    }
}
