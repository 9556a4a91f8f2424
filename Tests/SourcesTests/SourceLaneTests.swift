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
        /// Until it is cancelled.
        case silence
    }

    private let state: Mutex<(steps: [Step], asked: Int, closed: Int, atOnce: Int, mostAtOnce: Int)>

    /// - Parameter steps: the last one is repeated.
    init(_ steps: [Step]) { state = Mutex((steps, 0, 0, 0, 0)) }

    var askedCount: Int { state.withLock { $0.asked } }
    var closedCount: Int { state.withLock { $0.closed } }
    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    func answer(to question: SourceQuestion) async throws(SourceFault) -> SourceAnswer {
        let step = state.withLock { state in
            state.asked += 1
            state.atOnce += 1
            state.mostAtOnce = max(state.mostAtOnce, state.atOnce)
            return state.steps.count > 1 ? state.steps.removeFirst() : state.steps[0]
        }
        defer { state.withLock { $0.atOnce -= 1 } }
        switch step {
        case .answer(let answer):
            await Task.yield()
            return answer
        case .fail(let fault): throw fault
        case .silence:
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
            throw .ended
        }
    }

    func probe() async throws(SourceFault) { _ = try await answer(to: SourceQuestion(identities: [], code: "")) }
    func close() async { state.withLock { $0.closed += 1 } }
}

@Suite(.timeLimit(.minutes(1))) struct SourceLaneTests {
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
        // Far below what it would wait by itself, however busy the machine is.
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
}
