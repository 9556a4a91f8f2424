public import DICOMCore
internal import Dispatch

/// Asks another system in the Study Root Information Model (PS3.4 C.6.2) over one Association: what it has (C-FIND), and
/// to send it (C-MOVE).
///
/// What a peer answers is bounded in number, size and time, whatever it does: ``Limits/total`` ends everything, a peer
/// that goes on beyond ``Limits/matches`` is asked to stop and given up when it does not. All calls come from one thread
/// and block; only ``interrupt()`` may come from others.
// @unchecked: everything is constant; a DispatchWorkItem may be cancelled from any thread.
public final class QueryRetrieveSCU: @unchecked Sendable {
    /// The operations to negotiate; a peer that offers only some of them is asked for those.
    public enum Operation: String, Sendable, CaseIterable {
        /// Study Root Query/Retrieve Information Model – FIND and – MOVE (PS3.4 C.6.2.3).
        case find = "1.2.840.10008.5.1.4.1.2.2.1"
        case move = "1.2.840.10008.5.1.4.1.2.2.2"
    }

    /// Query/Retrieve Level (0008,0052).
    public enum Level: String, Sendable, Codable {
        case study = "STUDY"
        case series = "SERIES"
        case image = "IMAGE"
    }

    public struct Limits: Sendable, Equatable {
        /// From the request to the release, however well the peer keeps every other deadline.
        public var total: Duration = .seconds(60)
        /// Matches of one query that are kept.
        public var matches = 20_000
        /// Bytes of one match; a larger one is no answer to the few keys asked for.
        public var matchByteCount = 64 * 1024

        public init() {}
    }

    /// What a peer answered to one query.
    public struct Matches: Sendable, Equatable {
        public var matches: [AttributeSet]
        /// Of the last response.
        public var status: DIMSEStatus
        /// Whether these are all: the peer ended with success and was not stopped.
        public var isWhole: Bool
    }

    /// What became of one retrieve.
    public struct Retrieved: Sendable, Equatable {
        public var status: DIMSEStatus
        /// As the last response that says something of them has it.
        public var subOperations: SubOperations
    }

    /// Responses that may still come after a C-CANCEL-RQ.
    private static let lateResponseLimit = 1_000
    /// Data Sets of queries are encoded so; every system has to take the first (PS3.5 10.1).
    private static let transferSyntaxes = [
        TransferSyntaxUID.implicitVRLittleEndian.value, TransferSyntaxUID.explicitVRLittleEndian.value,
    ]

    private let association: Association
    private let contexts: [String: PresentationContext]
    private let limits: Limits
    private let textEncoding: TextEncoding?
    private let deadline: ContinuousClock.Instant
    private let watch: DispatchWorkItem

    /// Opens the Association. Blocks, at most as the limits of `request` say.
    ///
    /// - Parameters:
    ///   - request: whom to ask; its contexts are replaced by those of `operations`.
    ///   - textEncoding: what a person says that its text is in, whatever it declares.
    /// - Throws: ``AssociationError``; also when the peer accepts none of the operations.
    public init(
        _ request: AssociationRequest, for operations: [Operation], limits: Limits = Limits(),
        textEncoding: TextEncoding? = nil
    ) throws(AssociationError) {
        var request = request
        request.contexts = operations.map { ($0.rawValue, QueryRetrieveSCU.transferSyntaxes) }
        let association = try request.open()
        self.association = association
        self.limits = limits
        self.textEncoding = textEncoding
        deadline = .now + limits.total
        contexts = Dictionary(association.acceptedContexts.values.map { ($0.abstractSyntax, $0) }) { first, _ in first }
        // Absolute: a peer that keeps every deadline of a message could still answer without end.
        watch = DispatchWorkItem { [weak association] in association?.interrupt() }
        guard !contexts.isEmpty else {
            association.abort()
            throw .protocolViolation("the peer accepts no Presentation Context of Query/Retrieve")
        }
        DispatchQueue.global().asyncAfter(
            deadline: .now() + .milliseconds(Int(limits.total.milliseconds)), execute: watch)
    }

    deinit { watch.cancel() }

    public func offers(_ operation: Operation) -> Bool { contexts[operation.rawValue] != nil }

    /// Ends the Association under whatever waits on it. From any thread.
    public func interrupt() { association.interrupt() }

    /// Releases the Association, or aborts it when the peer does not answer that.
    public func close() { association.end() }

    public func abort() { association.abort() }

    /// One C-FIND-RQ and all its answers.
    ///
    /// - Parameter keys: the Identifier without its level; an empty value asks for the Attribute.
    public func find(_ level: Level, _ keys: AttributeSet) throws(AssociationError) -> Matches {
        let request = try send(.findRequest, .find, level, keys)
        var answer = Matches(matches: [], status: .success, isWhole: true)
        var lateCount = 0
        while true {
            let response = try response(.findResponse, to: request)
            let isKept = answer.isWhole && response.status.isPending
            let bytes = try dataSet(of: response, limit: isKept ? limits.matchByteCount : 0)
            guard response.status.isPending else {
                answer.status = response.status
                answer.isWhole = answer.isWhole && response.status == .success
                return answer
            }
            if let bytes, isKept {
                answer.matches.append(try attributes(bytes, of: response))
                guard answer.matches.count > limits.matches else { continue }
                answer.matches.removeLast()
            }
            if answer.isWhole { try cancel(request) }
            answer.isWhole = false
            lateCount += 1
            guard lateCount <= QueryRetrieveSCU.lateResponseLimit else {
                throw .protocolViolation("a query goes on after it was cancelled")
            }
        }
    }

    /// One C-MOVE-RQ to its end.
    ///
    /// - Parameters:
    ///   - keys: the Unique Keys of the level and those above it (PS3.4 C.4.2.2.1).
    ///   - destination: who is to get the instances, by the AE Title the peer knows.
    public func move(
        _ level: Level, _ keys: AttributeSet, to destination: AETitle
    ) throws(AssociationError) -> Retrieved {
        let request = try send(.moveRequest, .move, level, keys, destination: destination)
        var counts = SubOperations()
        var isCancelled = false
        while true {
            let response = try response(.moveResponse, to: request)
            _ = try dataSet(of: response, limit: 0)
            counts = response.subOperations ?? counts
            guard response.status.isPending else { return Retrieved(status: response.status, subOperations: counts) }
            if !isCancelled, .now + .seconds(1) > deadline {
                try cancel(request)
                isCancelled = true
            }
        }
    }

    private func send(
        _ field: Command.Field, _ operation: Operation, _ level: Level, _ keys: AttributeSet,
        destination: AETitle? = nil
    ) throws(AssociationError) -> Command {
        guard let context = contexts[operation.rawValue] else {
            throw .protocolViolation("the peer does not offer \(operation)")
        }
        var identifier = keys
        identifier.set(.queryRetrieveLevel, to: [level.rawValue])
        let bytes: [UInt8]
        do throws(DataSetError) {
            bytes = try identifier.encoded(transferSyntax: context.transferSyntax)
        } catch {
            throw .dataSet("\(error)")
        }
        // One operation at a time, so any ID is unique among those under way (PS3.7 9.1.2.1.1).
        var command = Command(
            field: field, presentationContextID: context.id, messageID: 1,
            affectedSOPClassUID: operation.rawValue, hasDataSet: true)
        command.moveDestination = destination?.value ?? ""
        try association.send(command, dataSet: bytes)
        return command
    }

    private func response(_ field: Command.Field, to request: Command) throws(AssociationError) -> Command {
        guard .now < deadline else { throw .timedOut }
        let response: Command
        do throws(AssociationError) {
            response = try association.receive()
        } catch .closed where .now >= deadline {
            throw .timedOut
        }
        guard response.field == field, response.messageID == request.messageID,
            response.presentationContextID == request.presentationContextID
        else { throw .protocolViolation("something else than a response to the request") }
        return response
    }

    /// The Data Set of a response, or nil when it has none or one larger than `limit` bytes.
    private func dataSet(of response: Command, limit: Int) throws(AssociationError) -> [UInt8]? {
        response.hasDataSet ? try association.dataSet(of: response, byteLimit: limit) : nil
    }

    private func attributes(_ bytes: [UInt8], of response: Command) throws(AssociationError) -> AttributeSet {
        let syntax = contexts.values.first { $0.id == response.presentationContextID }?.transferSyntax
        do throws(DataSetError) {
            return try AttributeSet(
                encoded: bytes, transferSyntax: syntax ?? QueryRetrieveSCU.transferSyntaxes[0],
                textEncoding: textEncoding)
        } catch {
            throw .dataSet("a match that cannot be read: \(error)")
        }
    }

    private func cancel(_ request: Command) throws(AssociationError) {
        try association.send(
            Command(
                field: .cancelRequest, presentationContextID: request.presentationContextID,
                messageID: request.messageID, affectedSOPClassUID: ""))
    }
}
