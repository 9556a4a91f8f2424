public import DICOMCore

/// Sends Instances by C-STORE, one after the other: over an Association of ours, or over that of a peer which asked for them
/// by C-GET and is SCP of their Storage SOP Classes (PS3.4 C.4.3.2).
///
/// All calls come from the Association's thread and block. A peer gets ``AssociationLimits/pdu`` and a second for each
/// ``AssociationLimits/minimumBytesPerSecond`` to take an Instance, and ``AssociationLimits/idle`` to answer.
public struct StoreSCU {
    /// What one C-STORE-RQ says of its Instance.
    public struct Instance: Sendable, Equatable {
        public var sopClassUID: String
        public var sopInstanceUID: String
        /// Bytes of the Data Set, more than none.
        public var byteCount: Int64
        public var moveOriginator: Command.MoveOriginator?

        public init(
            sopClassUID: String, sopInstanceUID: String, byteCount: Int64,
            moveOriginator: Command.MoveOriginator? = nil
        ) {
            self.sopClassUID = sopClassUID
            self.sopInstanceUID = sopInstanceUID
            self.byteCount = byteCount
            self.moveOriginator = moveOriginator
        }
    }

    private struct Kind: Hashable {
        let abstractSyntax: String
        let transferSyntax: String
    }

    private let association: Association
    private let limits: AssociationLimits
    private let contexts: [Kind: UInt8]
    private var messageID: UInt16 = 0
    /// Messages of the peer that it cancelled while it was being sent to.
    public private(set) var cancelledMessageIDs: Set<UInt16> = []

    /// - Parameter association: accepted, with the Presentation Contexts that Instances are to go in.
    public init(over association: Association, limits: AssociationLimits) {
        self.association = association
        self.limits = limits
        let role: RequestorRoles = association.isRequested ? .scu : .scp
        var contexts: [Kind: UInt8] = [:]
        for context in association.acceptedContexts.values where context.roles.contains(role) {
            let kind = Kind(abstractSyntax: context.abstractSyntax, transferSyntax: context.transferSyntax)
            contexts[kind] = min(context.id, contexts[kind] ?? context.id)
        }
        self.contexts = contexts
    }

    /// Whether the peer takes Instances of that SOP Class in that Transfer Syntax.
    public func takes(_ sopClassUID: String, in transferSyntaxUID: String) -> Bool {
        contexts[Kind(abstractSyntax: sopClassUID, transferSyntax: transferSyntaxUID)] != nil
    }

    /// Sends one Instance and waits for the answer.
    ///
    /// - Parameter source: puts bytes of the Data Set into the buffer it is given and returns how many, 0 or less when it
    ///   cannot go on.
    /// - Returns: the Status of the C-STORE-RSP.
    /// - Throws: ``AssociationError``; the Association is good for nothing then but ``Association/abort()``.
    public mutating func store(
        _ instance: Instance, in transferSyntaxUID: String, from source: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(AssociationError) -> DIMSEStatus {
        let kind = Kind(abstractSyntax: instance.sopClassUID, transferSyntax: transferSyntaxUID)
        guard let context = contexts[kind] else { throw .protocolViolation("a context that was not negotiated") }
        messageID = messageID == .max ? 1 : messageID + 1
        var command = Command(
            field: .storeRequest, presentationContextID: context, messageID: messageID,
            affectedSOPClassUID: instance.sopClassUID, affectedSOPInstanceUID: instance.sopInstanceUID,
            hasDataSet: true)
        command.moveOriginator = instance.moveOriginator

        let deadline =
            ContinuousClock.now + limits.pdu
            + .seconds(instance.byteCount / Int64(max(1, limits.minimumBytesPerSecond)))
        var isTooSlow = false
        // Fragments have an even length (PS3.8 9.3.5.1), and receivers abort at another. Only a deflated Data Set can be odd;
        // it is sent with the NULL it should have ended with (PS3.5 A.5).
        let evenByteCount = instance.byteCount + instance.byteCount % 2
        var sentByteCount: Int64 = 0
        do throws(AssociationError) {
            try association.send(command, byteCount: evenByteCount) { buffer in
                isTooSlow = .now > deadline
                guard !isTooSlow else { return 0 }
                guard sentByteCount < instance.byteCount else {
                    buffer.storeBytes(of: 0, as: UInt8.self)
                    return 1
                }
                let count = source(
                    UnsafeMutableRawBufferPointer(
                        rebasing: buffer.prefix(Int(clamping: instance.byteCount - sentByteCount))))
                sentByteCount += Int64(max(0, count))
                return count
            }
        } catch {
            throw isTooSlow ? .timedOut : error
        }
        return try answer(to: command)
    }

    private mutating func answer(to request: Command) throws(AssociationError) -> DIMSEStatus {
        let deadline = ContinuousClock.now + limits.idle
        while true {
            let response = try association.receiveResponse(within: deadline - .now)
            if response.field == .cancelRequest {
                cancelledMessageIDs.insert(response.messageID)
                continue
            }
            guard response.field == .storeResponse, response.messageID == request.messageID else {
                throw .protocolViolation("something else than the answer to a C-STORE-RQ")
            }
            return response.status
        }
    }

    /// Takes the C-CANCEL-RQ that the peer has sent, if it has sent anything.
    ///
    /// - Throws: ``AssociationError/protocolViolation(_:)`` when it is another command.
    public mutating func takeCancel() throws(AssociationError) {
        guard association.hasInput else { return }
        let command = try association.receive()
        guard command.field == .cancelRequest else { throw .protocolViolation("a command before the last answer") }
        cancelledMessageIDs.insert(command.messageID)
    }
}

/// What a Status says of an Instance that was sent (PS3.7 C, PS3.4 Table B.2-1).
public enum StoreOutcome: Sendable, Equatable {
    case stored
    /// Stored, with a warning.
    case storedWithWarning
    case refused
}

extension DIMSEStatus {
    public var storeOutcome: StoreOutcome {
        switch code {
        case 0x0000: .stored
        case 0x0001, 0x0107, 0x0116, 0xB000...0xBFFF: .storedWithWarning
        default: .refused
        }
    }

    /// Why an Instance was refused, in a few words.
    public var storeRefusal: String {
        switch code {
        case 0xA700...0xA7FF: "out of resources"
        case 0xA900...0xA9FF: "the Data Set does not match the SOP Class"
        case 0xC000...0xCFFF: "cannot be understood"
        case DIMSEStatus.processingFailure.code: "processing failure"
        case DIMSEStatus.duplicateSOPInstance.code: "other bytes are stored under its SOP Instance UID"
        case DIMSEStatus.sopClassNotSupported.code: "the SOP Class is not supported"
        case DIMSEStatus.notAuthorized.code: "not authorised"
        default: "refused"
        }
    }
}
