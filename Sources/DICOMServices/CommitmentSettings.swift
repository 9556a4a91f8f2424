public import DICOMCore

/// Bounds of Storage Commitment, and where its results go.
public struct CommitmentSettings: Sendable {
    /// Requests of one peer that wait to be looked at or reported; further ones are refused with 0213.
    public var pendingLimit: Int
    /// A result that cannot be delivered for so long is given up.
    public var timeout: Duration
    /// Address and port where a peer takes Associations of ours, by its AE Title and the address it called from.
    public var listener: @Sendable (_ peer: AETitle, _ host: String) -> (host: String, port: Int)?

    public init(
        pendingLimit: Int = 1000, timeout: Duration = .seconds(72 * 3600),
        listener: @escaping @Sendable (_ peer: AETitle, _ host: String) -> (host: String, port: Int)?
    ) {
        self.pendingLimit = pendingLimit
        self.timeout = timeout
        self.listener = listener
    }

    /// How long to wait after so many failed tries: 5 s, doubled each time, at most 15 min.
    static func pause(afterAttempts count: Int) -> Duration {
        min(.seconds(900), .seconds(5) * (1 << min(count - 1, 20)))
    }
}
