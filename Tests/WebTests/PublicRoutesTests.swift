import AdminAPI
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct PublicRoutesTests {
    @Test func `health says no more than that the daemon is alive`() async throws {
        try await TestDaemon().onPort { client in
            let response = try await client.execute(uri: "/healthz", method: .get)
            #expect(response.status == .ok)
            #expect(response.text == "ok\n")
        }
    }

    @Test func `the daemon is ready while it listens and may store`() async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.ok, uri: "/readyz", method: .get)
        }
    }

    @Test func `the daemon is not ready without its DICOM port`() async throws {
        let deaf = AssociationFacts(isListening: false, open: 0, limit: 64, waiting: 0)
        try await TestDaemon(associations: deaf).onPort { client in
            let response = try await client.execute(uri: "/readyz", method: .get)
            #expect(response.status == .serviceUnavailable)
            #expect(try response.json(Problem.self).detail == "no DICOM port is listening")
        }
    }

    @Test func `the daemon is not ready below its disk reserve`() async throws {
        try await TestDaemon(diskReserve: .max / 2).onPort { client in
            try await client.expect(.serviceUnavailable, uri: "/readyz", method: .get)
        }
    }

    @Test func `every version of an assessment is told, and any can be shown in full`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.assess(1, code: nil)
        try test.store(SampleObject(number: 2))
        try test.assess(1, code: "BW03ZZZ8B")
        try await test.onPort { client in
            let newest = try await client.execute(uri: "/api/v1/studies/1.2.1", method: .get).json(StudyAnswer.self)
            #expect(newest.versions.map(\.version) == [1, 2])
            #expect(newest.versions[0].changes.isEmpty)
            #expect(newest.versions[1].changes.map(\.field) == ["instances", "code"])
            #expect(newest.assessmentVersion == 2)
            #expect(newest.assessment.match?.code == "BW03ZZZ8B")

            let first = try await client.execute(uri: "/api/v1/studies/1.2.1?version=1", method: .get)
                .json(StudyAnswer.self)
            #expect(first.assessmentVersion == 1)
            #expect(first.assessment.match == nil)
            #expect(first.study.assessmentVersion == 2)
            try await client.expect(.notFound, uri: "/api/v1/studies/1.2.1?version=3", method: .get)
            try await client.expect(.badRequest, uri: "/api/v1/studies/1.2.1?version=x", method: .get)
        }
    }

    @Test func `studies are listed with the fields of the contract`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.assess(1, code: "BW03ZZZ8B")
        try await test.onPort { client in
            let page = try await client.execute(uri: "/api/v1/studies", method: .get).json(StudyPage.self)
            let study = try #require(page.studies.first)
            #expect(page.total == 1)
            #expect(study.studyInstanceUID.value == "1.2.1")
            #expect(study.patientName == "Wang^Xiaodong=王^小东")
            #expect(study.state == "settled")
            #expect(study.code == "BW03ZZZ8B")
            #expect(study.instanceCount == 1)
        }
    }

    @Test(arguments: [
        ("from=20261101&to=20261101", 1), ("from=20261102", 0), ("to=2026-10-31", 0), ("modality=CT,DX", 1),
        ("modality=MR", 0), ("institution=First+Hospital", 1), ("code=BW03ZZZ8B", 1), ("state=settled", 1),
        ("state=receiving", 0), ("text=%E6%AD%A3%E4%BE%A7", 1), ("text=wang%20xiaodong", 1), ("patient-id=P1", 1),
        ("patient-id=P2", 0), ("issuer=H1", 1), ("completeness=complete", 1), ("quality=fail", 0), ("unmapped", 0),
        ("limit=1&offset=1", 0),
    ])
    func `filters hold together with the index`(query: String, count: Int) async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.assess(1, code: "BW03ZZZ8B")
        try await test.onPort { client in
            let response = try await client.execute(uri: "/api/v1/studies?\(query)", method: .get)
            #expect(response.status == .ok, "\(response.text)")
            #expect(try response.json(StudyPage.self).studies.count == count)
        }
    }

    @Test(arguments: [
        "colour=red", "from=20261301", "from=20261102&to=20261101", "limit=0", "limit=1001", "limit=ten", "offset=-1",
        "state=lost", "quality=good", "unmapped=perhaps", "text=%FF%FE", "text=%zz", "patient-id=P1&patient-id=P2",
        "text=%00", "text=\(String(repeating: "a", count: 257))",
    ])
    func `a filter that is not understood is refused by name`(query: String) async throws {
        try await TestDaemon().onPort { client in
            let response = try await client.execute(uri: "/api/v1/studies?\(query)", method: .get)
            #expect(response.status == .badRequest)
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(try response.json(Problem.self).status == 400)
        }
    }

    @Test func `a study is answered as the contract writes it`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.assess(1, code: "BW03ZZZ8B")
        try await test.onPort { client in
            let response = try await client.execute(uri: "/api/v1/studies/1.2.1", method: .get)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: Any])
            #expect(object["studyInstanceUID"] as? String == "1.2.1")
            #expect(object["state"] as? String == "settled")
            #expect(object["assessmentVersion"] as? Int == 1)
            let match = try #require(object["match"] as? [String: Any])
            #expect(match["code"] as? String == "BW03ZZZ8B")
            #expect(match["grade"] as? String == "exact")
            #expect((match["evidence"] as? [[String: Any]])?.first?["text"] as? String == "正侧位")
            #expect((object["otherMatches"] as? [[String: Any]])?.first?["no"] as? Int == 43)
            #expect((object["completeness"] as? [String: Any])?["verdict"] as? String == "complete")
            #expect((object["quality"] as? [String: Any])?["verdict"] as? String == "pass")
            #expect((object["series"] as? [Any])?.count == 1)
            #expect(
                (object["timeline"] as? [[String: Any]])?.map { $0["kind"] as? String }
                    == ["received", "settled", "assessed"])
            #expect((object["versions"] as? [Any])?.count == 1)
        }
    }

    @Test func `a study that was not assessed yet is unknown and has a null match`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try await test.onPort { client in
            let response = try await client.execute(uri: "/api/v1/studies/1.2.1", method: .get)
            #expect(response.text.contains(#""match":null"#))
            let study = try response.json(StudyAnswer.self)
            #expect(study.study.state == "receiving")
            #expect(study.assessment == .none)
        }
    }

    @Test func `priors are those of the same person and item`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject(study: 1, date: "20261101"))
        try test.store(SampleObject(study: 2, date: "20261110"))
        try test.store(SampleObject(study: 3, patientID: "P2", date: "20261101"))
        for number in 1...3 { try test.assess(number, code: "BW03ZZZ8B") }
        try await test.onPort { client in
            let beside = try await client.execute(uri: "/api/v1/priors?study=1.2.2", method: .get)
            #expect(try beside.json(PriorsAnswer.self).priors.map(\.studyInstanceUID.value) == ["1.2.1"])
            let ordered = try await client.execute(
                uri: "/api/v1/priors?patient=P1&issuer=H1&item=BW03ZZZ8B", method: .get)
            #expect(try ordered.json(PriorsAnswer.self).priors.count == 2)
        }
    }

    @Test(arguments: [
        ("/api/v1/priors?study=9.9.9", 404), ("/api/v1/priors", 400), ("/api/v1/priors?patient=P1", 400),
        ("/api/v1/priors?patient=P1&item=nonsense", 400), ("/api/v1/priors?study=1.2.1&item=BW03ZZZ8B", 400),
        ("/api/v1/studies/9.9.9", 404), ("/api/v1/studies/not-a-uid", 400), ("/api/v1/studies/..%2F..%2Fetc", 400),
        ("/api/v2/studies", 404), ("/nothing", 404),
    ])
    func `what does not exist or cannot be read is a problem with its status`(path: String, status: Int) async throws {
        try await TestDaemon().onPort { client in
            let response = try await client.execute(uri: path, method: .get)
            #expect(response.status.code == status)
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(try response.json(Problem.self).status == status)
        }
    }

    @Test(arguments: [HTTPRequest.Method.post, .put, .delete, .patch])
    func `a method that a path does not know is told which it does`(method: HTTPRequest.Method) async throws {
        try await TestDaemon().onPort { client in
            let response = try await client.execute(uri: "/api/v1/studies", method: method)
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow] == "GET, HEAD")
        }
    }

    @Test func `a client that takes no JSON is told so`() async throws {
        try await TestDaemon().onPort { client in
            let response = try await client.execute(
                uri: "/api/v1/status", method: .get, headers: [.accept: "text/html;q=0.9, application/json;q=0"])
            #expect(response.status == .notAcceptable)
        }
    }

    @Test func `operators' paths are not on the port`() async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.notFound, uri: "/admin/v1/config", method: .get)
            try await client.expect(.notFound, uri: "/admin/v1/reindex", method: .post)
        }
    }

    @Test func `a large body is refused`() async throws {
        try await TestDaemon().onPort { client in
            let response = try await client.execute(
                uri: "/api/v1/status", method: .get, headers: [.contentLength: "1000000"])
            #expect(response.status == .contentTooLarge)
        }
    }
}
