internal import DICOMNetwork
public import Delivery
internal import Foundation
internal import Logging
public import Recall
internal import Synchronization

/// One source: how many ask it at once, what it answered a moment ago, and whether it is worth asking.
final class SourceLane: Sendable {
    let source: PriorSource
    let asker: any SourceAsker
    private let gate: SourceGate
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var breaker: ForwardBreaker
        var answers: [SourceQuestion: (answer: SourceAnswer, at: ContinuousClock.Instant)] = [:]
        var last: SourceReport?
        var questionCount = 0
        var failureCount = 0
        /// When the last failure that counts for the breaker was seen.
        var failedAt: ContinuousClock.Instant?
    }

    /// What a question says of the source itself.
    private enum Verdict {
        case works
        case fails
        /// Nothing: who asked went away, or there was no time to ask.
        case open
    }

    /// Answers that are held at once; beyond, the old ones go.
    private static let cacheLimit = 500

    init(_ source: PriorSource, logger: Logger) {
        self.source = source
        self.logger = logger
        gate = SourceGate(limit: source.questionLimit)
        state = Mutex(State(breaker: ForwardBreaker(limit: source.failureLimit, pauses: source.pauses)))
        switch source.endpoint {
        case .priord(let service):
            asker = PriordAsker(client: SourceClient(service, connectionLimit: 2 * source.questionLimit))
        case .dicomweb(let service):
            asker = DICOMwebAsker(client: SourceClient(service, connectionLimit: source.questionLimit))
        case .association(let request):
            asker = FindAsker(request: request, characterSet: source.characterSet, deadline: source.deadline)
        }
    }

    /// With another way to ask.
    init(_ source: PriorSource, asker: any SourceAsker, logger: Logger) {
        self.source = source
        self.asker = asker
        self.logger = logger
        gate = SourceGate(limit: source.questionLimit)
        state = Mutex(State(breaker: ForwardBreaker(limit: source.failureLimit, pauses: source.pauses)))
    }

    var activity: SourceActivity {
        state.withLock { state in
            SourceActivity(
                source: source, breaker: state.breaker.state(at: Date()), questionCount: state.questionCount,
                failureCount: state.failureCount, last: state.last)
        }
    }

    /// Never takes longer than the source's deadline, whatever the source does; what it told until then is given.
    func ask(_ question: SourceQuestion) async -> (report: SourceReport, studies: [SourceStudy]) {
        let start = ContinuousClock.now
        if let answer = known(question, at: start) { return (report(of: answer, since: start), answer.studies) }
        let end = start + source.deadline
        return await asked(since: start) { [asker] (course) async throws(SourceFault) in
            try await asker.answer(to: question, by: end, telling: course.tell)
        } keep: { answer in
            self.keep(answer, to: question)
        }
    }

    /// Whether it answers, past the breaker.
    func test() async -> SourceReport {
        await asked(since: .now, isTest: true) { [asker] _ async throws(SourceFault) in
            try await asker.probe()
            return SourceAnswer(studies: [])
        } keep: { _ in
        }.report
    }

    private func asked(
        since start: ContinuousClock.Instant, isTest: Bool = false,
        _ work: @escaping @Sendable (QuestionCourse) async throws(SourceFault) -> SourceAnswer,
        keep: (SourceAnswer) -> Void
    ) async -> (report: SourceReport, studies: [SourceStudy]) {
        guard isTest || state.withLock({ $0.breaker.admits(at: Date()) }) else {
            return (SourceReport(source.name, .paused, detail: "it failed again and again"), [])
        }
        let course = QuestionCourse()
        let fault: SourceFault
        do throws(SourceFault) {
            let answer = try await within(source.deadline) { [gate] () async throws(SourceFault) in
                guard await gate.enter() else { throw .ended }
                defer { gate.leave() }
                course.begin()
                return try await work(course)
            }
            if let answer = answer?.bounded {
                keep(answer)
                let report = report(of: answer, since: start)
                note(report, .works, begunAt: start)
                return (report, answer.studies)
            }
            fault = .ended
        } catch {
            fault = error
        }
        // Connections to one that fails may be half dead, and its certificates may have been exchanged.
        if case .unreachable = fault { await asker.close() }
        let (begunAt, told) = course.now
        let detail =
            begunAt == nil ? "other questions took all the time" : told == nil ? "\(fault)" : "not all of it: \(fault)"
        let report = SourceReport(
            source.name, fault.state, millisecondsTaken: Self.milliseconds(since: start),
            count: told?.studies.count ?? 0, detail: detail)
        // Who waited long for his turn left the source little time.
        let hadTime = begunAt.map { $0 - start <= source.deadline / 2 } ?? false
        let verdict: Verdict =
            switch fault {
            case _ where Task.isCancelled || begunAt == nil: .open
            case .ended: told != nil ? .works : hadTime ? .fails : .open
            case .declined: .works
            case .refused, .unreachable, .unreadable, .unknownStudy: .fails
            }
        note(report, verdict, begunAt: begunAt ?? start)
        return (report, told?.bounded.studies ?? [])
    }

    /// Answers hold what is known of patients, and are not kept beyond their time.
    func forgetStale() {
        let now = ContinuousClock.now
        state.withLock { state in
            state.answers = state.answers.filter { now - $0.value.at <= source.cacheTime }
        }
    }

    private func known(_ question: SourceQuestion, at now: ContinuousClock.Instant) -> SourceAnswer? {
        state.withLock { state in
            guard let known = state.answers[question] else { return nil }
            guard now - known.at <= source.cacheTime else {
                state.answers[question] = nil
                return nil
            }
            return known.answer
        }
    }

    private func keep(_ answer: SourceAnswer, to question: SourceQuestion) {
        guard source.cacheTime > .zero else { return }
        forgetStale()
        state.withLock { state in
            if state.answers.count >= Self.cacheLimit { state.answers = [:] }
            state.answers[question] = (answer, .now)
        }
    }

    private func report(of answer: SourceAnswer, since start: ContinuousClock.Instant) -> SourceReport {
        SourceReport(
            source.name, answer.cut == nil ? .answered : .tooMany, millisecondsTaken: Self.milliseconds(since: start),
            count: answer.studies.count, detail: answer.cut ?? "")
    }

    private func note(_ report: SourceReport, _ verdict: Verdict, begunAt: ContinuousClock.Instant) {
        let (isFirst, isBack) = state.withLock { state in
            state.questionCount += 1
            state.last = report
            switch verdict {
            case .open: return (false, false)
            case .works: return (false, state.breaker.noteSuccess())
            case .fails: break
            }
            state.failureCount += 1
            // Questions that were under way together meet one failure, not so many in a row.
            if let failedAt = state.failedAt, begunAt < failedAt { return (false, false) }
            state.failedAt = .now
            state.breaker.noteFailure(at: Date())
            return (state.breaker.failures == 1 || state.breaker.failures == source.failureLimit, false)
        }
        if isBack { logger.notice("a source is there again", metadata: ["source": "\(source.name)"]) }
        guard isFirst else { return }
        logger.warning(
            "a source did not answer",
            metadata: [
                "source": "\(source.name)", "state": "\(report.state.rawValue)", "why": "\(report.detail)",
                "milliseconds": "\(report.millisecondsTaken)",
            ])
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        Int((ContinuousClock.now - start) / .milliseconds(1))
    }
}

/// How far a question is.
private final class QuestionCourse: Sendable {
    private let state = Mutex<(begunAt: ContinuousClock.Instant?, told: SourceAnswer?)>((nil, nil))

    /// When the source was asked, and what it told of an answer that is not whole yet.
    var now: (begunAt: ContinuousClock.Instant?, told: SourceAnswer?) { state.withLock { $0 } }

    func begin() { state.withLock { $0.begunAt = .now } }

    func tell(_ answer: SourceAnswer) { state.withLock { $0.told = answer } }
}

/// Lets so many in at once; the others wait in the order in which they came.
final class SourceGate: Sendable {
    private struct State {
        var free: Int
        var next: UInt64 = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        /// Cancelled before they waited.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    init(limit: Int) { state = Mutex(State(free: max(1, limit))) }

    /// - Returns: false when the task was cancelled, and nothing is to be left.
    func enter() async -> Bool {
        let ticket = state.withLock { state in
            state.next += 1
            return state.next
        }
        defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isIn: Bool? = state.withLock { state in
                    if state.cancelled.contains(ticket) { return false }
                    guard state.free == 0 else {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let isIn { continuation.resume(returning: isIn) }
            }
        } onCancel: {
            let continuation: CheckedContinuation<Bool, Never>? = state.withLock { state in
                guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    // It waits not yet, or not any more.
                    state.cancelled.insert(ticket)
                    return nil
                }
                return state.waiting.remove(at: place).continuation
            }
            continuation?.resume(returning: false)
        }
    }

    func leave() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}

/// How it goes with one source since the daemon started.
public struct SourceActivity: Sendable {
    public let source: PriorSource
    public let breaker: ForwardBreaker.State
    public let questionCount: Int
    public let failureCount: Int
    /// Nil before the first question.
    public let last: SourceReport?
}
