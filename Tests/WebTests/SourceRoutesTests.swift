import AdminAPI
import Archive
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct SourceRoutesTests {
    @Test func `a fetch that waits is dropped by somebody, once`() async throws {
        let daemon = try TestDaemon()
        let index = daemon.archive.index
        let order = SourceFetchOrder(try StudyInstanceUID("1.2.3"), from: "gone", because: .asked)
        guard case .queued(let fetch) = try index.queueFetch(order, at: Date()) else {
            Issue.record("it is not queued")
            return
        }
        try await daemon.onPort { client in
            let uri = "/api/v1/fetches/\(fetch.id)"
            try await client.expect(.badRequest, uri: uri, method: .delete)
            try await client.expect(.badRequest, uri: uri + "?by=zhao&x=1", method: .delete)
            try await client.expect(.noContent, uri: uri + "?by=zhao", method: .delete)
            try await client.expect(.notFound, uri: uri + "?by=zhao", method: .delete)
            try await client.expect(.badRequest, uri: "/api/v1/fetches/x?by=zhao", method: .delete)
            let row = try await client.execute(uri: uri, method: .get).json(SourceFetchRow.self)
            #expect(row.state == "dropped" && row.endedAt != nil)
        }
    }
}
