public import DICOMCore
public import Foundation

/// One source: `priorctl sources list` and `GET /api/v1/sources`.
public struct SourceRow: Codable, Sendable, Equatable {
    public var name: String
    /// `priord`, `dicomweb` or `c-find`.
    public var kind: String
    /// Where it is, without secrets.
    public var place: String
    public var deadlineMilliseconds: Int
    /// Whether studies may be fetched from it.
    public var isFetchedFrom: Bool
    /// Whether studies are fetched ahead.
    public var isPrefetchedFrom: Bool
    /// `closed`, `open` (it failed, and is left alone for a while) or `halfOpen`.
    public var breaker: String
    /// Since the daemon started.
    public var questions: Int
    public var failures: Int
    /// How the last question went; nil before the first.
    public var last: PriorsAnswer.Source?
    /// Studies that wait to be fetched, and of these those that failed once.
    public var waiting: Int
    public var stuck: Int
    public var fetched: Int
    public var partial: Int
    public var failed: Int

    public init(
        name: String, kind: String, place: String, deadlineMilliseconds: Int, isFetchedFrom: Bool,
        isPrefetchedFrom: Bool, breaker: String, questions: Int, failures: Int, last: PriorsAnswer.Source?,
        waiting: Int, stuck: Int, fetched: Int, partial: Int, failed: Int
    ) {
        self.name = name
        self.kind = kind
        self.place = place
        self.deadlineMilliseconds = deadlineMilliseconds
        self.isFetchedFrom = isFetchedFrom
        self.isPrefetchedFrom = isPrefetchedFrom
        self.breaker = breaker
        self.questions = questions
        self.failures = failures
        self.last = last
        self.waiting = waiting
        self.stuck = stuck
        self.fetched = fetched
        self.partial = partial
        self.failed = failed
    }
}

public struct SourcesAnswer: Codable, Sendable, Equatable {
    /// In the order of the configuration.
    public var sources: [SourceRow]

    public init(sources: [SourceRow]) { self.sources = sources }
}

/// What is to be fetched: the body of `POST /api/v1/sources/{name}/fetch`.
public struct SourceFetchRequest: Codable, Sendable, Equatable {
    public var study: StudyInstanceUID

    public init(study: StudyInstanceUID) { self.study = study }
}

/// A study that is, or was, fetched from a source.
public struct SourceFetchRow: Codable, Sendable, Equatable {
    public var id: Int64
    public var studyInstanceUID: String
    public var source: String
    /// `asked`, `order` or `firstImage`.
    public var cause: String
    /// `waiting`, `fetching`, `fetched`, `partial`, `failed` or `dropped`.
    public var state: String
    public var queuedAt: Date
    public var attempts: Int
    /// nil when nothing more is tried.
    public var nextAttemptAt: Date?
    /// Instances that the source has; nil when it does not say.
    public var expectedCount: Int?
    /// Instances of the study that are here, while it is fetched; at its end those of them that the source has.
    public var receivedCount: Int
    /// "" when no attempt failed.
    public var lastFailure: String
    public var endedAt: Date?

    public init(
        id: Int64, studyInstanceUID: String, source: String, cause: String, state: String, queuedAt: Date,
        attempts: Int, nextAttemptAt: Date?, expectedCount: Int?, receivedCount: Int, lastFailure: String,
        endedAt: Date?
    ) {
        self.id = id
        self.studyInstanceUID = studyInstanceUID
        self.source = source
        self.cause = cause
        self.state = state
        self.queuedAt = queuedAt
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.expectedCount = expectedCount
        self.receivedCount = receivedCount
        self.lastFailure = lastFailure
        self.endedAt = endedAt
    }
}

/// Newest first. Further ones are asked for with the least `id` of this page.
public struct SourceFetchPage: Codable, Sendable, Equatable {
    public var fetches: [SourceFetchRow]

    public init(fetches: [SourceFetchRow]) { self.fetches = fetches }
}
