public import DICOMNetwork
public import Foundation

/// A system that studies are forwarded to, and how it is to be treated.
public struct ForwardDestination: Sendable {
    public enum Endpoint: Sendable {
        /// By C-STORE: whom to call; the contexts are replaced.
        case association(AssociationRequest)
        /// By STOW-RS.
        case web(HTTPService)
    }

    /// As rules and queue name it.
    public var name: String
    public var endpoint: Endpoint
    /// Nil for as fast as it goes.
    public var bytesPerSecond: Int64?
    public var pauses: ForwardPauses
    /// Failures in a row after which the breaker opens.
    public var failureLimit: Int
    /// An Instance that ended the connection so often, while the destination took others, is given up.
    public var instanceAttemptLimit = 5
    /// Nil where what it took counts as delivered.
    public var commitment: ForwardCommitmentTerms?
    /// Whether it may be sent to at a time of day.
    public var isOpen: @Sendable (Date) -> Bool

    public init(
        name: String, endpoint: Endpoint, bytesPerSecond: Int64? = nil,
        pauses: ForwardPauses = ForwardPauses(), failureLimit: Int = 3,
        isOpen: @escaping @Sendable (Date) -> Bool = { _ in true }
    ) {
        self.name = name
        self.endpoint = endpoint
        self.bytesPerSecond = bytesPerSecond
        self.pauses = pauses
        self.failureLimit = failureLimit
        self.isOpen = isOpen
    }
}

/// How a destination is asked to commit to what it took.
public struct ForwardCommitmentTerms: Sendable, Equatable {
    /// How long its answer may take.
    public var wait: TimeInterval
    /// How often it is asked at most.
    public var roundLimit: Int

    public init(wait: TimeInterval = 900, roundLimit: Int = 5) {
        self.wait = wait
        self.roundLimit = roundLimit
    }
}

/// How long to wait after failures: twice as long after each, up to a limit.
public struct ForwardPauses: Sendable, Equatable {
    public var first: TimeInterval
    public var longest: TimeInterval

    public init(first: TimeInterval = 30, longest: TimeInterval = 900) {
        self.first = first
        self.longest = longest
    }

    /// - Parameter failures: in a row, at least 1.
    public func pause(after failures: Int) -> TimeInterval {
        min(longest, first * pow(2, Double(min(max(failures, 1), 64) - 1)))
    }
}

/// Keeps a destination that fails from being called again and again: closed as long as it answers; open, and not called,
/// after so many failures in a row; then half open for one attempt that decides.
public struct ForwardBreaker: Sendable, Equatable {
    public enum State: Sendable, Equatable {
        case closed
        case open(until: Date)
        /// One attempt is under way or may begin.
        case halfOpen
    }

    private let limit: Int
    private let pauses: ForwardPauses
    public private(set) var failures = 0
    private var openUntil: Date?

    public init(limit: Int, pauses: ForwardPauses) {
        self.limit = max(1, limit)
        self.pauses = pauses
    }

    public func state(at date: Date) -> State {
        guard let openUntil else { return .closed }
        return date < openUntil ? .open(until: openUntil) : .halfOpen
    }

    /// Whether an attempt may begin.
    public func admits(at date: Date) -> Bool {
        if case .open = state(at: date) { false } else { true }
    }

    /// An attempt failed.
    public mutating func noteFailure(at date: Date) {
        failures += 1
        guard failures >= limit else { return }
        openUntil = date.addingTimeInterval(pauses.pause(after: failures - limit + 1))
    }

    /// The destination asks to be left alone until then; one attempt decides afterwards.
    public mutating func hold(until date: Date) { openUntil = max(date, openUntil ?? date) }

    /// The destination answered.
    ///
    /// - Returns: whether it was open, so that what was put off can go now.
    public mutating func noteSuccess() -> Bool {
        defer { (failures, openUntil) = (0, nil) }
        return openUntil != nil
    }
}

/// Spreads bytes over time, so that a link is not filled by us alone.
struct ForwardPace {
    /// Nil for as fast as it goes.
    let bytesPerSecond: Int64?
    /// When everything spent so far is paid for.
    private var paidAt: ContinuousClock.Instant

    init(bytesPerSecond: Int64?, now: ContinuousClock.Instant = .now) {
        self.bytesPerSecond = bytesPerSecond
        paidAt = now
    }

    /// Waits until so many bytes may go. Blocks.
    mutating func wait(before byteCount: Int) {
        let delay = delay(before: byteCount, now: .now)
        if delay > .zero { Thread.sleep(forTimeInterval: delay / .seconds(1)) }
    }

    /// How long to wait before so many bytes go; time that was not used is not saved up.
    mutating func delay(before byteCount: Int, now: ContinuousClock.Instant) -> Duration {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return .zero }
        let delay = max(.zero, paidAt - now)
        paidAt = max(paidAt, now) + .seconds(Double(byteCount) / Double(bytesPerSecond))
        return delay
    }
}
