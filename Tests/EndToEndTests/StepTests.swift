import Foundation
import Testing

/// Performed procedure steps (MPPS) of a modality that pynetdicom plays.
@Suite struct StepTests {
    private static let folder = Tool.root.appending(path: "Fixtures/studies/14-ct-head").path

    @Test func `right and wrong steps get the answers of the standard, and what was right is kept`() throws {
        try PriordProcess.serving { daemon in
            let said = try ClientReport.of("protocol_steps.py", ["\(daemon.dicomPort)", StepTests.folder, "statuses"])
            let expected = [
                "create": "0000", "create again": "0111", "create without a UID": "0000", "create completed": "0106",
                "create without PerformedStationAETitle": "0120",
                "create with an empty PerformedStationAETitle": "0121", "create without Modality": "0120",
                "create with an empty Modality": "0121", "create without PerformedProcedureStepStatus": "0120",
                "create with an empty PerformedProcedureStepStatus": "0121", "create without a study": "0120",
                "create from garbage": "0110", "set from garbage": "0110", "set unknown": "0112",
                "set strange status": "0106", "set in progress": "0000", "set completed": "0000",
                "set after the end": "0110", "set by another peer": "0124",
            ]
            #expect(said.cases.mapValues { $0["status"] ?? "" } == expected)
            #expect(said["set after the end", "error"] == "A710")
            #expect(
                said["set after the end", "comment"] == "Performed Procedure Step Object may no longer be updated")
            let kept = try daemon.indexRows("SELECT status, uid LIKE '2.25.%' FROM performedStep ORDER BY id")
            #expect(kept == [["1", "0"], ["0", "1"]])
            #expect(!daemon.logLines.contains { $0.contains("Test^Step") })
        }
    }

    @Test func `a completed step settles its study at once, and says that it is complete`() throws {
        var settings = PriordProcess.Settings()
        settings.quietPeriod = "1h"
        try PriordProcess.serving(settings) { daemon in
            let said = try ClientReport.of("protocol_steps.py", ["\(daemon.dicomPort)", StepTests.folder, "study"])
            #expect(said.cases["stored"] == ["count": "16", "failed": "0"])
            try Operator(daemon: daemon).waitForAssessments(1)
            let study = try StepTests.study(said, daemon)
            #expect(study.state == "settled")
            #expect(study.completeness.verdict == "complete")
            #expect(study.completeness.evidence.first?.rule == "mpps")
            #expect(
                study.timeline.map(\.kind) == ["stepStarted", "received", "stepCompleted", "settled", "assessed"])
            #expect(study.timeline[3].detail.contains("performed procedure step"))
        }
    }

    @Test func `an image that the modality made and did not send is named`() throws {
        try PriordProcess.serving { daemon in
            let said = try ClientReport.of(
                "protocol_steps.py", ["\(daemon.dicomPort)", StepTests.folder, "study", "1"])
            try Operator(daemon: daemon).waitForAssessments(1)
            let study = try StepTests.study(said, daemon)
            #expect(study.completeness.verdict == "incomplete")
            #expect(study.completeness.evidence.first?.rule == "mpps")
            #expect(study.completeness.evidence.first?.missing == ["instance \(said["last", "uid"] ?? "")"])
        }
    }

    private static func study(_ said: ClientReport, _ daemon: PriordProcess) throws -> Study {
        try Operator(daemon: daemon).answer(Study.self, "study", said["last", "study"] ?? "")
    }
}

/// `priorctl study --json`, as far as these tests look.
struct Study: Decodable {
    struct Completeness: Decodable {
        struct Evidence: Decodable {
            let rule: String
            let missing: [String]
        }
        let verdict: String
        let evidence: [Evidence]
    }
    struct Event: Decodable {
        let kind: String
        let detail: String
    }
    let state: String
    let completeness: Completeness
    let timeline: [Event]
}
