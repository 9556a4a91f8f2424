internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

extension Association {
    /// Bytes of the largest Data Set of a message that is taken: fifty thousand referenced instances fit.
    static let messageByteLimit = 8 << 20

    /// Reads the Data Set of a DIMSE-N request to its end and parses it.
    ///
    /// - Returns: nothing when there is none; a ``Refusal`` when it is too large or cannot be parsed.
    func attributes(
        of command: Command, in context: PresentationContext
    ) throws(AssociationError) -> Result<AttributeSet, Refusal> {
        try attributes(
            of: command, in: context, byteLimit: Association.messageByteLimit,
            tooLong: Refusal(.resourceLimitation, "a data set of more than \(Association.messageByteLimit >> 20) MiB"),
            unreadable: Refusal(.processingFailure, "the data set cannot be read"))
    }

    /// As ``attributes(of:in:)``, of the Identifier of a C-FIND, C-GET or C-MOVE.
    func identifier(
        of command: Command, in context: PresentationContext, byteLimit: Int
    ) throws(AssociationError) -> Result<AttributeSet, Refusal> {
        try attributes(
            of: command, in: context, byteLimit: byteLimit,
            tooLong: Refusal(.cannotUnderstand, "an identifier of more than \(byteLimit >> 20) MiB"),
            unreadable: Refusal(.cannotUnderstand, "the identifier cannot be read"))
    }

    private func attributes(
        of command: Command, in context: PresentationContext, byteLimit: Int, tooLong: Refusal, unreadable: Refusal
    ) throws(AssociationError) -> Result<AttributeSet, Refusal> {
        guard command.hasDataSet else { return .success(AttributeSet()) }
        guard let bytes = try dataSet(of: command, byteLimit: byteLimit) else { return .failure(tooLong) }
        do throws(DataSetError) {
            return .success(
                try AttributeSet(encoded: bytes, transferSyntax: context.transferSyntax, keepsAllGroups: true))
        } catch {
            return .failure(unreadable)
        }
    }
}

/// Why a DIMSE-N request is not done, in words for the log and for Error Comment (0000,0902): ASCII, no patient data.
struct Refusal: Error, Equatable {
    let status: DIMSEStatus
    let reason: String
    /// Error ID (0000,0903); 0 for none.
    var errorID: UInt16 = 0

    init(_ status: DIMSEStatus, _ reason: String, errorID: UInt16 = 0) {
        self.status = status
        self.reason = reason
        self.errorID = errorID
    }

    /// Our own mistake, which the log tells under a number that the sender hears too.
    static func internalFault(_ error: any Error, _ logger: Logger) -> Refusal {
        let traceID = UUID().uuidString
        logger.error("internal fault", metadata: ["trace-id": "\(traceID)", "why": "\(error)"])
        return Refusal(.processingFailure, "internal fault \(traceID)")
    }

    /// Sends the response to a request that is refused, and logs it.
    func answer(
        _ command: Command, with field: Command.Field, over association: Association, _ logger: Logger
    ) throws(AssociationError) {
        logger.warning(
            "request refused",
            metadata: [
                "sop-class-uid": "\(command.affectedSOPClassUID.printable)",
                "sop-instance-uid": "\(command.affectedSOPInstanceUID.printable)", "status": "\(status)",
                "why": "\(reason)",
            ])
        try association.answer(
            command.response(field, status: status, failure: .init(comment: reason, id: errorID)))
    }
}
