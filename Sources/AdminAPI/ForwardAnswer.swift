public import Foundation

/// A study on its way to a destination: `priorctl forwards list`.
public struct ForwardRow: Codable, Sendable, Equatable {
    /// An Instance that the destination does not have, as far as it said.
    public struct Failure: Codable, Sendable, Equatable {
        public var sopInstanceUID: String
        /// `refused`, `givenUp`, `retried` or `uncommitted`.
        public var state: String
        public var reason: String

        public init(sopInstanceUID: String, state: String, reason: String) {
            self.sopInstanceUID = sopInstanceUID
            self.state = state
            self.reason = reason
        }
    }

    public var id: Int64
    public var studyInstanceUID: String
    public var destination: String
    /// The rule that queued it.
    public var rule: String
    /// `waiting`, `sent`, `partlyRefused`, `failed`, `committing`, `uncommitted` or `dropped`.
    public var state: String
    public var queuedAt: Date
    /// Attempts that ended before everything was answered; while it is `committing`, how often the destination was asked.
    public var attempts: Int
    /// nil when nothing is to be sent.
    public var nextAttemptAt: Date?
    /// "" when no attempt failed.
    public var lastFailure: String
    public var endedAt: Date?
    public var sentCount: Int
    /// Refused or given up.
    public var failedCount: Int
    /// Taken, and not yet committed to.
    public var uncommittedCount: Int
    /// The first of those that the destination does not have.
    public var failures: [Failure]

    public init(
        id: Int64, studyInstanceUID: String, destination: String, rule: String, state: String, queuedAt: Date,
        attempts: Int, nextAttemptAt: Date?, lastFailure: String, endedAt: Date?, sentCount: Int, failedCount: Int,
        uncommittedCount: Int, failures: [Failure]
    ) {
        self.id = id
        self.studyInstanceUID = studyInstanceUID
        self.destination = destination
        self.rule = rule
        self.state = state
        self.queuedAt = queuedAt
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastFailure = lastFailure
        self.endedAt = endedAt
        self.sentCount = sentCount
        self.failedCount = failedCount
        self.uncommittedCount = uncommittedCount
        self.failures = failures
    }
}

/// How it goes with a destination.
public struct DestinationRow: Codable, Sendable, Equatable {
    public var name: String
    /// `closed`, `open` or `halfOpen`.
    public var breaker: String
    /// nil when it is not paused.
    public var pausedAt: Date?
    /// Studies.
    public var waiting: Int
    /// Waiting ones of which an attempt failed.
    public var stuck: Int
    public var partlyRefused: Int
    /// Some of whose instances were given up.
    public var failed: Int
    /// Taken, and asked for commitment.
    public var committing: Int
    /// Taken, and asked for commitment often enough.
    public var uncommitted: Int
    /// When the one that waits longest was queued.
    public var oldestQueuedAt: Date?
    /// Why the last attempt failed; nil once one succeeded.
    public var lastFailure: String?
    /// Since the daemon started.
    public var instanceCount: Int
    public var byteCount: Int64

    public init(
        name: String, breaker: String, pausedAt: Date?, waiting: Int, stuck: Int, partlyRefused: Int, failed: Int,
        committing: Int, uncommitted: Int, oldestQueuedAt: Date?, lastFailure: String?, instanceCount: Int,
        byteCount: Int64
    ) {
        self.name = name
        self.breaker = breaker
        self.pausedAt = pausedAt
        self.waiting = waiting
        self.stuck = stuck
        self.partlyRefused = partlyRefused
        self.failed = failed
        self.committing = committing
        self.uncommitted = uncommitted
        self.oldestQueuedAt = oldestQueuedAt
        self.lastFailure = lastFailure
        self.instanceCount = instanceCount
        self.byteCount = byteCount
    }
}

/// Destinations, and forwards newest first. Further ones are asked for with the least `id` of this page.
public struct ForwardPage: Codable, Sendable, Equatable {
    public var destinations: [DestinationRow]
    public var forwards: [ForwardRow]

    public init(destinations: [DestinationRow], forwards: [ForwardRow]) {
        self.destinations = destinations
        self.forwards = forwards
    }
}

/// A rule that a person wants applied to studies that were there before it: `priorctl forwards add`.
public struct ForwardRequest: Codable, Sendable, Equatable {
    public var rule: String
    /// Study Dates, `YYYYMMDD`; nil leaves that end open.
    public var from: String?
    public var to: String?
    public var study: String?
    /// What a destination has taken is sent to it once more.
    public var again: Bool
    /// Nothing is queued, only counted.
    public var dryRun: Bool
    /// Who does it.
    public var by: String

    public init(
        rule: String, from: String? = nil, to: String? = nil, study: String? = nil, again: Bool = false,
        dryRun: Bool = false, by: String
    ) {
        self.rule = rule
        self.from = from
        self.to = to
        self.study = study
        self.again = again
        self.dryRun = dryRun
        self.by = by
    }
}

/// How many studies something concerns that was done to forwards.
public struct ForwardCountAnswer: Codable, Sendable, Equatable {
    public var studies: Int
    public init(studies: Int) { self.studies = studies }
}
