import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct ReportTests {
    /// Studies 1…4 assessed, study 5 still receiving.
    private func shelf() throws -> TestArchive {
        let test = try TestArchive()
        try test.store(.sample(study: 1, date: "20261001", institution: "A"))
        try test.store(.sample(study: 2, date: "20261031", institution: "A"))
        try test.store(.sample(study: 3, date: "20261101", institution: "B"))
        try test.store(.sample(study: 4, date: "", institution: "B"))
        try test.settle(at: 10)
        try publish("complete", by: "sender-count", of: 1, in: test)
        try publish("incomplete", by: "slice-gap", of: 2, in: test)
        try publish("incomplete", by: "slice-gap", of: 3, in: test)
        try publish("unknown", by: "announced-count", of: 4, in: test)
        try test.store(.sample(study: 5, date: "20261102", institution: "B"), at: 20)
        return test
    }

    private func publish(_ verdict: String, by rule: String, of study: Int, in test: TestArchive) throws {
        var draft = AssessmentDraft.sample(instanceCount: 1)
        draft.completeness = verdict
        draft.json = #"{"completeness":{"evidence":[{"rule":"\#(rule)","verdict":"\#(verdict)"}]}}"#
        _ = try test.index.publish(draft, of: .sample(study))
    }

    @Test func `studies are counted by group, verdict and the rule that decided`() throws {
        let test = try shelf()
        let counts = try test.index.completenessCounts(in: ReportRange(), by: .institution)
        #expect(
            counts == [
                .init(group: "A", institution: "", verdict: "complete", rule: "sender-count", studyCount: 1),
                .init(group: "A", institution: "", verdict: "incomplete", rule: "slice-gap", studyCount: 1),
                .init(group: "B", institution: "", verdict: "", rule: "", studyCount: 1),
                .init(group: "B", institution: "", verdict: "incomplete", rule: "slice-gap", studyCount: 1),
                .init(group: "B", institution: "", verdict: "unknown", rule: "", studyCount: 1),
            ])
    }

    @Test func `a range takes its first and last day in, and no study without a date`() throws {
        let test = try shelf()
        func count(_ first: String?, _ last: String?) throws -> Int {
            try test.index.completenessCounts(in: ReportRange(firstDate: first, lastDate: last), by: .peer)
                .reduce(0) { $0 + $1.studyCount }
        }
        #expect(try count("20261031", "20261101") == 2)
        #expect(try count("20261032", nil) == 2)
        #expect(try count(nil, "20261030") == 1)
        #expect(try count(nil, nil) == 5)
    }

    @Test(arguments: [
        (StudyGrouping.month, ["", "202610", "202611"]), (.peer, ["MODALITY"]), (.institution, ["A", "B"]),
    ])
    func `groups are those of the studies`(grouping: StudyGrouping, groups: [String]) throws {
        let test = try shelf()
        let counts = try test.index.completenessCounts(in: ReportRange(), by: grouping)
        #expect(Set(counts.map(\.group)).sorted() == groups)
    }

    @Test(arguments: ["***", "1997.04.24", "2026"])
    func `what is no date is in no month`(date: String) throws {
        let test = try TestArchive()
        try test.store(.sample(date: date))
        #expect(try test.index.completenessCounts(in: ReportRange(), by: .month).map(\.group) == [""])
    }

    @Test func `stations of the same name in two institutions are two`() throws {
        let test = try TestArchive()
        for (study, institution) in [(1, "A"), (2, "B")] {
            var record = try InstanceRecord.sample(study: study, institution: institution)
            record.series.stationName = "CT1"
            try test.store(record)
        }
        let counts = try test.index.completenessCounts(in: ReportRange(), by: .station)
        #expect(counts.map(\.group) == ["CT1", "CT1"])
        #expect(counts.map(\.institution) == ["A", "B"])
    }

    @Test func `only the newest assessment of a study counts`() throws {
        let test = try shelf()
        try test.store(.sample(2, study: 2, date: "20261031", institution: "A"), at: 30)
        try test.settle(at: 40)
        var draft = AssessmentDraft.sample(instanceCount: 2)
        draft.json = #"{"completeness":{"evidence":[{"rule":"sender-count"}]}}"#
        #expect(try test.index.publish(draft, of: .sample(2)) == .published(version: 2))
        let counts = try test.index.completenessCounts(in: ReportRange(), by: .institution)
        #expect(
            counts.filter { $0.group == "A" } == [
                .init(group: "A", institution: "", verdict: "complete", rule: "sender-count", studyCount: 2)
            ])
    }

    @Test func `the rule that an assessment names as the one that decided counts`() throws {
        let test = try shelf()
        var draft = AssessmentDraft.sample(instanceCount: 1)
        draft.json = #"{"completeness":{"decidedBy":"mpps","evidence":[{"rule":"sender-count"}]}}"#
        #expect(try test.index.publish(draft, of: .sample(1)) == .published(version: 2))
        let rules = try test.index.completenessCounts(in: ReportRange(), by: .institution)
            .filter { $0.group == "A" && $0.verdict == "complete" }.map(\.rule)
        #expect(rules == ["mpps"])
    }
}
