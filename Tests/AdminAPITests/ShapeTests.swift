import DICOMCore
import Foundation
import Testing

@testable import AdminAPI

@Suite struct ShapeTests {
    @Test func `times are written in UTC with milliseconds and read back`() throws {
        let date = Date(timeIntervalSince1970: 1_790_000_000.125)
        let data = try AdminJSON.encoder().encode([date])
        #expect(String(decoding: data, as: UTF8.self) == #"["2026-09-21T14:13:20.125Z"]"#)
        #expect(try AdminJSON.decoder().decode([Date].self, from: data) == [date])
    }

    @Test func `a time that is none is refused`() {
        #expect(throws: DecodingError.self) {
            try AdminJSON.decoder().decode([Date].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }

    @Test func `the verdict is the worst of the checks`() {
        let checks = [StatusVerdict.ok, .critical, .warning].map {
            StatusAnswer.Check(name: $0.rawValue, state: $0, summary: "")
        }
        #expect(StatusAnswer(checks: checks, at: .now).verdict == .critical)
        #expect(StatusAnswer(checks: [], at: .now).verdict == .ok)
    }

    @Test(arguments: zip(StatusVerdict.allCases, [0, 1, 2]))
    func `exit codes are those of monitoring systems`(verdict: StatusVerdict, code: Int32) {
        #expect(verdict.exitCode == code)
    }

    @Test func `a study survives its JSON`() throws {
        let row = StudyRow(
            studyInstanceUID: try StudyInstanceUID("1.2.3"), state: "settled",
            firstInstanceAt: Date(timeIntervalSince1970: 1), lastInstanceAt: Date(timeIntervalSince1970: 2))
        let study = StudyAnswer(study: row, assessment: .none, series: [], timeline: [], versions: [])
        let data = try AdminJSON.encoder().encode(study)
        #expect(try AdminJSON.decoder().decode(StudyAnswer.self, from: data) == study)
    }

    @Test func `the example of a study in the contract is understood`() throws {
        let example = """
            {"match": {"catalogue": "zhejiang-imaging-2021", "code": "BW03ZZZ8B", "confidence": 0.98, "grade": "exact",
              "alternatives": [{"code": "BW03ZZZ1B", "confidence": 0.1}],
              "evidence": [{"axis": "views", "value": "PA+LAT", "source": "StudyDescription", "text": "正侧位"}]},
             "otherMatches": [{"catalogue": "vietnam-25qd-byt-2014", "no": 43}],
             "completeness": {"verdict": "incomplete", "evidence": [{"rule": "slice-gap", "seriesInstanceUID": "1.2",
               "verdict": "incomplete", "detail": "a gap", "missing": ["instance 7"]}]},
             "quality": {"verdict": "fail", "findings": [{"rule": "saturation", "severity": "fail",
               "seriesInstanceUID": "1.2", "sopInstanceUID": "1.2.3", "value": 0.31, "threshold": 0.05,
               "unit": "fraction", "detail": "saturated"}]}}
            """
        let answer = try AdminJSON.decoder().decode(AssessmentAnswer.self, from: Data(example.utf8))
        #expect(answer.match?.alternatives.first?.confidence == 0.1)
        #expect(answer.completeness.evidence.first?.missing == ["instance 7"])
        #expect(answer.quality.findings.first?.threshold == 0.05)
    }

    @Test func `the socket of a data directory is found with and without a slash`() {
        #expect(AdminSocket.path(inDataDirectory: "/var/lib/priord") == "/var/lib/priord/admin.sock")
        #expect(AdminSocket.path(inDataDirectory: "./var/") == "./var/admin.sock")
    }
}
