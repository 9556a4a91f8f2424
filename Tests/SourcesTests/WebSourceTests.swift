import DICOMCore
import DICOMNetwork
import Delivery
import Logging
import Recall
import Testing

@testable import Sources

/// What becomes of answers over HTTP, at services that a test scripts.
@Suite(.timeLimit(.minutes(10))) struct WebSourceTests {
    private static let types: Set = ["application/dicom+json"]

    private static func question(_ patientIDs: String...) -> SourceQuestion {
        SourceQuestion(
            identities: patientIDs.map { PersonTraits.Identity(issuer: "CITY", patientID: $0) }, code: "BW03ZZZ8B")
    }

    private static func study(_ uid: String, of patientID: String) -> String {
        """
        [{"0020000D": {"vr": "UI", "Value": ["\(uid)"]}, "00100020": {"vr": "LO", "Value": ["\(patientID)"]}}]
        """
    }

    private static func lane(to service: ScriptedService, isPriord: Bool = false) throws -> SourceLane {
        let http = HTTPService(url: service.url, aeTitle: .priord)
        var source = PriorSource(
            name: "hub", endpoint: isPriord ? .priord(http) : .dicomweb(http), deadline: .seconds(30),
            aeTitle: try AETitle("HUB"), ownAETitle: .priord)
        source.cacheTime = .zero
        return SourceLane(source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static func ask(
        _ service: ScriptedService, _ question: SourceQuestion = question("P1"), isPriord: Bool = false
    ) async throws -> (report: SourceReport, studies: [SourceStudy]) {
        let lane = try lane(to: service, isPriord: isPriord)
        let answer = await lane.ask(question)
        await lane.asker.close()
        return answer
    }

    @Test func `connections that are given up end once nobody uses them`() async throws {
        let service = try ScriptedService { path in path.hasPrefix("/slow") ? .held("[]") : .json("[]") }
        defer { service.end() }
        let client = SourceClient(HTTPService(url: service.url, aeTitle: .priord), connectionLimit: 4)
        async let slow = client.get("/slow", accept: "*/*", types: Self.types)
        while service.paths.isEmpty { await Task.yield() }
        // Another question met a fault.
        await client.close()
        #expect(try await client.get("/other", accept: "*/*", types: Self.types).bytes == Array("[]".utf8))
        service.release()
        #expect(try await slow.bytes == Array("[]".utf8))
        await client.close()
    }

    @Test func `404 for a patient is no match, and for everything no service`() async throws {
        let none = try ScriptedService { path in
            path.contains("PatientID") ? .answer(404, [:], "") : .json(Self.study("1.2.3", of: "P9"))
        }
        defer { none.end() }
        #expect(try await Self.ask(none).report.state == .answered)
        let wrong = try ScriptedService { _ in .answer(404, [:], "") }
        defer { wrong.end() }
        let report = try await Self.ask(wrong).report
        #expect(report.state == .refused && report.detail.contains("404"))
    }

    @Test func `a service that says that there are more results has not told all`() async throws {
        let warning = ["Warning": "299 pacs: There are 7 additional results that can be requested"]
        let service = try ScriptedService { _ in .json(Self.study("1.2.3", of: "P1"), warning) }
        defer { service.end() }
        let (report, studies) = try await Self.ask(service)
        #expect(report.state == .tooMany && studies.count == 1)
        let other = try ScriptedService { _ in
            .json(Self.study("1.2.3", of: "P1"), ["Warning": "299 pacs: fuzzymatching is not supported"])
        }
        defer { other.end() }
        #expect(try await Self.ask(other).report.state == .answered)
    }

    @Test func `studies of one Patient ID count when those of the next do not come`() async throws {
        let service = try ScriptedService { path in
            path.contains("PatientID=P1") ? .json(Self.study("1.2.3", of: "P1")) : .silence
        }
        defer { service.end() }
        // The second question comes once the first was answered; who gives up then ends it as the deadline would.
        let asking = Task { try await Self.ask(service, Self.question("P1", "P2")) }
        while service.paths.count < 2 { await Task.yield() }
        asking.cancel()
        let (report, studies) = try await asking.value
        #expect(report.state == .deadline && studies.map(\.studyInstanceUID.value) == ["1.2.3"])
    }

    @Test func `studies count when their series do not come`() async throws {
        let service = try ScriptedService { path in
            path.hasPrefix("/series") ? .silence : .json(Self.study("1.2.3", of: "P1"))
        }
        defer { service.end() }
        let asker = try Self.lane(to: service).asker
        let answer = try await asker.answer(to: Self.question("P1"), by: .now + .seconds(4)) { _ in }
        #expect(answer.studies.count == 1 && answer.cut == nil)
        await asker.close()
    }

    @Test func `one study that another priord cannot tell of takes nothing from the others`() async throws {
        let row = """
            {"patientID": "P1", "issuer": "CITY", "patientName": "", "patientBirthDate": "", "patientSex": "",
             "studyDate": "20260901", "studyTime": "", "accessionNumber": "", "studyDescription": "", "institution": "",
             "modalities": [], "instanceCount": 1, "byteCount": 1, "assessmentVersion": 0, "identityDiffers": false}
            """
        let type = ["Content-Type": "application/json"]
        let service = try ScriptedService { path in
            switch path.split(separator: "?").first ?? "" {
            case "/api/v1/priors":
                .answer(
                    200, type,
                    """
                    {"priors": [{"studyInstanceUID": "1.2.1", "identityLink": "same"},
                                {"studyInstanceUID": "1.2.2", "identityLink": "same"}]}
                    """)
            case "/api/v1/studies/1.2.2":
                .answer(
                    200, type,
                    """
                    {"studyInstanceUID": "1.2.2", "study": \(row), "completeness": {"verdict": ""},
                     "quality": {"verdict": ""}, "series": []}
                    """)
            default: .answer(200, type, "{}")
            }
        }
        defer { service.end() }
        let (report, studies) = try await Self.ask(service, isPriord: true)
        #expect(report.state == .tooMany && studies.map(\.studyInstanceUID.value) == ["1.2.2"])
    }

    @Test func `many small answers have a pace together`() {
        let hour = ContinuousClock.now - .seconds(3600)
        #expect(!WebRetrieval.isInTime(1000, since: hour, 64_000, .seconds(600)))
        #expect(WebRetrieval.isInTime(64_000 * 3001, since: hour, 64_000, .seconds(600)))
        #expect(WebRetrieval.isInTime(0, since: .now, 64_000, .seconds(600)))
    }
}
