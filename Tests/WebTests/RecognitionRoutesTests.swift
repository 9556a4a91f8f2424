import AdminAPI
import Archive
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct RecognitionRoutesTests {
    /// Study 1 is a prior of study 2, which is of the same institution; it has no report, so a doctor decides.
    private func filled() throws -> TestDaemon {
        let test = try TestDaemon()
        try test.store(SampleObject(study: 1, date: "20261101"))
        try test.assess(1, code: "BW03ZZZ8B")
        try test.store(SampleObject(study: 2, date: "20261120"))
        try test.assess(2, code: "BW03ZZZ8B")
        try test.store(SampleObject(study: 3, patientID: "P2", date: "20261120"))
        try test.assess(3, code: nil)
        return test
    }

    private func post(
        _ client: any TestClientProtocol, _ change: (inout RecognitionEventRequest) -> Void,
        origin: String? = nil, language: String = "en"
    ) async throws -> TestResponse {
        var request = RecognitionEventRequest(kind: "reminded")
        (request.study, request.prior) = ("1.2.2", "1.2.1")
        change(&request)
        var headers = HTTPFields()
        headers[.origin] = origin
        return try await client.execute(
            uri: "/api/v1/recognition/events?lang=\(language)", method: .post, headers: headers,
            body: ByteBuffer(bytes: try AdminJSON.encoder().encode(request)))
    }

    @Test func `what is told stands in the log and is listed`() async throws {
        let test = try filled()
        try await test.onPort { client in
            let first = try await post(client) { _ in }.json(RecognitionEventAnswer.self)
            #expect(first.isNew && first.event?.line == 1 && first.event?.verdict == "doctorDecides")
            let again = try await post(client) { _ in }.json(RecognitionEventAnswer.self)
            #expect(again.isNew == false)
            let accepted = try await post(client) {
                ($0.kind, $0.actor, $0.department) = ("recognised", "Dr. Li", "Chest")
            }
            #expect(accepted.status == .ok)
            for query in ["study=1.2.2", "study=1.2.1", "from=20000101", "after=0&limit=2"] {
                let page = try await client.execute(uri: "/api/v1/recognition/events?\(query)", method: .get)
                    .json(RecognitionEventsPage.self)
                #expect(page.events.map(\.kind) == ["reminded", "recognised"])
            }
            let person = try #require(
                first.event?.personID.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let own = try await client.execute(
                uri: "/api/v1/recognition/events?person=\(person)&kind=recognised", method: .get
            ).json(RecognitionEventsPage.self)
            #expect(own.events.map(\.actor) == ["Dr. Li"])
            let none = try await client.execute(uri: "/api/v1/recognition/events?to=20000101", method: .get)
                .json(RecognitionEventsPage.self)
            #expect(none.events.isEmpty)
        }
    }

    @Test func `each wrong order has its status and says why`() async throws {
        let test = try filled()
        try await test.onPort { client in
            let cases: [(HTTPResponse.Status, (inout RecognitionEventRequest) -> Void)] = [
                (.badRequest, { $0.kind = "guessed" }), (.badRequest, { $0.kind = "repeated" }),
                (.badRequest, { $0.study = "x" }), (.badRequest, { $0.prior = "not a uid" }),
                (.badRequest, { $0.study = nil }), (.badRequest, { ($0.study, $0.patient) = (nil, "P1") }),
                (.badRequest, { $0.patient = "P1" }), (.badRequest, { $0.kind = "recognised" }),
                (.badRequest, { ($0.kind, $0.actor) = ("declined", "Li") }),
                (.badRequest, { ($0.kind, $0.actor, $0.reason) = ("declined", "Li", "ZE-11") }),
                (.badRequest, { ($0.kind, $0.actor, $0.reason) = ("declined", "Li", "ZE-10") }),
                (.notFound, { $0.study = "1.2.9" }), (.notFound, { $0.prior = "1.2.3" }),
                (.conflict, { $0.study = "1.2.3" }),
                (.conflict, { ($0.kind, $0.actor, $0.agrees) = ("followedUp", "Li", true) }),
                (.notFound, { ($0.study, $0.patient, $0.item) = (nil, "P1", "BW03ZZZ99") }),
            ]
            for (status, change) in cases {
                let answer = try await post(client, change)
                #expect(answer.status == status)
                #expect(try answer.json(Problem.self).detail?.isEmpty == false)
            }
            let broken = try await client.execute(
                uri: "/api/v1/recognition/events", method: .post, body: ByteBuffer(string: "{\"kind\":"))
            #expect(broken.status == .badRequest)
            try await client.expect(
                .badRequest, uri: "/api/v1/recognition/events?from=20261102&to=20261101", method: .get)
            try await client.expect(.badRequest, uri: "/api/v1/recognition/events?study=x", method: .get)
            try await client.expect(.methodNotAllowed, uri: "/api/v1/recognition/events", method: .delete)
        }
        #expect(test.archive.decisions.head.count == 0)
    }

    @Test func `a prior that rules refuse is refused with those rules, in the language asked for`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject(study: 1, date: "20260901"))
        try test.assess(1, code: "BW03ZZZ8B")
        try test.store(SampleObject(study: 2, date: "20261120"))
        try test.assess(2, code: "BW03ZZZ8B")
        try await test.onPort { client in
            let answer = try await post(client, { ($0.kind, $0.actor) = ("recognised", "Li") }, language: "zh")
            #expect(answer.status == .conflict)
            #expect(try answer.json(Problem.self).detail?.contains("ZR-30 80天前") == true)
        }
    }

    @Test func `pages of other origins may not tell anything`() async throws {
        let test = try filled()
        try await test.onPort { client in
            let answer = try await post(client, { _ in }, origin: "https://elsewhere.example")
            #expect(answer.status == .forbidden)
        }
        #expect(test.archive.decisions.head.count == 0)
    }

    @Test(arguments: [("zh", "病情"), ("en", "condition"), ("vi", "Bệnh")])
    func `reasons are given in three languages`(language: String, word: String) async throws {
        try await TestDaemon().onPort { client in
            let answer = try await client.execute(uri: "/api/v1/recognition/reasons?lang=\(language)", method: .get)
                .json(RecognitionReasonsAnswer.self)
            #expect(answer.reasons.count == 10 && answer.policy == "zhejiang-recognition-2021")
            #expect(answer.reasons[0].id == "ZE-01" && answer.reasons[0].text.contains(word))
            #expect(answer.reasons.map(\.needsNote) == Array(repeating: false, count: 9) + [true])
        }
    }

    @Test func `the report has definitions, groups and the head of the log, as JSON and as CSV`() async throws {
        let test = try filled()
        try await test.onPort { client in
            _ = try await post(client) { _ in }
            _ = try await post(client) { ($0.kind, $0.actor, $0.department) = ("opened", "=Li", "Chest") }
            let report = try await client.execute(
                uri: "/api/v1/reports/recognition?by=department&lang=zh", method: .get
            )
            .json(RecognitionReport.self)
            #expect(report.indicators.map(\.id) == ["KI-01", "KI-02", "KI-03", "KI-04"])
            #expect(report.indicators[0].name == "首次提醒调阅率" && !report.indicators[0].denominator.isEmpty)
            #expect(report.indicators[0].values.map(\.group) == ["", "Chest"])
            #expect(report.indicators[0].values.map(\.rate) == [1, 1])
            #expect(report.indicators[1].values[0].rate == nil)
            #expect(report.logCount == 2 && report.logHash == test.archive.decisions.head.hash)
            let past = try await client.execute(uri: "/api/v1/reports/recognition?asOf=20200101", method: .get)
                .json(RecognitionReport.self)
            #expect(past.eventCount == 0 && past.indicators[0].values[0].denominator == 0)
            let csv = try await client.execute(uri: "/api/v1/reports/recognition?by=doctor&format=csv", method: .get)
            #expect(csv.headers[.contentType] == "text/csv; charset=utf-8")
            #expect(csv.text.hasPrefix("indicator,name,group,numerator,denominator,rate,"))
            #expect(csv.text.contains("'=Li,1,1,1.0"))
        }
    }

    @Test(arguments: ["by=colour", "asOf=yesterday", "from=20261102&to=20261101", "format=xml", "lang=de", "x=1"])
    func `what cannot be asked of recognition is refused`(query: String) async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.badRequest, uri: "/api/v1/reports/recognition?\(query)", method: .get)
        }
    }

    @Test func `interventions are reported, with what no index can know`() async throws {
        try await TestDaemon().onPort { client in
            let report = try await client.execute(uri: "/api/v1/reports/interventional?year=2026", method: .get)
                .json(InterventionalReport.self)
            #expect(report.from == "20260101" && report.to == "20261231")
            #expect(report.findings.count == 142 && report.findings.allSatisfy { $0.state == "needsOutsideData" })
            let csv = try await client.execute(uri: "/api/v1/reports/interventional?format=csv", method: .get)
            #expect(csv.text.split(separator: "\r\n").count == 143)
        }
    }

    @Test(arguments: ["year=26", "year=2026&from=20260101", "from=20261102&to=20261101", "format=xml", "who=me"])
    func `what cannot be asked of interventions is refused`(query: String) async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.badRequest, uri: "/api/v1/reports/interventional?\(query)", method: .get)
        }
    }
}
