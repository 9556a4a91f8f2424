public import Foundation

/// A study on its way to a destination: `priorctl forwards list`.
public struct ForwardRow: Codable, Sendable, Equatable {
    /// An Instance that the destination did not take.
    public struct Failure: Codable, Sendable, Equatable {
        public var sopInstanceUID: String
        public var reason: String

        public init(sopInstanceUID: String, reason: String) {
            self.sopInstanceUID = sopInstanceUID
            self.reason = reason
        }
    }

    public var id: Int64
    public var studyInstanceUID: String
    public var destination: String
    /// The rule that queued it.
    public var rule: String
    /// `waiting`, `sent`, `partlyRefused` or `dropped`.
    public var state: String
    public var queuedAt: Date
    /// Attempts that ended before everything was answered.
    public var attempts: Int
    /// nil when nothing is to be sent.
    public var nextAttemptAt: Date?
    /// "" when no attempt failed.
    public var lastFailure: String
    public var endedAt: Date?
    public var sentCount: Int
    public var failedCount: Int
    /// The first of those that were refused.
    public var failures: [Failure]

    public init(
        id: Int64, studyInstanceUID: String, destination: String, rule: String, state: String, queuedAt: Date,
        attempts: Int, nextAttemptAt: Date?, lastFailure: String, endedAt: Date?, sentCount: Int, failedCount: Int,
        failures: [Failure]
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
    /// Since the daemon started.
    public var instanceCount: Int
    public var byteCount: Int64

    public init(
        name: String, breaker: String, pausedAt: Date?, waiting: Int, stuck: Int, partlyRefused: Int,
        instanceCount: Int, byteCount: Int64
    ) {
        self.name = name
        self.breaker = breaker
        self.pausedAt = pausedAt
        self.waiting = waiting
        self.stuck = stuck
        self.partlyRefused = partlyRefused
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
