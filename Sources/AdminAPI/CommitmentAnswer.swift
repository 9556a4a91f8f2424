public import Foundation

/// One request for storage commitment: `priorctl commitments list`.
public struct CommitmentRow: Codable, Sendable, Equatable {
    public var id: Int64
    public var transactionUID: String
    /// Who asked, and from where.
    public var callingAETitle: String
    public var host: String
    public var requestedAt: Date
    /// `queued`, `checked`, `reported`, `givenUp` or `dropped`.
    public var state: String
    public var instanceCount: Int
    /// Instances that are not committed; 0 while `queued`.
    public var failureCount: Int
    /// Tries to deliver the result.
    public var attempts: Int
    /// nil when nothing is to be delivered.
    public var nextAttemptAt: Date?
    /// When the result, undelivered, is given up.
    public var expiresAt: Date
    /// "" when no try failed.
    public var lastFailure: String
    public var endedAt: Date?

    public init(
        id: Int64, transactionUID: String, callingAETitle: String, host: String, requestedAt: Date, state: String,
        instanceCount: Int, failureCount: Int, attempts: Int, nextAttemptAt: Date?, expiresAt: Date,
        lastFailure: String, endedAt: Date?
    ) {
        self.id = id
        self.transactionUID = transactionUID
        self.callingAETitle = callingAETitle
        self.host = host
        self.requestedAt = requestedAt
        self.state = state
        self.instanceCount = instanceCount
        self.failureCount = failureCount
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.expiresAt = expiresAt
        self.lastFailure = lastFailure
        self.endedAt = endedAt
    }
}

/// Newest first. Further ones are asked for with the least `id` of this page.
public struct CommitmentPage: Codable, Sendable, Equatable {
    public var commitments: [CommitmentRow]
    public init(commitments: [CommitmentRow]) { self.commitments = commitments }
}
