import AdminAPI
import Archive
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct ForwardRoutesTests {
    /// A daemon with one study that waits for a destination.
    private func queued() throws -> (test: TestDaemon, id: Int64) {
        let test = try TestDaemon()
        let index = test.archive.index
        index.forwardRules = [ForwardRule(name: "all", destination: "pacs")]
        try test.store(SampleObject())
        let due = try index.studiesDueToSettle(lastInstanceBefore: Date(timeIntervalSinceNow: 3600))
        try index.settle(due, reason: "test", at: Date())
        return (test, try #require(try index.forwards().first).id)
    }

    @Test func `what waits is listed, and everything on request`() async throws {
        let (test, id) = try queued()
        try await test.onSocket { client in
            let page = try await client.execute(uri: "/admin/v1/forwards", method: .get).json(ForwardPage.self)
            #expect(page.forwards.map(\.id) == [id])
            #expect(page.forwards.map(\.state) == ["waiting"])
            let other = try await client.execute(uri: "/admin/v1/forwards?destination=other", method: .get)
                .json(ForwardPage.self)
            #expect(other.forwards.isEmpty)
            try await client.expect(.noContent, uri: "/admin/v1/forwards/\(id)?by=zhao", method: .delete)
            let none = try await client.execute(uri: "/admin/v1/forwards", method: .get).json(ForwardPage.self)
            #expect(none.forwards.isEmpty)
            let all = try await client.execute(uri: "/admin/v1/forwards?all", method: .get).json(ForwardPage.self)
            #expect(all.forwards.map(\.state) == ["dropped"])
            try await client.expect(.badRequest, uri: "/admin/v1/forwards?study=x", method: .get)
        }
    }

    @Test func `one is queued again or dropped, and only one that is there`() async throws {
        let (test, id) = try queued()
        try await test.onSocket { client in
            try await client.expect(.noContent, uri: "/admin/v1/forwards/\(id)/retry", method: .post)
            try await client.expect(.badRequest, uri: "/admin/v1/forwards/\(id)", method: .delete)
            try await client.expect(.noContent, uri: "/admin/v1/forwards/\(id)?by=zhao", method: .delete)
            try await client.expect(.notFound, uri: "/admin/v1/forwards/\(id)?by=zhao", method: .delete)
            try await client.expect(.notFound, uri: "/admin/v1/forwards/\(id)/retry", method: .post)
            try await client.expect(.badRequest, uri: "/admin/v1/forwards/x/retry", method: .post)
        }
    }

    @Test func `what failed is listed instance by instance, with its reason`() async throws {
        let (test, id) = try queued()
        let index = test.archive.index
        let forward = try #require(try index.forwardsDue(to: "pacs", at: .distantFuture).first)
        let instance = try #require(try index.instancesToForward(forward, limit: 1).first)
        try index.note([ForwardOutcome(instance, failure: "C000: cannot be understood")], of: forward)
        _ = try index.end(forward, at: Date())
        try await test.onSocket { client in
            let page = try await client.execute(uri: "/admin/v1/forwards?failed", method: .get).json(ForwardPage.self)
            #expect(page.forwards.map(\.id) == [id])
            #expect(page.forwards.first?.failures.map(\.state) == ["refused"])
            #expect(page.forwards.first?.failures.map(\.reason) == ["C000: cannot be understood"])
            try await client.expect(.badRequest, uri: "/admin/v1/forwards?failed&all", method: .get)
            try await client.expect(.noContent, uri: "/admin/v1/forwards/\(id)/retry", method: .post)
            let none = try await client.execute(uri: "/admin/v1/forwards?failed", method: .get).json(ForwardPage.self)
            #expect(none.forwards.isEmpty)
        }
    }

    @Test func `a rule is applied by its name, to days that are days, by a person`() async throws {
        let (test, id) = try queued()
        #expect(try test.archive.index.dropForward(id, by: "zhao", at: Date()))
        try await test.onSocket { client in
            func add(_ order: ForwardRequest) async throws -> TestResponse {
                try await client.execute(
                    uri: "/admin/v1/forwards", method: .post,
                    body: ByteBuffer(bytes: try AdminJSON.encoder().encode(order)))
            }
            #expect(try await add(ForwardRequest(rule: "other", by: "zhao")).status == .notFound)
            #expect(try await add(ForwardRequest(rule: "all", by: "")).status == .badRequest)
            #expect(try await add(ForwardRequest(rule: "all", from: "2026", by: "zhao")).status == .badRequest)
            #expect(
                try await add(ForwardRequest(rule: "all", from: "20260102", to: "20260101", by: "zhao")).status
                    == .badRequest)
            #expect(try await add(ForwardRequest(rule: "all", study: "x", by: "zhao")).status == .badRequest)
            let none = try await add(ForwardRequest(rule: "all", by: "zhao"))
            #expect(String(buffer: none.body).contains("\"studies\":0"))
            let again = try await add(ForwardRequest(rule: "all", again: true, by: "zhao"))
            #expect(String(buffer: again.body).contains("\"studies\":1"))
            let page = try await client.execute(uri: "/admin/v1/forwards", method: .get).json(ForwardPage.self)
            #expect(page.forwards.map(\.state) == ["waiting"])
            let garbage = try await client.execute(
                uri: "/admin/v1/forwards", method: .post, body: ByteBuffer(string: "{"))
            #expect(garbage.status == .badRequest)
        }
    }

    @Test func `only a destination of the configuration is paused`() async throws {
        try await TestDaemon().onSocket { client in
            try await client.expect(.notFound, uri: "/admin/v1/destinations/pacs/pause?by=zhao", method: .post)
            try await client.expect(.notFound, uri: "/admin/v1/destinations/pacs/retry", method: .post)
        }
    }

    @Test func `the port has no such resource`() async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.notFound, uri: "/admin/v1/forwards", method: .get)
        }
    }
}
