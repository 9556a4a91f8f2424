internal import CDCMTK
public import DICOMCore

/// A DIMSE command or its response (PS3.7 9.3 and E.1), as far as priord uses its fields.
public struct Command: Sendable, Equatable {
    /// Command Field (0000,0100).
    public enum Field: Sendable, Equatable {
        case storeRequest, storeResponse
        case findRequest, findResponse
        case getRequest, getResponse
        case moveRequest, moveResponse
        case echoRequest, echoResponse
        case eventReportRequest, eventReportResponse
        case setRequest, setResponse
        case actionRequest, actionResponse
        case createRequest, createResponse
        case cancelRequest
        case other(UInt16)

        init(code: UInt16) {
            self = Field.codes.first { $0.code == code }?.field ?? .other(code)
        }

        var code: UInt16 {
            if case .other(let code) = self { return code }
            return Field.codes.first { $0.field == self }?.code ?? 0
        }

        /// The response that belongs to this request, or nil when it is none itself or gets none.
        public var response: Field? {
            guard self != .cancelRequest, code & Field.responseBit == 0 else { return nil }
            return Field(code: code | Field.responseBit)
        }

        private static let responseBit: UInt16 = 0x8000

        private static let codes: [(code: UInt16, field: Field)] = [
            (0x0001, .storeRequest), (0x8001, .storeResponse), (0x0010, .getRequest), (0x8010, .getResponse),
            (0x0020, .findRequest), (0x8020, .findResponse),
            (0x0021, .moveRequest), (0x8021, .moveResponse),
            (0x0030, .echoRequest), (0x8030, .echoResponse), (0x0FFF, .cancelRequest),
            (0x0100, .eventReportRequest), (0x8100, .eventReportResponse),
            (0x0120, .setRequest), (0x8120, .setResponse), (0x0130, .actionRequest), (0x8130, .actionResponse),
            (0x0140, .createRequest), (0x8140, .createResponse),
        ]
    }

    public var field: Field
    /// ID of the Presentation Context the command came in, or goes out with.
    public var presentationContextID: UInt8
    /// Message ID, or Message ID Being Responded To.
    public var messageID: UInt16
    /// Meaningful in a response.
    public var status: DIMSEStatus
    public var hasDataSet: Bool
    /// As sent, not checked; in a request of N-SET or N-ACTION they are the Requested UIDs (PS3.7 10.3).
    public var affectedSOPClassUID: String
    public var affectedSOPInstanceUID: String
    /// Where a C-MOVE-RQ wants the instances sent; "" in every other command.
    public var moveDestination = ""
    /// What a C-MOVE-RSP or C-GET-RSP says of its C-STORE sub-operations, or nil. How many remain is said only while some may:
    /// in a pending and in a cancelled response (PS3.4 C.4.2.1.6).
    public var subOperations: SubOperations?
    /// Which C-MOVE-RQ caused a C-STORE-RQ, or nil.
    public var moveOriginator: MoveOriginator?
    /// Event Type ID (0000,1002) of N-EVENT-REPORT, Action Type ID (0000,1008) of N-ACTION; else 0.
    public var typeID: UInt16 = 0
    /// Why a request failed, in a response.
    public var failure: Failure?

    /// Error Comment (0000,0902) and Error ID (0000,0903) of a response (PS3.7 C.4).
    public struct Failure: Sendable, Equatable {
        /// ASCII without backslash; what exceeds 64 characters (VR LO) is cut off.
        public var comment: String
        /// 0 for none.
        public var id: UInt16

        public init(comment: String, id: UInt16 = 0) {
            self.comment = comment
            self.id = id
        }
    }

    /// Move Originator Application Entity Title (0000,1030) and Message ID (0000,1031).
    public struct MoveOriginator: Sendable, Equatable {
        /// As the originator calls itself, without padding.
        public var aeTitle: String
        public var messageID: UInt16

        public init(aeTitle: String, messageID: UInt16) {
            self.aeTitle = aeTitle
            self.messageID = messageID
        }
    }

    public init(
        field: Field, presentationContextID: UInt8, messageID: UInt16, affectedSOPClassUID: String,
        affectedSOPInstanceUID: String = "", status: DIMSEStatus = .success, hasDataSet: Bool = false
    ) {
        self.field = field
        self.presentationContextID = presentationContextID
        self.messageID = messageID
        self.status = status
        self.hasDataSet = hasDataSet
        self.affectedSOPClassUID = affectedSOPClassUID
        self.affectedSOPInstanceUID = affectedSOPInstanceUID
    }

    /// The response to this request: the same UIDs, type and Message ID (PS3.7 9.1.1.1, 10.1).
    public func response(_ field: Field, status: DIMSEStatus, failure: Failure? = nil) -> Command {
        var response = Command(
            field: field, presentationContextID: presentationContextID, messageID: messageID,
            affectedSOPClassUID: affectedSOPClassUID, affectedSOPInstanceUID: affectedSOPInstanceUID, status: status)
        response.typeID = typeID
        response.failure = failure
        return response
    }
}

extension Command {
    init(_ command: cdcmtk_command) {
        self.init(
            field: Field(code: command.field), presentationContextID: command.context, messageID: command.message_id,
            affectedSOPClassUID: withUnsafeBytes(of: command.affected_sop_class_uid) { String(nulTerminated: $0) },
            affectedSOPInstanceUID: withUnsafeBytes(of: command.affected_sop_instance_uid) {
                String(nulTerminated: $0)
            },
            status: DIMSEStatus(code: command.status), hasDataSet: command.has_data_set)
        moveDestination = withUnsafeBytes(of: command.move_destination) { String(nulTerminated: $0) }
        if command.has_sub_operations {
            let counts = command.sub_operations
            subOperations = SubOperations(
                remaining: Int(counts.0), completed: Int(counts.1), failed: Int(counts.2), warning: Int(counts.3))
        }
        let originator = withUnsafeBytes(of: command.move_originator) { String(nulTerminated: $0) }
        if !originator.isEmpty {
            moveOriginator = MoveOriginator(aeTitle: originator, messageID: command.move_originator_message_id)
        }
        typeID = command.type_id
        let comment = withUnsafeBytes(of: command.error_comment) { String(nulTerminated: $0) }
        if !comment.isEmpty || command.error_id != 0 { failure = Failure(comment: comment, id: command.error_id) }
    }

    var translated: cdcmtk_command {
        var command = cdcmtk_command()
        command.context = presentationContextID
        command.field = field.code
        command.message_id = messageID
        command.status = status.code
        command.has_data_set = hasDataSet
        copy(affectedSOPClassUID, to: &command.affected_sop_class_uid)
        copy(affectedSOPInstanceUID, to: &command.affected_sop_instance_uid)
        copy(moveDestination, to: &command.move_destination)
        if let counts = subOperations {
            command.has_sub_operations = true
            command.has_remaining_sub_operations = status.isPending || status == .cancelled
            command.sub_operations = (
                UInt16(clamping: counts.remaining), UInt16(clamping: counts.completed),
                UInt16(clamping: counts.failed), UInt16(clamping: counts.warning)
            )
        }
        if let moveOriginator {
            copy(moveOriginator.aeTitle, to: &command.move_originator)
            command.move_originator_message_id = moveOriginator.messageID
        }
        command.type_id = typeID
        if let failure {
            command.error_id = failure.id
            copy(failure.comment, to: &command.error_comment)
        }
        return command
    }
}
