internal import CDCMTK

/// Deadlines and sizes of every Association. Deadlines are absolute: a trickle of bytes does not move them.
public struct AssociationLimits: Sendable, Equatable {
    /// From the TCP connection to the end of the A-ASSOCIATE-RQ, or of the answer to ours.
    public var associationRequest: Duration = .seconds(10)
    /// For one PDU, and for the next PDU of a message to begin.
    public var pdu: Duration = .seconds(30)
    /// Without a message under way.
    public var idle: Duration = .seconds(60)
    /// A message may take ``pdu`` plus one second for each so many bytes of it.
    public var minimumBytesPerSecond = 64 * 1024
    /// Largest P-DATA-TF PDU taken, in bytes: 4096…131072.
    public var maximumPDULength = 131_072

    public init() {}
}

extension AssociationLimits {
    var translated: cdcmtk_limits {
        cdcmtk_limits(
            association_request_ms: associationRequest.milliseconds, pdu_ms: pdu.milliseconds,
            idle_ms: idle.milliseconds,
            minimum_bytes_per_second: Int32(clamping: minimumBytesPerSecond),
            maximum_pdu_length: UInt32(clamping: maximumPDULength))
    }
}

extension Duration {
    /// Whole milliseconds, rounded down, within 0…2³¹−1.
    var milliseconds: Int32 {
        Int32(
            clamping: max(0, components.seconds.multipliedReportingOverflow(by: 1000).partialValue)
                + components.attoseconds / 1_000_000_000_000_000)
    }
}
