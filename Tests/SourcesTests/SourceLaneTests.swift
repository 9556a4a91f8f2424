import Archive
import DICOMCore
import DICOMNetwork
import Delivery
import Logging
import Recall
import Synchronization
import Testing

@testable import Sources

/// A source whose answers a test chooses.
final class ScriptedAsker: SourceAsker {
    enum Step: Sendable {
        case answer(SourceAnswer)
        case fail(SourceFault)
        case slow(Duration, SourceAnswer)
        /// Until it is cancelled.
        case silence
        /// Fails once so many are asked at once.
        case failTogether(Int, SourceFault)
        /// Tells some, then goes on as the other says.
        indirect case part(SourceAnswer, then: Step)
    }

    private let state: Mutex<(steps: [Step], asked: Int, closed: Int, atOnce: Int, mostAtOnce: Int)>

    /// - Parameter steps: the last one is repeated.
    init(_ steps: [Step]) { state = Mutex((steps, 0, 0, 0, 0)) }

    var askedCount: Int { state.withLock { $0.asked } }
    var closedCount: Int { state.withLock { $0.closed } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    func answer(
        to question: SourceQuestion, by end: ContinuousClock.Instant,
        telling tell: @escaping @Sendable (SourceAnswer) -> Void
    ) async throws(SourceFault) -> SourceAnswer {
        var step = state.withLock { state in
            state.asked += 1
            state.atOnce += 1
            state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
            return state.steps.count > 1 ? state.steps.removeFirst() : state.steps[0]
        }
        defer { state.withLock { $0.atOnce -= 1 } }
        while case .part(let answer, let next) = step {
            tell(answer)
            step = next
        }
        switch step {
        case .part(let answer, _), .answer(let answer):
            await Task.yield()
            return answer
        case .slow(let time, let answer):
            try? await Task.sleep(for: time)
            return answer
        case .fail(let fault): throw fault
        case .failTogether(let count, let fault):
            while mostAtOnce < count { await Task.yield() }
            throw fault
        case .silence:
            try? await Task.sleep(for: .seconds(86_400))
            throw .ended
        }
    }

    func probe() async throws(SourceFault) {
        _ = try await answer(to: SourceQuestion(identities: [], code: ""), by: .now, telling: { _ in })
    }
    func close() async { state.withLock { $0.closed += 1 } }
}

@Suite(.timeLimit(.minutes(10))) struct SourceLaneTests {
    private static let question = SourceQuestion(
        identities: [PersonTraits.Identity(issuer: "CITY", patientID: "P1")], code: "BW03ZZZ8B")
    private static let nothing = ScriptedAsker.Step.answer(SourceAnswer(studies: []))

    private func lane(
        _ asker: ScriptedAsker, _ change: (inout PriorSource) -> Void = { _ in }
    ) throws -> SourceLane {
        var source = PriorSource(
            name: "hub", endpoint: .dicomweb(HTTPService(url: "http://127.0.0.1:1", aeTitle: .priord)),
            deadline: .seconds(60), aeTitle: try AETitle("HUB"), ownAETitle: .priord)
        source.cacheTime = .zero
        source.pauses = ForwardPauses(first: 600, longest: 600)
        change(&source)
        return SourceLane(source, asker: asker, logger: Logger(label: "test"))
    }

    @Test func `a source that never answers is given up at its deadline`() async throws {
        let lane = try lane(ScriptedAsker([.silence])) { $0.deadline = .milliseconds(200) }
        let clock = ContinuousClock()
        let taken = await clock.measure {
            let report = await lane.ask(Self.question).report
            #expect(report.state == .deadline && report.millisecondsTaken >= 200)
        }
        // Far below the day that it would wait by itself, however busy the machine is.
        #expect(taken < .seconds(50))
    }

    @Test func `a source that fails again and again is left alone, and is asked again by a test`() async throws {
        let asker = ScriptedAsker([
            .fail(.unreachable("no")), .fail(.unreadable("html")), .fail(.refused("HTTP 401")), Self.nothing,
        ])
        let lane = try lane(asker) { $0.failureLimit = 3 }
        var states: [SourceReport.State] = []
        for _ in 0..<5 { states.append(await lane.ask(Self.question).report.state) }
        #expect(states == [.unreachable, .unreadable, .refused, .paused, .paused])
        #expect(asker.askedCount == 3)
        // Only what may have died is given back.
        #expect(asker.closedCount == 1)
        #expect(await lane.test().state == .answered)
        #expect(await lane.ask(Self.question).report.state == .answered)
    }

    @Test func `an answer is used again for a short while, and a failure never`() async throws {
        let asker = ScriptedAsker([.fail(.unreachable("no")), Self.nothing])
        let lane = try lane(asker) { $0.cacheTime = .seconds(600) }
        for _ in 0..<4 { _ = await lane.ask(Self.question) }
        #expect(asker.askedCount == 2)
        let other = SourceQuestion(identities: Self.question.identities, code: "B020ZYZZZ")
        _ = await lane.ask(other)
        #expect(asker.askedCount == 3)
    }

    @Test func `an answer that is cut says so and counts`() async throws {
        let lane = try lane(ScriptedAsker([.answer(SourceAnswer(studies: [], cut: "more than 500"))]))
        let report = await lane.ask(Self.question).report
        #expect(report.state == .tooMany && report.detail == "more than 500")
    }

    @Test func `no more questions are under way than the source may have`() async throws {
        let asker = ScriptedAsker([Self.nothing])
        let lane = try lane(asker) {
            $0.questionLimit = 3
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = await lane.ask(Self.question) } }
        }
        #expect(asker.askedCount == 50 && asker.mostAtOnce <= 3)
    }

    @Test func `who waits for his turn behind a silent question is let go at the deadline`() async throws {
        let asker = ScriptedAsker([.silence])
        let lane = try lane(asker) {
            $0.questionLimit = 1
            $0.deadline = .milliseconds(200)
        }
        let states = await withTaskGroup(of: SourceReport.State.self) { group in
            for _ in 0..<10 { group.addTask { await lane.ask(Self.question).report.state } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(states.isSubset(of: [.deadline, .paused]))
    }

    private static func told() throws -> SourceAnswer {
        SourceAnswer(studies: [SourceStudy(try StudyInstanceUID("1.2.3"))])
    }

    @Test(arguments: [
        (ScriptedAsker.Step.silence, SourceReport.State.deadline),
        (.fail(.unreachable("the answer broke off")), .unreachable),
    ])
    func `what a source told before it fell silent or broke off counts, and is not used again`(
        then: ScriptedAsker.Step, state: SourceReport.State
    ) async throws {
        let asker = ScriptedAsker([.part(try Self.told(), then: then)])
        let lane = try lane(asker) {
            $0.deadline = .milliseconds(200)
            $0.cacheTime = .seconds(600)
        }
        for _ in 0..<2 {
            let (report, studies) = await lane.ask(Self.question)
            #expect(report.state == state && report.count == 1 && report.detail.hasPrefix("not all of it"))
            #expect(studies == (try Self.told()).studies)
        }
        #expect(asker.askedCount == 2)
    }

    @Test func `a slow source that tells something is not left alone`() async throws {
        let lane = try lane(ScriptedAsker([.part(try Self.told(), then: .silence)])) {
            $0.deadline = .milliseconds(50)
            $0.failureLimit = 1
        }
        for _ in 0..<3 { #expect(await lane.ask(Self.question).report.state == .deadline) }
    }

    @Test func `questions that fail together are one failure`() async throws {
        let asker = ScriptedAsker([.failTogether(8, .unreachable("no route"))])
        let lane = try lane(asker) {
            $0.deadline = .seconds(60)
            $0.questionLimit = 8
            $0.failureLimit = 2
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = await lane.ask(Self.question) } }
        }
        #expect(lane.activity.breaker == .closed && lane.activity.failureCount == 8)
        _ = await lane.ask(Self.question)
        #expect(lane.activity.breaker != .closed)
    }

    @Test func `who never got his turn says nothing of the source`() async throws {
        let asker = ScriptedAsker([.silence])
        let lane = try lane(asker) {
            $0.deadline = .milliseconds(300)
            $0.questionLimit = 1
            $0.failureLimit = 2
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = await lane.ask(Self.question) } }
        }
        #expect(lane.activity.failureCount <= asker.askedCount && lane.activity.questionCount == 8)
        #expect(lane.activity.breaker == .closed)
    }

    @Test func `a source that was left little time after another question has not failed`() async throws {
        let asker = ScriptedAsker([.slow(.milliseconds(5500), SourceAnswer(studies: [])), .silence])
        let lane = try lane(asker) {
            $0.deadline = .seconds(10)
            $0.questionLimit = 1
            $0.failureLimit = 1
        }
        async let other = lane.ask(Self.question)
        let states = [await lane.ask(Self.question).report.state, await other.report.state]
        #expect(Set(states) == [.answered, .deadline] && asker.askedCount == 2)
        #expect(lane.activity.breaker == .closed && lane.activity.failureCount == 0)
    }

    @Test func `a question that its asker gave up neither fails nor heals`() async throws {
        let asker = ScriptedAsker([.fail(.unreachable("no")), .silence, .fail(.unreachable("no"))])
        let lane = try lane(asker) { $0.failureLimit = 2 }
        _ = await lane.ask(Self.question)
        let left = Task { await lane.ask(Self.question) }
        while asker.askedCount < 2 { await Task.yield() }
        left.cancel()
        _ = await left.value
        #expect(lane.activity.failureCount == 1 && lane.activity.breaker == .closed)
        _ = await lane.ask(Self.question)
        #expect(lane.activity.breaker != .closed)
    }

    @Test func `what it refuses of one question is no failure of the source`() async throws {
        let lane = try lane(ScriptedAsker([.fail(.declined("HTTP 400"))])) { $0.failureLimit = 1 }
        for _ in 0..<3 { #expect(await lane.ask(Self.question).report.state == .refused) }
        #expect(lane.activity.breaker == .closed)
    }

    @Test func `texts and series of an answer are bounded`() async throws {
        var answer = try Self.told()
        answer.studies[0].study.description = String(repeating: "胸", count: 100_000)
        answer.studies[0].series = Array(repeating: SeriesRecord(description: "ab"), count: 5000)
        let studies = await (try lane(ScriptedAsker([.answer(answer)]))).ask(Self.question).studies
        #expect(studies[0].study.description.count == 1024 && studies[0].series.count == 2000)
        #expect(studies[0].series[0].description == "ab")
    }
}
