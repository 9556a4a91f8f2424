/// The Status (0000,0900) of a DIMSE response. The codes priord answers are named here and nowhere else
/// (PS3.7 Annex C; PS3.4 Tables B.2-1, C.4-1, C.4-2 and J.3-3).
public struct DIMSEStatus: Hashable, Sendable {
    public let code: UInt16

    public init(code: UInt16) { self.code = code }

    public static let success = DIMSEStatus(code: 0x0000)
    /// A further C-FIND match follows, every key supported.
    public static let pending = DIMSEStatus(code: 0xFF00)
    /// A further C-FIND match follows; one or more Optional Keys were not supported.
    public static let pendingWithUnsupportedKeys = DIMSEStatus(code: 0xFF01)
    public static let cancelled = DIMSEStatus(code: 0xFE00)
    public static let invalidAttributeValue = DIMSEStatus(code: 0x0106)
    public static let processingFailure = DIMSEStatus(code: 0x0110)
    public static let duplicateSOPInstance = DIMSEStatus(code: 0x0111)
    public static let noSuchObjectInstance = DIMSEStatus(code: 0x0112)
    public static let noSuchEventType = DIMSEStatus(code: 0x0113)
    public static let invalidArgumentValue = DIMSEStatus(code: 0x0115)
    public static let invalidObjectInstance = DIMSEStatus(code: 0x0117)
    public static let noSuchSOPClass = DIMSEStatus(code: 0x0118)
    /// The SOP Instance is of another SOP Class than named.
    public static let classInstanceConflict = DIMSEStatus(code: 0x0119)
    public static let missingAttribute = DIMSEStatus(code: 0x0120)
    public static let missingAttributeValue = DIMSEStatus(code: 0x0121)
    public static let sopClassNotSupported = DIMSEStatus(code: 0x0122)
    public static let noSuchAction = DIMSEStatus(code: 0x0123)
    public static let notAuthorized = DIMSEStatus(code: 0x0124)
    /// Failure Reason only (PS3.4 Table J.3-3): another request has this Transaction UID.
    public static let duplicateTransactionUID = DIMSEStatus(code: 0x0131)
    public static let unrecognizedOperation = DIMSEStatus(code: 0x0211)
    public static let resourceLimitation = DIMSEStatus(code: 0x0213)
    public static let outOfResources = DIMSEStatus(code: 0xA700)
    /// A retrieve whose matches cannot be counted.
    public static let matchesNotCounted = DIMSEStatus(code: 0xA701)
    /// A retrieve of which no sub-operation succeeded.
    public static let subOperationsImpossible = DIMSEStatus(code: 0xA702)
    public static let dataSetDoesNotMatchSOPClass = DIMSEStatus(code: 0xA900)
    /// A retrieve ended with sub-operations that failed or gave a warning.
    public static let subOperationsIncomplete = DIMSEStatus(code: 0xB000)
    public static let moveDestinationUnknown = DIMSEStatus(code: 0xA801)
    public static let cannotUnderstand = DIMSEStatus(code: 0xC000)
}

extension DIMSEStatus {
    /// Whether further responses to the same request follow (PS3.7 C.1.4).
    public var isPending: Bool { self == .pending || self == .pendingWithUnsupportedKeys }
}

extension DIMSEStatus: CustomStringConvertible {
    /// Four hexadecimal digits, as the standard prints it: `A700`.
    public var description: String {
        let digits = String(code, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
