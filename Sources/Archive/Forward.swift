public import DICOMCore
public import Foundation

/// A study that is to be sent to a destination.
public struct DueForward: Sendable, Equatable {
    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    public let destination: String
    /// Attempts since it was queued that ended before everything was answered.
    public let attemptCount: Int
}

/// A study and a destination, as operators see them.
public struct Forward: Sendable, Equatable {
    public enum State: Int, Sendable, CaseIterable {
        case waiting = 0
        case sent = 1
        /// Everything was answered, and the destination refused some Instances.
        case incomplete = 2
        /// By an operator.
        case dropped = 3
    }

    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    public let destination: String
    /// The rule that queued it.
    public let rule: String
    public let state: State
    public let queuedAt: Date
    public let attemptCount: Int
    /// Of a waiting one.
    public let nextAttemptAt: Date
    /// "" when there was none.
    public let lastFailure: String
    public let endedAt: Date?
    /// Instances taken by the destination, over all of its time.
    public let sentCount: Int
    public let failedCount: Int
}

/// What waits for a destination, and what it refused.
public struct ForwardCounts: Sendable, Equatable {
    public var waiting = 0
    /// Waiting ones of which an attempt failed.
    public var stuck = 0
    public var incomplete = 0

    public init() {}
}

/// How one Instance fared at a destination.
public struct ForwardOutcome: Sendable, Equatable {
    public let instance: StoredInstance
    /// Why it was refused; nil when it was taken.
    public let failure: String?

    public init(_ instance: StoredInstance, failure: String? = nil) {
        self.instance = instance
        self.failure = failure
    }
}

/// An Instance that a destination did not take.
public struct ForwardFailure: Sendable, Equatable {
    public let sopInstanceUID: SOPInstanceUID
    public let reason: String
}
