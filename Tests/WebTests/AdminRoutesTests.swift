import AdminAPI
import Archive
import Foundation
import HTTPTypes
import HummingbirdTesting
import Ingestion
import NIOCore
import Testing

@testable import Web

@Suite struct AdminRoutesTests {
    private func events<Result: Codable & Sendable>(
        _ response: TestResponse, _ type: Result.Type
    ) throws -> [OperationEvent<Result>] {
        try response.text.split(separator: "\n").map {
            try AdminJSON.decoder().decode(OperationEvent<Result>.self, from: Data($0.utf8))
        }
    }

    @Test func `an imported file is stored once`() async throws {
        let test = try TestDaemon()
        let file = ByteBuffer(bytes: try SampleObject().bytes())
        try await test.onSocket { client in
            let first = try await client.execute(uri: "/admin/v1/import", method: .post, body: file)
            #expect(try first.json(ImportAnswer.self).outcome == .stored)
            let second = try await client.execute(uri: "/admin/v1/import", method: .post, body: file)
            #expect(try second.json(ImportAnswer.self).outcome == .duplicate)
        }
        #expect(try test.archive.index.counts().instances == 1)
    }

    @Test func `an imported file with other bytes goes to quarantine`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        let file = ByteBuffer(bytes: try SampleObject(comment: "other bytes").bytes())
        try await test.onSocket { client in
            let answer = try await client.execute(uri: "/admin/v1/import", method: .post, body: file)
                .json(ImportAnswer.self)
            #expect(answer.outcome == .conflict)
            #expect(answer.quarantineID != nil)
        }
    }

    @Test func `a file that is no DICOM is refused with the Status C-STORE has for it`() async throws {
        try await TestDaemon().onSocket { client in
            let response = try await client.execute(
                uri: "/admin/v1/import", method: .post, body: ByteBuffer(string: "not DICOM"))
            #expect(response.status.code == 422)
            #expect(try response.json(Problem.self).dimseStatus == "C000")
        }
    }

    @Test func `nothing is imported below the disk reserve`() async throws {
        let file = ByteBuffer(bytes: try SampleObject().bytes())
        try await TestDaemon(diskReserve: .max / 2).onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/import", method: .post, body: file)
            #expect(response.status.code == 507)
            #expect(try response.json(Problem.self).dimseStatus == "A700")
        }
    }

    @Test func `verify answers progress and then its report`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try await test.onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/verify?full=true", method: .post)
            #expect(response.headers[.contentType] == "application/jsonl")
            let report = try #require(try events(response, VerifyAnswer.self).last?.result)
            #expect(report.isClean)
            #expect(report.instanceCount == 1)
            #expect(report.digestedByteCount > 0)
        }
    }

    @Test func `reindex keeps what was stored`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try await test.onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/reindex", method: .post)
            #expect(try events(response, ReindexAnswer.self).last?.result?.indexed == 1)
        }
        #expect(try test.archive.index.counts().studies == 1)
    }

    @Test func `an export writes a Part-10 file for each instance`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        let target = test.directory + "/export"
        let order = ByteBuffer(bytes: try AdminJSON.encoder().encode(ExportRequest(study: nil, directory: target)))
        try await test.onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/export", method: .post, body: order)
            #expect(try events(response, ExportAnswer.self).last?.result?.instanceCount == 1)
        }
        #expect(FileManager.default.fileExists(atPath: target + "/1.2.1/1.2.1.1/1.2.1.1.1.dcm"))
    }

    @Test func `an export of an unknown study ends with a problem`() async throws {
        let order = ByteBuffer(string: #"{"study":"9.9.9","directory":"/tmp/nowhere"}"#)
        try await TestDaemon().onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/export", method: .post, body: order)
            #expect(try events(response, ExportAnswer.self).last?.problem?.status == 404)
        }
    }

    @Test(arguments: [#"{"directory":"relative"}"#, "{}", "nonsense", #"{"study":"x","directory":"/tmp"}"#])
    func `an export order that cannot be read is refused`(order: String) async throws {
        try await TestDaemon().onSocket { client in
            let response = try await client.execute(
                uri: "/admin/v1/export", method: .post, body: ByteBuffer(string: order))
            #expect(response.status == .badRequest)
        }
    }

    @Test func `quarantine is listed, shown and discarded with the name of who did it`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.store(SampleObject(comment: "other bytes"))
        try await test.onSocket { client in
            let page = try await client.execute(uri: "/admin/v1/quarantine?reason=conflict", method: .get)
                .json(QuarantinePage.self)
            let object = try #require(page.objects.first)
            #expect(object.reason == "conflict")
            #expect(object.callingAETitle == "MODALITY")
            let path = "/admin/v1/quarantine/\(object.id)"
            let shown = try await client.execute(uri: path, method: .get).json(QuarantineRow.self)
            #expect(shown == object)
            try await client.expect(.badRequest, uri: path, method: .delete)
            try await client.expect(.noContent, uri: path + "?by=operator", method: .delete)
            try await client.expect(.notFound, uri: path, method: .get)
        }
        #expect(try test.archive.index.events(limit: 1).first?.detail.contains("by operator") == true)
    }

    @Test func `releasing what is still in conflict leaves it where it is`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.store(SampleObject(comment: "other bytes"))
        let id = try #require(try test.archive.index.quarantined().first).id
        try await test.onSocket { client in
            let response = try await client.execute(uri: "/admin/v1/quarantine/\(id)/release", method: .post)
            #expect(try response.json(ReleaseAnswer.self).outcome == .conflict)
        }
        #expect(try test.archive.index.quarantined().count == 1)
    }

    @Test func `studies without a safe match are offered with reason and candidates`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.assess(1, code: nil)
        try await test.onSocket { client in
            let page = try await client.execute(uri: "/admin/v1/review", method: .get).json(ReviewPage.self)
            #expect(page.total == 1)
            #expect(page.studies.first?.reason == "views_not_stated")
            #expect(page.studies.first?.candidates == ["BW03ZZZ8B"])
        }
    }

    @Test func `peers and settings are told`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try await test.onSocket { client in
            let peers = try await client.execute(uri: "/admin/v1/peers", method: .get).json(PeersAnswer.self)
            #expect(peers.peers.map(\.aeTitle) == ["MODALITY"])
            #expect(peers.peers.first?.isConfigured == false)
            let config = try await client.execute(uri: "/admin/v1/config", method: .get).json(ConfigAnswer.self)
            #expect(config.settings == [SettingRow(key: "quiet-period", value: "60s", source: "default")])
        }
    }
}
