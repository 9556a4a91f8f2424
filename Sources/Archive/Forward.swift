public import DICOMCore
public import Foundation

/// A study that is to be sent to a destination.
public struct DueForward: Sendable, Equatable {
    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    public let destination: String
    /// Attempts since it was queued that ended before everything was answered; of one that is to be committed, how often the
    /// destination was asked.
    public let attemptCount: Int
}

/// A study and a destination, as operators see them.
public struct Forward: Sendable, Equatable {
    public enum State: Int, Sendable, CaseIterable {
        case waiting = 0
        /// The destination took everything and, where it is asked, committed to it.
        case sent = 1
        /// Everything was answered, and the destination refused some Instances.
        case incomplete = 2
        /// By an operator.
        case dropped = 3
        /// Some Instances were given up: sending them ended the connection again and again, or they were never committed.
        case failed = 4
        /// Everything was taken, and the destination is asked to commit to it.
        case committing = 5
        /// Everything was taken, and the destination was asked often enough.
        case uncommitted = 6
    }

    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    public let destination: String
    /// The rule that queued it.
    public let rule: String
    public let state: State
    public let queuedAt: Date
    public let attemptCount: Int
    /// Of a waiting one, and of one that is to be committed.
    public let nextAttemptAt: Date
    /// "" when there was none.
    public let lastFailure: String
    public let endedAt: Date?
    /// Instances taken by the destination, over all of its time.
    public let sentCount: Int
    /// Refused or given up.
    public let failedCount: Int
    /// Of those taken, what the destination has still to commit to.
    public let uncommittedCount: Int
}

/// What waits for a destination, and what it refused.
public struct ForwardCounts: Sendable, Equatable {
    public var waiting = 0
    /// Waiting ones of which an attempt failed.
    public var stuck = 0
    public var incomplete = 0
    public var failed = 0
    public var committing = 0
    public var uncommitted = 0
    /// When the one that waits longest was queued.
    public var oldest: Date?

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

/// An Instance that a destination does not have, as far as it said.
public struct ForwardFailure: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case refused
        /// After too many attempts.
        case givenUp
        /// An attempt failed with it; it is sent again.
        case retried
        /// Taken, and not committed.
        case uncommitted
    }

    public let sopInstanceUID: SOPInstanceUID
    public let kind: Kind
    public let reason: String
}
