import Archive
import Assessment
import Catalogue
import DICOMCore
import DICOMNetwork
import Foundation
import Matching
import TestCatalogues
import TestImages
import Testing

@testable import Ingestion

@Suite struct SenderDeskTests {
    private let uid = StudyInstanceUID.one

    /// A desk, and what it needs.
    private struct Desk {
        let test: TestIngest
        let desk: SenderDesk
        let assessor: StudyAssessor
        let senders: Senders

        /// - Parameters:
        ///   - received: Instance Numbers of what priord has of study 1.2.1.
        ///   - patience: with a sender that says nothing.
        init(_ sender: Sender, received: [Int], patience: Duration = .seconds(60)) throws {
            test = try TestIngest()
            for number in received {
                let instance = "1.2.1.1.\(number)"
                try test.store(
                    TestIngest.file(instance: instance) { $0.set(.instanceNumber, "IS", "\(number)") }, as: instance)
            }
            senders = Senders([sender])
            assessor = StudyAssessor(
                archive: test.archive,
                catalogues: try CataloguesInForce(
                    archive: test.archive, namer: Bundled.namer, logger: TestIngest.logger),
                aliases: try AliasesInForce(index: test.archive.index), assessor: Assessor(lexicon: Bundled.lexicon),
                senders: senders)
            let queue = AssessmentQueue(
                index: test.archive.index, assessor: assessor, workerCount: 1, logger: TestIngest.logger)
            var limits = SenderDesk.Limits()
            limits.silence = patience
            desk = SenderDesk(
                index: test.archive.index, senders: senders, queue: queue, limits: limits, logger: TestIngest.logger)
            try settle()
        }

        var index: StudyIndex { test.archive.index }

        func settle() throws {
            try index.settle(
                index.studiesDueToSettle(lastInstanceBefore: .distantFuture), reason: "quiet", at: Date())
        }

        /// Asks whatever is due, and assesses.
        @discardableResult
        func askAndAssess(at date: Date = Date()) throws -> Completeness.Verdict? {
            for sender in senders.aeTitles.compactMap({ senders[$0] }) {
                try desk.ask(sender, index.inquiriesDue(of: [sender.aeTitle], at: date))
            }
            for study in try index.studiesAwaitingAssessment() {
                _ = try index.publish(assessor.assess(study, at: Date()), of: study.studyInstanceUID)
            }
            return try index.study(.one).flatMap { Completeness.Verdict(rawValue: $0.completeness) }
        }

        /// The evidence of `sender-count` in the newest assessment.
        func evidence() throws -> [Completeness.Evidence] {
            let json = try index.assessments(of: .one).last?.verdicts.json ?? ""
            return try JSONDecoder().decode(AssessmentDocument.self, from: Data(json.utf8)).completeness.evidence
                .filter { $0.rule == .senderCount }
        }

        var timeline: [Event] { get throws { try index.timeline(of: .one).filter { $0.kind == .askedSender } } }
    }

    @Test(arguments: [
        (TestPACS.Manner.listsAll, ["instance 3 (1.2.1.1.3)"], "3 instances in 1 series, each named"),
        (.ignoresKeys, ["instance 3 (1.2.1.1.3)"], "3 instances in 1 series, each named"),
        (.countsSeries, ["1 instances"], "3 instances in 1 series, counted by series"),
        (.cutsLists, ["1 instances"], "3 instances in 1 series, counted by series"),
        (.countsStudy, ["1 instances"], "3 instances, counted for the study"),
    ])
    func `a sender that has more makes the study incomplete, as exactly as it can tell`(
        manner: TestPACS.Manner, missing: [String], said: String
    ) throws {
        let pacs = try TestPACS(manner, numbers: [1, 2, 3])
        defer { pacs.stop() }
        let desk = try Desk(pacs.sender(), received: [1, 2])
        #expect(try desk.askAndAssess() == .incomplete)
        #expect(try desk.evidence().map(\.missing) == [missing])
        #expect(try desk.timeline.map(\.detail) == ["CT1: \(said)"])
    }

    @Test func `a sender that has what we have makes the study complete`() throws {
        let pacs = try TestPACS(numbers: [1, 2])
        defer { pacs.stop() }
        let desk = try Desk(pacs.sender(), received: [1, 2])
        #expect(try desk.askAndAssess() == .complete)
        #expect(try desk.index.senderAnswers(of: uid).count == 1)
    }

    @Test func `a sender that does not know the study proves nothing and is not asked again`() throws {
        let pacs = try TestPACS(numbers: [])
        defer { pacs.stop() }
        let desk = try Desk(pacs.sender(), received: [1, 2])
        #expect(try desk.askAndAssess() == .unknown)
        #expect(try desk.timeline.map(\.detail) == ["CT1: no such study"])
        #expect(try desk.index.inquiriesDue(of: desk.senders.aeTitles, at: .distantFuture).isEmpty)
    }

    @Test(arguments: [TestPACS.Manner.isSilent, .talksNonsense, .refuses])
    func `a sender that gives no answer leaves the study without evidence, and is asked again`(
        manner: TestPACS.Manner
    ) throws {
        let pacs = try TestPACS(manner, numbers: [1, 2, 3])
        defer { pacs.stop() }
        let desk = try Desk(pacs.sender(), received: [1, 2], patience: .seconds(2))
        #expect(try desk.askAndAssess() == .unknown)
        #expect(try desk.evidence().isEmpty)
        #expect(try desk.timeline.first?.detail.contains("attempt 1 of 5") == true)
        let again = try desk.index.inquiriesDue(of: desk.senders.aeTitles, at: Date().addingTimeInterval(31))
        #expect(again.map(\.attemptCount) == [1])
    }

    @Test func `a sender that is off is asked five times at most, each time later`() throws {
        let pacs = try TestPACS(numbers: [])
        let sender = try pacs.sender()
        pacs.stop()
        let desk = try Desk(sender, received: [1])
        var waits: [TimeInterval] = []
        for _ in 0..<10 {
            try desk.askAndAssess(at: .distantFuture)
            let due = try desk.index.inquiriesDue(of: desk.senders.aeTitles, at: .distantFuture)
            guard !due.isEmpty else { break }
            for pause in [30, 120, 600, 3600] as [TimeInterval] {
                let isDue = try !desk.index.inquiriesDue(
                    of: desk.senders.aeTitles, at: Date().addingTimeInterval(pause)
                ).isEmpty
                if isDue {
                    waits.append(pause)
                    break
                }
            }
        }
        #expect(try desk.timeline.count == 5)
        #expect(waits == [30, 120, 600, 3600])
    }

    @Test func `a silent sender costs one deadline, not one for each study`() throws {
        let pacs = try TestPACS(.isSilent, numbers: [1])
        defer { pacs.stop() }
        let desk = try Desk(pacs.sender(), received: [1], patience: .seconds(2))
        for number in 2...6 {
            try desk.test.store(
                TestIngest.file(instance: "1.2.\(number).1.1") { $0.set(.studyInstanceUID, "UI", "1.2.\(number)") },
                as: "1.2.\(number).1.1")
        }
        try desk.settle()
        try desk.askAndAssess()
        #expect(pacs.associationCount == 1)
        #expect(try desk.index.study(StudyInstanceUID("1.2.6"))?.assessmentVersion == 1)
    }

    @Test func `a late answer brings a second version, and a late instance a new question`() throws {
        let pacs = try TestPACS(numbers: [1, 2])
        defer { pacs.stop() }
        let desk = try Desk(pacs.sender(), received: [1])
        let inquiry = try #require(try desk.index.inquiriesDue(of: desk.senders.aeTitles, at: Date()).first)
        try desk.index.postpone(inquiry, until: Date().addingTimeInterval(30), detail: "no answer", at: Date())
        #expect(try desk.askAndAssess() == .unknown)
        #expect(try desk.askAndAssess(at: Date().addingTimeInterval(31)) == .incomplete)
        #expect(try desk.index.study(uid)?.assessmentVersion == 2)

        try desk.test.store(TestIngest.file(instance: "1.2.1.1.2"), as: "1.2.1.1.2")
        try desk.settle()
        #expect(try desk.askAndAssess() == .complete)
        #expect(try desk.index.study(uid)?.assessmentVersion == 3)
    }
}

extension StudyInstanceUID {
    /// The study of ``TestIngest/file(instance:_:)``.
    static let one: StudyInstanceUID = {
        do { return try StudyInstanceUID("1.2.1") } catch { preconditionFailure("\(error)") }
    }()
}

@Suite struct MissingRetrievalTests {
    /// Study 1.2.1, incomplete by what `pacs` has, and what fetches from there.
    private func desk(
        _ pacs: TestPACS, received: [Int]
    ) throws -> (test: TestIngest, retrieval: MissingRetrieval, sender: Sender) {
        let test = try TestIngest()
        for number in received {
            try test.store(TestIngest.file(instance: "1.2.1.1.\(number)"), as: "1.2.1.1.\(number)")
        }
        let index = test.archive.index
        try index.settle(index.studiesDueToSettle(lastInstanceBefore: .distantFuture), reason: "quiet", at: Date())
        let sender = try pacs.sender(retrievesMissing: true)
        _ = try index.publish(
            AssessmentDraft(
                instanceCount: received.count, at: Date(), match: nil, completeness: "incomplete",
                quality: "notAssessed",
                json: """
                    {"otherMatches":[],"quality":{"verdict":"notAssessed","findings":[]},"completeness":{"verdict":\
                    "incomplete","evidence":[{"rule":"slice-gap","seriesInstanceUID":"1.2.1.1","verdict":"incomplete",\
                    "detail":"","missing":["1 slice"]}]}}
                    """, retrievesFrom: sender.aeTitle), of: .one)
        return (
            test, MissingRetrieval(index: index, senders: Senders([sender]), logger: TestIngest.logger), sender
        )
    }

    /// Runs attempts until none is due, whatever the pauses.
    private func retrieve(
        _ desk: (test: TestIngest, retrieval: MissingRetrieval, sender: Sender)
    ) throws -> [String] {
        let index = desk.test.archive.index
        var count = 0
        while let due = try index.retrievalsDue(from: [desk.sender.aeTitle], at: .distantFuture).first, count < 20 {
            try desk.retrieval.retrieve(due, from: desk.sender)
            count += 1
        }
        return try index.timeline(of: .one).filter { $0.kind == .retrieved || $0.kind == .retrievalRequested }
            .map { "\($0.kind.rawValue) \($0.detail)" }
    }

    @Test func `what is missing is asked for by UID, once, and its outcome is told`() throws {
        let pacs = try TestPACS(numbers: [1, 2, 3, 4])
        defer { pacs.stop() }
        let said = try retrieve(desk(pacs, received: [1, 3]))
        #expect(
            pacs.moves == [
                .init(level: "IMAGE", series: "1.2.1.1", instances: ["1.2.1.1.2", "1.2.1.1.4"], destination: "PRIORD")
            ])
        #expect(
            said == [
                "retrievalRequested CT1: 2 instances (attempt 1 of 3)",
                "retrieved CT1: 2 completed, 0 failed, 0 with warning, status 0000",
            ])
    }

    @Test func `nothing is fetched from a sender that has no more`() throws {
        let pacs = try TestPACS(numbers: [1, 3])
        defer { pacs.stop() }
        #expect(try retrieve(desk(pacs, received: [1, 3])) == ["retrieved CT1: nothing that is missing here"])
        #expect(pacs.moves.isEmpty)
    }

    @Test(arguments: [
        (TestPACS.Manner.countsSeries, "SERIES"), (.countsStudy, "STUDY"), (.refuses, "SERIES"),
    ])
    func `where instances are not named, what holds them is asked for`(manner: TestPACS.Manner, level: String) throws {
        let pacs = try TestPACS(manner, numbers: [1, 2, 3])
        defer { pacs.stop() }
        _ = try retrieve(desk(pacs, received: [1, 3]))
        #expect(pacs.moves.map(\.level) == [level])
    }

    @Test func `a retrieval that fails is tried again, one level higher each time, and three times at most`() throws {
        let pacs = try TestPACS(numbers: [1, 2, 3], moveStatus: .cannotUnderstand)
        defer { pacs.stop() }
        let said = try retrieve(desk(pacs, received: [1, 3]))
        #expect(pacs.moves.map(\.level) == ["IMAGE", "SERIES", "STUDY"])
        #expect(said.count == 6)
        #expect(said.last == "retrieved CT1: 0 completed, 0 failed, 0 with warning, status C000")
    }

    @Test func `a sender that does not know us is not asked again`() throws {
        let pacs = try TestPACS(numbers: [1, 2, 3], moveStatus: .moveDestinationUnknown)
        defer { pacs.stop() }
        _ = try retrieve(desk(pacs, received: [1, 3]))
        #expect(pacs.moves.count == 1)
    }

    @Test func `a sender that is off is tried three times and told of`() throws {
        let pacs = try TestPACS(numbers: [])
        let desk = try desk(pacs, received: [1])
        pacs.stop()
        let said = try retrieve(desk)
        #expect(said.count == 3)
        #expect(said.allSatisfy { $0.hasPrefix("retrieved CT1: no retrieval") })
    }

    @Test func `a study has a limit of attempts over all its assessments`() throws {
        let pacs = try TestPACS(numbers: [1, 2, 3])
        defer { pacs.stop() }
        let desk = try desk(pacs, received: [1, 3])
        var due = try #require(
            try desk.test.archive.index.retrievalsDue(from: [desk.sender.aeTitle], at: .distantFuture).first)
        for _ in 0..<10 {
            try desk.test.archive.index.begin(due, next: Date())
        }
        due = try #require(
            try desk.test.archive.index.retrievalsDue(from: [desk.sender.aeTitle], at: .distantFuture).first)
        #expect(due.studyAttemptCount == 10)
        try desk.retrieval.retrieve(due, from: desk.sender)
        #expect(pacs.moves.isEmpty)
        #expect(try desk.test.archive.index.retrievalsDue(from: [desk.sender.aeTitle], at: .distantFuture).isEmpty)
    }
}

@Suite struct RetrievePlanTests {
    private static func uid(_ number: Int) throws -> SOPInstanceUID { try SOPInstanceUID("1.2.\(number)") }

    private static func answer(_ count: Int) throws -> SenderAnswer {
        try SenderAnswer(
            aeTitle: AETitle("CT1"), askedAt: Date(),
            series: [
                .init(
                    seriesInstanceUID: SeriesInstanceUID("1.9"), modality: "CT",
                    instances: (1...count).map { .init(sopInstanceUID: try uid($0)) })
            ])
    }

    @Test func `long lists are asked for in parts that a value may hold`() throws {
        let plan = try RetrievePlan(Self.answer(1201), received: [:], loss: [], attempt: 0)
        #expect(plan.requests.map(\.instances.count) == [500, 500, 201])
        #expect(Set(plan.requests.map(\.level)) == [.image])
    }

    @Test func `without an answer the series that lack are asked for, else the study`() throws {
        let series = try SeriesInstanceUID("1.9")
        let plan = RetrievePlan(nil, received: [:], loss: [series], attempt: 0)
        #expect(plan.requests == [.init(level: .series, series: series)])
        #expect(RetrievePlan(nil, received: [:], loss: [], attempt: 0).requests == [.init(level: .study)])
    }

    @Test func `what is stored in another series is not asked for`() throws {
        let plan = try RetrievePlan(
            Self.answer(2), received: [SeriesInstanceUID("1.8"): [Self.uid(1)]], loss: [], attempt: 0)
        #expect(plan.requests.flatMap(\.instances) == [try Self.uid(2)])
    }

    @Test func `each attempt asks one level higher, and an empty plan stays empty`() throws {
        let levels = try (0...3).map { attempt in
            try RetrievePlan(Self.answer(3), received: [:], loss: [], attempt: attempt).requests.map(\.level)
        }
        #expect(levels == [[.image], [.series], [.study], [.study]])
        let received = [try SeriesInstanceUID("1.9"): Set(try (1...3).map(Self.uid))]
        #expect(try RetrievePlan(Self.answer(3), received: received, loss: [], attempt: 2).requests.isEmpty)
    }
}
