internal import CDCMTK
public import DICOMCore

/// A DIMSE command or its response (PS3.7 9.3 and E.1), as far as priord uses its fields.
public struct Command: Sendable, Equatable {
    /// Command Field (0000,0100).
    public enum Field: Sendable, Equatable {
        case storeRequest, storeResponse
        case findRequest, findResponse
        case moveRequest, moveResponse
        case echoRequest, echoResponse
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
            (0x0001, .storeRequest), (0x8001, .storeResponse), (0x0020, .findRequest), (0x8020, .findResponse),
            (0x0021, .moveRequest), (0x8021, .moveResponse),
            (0x0030, .echoRequest), (0x8030, .echoResponse), (0x0FFF, .cancelRequest),
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
    /// As sent, not checked.
    public var affectedSOPClassUID: String
    public var affectedSOPInstanceUID: String
    /// Where a C-MOVE-RQ wants the instances sent; "" in every other command.
    public var moveDestination = ""
    /// What a C-MOVE-RSP says of its C-STORE sub-operations, or nil.
    public var subOperations: SubOperations?

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

    /// The response to this request: the same UIDs and Message ID (PS3.7 9.1.1.1).
    public func response(_ field: Field, status: DIMSEStatus) -> Command {
        Command(
            field: field, presentationContextID: presentationContextID, messageID: messageID,
            affectedSOPClassUID: affectedSOPClassUID, affectedSOPInstanceUID: affectedSOPInstanceUID, status: status)
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
            command.sub_operations = (
                UInt16(clamping: counts.remaining), UInt16(clamping: counts.completed),
                UInt16(clamping: counts.failed), UInt16(clamping: counts.warning)
            )
        }
        return command
    }
}
