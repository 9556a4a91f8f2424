import AdminAPI
import Archive
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct CommitmentRoutesTests {
    private func queue(_ test: TestDaemon) throws -> Commitment {
        let request = try CommitmentRequest(
            transactionUID: "1.2.3", callingAETitle: AETitle("CT1"), calledAETitle: .priord, host: "10.0.0.5",
            requestedAt: Date(),
            instances: [
                NamedInstance(sopClassUID: SOPClassUID("1.2"), sopInstanceUID: SOPInstanceUID("1.2.1.1.1"))
            ])
        _ = try test.archive.index.queue(request, limit: 10, expiry: Date(timeIntervalSinceNow: 60))
        return try #require(try test.archive.index.commitmentToCheck(after: nil))
    }

    @Test func `what is pending is listed, and everything on request`() async throws {
        let test = try TestDaemon()
        let commitment = try queue(test)
        try test.archive.index.keep(failures: [0: .noSuchObjectInstance], of: commitment, at: Date())
        try await test.onSocket { client in
            let page = try await client.execute(uri: "/admin/v1/commitments", method: .get).json(CommitmentPage.self)
            #expect(page.commitments.map(\.id) == [commitment.id])
            #expect(page.commitments[0].state == "checked")
            #expect(page.commitments[0].failureCount == 1)
            try test.archive.index.noteReported(commitment, at: Date())
            let none = try await client.execute(uri: "/admin/v1/commitments", method: .get).json(CommitmentPage.self)
            #expect(none.commitments.isEmpty)
            let all = try await client.execute(uri: "/admin/v1/commitments?all", method: .get)
                .json(CommitmentPage.self)
            #expect(all.commitments.map(\.state) == ["reported"])
        }
    }

    @Test func `one is queued again or dropped, and only one that is there`() async throws {
        let test = try TestDaemon()
        let id = try queue(test).id
        try await test.onSocket { client in
            try await client.expect(.noContent, uri: "/admin/v1/commitments/\(id)/retry", method: .post)
            try await client.expect(.badRequest, uri: "/admin/v1/commitments/\(id)", method: .delete)
            try await client.expect(.noContent, uri: "/admin/v1/commitments/\(id)?by=zhao", method: .delete)
            try await client.expect(.notFound, uri: "/admin/v1/commitments/\(id)?by=zhao", method: .delete)
            try await client.expect(.notFound, uri: "/admin/v1/commitments/99/retry", method: .post)
            try await client.expect(.badRequest, uri: "/admin/v1/commitments/x/retry", method: .post)
        }
        #expect(try test.archive.index.commitment(id)?.state == .dropped)
    }

    @Test func `the port has no such resource`() async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.notFound, uri: "/admin/v1/commitments", method: .get)
        }
    }
}
