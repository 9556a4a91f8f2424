public import Archive
internal import DICOMCore
public import DICOMNetwork
internal import Dispatch
public import Logging
internal import Synchronization

/// Sends what a retrieve means to one destination, over Associations of our own and on a thread of its own, so that whoever
/// asked for it is answered whatever the destination does.
///
/// An Association that breaks costs the Instance under way; another is opened for the rest. A destination that cannot be
/// called, that breaks Associations without taking anything, or that lets a deadline pass, is given up: what is left fails.
public final class RetrieveTransfer: Sendable {
    /// Raised when nothing more will be sent.
    public let ended: StopSignal
    private let selected: SelectedInstances
    private let destination: AssociationRequest
    private let sender: InstanceSender
    private let originator: Command.MoveOriginator
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var tally: RetrieveTally
        var isCancelled = false
        var association: Association?
    }

    /// - Parameter destination: whom to call and how long to wait for it; its contexts are replaced.
    /// - Throws: ``NetworkError`` when this process has no descriptor left.
    public init(
        _ selected: SelectedInstances, to destination: AssociationRequest, by sender: InstanceSender,
        for originator: Command.MoveOriginator, logger: Logger
    ) throws(NetworkError) {
        ended = try StopSignal()
        self.selected = selected
        self.destination = destination
        self.sender = sender
        self.originator = originator
        self.logger = logger
        state = Mutex(State(tally: RetrieveTally(count: selected.count)))
    }

    /// Where things stand.
    public var tally: RetrieveTally { state.withLock { $0.tally } }

    /// Returns at once.
    public func start() { DispatchQueue(label: "retrieve").async { self.run() } }

    /// No further Instance is begun; the one under way is finished.
    public func cancel() { state.withLock { $0.isCancelled = true } }

    /// Cancels, and ends what is under way too.
    public func interrupt() {
        state.withLock {
            $0.isCancelled = true
            $0.association?.interrupt()
        }
    }

    private var isCancelled: Bool { state.withLock { $0.isCancelled } }

    private func run() {
        var course = Course()
        let plan = SendingContexts(for: Set(selected.kinds.keys)).associations
        for (number, part) in plan.enumerated() {
            do throws(ArchiveError) {
                try send(part, &course)
            } catch {
                logger.error("internal fault", metadata: ["why": "\(error)"])
                course.givenUp = "the index cannot be read"
            }
            // Who waits need not wait for the release.
            if number == plan.count - 1 { end(course) }
            course.release()
        }
        if plan.isEmpty { end(course) }
    }

    private func end(_ course: Course) {
        state.withLock {
            $0.association = nil
            if !$0.isCancelled { $0.tally.failRemaining(course.givenUp ?? "it is no longer in the index") }
        }
        ended.raise()
    }

    /// How it goes with the destination.
    private struct Course {
        var association: Association?
        var scu: StoreSCU?
        /// Whether the Association in use has taken anything.
        var hasAnswered = false
        /// Why nothing more is tried.
        var givenUp: String?

        mutating func abort() {
            association?.abort()
            (association, scu) = (nil, nil)
        }

        mutating func release() {
            association?.end()
            (association, scu) = (nil, nil)
        }
    }

    /// Sends the Instances that one Association has the contexts for.
    private func send(_ part: SendingContexts.Association, _ course: inout Course) throws(ArchiveError) {
        var instances = selected
        var next = try instances.next(of: part.kinds)
        var prepared: PreparedInstance?
        while !isCancelled, let instance = next {
            next = try instances.next(of: part.kinds)
            let ready = prepared.take()
            if let givenUp = course.givenUp {
                note(.failed(reason: givenUp), of: instance)
                continue
            }
            do throws(AssociationError) {
                if course.scu == nil { try open(part, &course) }
                guard var scu = course.scu else { continue }
                prepared = next.flatMap { sender.prepare($0, for: scu) }
                let outcome = try sender.send(instance, ready, with: &scu, for: originator)
                course.scu = scu
                course.hasAnswered = true
                note(outcome, of: instance)
            } catch {
                state.withLock { $0.association = nil }
                course.abort()
                // Another Association may take other Transfer Syntaxes.
                prepared = nil
                if error == .timedOut || !course.hasAnswered { course.givenUp = "\(error)" }
                course.hasAnswered = false
                note(.failed(reason: "\(error)"), of: instance)
            }
        }
    }

    private func open(
        _ part: SendingContexts.Association, _ course: inout Course
    ) throws(AssociationError) {
        course.hasAnswered = false
        var request = destination
        request.contexts = part.contexts
        let association = try request.open()
        course.association = association
        course.scu = StoreSCU(over: association, limits: destination.limits)
        state.withLock { $0.association = association }
    }

    private func note(_ outcome: SubOperationOutcome, of instance: StoredInstance) {
        let failedCount = state.withLock {
            $0.tally.note(outcome, of: instance.sopInstanceUID)
            return $0.tally.subOperations.failed
        }
        outcome.log(instance, failedCount: failedCount, logger)
    }
}

extension SelectedInstances {
    /// The next one of these kinds.
    mutating func next(of kinds: Set<InstanceKind>) throws(ArchiveError) -> StoredInstance? {
        while let instance = try next() {
            if kinds.contains(instance.kind) { return instance }
        }
        return nil
    }
}

extension SubOperationOutcome {
    /// Failures of one retrieve that have a line each; the rest is in its last line.
    private static let loggedLimit = 20

    /// One line for what did not simply succeed.
    public func log(_ instance: StoredInstance, failedCount: Int, _ logger: Logger) {
        switch self {
        case .completed: break
        case .warning(let status, _):
            logger.info(
                "instance sent with a warning",
                metadata: ["sop-instance-uid": "\(instance.sopInstanceUID)", "status": "\(status)"])
        case .failed(let reason):
            guard failedCount <= SubOperationOutcome.loggedLimit else { return }
            logger.warning(
                "instance not sent",
                metadata: [
                    "sop-instance-uid": "\(instance.sopInstanceUID)", "sop-class-uid": "\(instance.sopClassUID)",
                    "transfer-syntax-uid": "\(instance.transferSyntaxUID)", "why": "\(reason)",
                ])
        }
    }
}
