import AdminAPI
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct CatalogueRoutesTests {
    private static let example = Result {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/examples/example-imaging-2026.tsv"), encoding: .utf8)
    }

    private func body(_ change: (String) -> String = { $0 }) throws -> ByteBuffer {
        ByteBuffer(string: change(try Self.example.get()))
    }

    @Test func `catalogues are listed, added and removed`() async throws {
        let (test, body) = (try TestDaemon(), try body())
        try await test.onSocket { client in
            let added = try await client.execute(
                uri: "/admin/v1/catalogues?by=An&file=mine.tsv", method: .post, body: body)
            let change = try added.json(CatalogueChangeAnswer.self)
            #expect(change.catalogue.id == "example-imaging-2026")
            #expect(change.catalogue.itemCount == 4)
            #expect(change.comparedWith == nil)
            let listed = try await client.execute(uri: "/admin/v1/catalogues", method: .get).json(CataloguesAnswer.self)
            #expect(listed.catalogues.count == 4)
            #expect(listed.catalogues.filter(\.isPrimary).map(\.id) == ["zhejiang-imaging-2021"])
            try await client.expect(
                .noContent, uri: "/admin/v1/catalogues/example-imaging-2026?by=An", method: .delete)
            try await client.expect(.notFound, uri: "/admin/v1/catalogues/example-imaging-2026?by=An", method: .delete)
        }
    }

    @Test func `a refused file is answered with every fault`() async throws {
        let body = try body { $0.replacing("\tnone\t", with: "\tsome\t") }
        try await TestDaemon().onSocket { client in
            let answer = try await client.execute(
                uri: "/admin/v1/catalogues?by=An&file=mine.tsv", method: .post, body: body)
            #expect(answer.status.code == 422)
            let faults = try #require(try answer.json(Problem.self).faults)
            #expect(faults.map(\.line) == [10, 10, 11, 13])
            #expect(faults.allSatisfy { $0.file == "mine.tsv" })
        }
    }

    @Test func `what belongs to the program is not removed, and who does it is said`() async throws {
        let body = try body()
        try await TestDaemon().onSocket { client in
            try await client.expect(
                .conflict, uri: "/admin/v1/catalogues/zhejiang-imaging-2021?by=An", method: .delete)
            try await client.expect(.badRequest, uri: "/admin/v1/catalogues/zhejiang-imaging-2021", method: .delete)
            try await client.expect(.badRequest, uri: "/admin/v1/catalogues/NO?by=An", method: .delete)
            let nobody = try await client.execute(uri: "/admin/v1/catalogues", method: .post, body: body)
            #expect(nobody.status == .badRequest)
        }
    }

    @Test func `a file beyond the limit is refused`() async throws {
        let body = ByteBuffer(bytes: [UInt8](repeating: 0x20, count: (4 << 20) + 1))
        try await TestDaemon().onSocket { client in
            let answer = try await client.execute(uri: "/admin/v1/catalogues?by=An", method: .post, body: body)
            #expect(answer.status.code == 413)
        }
    }

    @Test func `the port knows nothing of it`() async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.notFound, uri: "/admin/v1/catalogues", method: .get)
        }
    }
}
