import DICOMCore
import Foundation
import Testing

@testable import Assessment

@Suite struct PerformedStepsTests {
    private func completeness(_ steps: [StudyTestimony.Step], _ series: [SeriesContent]) throws -> Completeness {
        var study = try StudyContent.sample(series)
        study.testimony.steps = steps
        return try Assessor.sample().completeness(of: study)
    }

    @Test func `a completed step of which all arrived makes the study complete`() throws {
        let found = try completeness([.sample(held: 3)], [.sample(numbers: [1, 2, 3])])
        #expect(found.verdict == .complete)
        #expect(found.evidence.first?.rule == .mpps)
    }

    @Test func `instances that the modality made and that are not here are named`() throws {
        let found = try completeness([.sample(held: 2, missing: 2)], [.sample(numbers: [1, 2])])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .mpps)
        #expect(found.evidence.first?.missing == ["instance 1.2.3.1.2", "instance 1.2.3.1.3"])
        #expect(found.evidence.first?.seriesInstanceUID?.value == "1.2.3.1")
    }

    @Test func `it outweighs gaps in the numbers, but not in series it does not name`() throws {
        #expect(try completeness([.sample(held: 4)], [.sample(numbers: [1, 2, 4, 5])]).verdict == .complete)
        let other = try SeriesContent.sample(2, numbers: [1, 2, 3, 5, 6])
        let found = try completeness([.sample(held: 3)], [.sample(numbers: [1, 2, 3]), other])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .instanceNumberGap)
    }

    @Test func `a series that no step names keeps the study from being complete, unless it is made from others`() throws
    {
        let step = try StudyTestimony.Step.sample(held: 3)
        let named = try SeriesContent.sample(numbers: [1, 2, 3])
        #expect(try completeness([step], [named, .sample(2, numbers: [1, 2, 3])]).verdict == .unknown)
        let counted = try SeriesContent.sample(
            2, numbers: [1, 2, 3], attributes: [.numberOfSeriesRelatedInstances: "3"])
        #expect(try completeness([step], [named, counted]).verdict == .complete)
        let reformat = try SeriesContent.sample(
            2, numbers: [1, 2], attributes: [.imageType: "DERIVED\\SECONDARY\\MPR"])
        let beside = try completeness([step], [named, reformat])
        #expect(beside.verdict == .complete)
        // Nobody counted it.
        #expect(beside.confidence == 0.9)
        let page = try SeriesContent.sample(
            2, numbers: [1], attributes: [.imageType: "DERIVED\\SECONDARY\\SCREEN SAVE"])
        let both = try StudyTestimony.Step.sample(2, held: 1).series
        var wider = step
        wider.series += both
        #expect(try completeness([wider], [named, page]).confidence == 0.99)
    }

    @Test func `while another step is in progress no step makes the study complete`() throws {
        var open = try StudyTestimony.Step.sample(2, .inProgress, held: 0)
        let (first, second) = try (
            SeriesContent.sample(numbers: [1, 2, 3]), SeriesContent.sample(2, numbers: [1, 2, 3])
        )
        let done = try StudyTestimony.Step.sample(held: 3)
        #expect(try completeness([done, open], [first]).verdict == .unknown)
        #expect(try completeness([open, done], [first, second]).verdict == .unknown)
        // What the completed step names is all here, gaps in its numbers or not; it can't know of the other's.
        let numbered = try SeriesContent.sample(numbers: [1, 2, 4])
        #expect(try completeness([done, open], [numbered]).verdict == .unknown)
        open.series = try StudyTestimony.Step.sample(2, held: 4).series
        let cut = try SeriesContent.sample(2, numbers: [1, 2, 4, 5, 6])
        let found = try completeness([done, open], [first, cut])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .instanceNumberGap)
        let counted: Header = [.numberOfStudyRelatedInstances: "3"]
        #expect(
            try completeness([done, open], [.sample(numbers: [1, 2, 3], attributes: counted)]).verdict == .unknown)
        open.status = .completed
        #expect(try completeness([done, open], [first, cut]).verdict == .complete)
    }

    @Test func `a step that lacks something vouches for none of its series`() throws {
        let lacking = try StudyTestimony.Step.sample(2, held: 4, missing: 1)
        let cut = try SeriesContent.sample(2, numbers: [1, 2, 4, 5])
        let found = try completeness([.sample(held: 3), lacking], [.sample(numbers: [1, 2, 3]), cut])
        #expect(found.verdict == .incomplete)
        let rules = found.evidence.prefix { $0.verdict == .incomplete }.map(\.rule)
        #expect(rules == [.mpps, .instanceNumberGap])
    }

    @Test func `a missing instance outweighs a count that is reached`() throws {
        let found = try completeness(
            [.sample(held: 3, missing: 1)],
            [.sample(numbers: [1, 2, 3], attributes: [.numberOfStudyRelatedInstances: "3"])])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .mpps)
    }

    @Test func `a step in progress, and one that names nothing, say nothing`() throws {
        for step in try [StudyTestimony.Step.sample(.inProgress, held: 0, missing: 3), .sample(held: 0)] {
            let found = try completeness([step], [.sample(numbers: [1, 2, 3])])
            #expect(found.verdict == .unknown)
            #expect(found.evidence.contains { $0.rule == .mpps && $0.verdict == .unknown })
        }
    }

    @Test func `a step that was broken off tells of losses, never that the exam is whole`() throws {
        #expect(try completeness([.sample(.discontinued, held: 3)], [.sample(numbers: [1, 2, 3])]).verdict == .unknown)
        let lost = try completeness([.sample(.discontinued, held: 2, missing: 1)], [.sample(numbers: [1, 2])])
        #expect(lost.verdict == .incomplete)
        let repeated = try completeness(
            [.sample(.discontinued, held: 1), .sample(held: 3)], [.sample(numbers: [1, 2, 3])])
        #expect(repeated.verdict == .complete)
    }

    @Test func `what is stored under another study is no loss`() throws {
        var step = try StudyTestimony.Step.sample(held: 3)
        step.series[0].instances[2].holder = try StudyInstanceUID("9.9")
        #expect(try completeness([step], [.sample(numbers: [1, 2])]).verdict == .complete)
    }

    @Test func `of a step for two studies only series that are begun here can lack something here`() throws {
        var step = try StudyTestimony.Step.sample(held: 2)
        step.studyCount = 2
        let elsewhere = try StudyTestimony.Step.sample(2, held: 2, missing: 2, holder: "9.9").series
        step.series += elsewhere
        #expect(try completeness([step], [.sample(numbers: [1, 2])]).verdict == .complete)
        step.series += try StudyTestimony.Step.sample(3, held: 0, missing: 2).series
        #expect(try completeness([step], [.sample(numbers: [1, 2])]).verdict == .unknown)
        step.series[0].instances[0].holder = nil
        #expect(try completeness([step], [.sample(numbers: [2])]).verdict == .incomplete)
    }
}

@Suite struct CommitmentListsTests {
    private func completeness(
        _ lists: [[StudyTestimony.Instance]], _ series: [SeriesContent]
    ) throws -> Completeness {
        var study = try StudyContent.sample(series)
        study.testimony.commitmentLists = try lists.map { try .init(peer: AETitle("CT1"), instances: $0) }
        return try Assessor.sample().completeness(of: study)
    }

    @Test func `a list with instances that are not here makes the study incomplete and names them`() throws {
        let found = try completeness([.named(held: 2, missing: 1)], [.sample(numbers: [1, 2])])
        #expect(found.verdict == .incomplete)
        #expect(found.evidence.first?.rule == .commitmentList)
        #expect(found.evidence.first?.missing == ["instance 1.2.3.1.2"])
    }

    @Test func `lists that hold every image make it complete, but hide no gap`() throws {
        let halves = try [
            Array([StudyTestimony.Instance].named(held: 2)), Array([StudyTestimony.Instance].named(held: 3).suffix(1)),
        ]
        #expect(try completeness(halves, [.sample(numbers: [1, 2, 3])]).verdict == .complete)
        #expect(try completeness(halves, [.sample(numbers: [1, 2, 4])]).verdict == .incomplete)
        #expect(try completeness([.named(held: 2)], [.sample(numbers: [1, 2, 3])]).verdict == .unknown)
    }

    @Test func `of a list that spans studies nobody can say whose a missing instance is`() throws {
        let list = try [StudyTestimony.Instance].named(held: 2, missing: 1) + .named(2, held: 1, holder: "9.9")
        let found = try completeness([list], [.sample(numbers: [1, 2])])
        #expect(found.verdict == .unknown)
        #expect(found.evidence.contains { $0.rule == .commitmentList })
    }

    @Test func `what evidence covers is not reported`() throws {
        let found = try completeness([.named(held: 3)], [.sample(numbers: [1, 2, 3])])
        let json = String(decoding: try JSONEncoder().encode(found), as: UTF8.self)
        #expect(!json.contains("covers"))
        #expect(try JSONDecoder().decode(Completeness.self, from: Data(json.utf8)).verdict == .complete)
    }
}

extension StudyTestimony.Step {
    /// A step with one series, of which the first `held` instances are in study 1.2.3 and the others nowhere.
    static func sample(
        _ series: Int = 1, _ status: Status = .completed, held: Int, missing: Int = 0, holder: String = "1.2.3"
    ) throws -> StudyTestimony.Step {
        let instances = try [StudyTestimony.Instance].named(series, held: held, missing: missing, holder: holder)
        return try StudyTestimony.Step(
            uid: SOPInstanceUID("1.5"), status: status,
            series: instances.isEmpty
                ? [] : [Series(seriesInstanceUID: SeriesInstanceUID("1.2.3.\(series)"), instances: instances)])
    }

    static func sample(_ status: Status, held: Int, missing: Int = 0) throws -> StudyTestimony.Step {
        try sample(1, status, held: held, missing: missing)
    }
}

extension [StudyTestimony.Instance] {
    /// The instances that ``SeriesContent/sample(_:modality:numbers:attributes:)`` makes, and `missing` after them.
    static func named(_ series: Int = 1, held: Int, missing: Int = 0, holder: String = "1.2.3") throws -> Self {
        try (0..<held + missing).map { place in
            try StudyTestimony.Instance(
                sopInstanceUID: SOPInstanceUID("1.2.3.\(series).\(place)"),
                sopClassUID: SOPClassUID("1.2.840.10008.5.1.4.1.1.2"),
                holder: place < held ? StudyInstanceUID(holder) : nil)
        }
    }
}
