internal import Archive
internal import DICOMNetwork
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
    /// Attempts that ended before everything was answered.
    public let failedAttemptCount: Int
}

/// One destination: a study after the other, and nobody else's troubles.
final class ForwardLane: Sendable {
    let destination: ForwardDestination
    let index: StudyIndex
    let sender: InstanceSender
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var breaker: ForwardBreaker
        var isStopping = false
        var association: Association?
        var instanceCount = 0
        var byteCount: Int64 = 0
        var failedAttemptCount = 0
    }

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
                instanceCount: state.instanceCount, byteCount: state.byteCount,
                failedAttemptCount: state.failedAttemptCount)
        }
    }

    /// Whether the next Instance may begin.
    var mayGoOn: Bool { !state.withLock { $0.isStopping } && destination.isOpen(Date()) }

    /// Sends what is due. Blocks until nothing is, or nothing may be sent.
    func run() {
        do throws(ArchiveError) {
            while mayGoOn, state.withLock({ $0.breaker.admits(at: Date()) }),
                let forward = try index.forwardsDue(to: destination.name, at: Date(), limit: 1).first
            {
                try attempt(forward)
            }
        } catch {
            logger.error(
                "nothing can be forwarded", metadata: ["destination": "\(destination.name)", "why": "\(error)"])
        }
    }

    /// The Instance under way is the last one; it is ended too when it takes longer than `grace`.
    func stop(grace: TimeInterval) {
        state.withLock { $0.isStopping = true }
        DispatchQueue.global().asyncAfter(deadline: .now() + grace) { [self] in
            state.withLock { $0.association?.interrupt() }
        }
    }

    func use(_ association: Association?) { state.withLock { $0.association = association } }

    func noteAnswer(byteCount: Int64) {
        state.withLock { state in
            state.instanceCount += byteCount > 0 ? 1 : 0
            state.byteCount += byteCount
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
            guard !state.withLock({ $0.isStopping }) else { return }
            return try postpone(forward, attempt, because: error)
        }
        if state.withLock({ $0.breaker.noteSuccess() }) {
            logger.notice("a destination is there again", metadata: ["destination": "\(destination.name)"])
            try index.hastenForwards(to: destination.name, at: Date())
        }
        guard let end = try index.end(forward, at: Date()) else { return }
        logger.log(
            level: end == .sent ? .info : .warning, "study forwarded",
            metadata: [
                "destination": "\(destination.name)", "study-instance-uid": "\(forward.studyInstanceUID)",
                "instances": "\(attempt.answeredCount)", "outcome": "\(end)",
            ])
    }

    private func postpone(
        _ forward: DueForward, _ attempt: ForwardAttempt, because fault: ForwardFault
    ) throws(ArchiveError) {
        let now = Date()
        let breaker = state.withLock { state in
            // One that takes something is there, whatever ends the attempt.
            if attempt.answeredCount > 0 { _ = state.breaker.noteSuccess() }
            state.breaker.noteFailure(at: now)
            state.failedAttemptCount += 1
            return state.breaker.state(at: now)
        }
        // Progress counts as a first failure again.
        let failures = attempt.answeredCount > 0 ? 1 : forward.attemptCount + 1
        try index.postpone(
            forward, until: now.addingTimeInterval(destination.pauses.pause(after: failures)), because: "\(fault)")
        logger.warning(
            "study not forwarded",
            metadata: [
                "destination": "\(destination.name)", "study-instance-uid": "\(forward.studyInstanceUID)",
                "instances": "\(attempt.answeredCount)", "why": "\(fault)",
                "breaker": breaker == .closed ? "closed" : "open",
            ])
    }
}
