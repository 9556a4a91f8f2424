public import DICOMCore
public import Foundation

/// A list of Instances that a sender wants to be told are safely kept, before it deletes its own (PS3.4 J).
public struct CommitmentRequest: Sendable, Equatable {
    /// Transaction UID (0008,1195).
    public var transactionUID: String
    /// Who asked, and the AE Title it called.
    public var callingAETitle: AETitle
    public var calledAETitle: AETitle
    public var host: String
    public var requestedAt: Date
    /// Each SOP Instance once, in the order of the request.
    public var instances: [NamedInstance]

    public init(
        transactionUID: String, callingAETitle: AETitle, calledAETitle: AETitle, host: String, requestedAt: Date,
        instances: [NamedInstance]
    ) {
        self.transactionUID = transactionUID
        self.callingAETitle = callingAETitle
        self.calledAETitle = calledAETitle
        self.host = host
        self.requestedAt = requestedAt
        self.instances = instances
    }
}

/// A request with what became of it.
public struct Commitment: Sendable, Equatable {
    public enum State: Int, Sendable, CaseIterable {
        /// Its Instances are to be looked at.
        case queued = 0
        /// The result is to be delivered.
        case checked = 1
        /// The sender has the result.
        case reported = 2
        /// The result could not be delivered in the time allowed.
        case givenUp = 3
        /// An operator ended it.
        case dropped = 4
    }

    public let id: Int64
    public let request: CommitmentRequest
    public let state: State
    /// Instances that are not committed, by their place in the request, with the Failure Reason (0008,1197).
    public let failures: [Int: DIMSEStatus]
    /// When its result, undelivered, is given up.
    public let expiresAt: Date
    /// Tries to deliver the result so far.
    public let attempts: Int
    public let nextAttemptAt: Date
    /// Why the last try failed; "" when none did.
    public let lastFailure: String
    public let endedAt: Date?

    /// What is left to do is done by the daemon.
    public var isPending: Bool { state == .queued || state == .checked }
}

/// What became of a request for commitment.
public enum CommitmentAdmission: Sendable, Equatable {
    case queued(id: Int64)
    /// As many as allowed are pending.
    case full
}

/// Commitments for the operator.
public struct CommitmentCounts: Sendable, Equatable {
    public var queued = 0
    public var unreported = 0
    /// Of the unreported those that could not be delivered at least once.
    public var stuck = 0
    public var givenUp = 0

    public init() {}
}
