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

    @Test func `quality is reported by station unless asked otherwise, with each figure's drift`() async throws {
        let test = try TestDaemon()
        for study in 1...30 {
            let day = study <= 25 ? "202609\(study < 10 ? "0" : "")\(study)" : "202611\(study - 10)"
            try test.store(SampleObject(study: study, date: day))
            try test.assess(study, noise: study <= 25 ? Double(study % 5) : 40)
        }
        try await test.onPort { client in
            let report = try await client.execute(uri: "/api/v1/reports/quality", method: .get)
                .json(QualityReport.self)
            #expect(report.by == "station" && report.windowDays == 30)
            #expect(report.total.studies == 30 && report.total.passRate == 1)
            #expect(report.drift.map(\.count) == [5] && report.drift.map(\.historyCount) == [25])
            #expect(report.drift.first?.median == 40 && report.drift.first?.historyMedian == 2)
            #expect(report.drift.first?.isDrifting == true)
            let months = try await client.execute(
                uri: "/api/v1/reports/quality?by=month&rule=noise&minimum=4", method: .get
            ).json(QualityReport.self)
            #expect(months.rows.map(\.group) == ["202609", "202611"])
            #expect(months.drift.map(\.group) == ["202611"])
            let early = try await client.execute(
                uri: "/api/v1/reports/quality?from=20260920&to=20260930&minimum=8", method: .get
            ).json(QualityReport.self)
            #expect(early.drift.first?.count == 6 && early.drift.first?.historyCount == 19)
            #expect(early.drift.first?.isDrifting == false)
        }
    }

    @Test(arguments: ["by=peer", "window=0", "history=many", "minimum=1", "from=20261102&to=20261101", "colour=red"])
    func `what cannot be asked of quality is refused`(query: String) async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.badRequest, uri: "/api/v1/reports/quality?\(query)", method: .get)
        }
    }
}
