import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct QualityReportTests {
    /// Stores, settles and judges one study of one series at a station.
    private func judge(
        _ test: TestArchive, _ study: Int, date: String, institution: String = "A", station: String = "DR1",
        quality: String = "pass", findings: [(rule: String, severity: String)] = [], noise: Double? = nil
    ) throws {
        var record = try InstanceRecord.sample(study: study, date: date, institution: institution)
        record.series.stationName = station
        try test.store(record)
        try test.settle(at: 10)
        _ = try test.index.publish(draft(study, quality, findings, noise), of: .sample(study))
    }

    private func draft(
        _ study: Int, _ quality: String, _ findings: [(rule: String, severity: String)], _ noise: Double?,
        instanceCount: Int = 1
    ) -> AssessmentDraft {
        var draft = AssessmentDraft.sample(instanceCount: instanceCount)
        draft.quality = quality
        let found = findings.map { #"{"rule":"\#($0.rule)","severity":"\#($0.severity)","detail":"x"}"# }
        let measured = noise.map {
            #"{"rule":"noise","seriesInstanceUID":"1.2.\#(study).1","unit":"HU","value":\#($0)}"#
        }
        draft.json = """
            {"quality":{"verdict":"\(quality)","findings":[\(found.joined(separator: ","))],\
            "measures":[\(measured ?? "")]}}
            """
        return draft
    }

    private func shelf() throws -> TestArchive {
        let test = try TestArchive()
        try judge(test, 1, date: "20261001", noise: 10)
        try judge(
            test, 2, date: "20261101", quality: "fail",
            findings: [("blank-image", "fail"), ("blank-image", "info"), ("noise", "info")], noise: 12)
        try judge(test, 3, date: "20261101", institution: "B", quality: "review", findings: [("noise", "review")])
        try judge(test, 4, date: "", station: "", quality: "notAssessed")
        return test
    }

    @Test func `studies are counted by group and verdict, and once by each rule with its worst`() throws {
        let test = try shelf()
        let (verdicts, rules) = try test.index.qualityCounts(in: ReportRange(), by: .institution)
        #expect(
            verdicts == [
                .init(group: "A", institution: "", verdict: "fail", studyCount: 1),
                .init(group: "A", institution: "", verdict: "notAssessed", studyCount: 1),
                .init(group: "A", institution: "", verdict: "pass", studyCount: 1),
                .init(group: "B", institution: "", verdict: "review", studyCount: 1),
            ])
        #expect(
            rules == [
                .init(group: "A", institution: "", rule: "blank-image", severity: "fail", studyCount: 1),
                .init(group: "A", institution: "", rule: "noise", severity: "info", studyCount: 1),
                .init(group: "B", institution: "", rule: "noise", severity: "review", studyCount: 1),
            ])
    }

    @Test func `a range, a month, a station and a rule may be asked for`() throws {
        let test = try shelf()
        let index = test.index
        let november = ReportRange(firstDate: "20261101", lastDate: "20261130")
        #expect(try index.qualityCounts(in: november, by: .station).verdicts.map(\.institution) == ["A", "B"])
        #expect(
            try index.qualityCounts(in: ReportRange(), by: .month).verdicts.map(\.group) == [
                "", "202610", "202611", "202611",
            ])
        #expect(
            try index.qualityCounts(in: november, by: .month, rule: "noise").rules.map(\.severity) == [
                "info", "review",
            ])
    }

    @Test func `figures are read by day, of studies that have one`() throws {
        let test = try shelf()
        let index = test.index
        let first = try #require(CalendarDay(dicom: "20261001"))
        let last = try #require(CalendarDay(dicom: "20261101"))
        let figures = try index.measures(from: first, to: last)
        #expect(figures.count == 1)
        #expect(figures.first?.station == "DR1" && figures.first?.modality == "DX" && figures.first?.unit == "HU")
        #expect(
            figures.first?.values == [
                .init(day: Int32(first.number), value: 10), .init(day: Int32(last.number), value: 12),
            ])
        #expect(try index.measures(from: first, to: first).first?.values.map(\.value) == [10])
        #expect(try index.measures(from: first, to: last, rule: "blur").isEmpty)
        #expect(try index.lastMeasuredDay(until: CalendarDay(number: last.number + 9)) == last)
        #expect(try index.lastMeasuredDay(until: CalendarDay(number: last.number - 1)) == first)
        #expect(try index.lastMeasuredDay(until: CalendarDay(number: first.number - 1)) == nil)
    }

    @Test func `another assessment of a study replaces what the last one left`() throws {
        let test = try shelf()
        _ = try test.index.publish(draft(2, "pass", [], 30), of: .sample(2))
        let (verdicts, rules) = try test.index.qualityCounts(in: ReportRange(), by: .institution)
        #expect(verdicts.map(\.verdict) == ["notAssessed", "pass", "review"])
        #expect(rules.map(\.rule) == ["noise"] && rules.first?.group == "B")
        let day = try #require(CalendarDay(dicom: "20261101"))
        #expect(try test.index.measures(from: day, to: day).first?.values.map(\.value) == [30])
    }

    @Test func `assessments of an earlier version, and what reindex keeps, are counted too`() throws {
        let test = try shelf()
        let before = try test.index.qualityCounts(in: ReportRange(), by: .institution).verdicts
        try test.index.write { try StudyIndex.removeQuality(of: nil, in: $0) }
        try test.restart()
        #expect(try test.index.qualityCounts(in: ReportRange(), by: .institution).verdicts == before)
        _ = try test.archive.reindex { _, _ in true }
        #expect(try test.index.qualityCounts(in: ReportRange(), by: .institution).verdicts == before)
        #expect(try test.index.qualityCounts(in: ReportRange(), by: .institution).rules.count == 3)
    }

    @Test(arguments: ["{}", "not json", #"{"quality":{"findings":[{}],"measures":[{"value":"x"},7]}}"#, "[]"])
    func `an assessment of another shape is counted by its verdict alone`(json: String) throws {
        let test = try TestArchive()
        try test.store(.sample())
        try test.settle(at: 10)
        var draft = AssessmentDraft.sample(instanceCount: 1)
        draft.json = json
        _ = try test.index.publish(draft, of: .sample(1))
        let (verdicts, rules) = try test.index.qualityCounts(in: ReportRange(), by: .institution)
        #expect(verdicts.map(\.verdict) == ["pass"] && rules.isEmpty)
    }

    @Test func `settled studies are asked for again by date, rule and UID, and each once`() throws {
        let test = try shelf()
        let index = test.index
        #expect(try index.askForAssessment(of: ReassessmentScope(rule: "blank-image")) == 1)
        #expect(try index.studiesAwaitingAssessment().map(\.studyInstanceUID) == [.sample(2)])
        #expect(try index.askForAssessment(of: ReassessmentScope(rule: "blank-image")) == 0)
        #expect(try index.askForAssessment(of: ReassessmentScope(range: ReportRange(lastDate: "20261031"))) == 1)
        #expect(try index.askForAssessment(of: ReassessmentScope(study: .sample(3))) == 1)
        #expect(try index.askForAssessment(of: ReassessmentScope(study: .sample(9))) == 0)
        #expect(try index.askForAssessment(of: ReassessmentScope()) == 1)
        #expect(try index.studiesAwaitingAssessment().count == 4)
    }

    @Test func `a reassessment that is stopped says so`() throws {
        let test = try shelf()
        #expect(throws: ArchiveError.stopped) {
            try test.index.askForAssessment(of: ReassessmentScope()) { _, _ in false }
        }
    }
}
