import AdminAPI
import Archive
import Catalogue
import DICOMCore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ingestion
import Matching
import NIOCore
import Recall
import Testing

@testable import Web

@Suite struct PersonPageTests {
    @Test func `a person is found under any of their ids, with all studies by year`() async throws {
        let daemon = try TestDaemon()
        try daemon.store(SampleObject(study: 1, date: "20261101"))
        try daemon.store(SampleObject(study: 2, date: "20251021"))
        try daemon.store(SampleObject(study: 3, date: ""))
        try await daemon.onPort { client in
            let led = try await client.execute(uri: "/studies/1.2.1/person", method: .get)
            #expect(led.status == .seeOther)
            let path = try #require(led.headers[.location])
            #expect(path.hasPrefix("/persons/"))
            #expect(!path.contains("P1"))
            let page = try await client.execute(uri: path, method: .get).text
            for text in [
                ">2026<", ">2025<", ">No date<", "/studies/1.2.1\"", "/studies/1.2.2\"", "/studies/1.2.3\"", "P1", "H1",
            ] {
                #expect(page.contains(text), "\(text)")
            }
            try await client.expect(.notFound, uri: "/persons/NOBODY", method: .get)
            try await client.expect(.notFound, uri: "/studies/1.2.99/person", method: .get)
            try await client.expect(.badRequest, uri: path + "?offset=x", method: .get)
        }
    }

    @Test func `of five thousand studies a page shows a hundred and where they stand`() throws {
        let daemon = try TestDaemon()
        try daemon.store(SampleObject())
        let study = try #require(try daemon.archive.index.study(StudyInstanceUID("1.2.1")))
        let words = PageWords(language: .english, library: daemon.daemon.catalogues.namer.library)
        let person = PersonSummary(id: "X", name: "A^B", birthDate: "", sex: "", identities: [])
        func page(_ offset: Int) -> String {
            PersonPage(
                person: person, studies: Array(repeating: study, count: 100), possible: [], hasReviews: true,
                offset: offset, total: 5000, words: words
            ).content.body.markup
        }
        #expect(page(0).contains("1–100 / 5000"))
        #expect(page(0).contains("rel=\"next\" href=\"/persons/X?offset=100\""))
        #expect(!page(0).contains("rel=\"prev\""))
        #expect(page(4900).contains("4901–5000 / 5000"))
        #expect(page(4900).contains("rel=\"prev\" href=\"/persons/X?offset=4800\""))
        #expect(!page(4900).contains("rel=\"next\""))
        #expect(page(0).contains("Identities wait for review"))
    }
}
