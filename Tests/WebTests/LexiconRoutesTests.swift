import AdminAPI
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct LexiconRoutesTests {
    private static let words = ByteBuffer(string: "canonical_id\tlanguage\tterm\nanatomy.chest\ten\troutine thing\n")

    @Test func `words are added, listed and removed`() async throws {
        try await TestDaemon().onSocket { client in
            let added = try await client.execute(
                uri: "/admin/v1/lexicon?by=An&file=site.tsv", method: .post, body: Self.words)
            let change = try added.json(LexiconChangeAnswer.self)
            #expect(change.file == LexiconFileRow(file: "site.tsv", wordCount: 1))
            #expect(change.added == [.init(concept: "anatomy.chest", term: "routine thing")])
            let listed = try await client.execute(uri: "/admin/v1/lexicon", method: .get).json(LexiconAnswer.self)
            #expect(listed == LexiconAnswer(files: [change.file], refused: []))
            try await client.expect(.noContent, uri: "/admin/v1/lexicon/site.tsv?by=An", method: .delete)
            try await client.expect(.notFound, uri: "/admin/v1/lexicon/site.tsv?by=An", method: .delete)
        }
    }

    @Test func `a refused file is answered with every fault, and what is missing in the request is said`() async throws
    {
        let wrong = ByteBuffer(string: "canonical_id\tlanguage\tterm\nanatomy.chest\ten\tknee\nanatomy.no\ten\tnew\n")
        let large = ByteBuffer(bytes: [UInt8](repeating: 0x20, count: (1 << 20) + 1))
        try await TestDaemon().onSocket { client in
            func status(_ query: String, _ body: ByteBuffer) async throws -> (Int, [Int]?) {
                let answer = try await client.execute(uri: "/admin/v1/lexicon\(query)", method: .post, body: body)
                return (answer.status.code, try answer.json(Problem.self).faults?.map(\.line))
            }
            #expect(try await status("?by=An&file=w.tsv", wrong) == (422, [2, 3]))
            #expect(try await status("?by=An&file=w.txt", Self.words) == (422, [1]))
            #expect(try await status("?by=An&file=w.tsv", large).0 == 413)
            #expect(try await status("?by=An", Self.words).0 == 400)
            #expect(try await status("?file=w.tsv", Self.words).0 == 400)
            try await client.expect(.badRequest, uri: "/admin/v1/lexicon/NO?by=An", method: .delete)
            try await client.expect(.badRequest, uri: "/admin/v1/lexicon/site.tsv", method: .delete)
        }
    }

    @Test func `the port knows nothing of it`() async throws {
        try await TestDaemon().onPort { client in
            try await client.expect(.notFound, uri: "/admin/v1/lexicon", method: .get)
        }
    }
}
