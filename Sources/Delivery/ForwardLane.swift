internal import Archive
internal import DICOMCore
internal import Foundation
internal import Logging
internal import Synchronization

/// How it goes with one destination.
public struct ForwardActivity: Sendable, Equatable {
    public let destination: String
    public let breaker: ForwardBreaker.State
    /// Since the daemon started.
    public let instanceCount: Int
    public let byteCount: Int64
    /// Of the instances those that the destination took with a warning.
    public let warningCount: Int
    /// Attempts that ended before everything was answered.
    public let failedAttemptCount: Int
    /// Why the last attempt failed; nil once one succeeded.
    public let lastFailure: String?
}

/// One destination: a study after the other, and nobody else's troubles.
final class ForwardLane: Sendable {
    let destination: ForwardDestination
    let index: StudyIndex
    let sender: InstanceSender
    let logger: Logger
    private let state: Mutex<State>
    /// Signalled whenever something may be due.
    private let bell = DispatchSemaphore(value: 0)

    private struct State {
        var breaker: ForwardBreaker
        var isStopping = false
        /// Ends what is under way.
        var interrupt: (@Sendable () -> Void)?
        var instanceCount = 0
        var byteCount: Int64 = 0
        var warningCount = 0
        var failedAttemptCount = 0
        var lastFailure: String?
        /// Of Instances that ended the connection, how many had been taken then; and when the last of them did.
        var breaks: [SOPInstanceUID: Int] = [:]
        var takenAtLastBreak = 0
    }

    /// Windows open and clocks are set while nobody rings.
    private static let longestSleep: TimeInterval = 60
    /// Between two looks where something is due and cannot go.
    private static let shortestSleep: TimeInterval = 0.5
    private static let breakLimit = 10_000

    init(_ destination: ForwardDestination, index: StudyIndex, sender: InstanceSender, logger: Logger) {
        self.destination = destination
        self.index = index
        self.sender = sender
        self.logger = logger
        state = Mutex(State(breaker: ForwardBreaker(limit: destination.failureLimit, pauses: destination.pauses)))
    }

    var activity: ForwardActivity {
        state.withLock { state in
            ForwardActivity(
                destination: destination.name, breaker: state.breaker.state(at: Date()),
                instanceCount: state.instanceCount, byteCount: state.byteCount, warningCount: state.warningCount,
                failedAttemptCount: state.failedAttemptCount, lastFailure: state.lastFailure)
        }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// Whether the next Instance may begin.
    var mayGoOn: Bool { !isStopping && destination.isOpen(Date()) }

    /// Whether an attempt may begin.
    var mayBegin: Bool { mayGoOn && state.withLock { $0.breaker.admits(at: Date()) } }

    /// Whether something waits to be sent.
    var hasWork: Bool {
        let due = try? index.forwardsDue(to: destination.name, at: Date(), limit: 1)
        return due?.isEmpty == false && mayBegin
    }

    /// Sends and asks for what is due, and sleeps until something is. Blocks until ``stop(grace:)``.
    func serve() {
        if destination.commitment == nil { waiveCommitments() }
        while !isStopping {
            run()
            if bell.wait(timeout: .now() + sleep) == .success {
                // However often it rang, one look answers.
                while bell.wait(timeout: .now()) == .success {}
            }
        }
    }

    /// Has ``serve()`` look at once.
    func wake() { bell.signal() }

    /// Sends what is due. Blocks until nothing is, or nothing may be sent.
    func run() {
        do throws(ArchiveError) {
            while mayBegin, let forward = try index.forwardsDue(to: destination.name, at: Date(), limit: 1).first {
                try attempt(forward)
            }
            guard let terms = destination.commitment, case .association(let request) = destination.endpoint else {
                return
            }
            try ForwardCommitmentRounds(request: request, terms: terms, lane: self).run()
        } catch {
            logger.error(
                "nothing can be forwarded", metadata: ["destination": "\(destination.name)", "why": "\(error)"])
        }
    }

    /// The configuration asked for commitments once and does not any more.
    private func waiveCommitments() {
        do throws(ArchiveError) {
            try index.waiveCommitments(of: destination.name, at: Date())
        } catch {
            logger.error(
                "commitments cannot be waived", metadata: ["destination": "\(destination.name)", "why": "\(error)"])
        }
    }

    private var sleep: TimeInterval {
        let now = Date()
        guard let next = try? index.nextForward(to: destination.name) else { return Self.longestSleep }
        var wait = next.timeIntervalSince(now)
        if case .open(let until) = state.withLock({ $0.breaker.state(at: now) }) {
            wait = max(wait, until.timeIntervalSince(now))
        }
        // Its window is looked at again within a minute.
        if !destination.isOpen(now) { wait = Self.longestSleep }
        return min(max(wait, Self.shortestSleep), Self.longestSleep)
    }

    /// The Instance under way is the last one; it is ended too when it takes longer than `grace`.
    func stop(grace: TimeInterval) {
        state.withLock { $0.isStopping = true }
        wake()
        DispatchQueue.global().asyncAfter(deadline: .now() + grace) { [self] in
            state.withLock { $0.interrupt }?()
        }
    }

    /// What ends that which is under way from now on; nil for nothing.
    func use(_ interrupt: (@Sendable () -> Void)?) { state.withLock { $0.interrupt = interrupt } }

    func noteTaken(_ instance: StoredInstance, byteCount: Int64, warning: String?) {
        state.withLock { state in
            state.instanceCount += 1
            state.byteCount += byteCount
            state.breaks[instance.sopInstanceUID] = nil
            if warning != nil { state.warningCount += 1 }
        }
        guard let warning else { return }
        logger.notice(
            "instance taken with a warning",
            metadata: [
                "destination": "\(destination.name)", "sop-instance-uid": "\(instance.sopInstanceUID)",
                "status": "\(warning)",
            ])
    }

    /// The connection ended with this Instance on its way.
    ///
    /// - Returns: whether the destination took something since it did so the last time, which proves the Instance's guilt,
    ///   and since any Instance did, which speaks for the destination.
    func noteBreak(of instance: StoredInstance) -> (provesGuilt: Bool, speaksForDestination: Bool) {
        state.withLock { state in
            if state.breaks.count >= Self.breakLimit { state.breaks = [:] }
            let before = state.breaks.updateValue(state.instanceCount, forKey: instance.sopInstanceUID) ?? 0
            defer { state.takenAtLastBreak = state.instanceCount }
            return (state.instanceCount > before, state.instanceCount > state.takenAtLastBreak)
        }
    }

    private func attempt(_ forward: DueForward) throws(ArchiveError) {
        var attempt = ForwardAttempt(forward, on: self)
        do throws(ForwardFault) {
            try attempt.run()
        } catch .index(let error) {
            throw error
        } catch .stopped {
            return
        } catch {
            // An orderly stop that had to end what was under way is no fault of the destination.
            guard !isStopping else { return }
            return try postpone(
                forward, answered: attempt.answeredCount, because: error,
                isDestinationsFault: !attempt.isInstancesFault)
        }
        try noteSuccess()
        guard let end = try index.end(forward, at: Date()) else { return }
        logger.log(
            level: [.sent, .committing].contains(end) ? .info : .warning, "study forwarded",
            metadata: [
                "destination": "\(destination.name)", "study-instance-uid": "\(forward.studyInstanceUID)",
                "instances": "\(attempt.answeredCount)", "outcome": "\(end)",
            ])
    }

    /// The destination did all that was asked of it.
    func noteSuccess() throws(ArchiveError) {
        let wasOpen = state.withLock { state in
            state.lastFailure = nil
            return state.breaker.noteSuccess()
        }
        guard wasOpen else { return }
        logger.notice("a destination is there again", metadata: ["destination": "\(destination.name)"])
        try index.hastenForwards(to: destination.name, at: Date())
    }

    /// Puts off what failed, and opens the breaker when that happens too often.
    ///
    /// - Parameters:
    ///   - answered: Instances that the destination answered before.
    ///   - isDestinationsFault: whether the breaker counts it; one Instance must not keep the destination from the others.
    func postpone(
        _ forward: DueForward, answered: Int, because fault: ForwardFault, isDestinationsFault: Bool = true
    ) throws(ArchiveError) {
        let now = Date()
        let breaker = state.withLock { state in
            // One that takes something is there, whatever ends the attempt.
            if answered > 0 { _ = state.breaker.noteSuccess() }
            if case .busy(let until, _) = fault {
                state.breaker.hold(until: until)
            } else if isDestinationsFault {
                state.breaker.noteFailure(at: now)
            }
            state.failedAttemptCount += 1
            state.lastFailure = "\(fault)"
            return state.breaker.state(at: now)
        }
        // Progress counts as a first failure again.
        var next = now.addingTimeInterval(
            destination.pauses.pause(after: answered > 0 ? 1 : forward.attemptCount + 1))
        if case .busy(let until, _) = fault { next = until }
        try index.postpone(forward, until: next, because: "\(fault)")
        logger.warning(
            "study not forwarded",
            metadata: [
                "destination": "\(destination.name)", "study-instance-uid": "\(forward.studyInstanceUID)",
                "instances": "\(answered)", "why": "\(fault)",
                "breaker": breaker == .closed ? "closed" : "open",
            ])
    }
}
