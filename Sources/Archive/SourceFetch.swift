public import DICOMCore
public import Foundation

/// A study that is to be fetched from another system.
public struct SourceFetch: Sendable, Equatable {
    public enum State: Int, Sendable, CaseIterable {
        case waiting = 0
        /// Everything that the source has is here.
        case fetched = 1
        /// The source was asked often enough, and only part of it is here.
        case partial = 2
        /// The source was asked often enough, and nothing came.
        case failed = 3
        /// By an operator.
        case dropped = 4
    }

    /// Why it is fetched.
    public enum Cause: String, Sendable, CaseIterable {
        /// Somebody asked for it.
        case asked
        /// Priors were asked for with an order.
        case order
        /// Images of the same person came.
        case firstImage

        /// Whether nobody has asked for it yet.
        public var isAhead: Bool { self != .asked }
    }

    public let id: Int64
    public let studyInstanceUID: StudyInstanceUID
    /// Name of the source.
    public let source: String
    public let cause: Cause
    public let state: State
    public let queuedAt: Date
    /// Attempts that began.
    public let attemptCount: Int
    /// Of a waiting one.
    public let nextAttemptAt: Date
    /// Instances that the source says it has; nil when it does not say.
    public let expectedCount: Int?
    /// Instances that came, or were here.
    public let receivedCount: Int
    /// "" when no attempt failed.
    public let lastFailure: String
    public let endedAt: Date?
}

/// A study that is to be queued for fetching.
public struct SourceFetchOrder: Sendable, Equatable {
    public var studyInstanceUID: StudyInstanceUID
    public var source: String
    public var cause: SourceFetch.Cause
    public var expectedCount: Int?
    /// What it is counted as while it waits.
    public var byteCount: Int64

    public init(
        _ study: StudyInstanceUID, from source: String, because cause: SourceFetch.Cause, expectedCount: Int? = nil,
        byteCount: Int64 = 0
    ) {
        studyInstanceUID = study
        self.source = source
        self.cause = cause
        self.expectedCount = expectedCount
        self.byteCount = byteCount
    }
}

/// What became of an order.
public enum SourceFetchQueueing: Sendable, Equatable {
    case queued(SourceFetch)
    /// It waits already, or is being fetched, from whichever source.
    case waiting(SourceFetch)
    /// As much waits as may be fetched ahead.
    case full
    /// It was fetched ahead before, or an attempt to do so failed.
    case done(SourceFetch)
}

/// How many of a source's fetches are in which state.
public struct SourceFetchCounts: Sendable, Equatable {
    public var waiting = 0
    /// Waiting ones of which an attempt failed.
    public var stuck = 0
    public var fetched = 0
    public var partial = 0
    public var failed = 0

    public init() {}
}
