import AdminAPI
import Catalogue
import DICOMCore
import Foundation
import Testing

@testable import priorctl

@Suite struct StudyReportTests {
    private static func study(shown: Int? = nil) throws -> StudyAnswer {
        var row = StudyRow(
            studyInstanceUID: try StudyInstanceUID("1.2.3"), state: "settled",
            firstInstanceAt: Date(timeIntervalSince1970: 1), lastInstanceAt: Date(timeIntervalSince1970: 2))
        row.assessmentVersion = 2
        let first = AssessmentVersion(
            version: 1, at: Date(timeIntervalSince1970: 10), instanceCount: 2, code: nil, completeness: "incomplete",
            quality: "pass")
        var second = AssessmentVersion(
            version: 2, at: Date(timeIntervalSince1970: 20), instanceCount: 3, code: nil, completeness: "complete",
            quality: "pass")
        second.changes = second.changes(
            from: first, try answer("incomplete", missing: ["instance 3"]), to: try answer("complete", missing: []))
        return StudyAnswer(
            study: row, assessment: .none, series: [],
            timeline: ["received", "settled", "askedSender", "assessed", "reopened", "somethingNew"].map {
                .init(at: Date(timeIntervalSince1970: 5), kind: $0, detail: "CT1")
            }, versions: [first, second], assessmentVersion: shown)
    }

    private static func answer(_ verdict: String, missing: [String]) throws -> AssessmentAnswer {
        let names = missing.map { "\"\($0)\"" }.joined(separator: ",")
        let json = """
            {"otherMatches":[],"quality":{"verdict":"pass","findings":[]},"completeness":{"verdict":"\(verdict)",\
            "evidence":[{"rule":"sender-count","verdict":"\(verdict)","detail":"","missing":[\(names)]}]}}
            """
        return try AdminJSON.decoder().decode(AssessmentAnswer.self, from: Data(json.utf8))
    }

    @Test func `a version says what it changed`() throws {
        #expect(
            try Self.study().versions[1].changes == [
                .init(field: "instances", from: "2", to: "3"),
                .init(field: "completeness", from: "incomplete", to: "complete"),
                .init(field: "evidence", rule: "sender-count", from: "incomplete, missing 1", to: "complete"),
            ])
    }

    @Test(arguments: Language.allCases)
    func `every version and event stands there in the reader's language`(language: Language) throws {
        let text = StudyReport(study: try Self.study(), presentation: Presentation(language)).text
        #expect(text.contains("\(Word.incomplete(language)) → \(Word.complete(language))"))
        #expect(text.contains("sender-count incomplete, missing 1 → complete"))
        for kind in ["received", "settled", "askedSender", "assessed", "reopened"] {
            #expect(text.contains(EventWords.name(of: kind, in: language)))
        }
        #expect(text.contains("somethingNew"))
    }

    @Test func `an older version that is shown says which it is`() throws {
        let presentation = Presentation(.english)
        #expect(
            StudyReport(study: try Self.study(shown: 1), presentation: presentation).text.contains("Version: 1 / 2"))
        #expect(!StudyReport(study: try Self.study(), presentation: presentation).text.contains("Version: "))
    }

    @Test func `every event is in all three languages`() {
        for (kind, words) in EventWords.names {
            for word in [words.zh, words.en, words.vi] { #expect(!word.isEmpty, "\(kind)") }
            #expect(words.zh != words.en, "\(kind)")
        }
    }
}
