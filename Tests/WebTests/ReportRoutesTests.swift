import AdminAPI
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct ReportRoutesTests {
    @Test func `completeness is reported by institution unless asked otherwise`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.assess(1, code: "BW03ZZZ8B")
        try await test.onPort { client in
            let report = try await client.execute(uri: "/api/v1/reports/completeness", method: .get)
                .json(CompletenessReport.self)
            #expect(report.by == "institution")
            #expect(report.rows.map(\.group) == ["First Hospital"])
            #expect(report.total.complete == 1)
            #expect(report.total.completeRate == 1)
        }
    }

    @Test func `a range and a group may be asked for`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject(study: 1, date: "20261101"))
        try test.store(SampleObject(study: 2, date: "20261201"))
        try await test.onPort { client in
            let report = try await client.execute(
                uri: "/api/v1/reports/completeness?from=2026-11-30&to=20261231&by=month", method: .get
            ).json(CompletenessReport.self)
            #expect(report.rows.map(\.group) == ["202612"])
            #expect(report.from == "20261130")
            #expect(report.total.notAssessed == 1)
            #expect(report.total.completeRate == nil)
        }
    }

    @Test(arguments: ["from=yesterday", "to=20261301", "by=colour", "from=20261102&to=20261101", "until=20261101"])
    func `what cannot be asked is refused`(query: String) async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.badRequest, uri: "/api/v1/reports/completeness?\(query)", method: .get)
        }
    }
}
