import AdminAPI
import Archive
import Catalogue
import DICOMCore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct PageTests {
    private static let html = HTTPFields([HTTPField(name: .accept, value: "text/html,application/xhtml+xml,*/*;q=0.8")])

    private static func get(
        _ uri: String, _ client: any TestClientProtocol, _ language: String = "en", cookie: String? = nil
    ) async throws -> TestResponse {
        var headers = html
        headers[.acceptLanguage] = language
        if let cookie { headers[.cookie] = cookie }
        return try await client.execute(uri: uri, method: .get, headers: headers)
    }

    @Test func `pages are found in three languages and let nothing in from elsewhere`() async throws {
        let daemon = try TestDaemon()
        try daemon.store(SampleObject())
        try daemon.assess(1, code: "BW03ZZZ8B")
        try await daemon.onPort { client in
            for uri in ["/", "/order", "/studies/1.2.1", "/view?current=1.2.1"] {
                for (language, tag) in [("zh-CN,zh;q=0.9", "zh-Hans"), ("vi", "vi"), ("en-GB", "en"), ("fr", "en")] {
                    let response = try await Self.get(uri, client, language)
                    #expect(response.status == .ok, "\(uri)")
                    #expect(response.headers[.contentType] == "text/html; charset=utf-8")
                    #expect(response.headers[.contentLanguage] == tag)
                    #expect(response.text.hasPrefix("<!DOCTYPE html>\n<html lang=\"\(tag)\">"))
                    #expect(
                        response.headers[.contentSecurityPolicy]
                            == "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
                            + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
                    #expect(response.headers[.cacheControl] == "no-store")
                    #expect(response.headers[.xContentTypeOptions] == "nosniff")
                    #expect(response.headers[HTTPField.Name("Referrer-Policy")!] == "same-origin")
                    #expect(!response.text.contains(" style="))
                    #expect(!response.text.contains("<script>"))
                    #expect(response.text.firstMatch(of: /(src|href|action)="(https?:)?\/\//) == nil)
                    #expect(response.text.firstMatch(of: /\son[a-z]+=/) == nil)
                }
            }
        }
    }

    @Test func `the switch goes before the browser, and is remembered`() async throws {
        let daemon = try TestDaemon()
        try await daemon.onPort { client in
            let switched = try await Self.get("/?lang=vi&q=x", client, "zh")
            #expect(switched.headers[.contentLanguage] == "vi")
            #expect(
                switched.headers[.setCookie]
                    == "priord-lang=vi; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax")
            let later = try await Self.get("/", client, "zh", cookie: "a=b; priord-lang=vi")
            #expect(later.headers[.contentLanguage] == "vi")
            #expect(later.headers[.setCookie] == nil)
            #expect(switched.text.contains("href=\"/?q=x&amp;lang=zh\""))
            let unknown = try await Self.get("/?lang=fr", client)
            #expect(unknown.status == .badRequest)
            let broken = try await Self.get("/", client, "zh", cookie: "priord-lang=%FF")
            #expect(broken.headers[.contentLanguage] == "zh-Hans")
        }
    }

    @Test(arguments: [
        ("zh;q=0.2, vi;q=0.9, en;q=0.5", Language.vietnamese), ("EN-us", .english), ("de, zh-TW;q=0.1", .chinese),
        ("zh;q=0", .english), ("", .english), (";;;,,q=", .english), ("vi;q=x,zh;q=0.3", .chinese),
    ])
    func `the language is the one a browser likes best`(accept: String, language: Language) {
        #expect(Language(accept: accept) == language)
    }

    @Test func `every text is there in every language`() {
        for text in PageText.allCases {
            for language in Language.allCases { #expect(!text[language].isEmpty, "\(text) \(language)") }
        }
    }

    @Test func `names and descriptions that are markup are shown as they are`() async throws {
        let daemon = try TestDaemon()
        let hostile = "<script>alert(1)</script>\"' onload=x"
        try daemon.store(SampleObject(patientID: "<img src=x>", description: hostile, comment: "</option><b>"))
        try daemon.assess(1, code: nil)
        try await daemon.onPort { client in
            for uri in ["/", "/studies/1.2.1", "/view?current=1.2.1", "/?q=%3Cscript%3Ealert(1)", "/?q=%22%3E%3Cb%3E"] {
                let text = try await Self.get(uri, client).text
                #expect(!text.contains("<script>alert"), "\(uri)")
                #expect(!text.contains("<img src=x>"), "\(uri)")
                #expect(!text.contains("</option><b>"), "\(uri)")
                #expect(!text.contains("\"><b>"), "\(uri)")
            }
            let text = try await Self.get("/studies/1.2.1", client).text
            #expect(text.contains("<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload=x</bdi>"))
        }
    }

    @Test func `what is not there or not understood is a page under its status`() async throws {
        let daemon = try TestDaemon()
        try await daemon.onPort { client in
            for (uri, status) in [
                ("/studies/1.2.99", HTTPResponse.Status.notFound), ("/studies/x", .badRequest),
                ("/view?current=1.2.99", .notFound), ("/view", .badRequest), ("/?from=yesterday", .badRequest),
                ("/?from=20260201&to=20260101", .badRequest), ("/?surprise=1", .badRequest), ("/?q=1&q=2", .badRequest),
                ("/?q=%FF", .badRequest), ("/?q=" + String(repeating: "x", count: 300), .badRequest),
                ("/?offset=-1", .badRequest), ("/order?patient=" + String(repeating: "x", count: 600), .badRequest),
            ] {
                let response = try await Self.get(uri, client, "zh")
                #expect(response.status == status, "\(uri)")
                #expect(response.headers[.contentType] == "text/html; charset=utf-8")
                #expect(response.text.contains("返回检索"), "\(uri)")
            }
            try await client.expect(.methodNotAllowed, uri: "/", method: .delete)
            #expect(
                try await client.execute(uri: "/", method: .get, headers: [.accept: "image/png"]).status
                    == .notAcceptable)
        }
    }

    @Test func `style and scripts may be kept for good, under a name made of their content`() async throws {
        let daemon = try TestDaemon()
        try await daemon.onPort { client in
            let page = try await Self.get("/view?current=1.2.99", client).text + Self.get("/", client).text
            for name in ["page.css", "page.js", "icon.svg"] {
                let found = try #require(page.firstMatch(of: try Regex("/assets/[0-9a-f]{16}/\(name)")))
                let path = String(page[found.range])
                let response = try await client.execute(uri: path, method: .get)
                #expect(response.status == .ok)
                #expect(response.headers[.cacheControl] == "public, max-age=31536000, immutable")
                let tag = try #require(response.headers[.eTag])
                let again = try await client.execute(uri: path, method: .get, headers: [.ifNoneMatch: tag])
                #expect(again.status == .notModified)
                #expect(again.body.readableBytes == 0)
            }
            for path in ["/assets/0000000000000000/page.css", "/assets/x/../../priord", "/assets/x/secret"] {
                try await client.expect(.notFound, uri: path, method: .get)
            }
        }
    }

    @Test func `the viewer begins with images, whatever series comes first`() async throws {
        let daemon = try TestDaemon()
        try daemon.store(SampleObject(series: 1, modality: "SR"))
        try daemon.store(SampleObject(series: 2, modality: "PR"))
        try daemon.store(SampleObject(series: 3, modality: "DX"))
        try await daemon.onPort { client in
            for (uri, series) in [
                ("/view?current=1.2.1", "1.2.1.3"), ("/view?current=1.2.1&prior=1.2.1&series=1.2.1.1", "1.2.1.1"),
            ] {
                let page = try await Self.get(uri, client).text
                let chosen = page.matches(of: #/<option value="([0-9.]+)" data-modality="[A-Z]+" selected>/#).map(\.1)
                #expect(chosen.first.map(String.init) == series)
                if chosen.count > 1 { #expect(chosen.last == "1.2.1.3") }
            }
        }
    }

    @Test func `the admin socket has no pages`() async throws {
        let daemon = try TestDaemon()
        try await daemon.onSocket { client in try await client.expect(.notFound, uri: "/", method: .get) }
    }
}

@Suite struct SearchQuestionTests {
    @Test(arguments: [
        ("2026-08-21", "20260821", "20260821"), ("20260821", "20260821", "20260821"),
        ("2026/8/1", "20260801", "20260801"),
        ("2026年8月", "20260801", "20260831"), ("2026年8月21日", "20260821", "20260821"),
        ("2026-08", "20260801", "20260831"),
        ("2026", "20260101", "20261231"), ("２０２６年８月", "20260801", "20260831"),
    ])
    func `what looks like a date is one`(text: String, first: String, last: String) {
        let days = SearchQuestion.days(of: text)
        #expect(days?.first == first)
        #expect(days?.last == last)
    }

    @Test(arguments: [
        "", "12345678", "20261301", "2026-13", "2026-02-30", "1234", "王2026", "2026-", "-", "2026-08-21-1",
        "99999999999999999999",
    ])
    func `what is none stays text`(text: String) {
        if text == "2026-" { return #expect(SearchQuestion.days(of: text)?.first == "20260101") }
        #expect(SearchQuestion.days(of: text) == nil)
    }

    @Test func `a study is found by each thing that is known of it`() async throws {
        let daemon = try TestDaemon()
        try daemon.store(SampleObject())
        try daemon.store(SampleObject(study: 2, patientID: "20261102", description: "头颅CT", date: "20261103"))
        try daemon.assess(1, code: "BW03ZZZ8B")
        try daemon.assess(2, code: nil)
        try await daemon.onPort { client in
            for (asked, found, others) in [
                ("P1", ["1.2.1"], ["1.2.2"]), ("胸部", ["1.2.1"], ["1.2.2"]), ("wang xiao", ["1.2.1", "1.2.2"], []),
                ("王", ["1.2.1", "1.2.2"], []), ("2026-11-01", ["1.2.1"], ["1.2.2"]),
                ("bw03zzz8b", ["1.2.1"], ["1.2.2"]),
                // A number that could be a day is a Patient ID where somebody has it.
                ("20261102", ["1.2.2"], ["1.2.1"]), ("nobody", [], ["1.2.1", "1.2.2"]),
                // Nobody described it so: the item is named so.
                ("lateral PA chest", ["1.2.1"], ["1.2.2"]),
            ] {
                let query = PagePath.search.asking([("q", asked)]).text
                let text = try await client.execute(uri: query, method: .get, headers: [.accept: "text/html"]).text
                for uid in found { #expect(text.contains("href=\"/studies/\(uid)\""), "\(asked) \(uid)") }
                for uid in others { #expect(!text.contains("href=\"/studies/\(uid)\""), "\(asked) \(uid)") }
            }
            // P1 is somebody's number, and so not a part of others'.
            try daemon.store(SampleObject(study: 3, patientID: "P10", description: "P1"))
            let numbered = try await client.execute(uri: "/?q=P1", method: .get, headers: [.accept: "text/html"]).text
            #expect(numbered.contains("href=\"/studies/1.2.1\""))
            #expect(!numbered.contains("href=\"/studies/1.2.3\""))
            let filtered = try await client.execute(
                uri: "/?modality=ct&institution=first", method: .get, headers: [.accept: "text/html"]
            ).text
            #expect(filtered.contains("No study matches"))
        }
    }

    @Test func `what stands in for nothing found has all its pages`() async throws {
        let daemon = try TestDaemon()
        for number in 1...60 { try daemon.store(SampleObject(study: number, description: "X")) }
        for number in 1...60 { try daemon.assess(number, code: "BW03ZZZ8B") }
        try await daemon.onPort { client in
            // Nobody described it so, and no study says the name so: an item's studies, and a person's.
            for asked in ["lateral PA chest", "Xiaodong Wang"] {
                var shown: Set<Substring> = []
                for (offset, count, hasMore) in [(0, 50, true), (50, 10, false), (100, 0, false)] {
                    let path = PagePath.search.asking([("q", asked), ("offset", offset > 0 ? "\(offset)" : "")]).text
                    let page = try await client.execute(uri: path, method: .get, headers: [.accept: "text/html"]).text
                    let rows = page.matches(of: #/href="(/studies/[0-9.]+)" data-mark="row"/#).map(\.1)
                    #expect(rows.count == count, "\(asked) \(offset)")
                    #expect(page.contains("rel=\"next\"") == hasMore)
                    shown.formUnion(rows)
                }
                #expect(shown.count == 60)
            }
        }
    }

    @Test func `a search that takes too long is told so, and can be narrowed`() async throws {
        var settings = WebSettings()
        settings.findLimit = .zero
        let daemon = try TestDaemon(settings: settings)
        try daemon.store(SampleObject())
        try daemon.assess(1, code: "BW03ZZZ8B")
        try await daemon.onPort { client in
            let page = try await client.execute(
                uri: "/?q=x&from=2026-11-01", method: .get, headers: [.accept: "text/html", .acceptLanguage: "zh"])
            #expect(page.status == .serviceUnavailable)
            #expect(page.text.contains("检索时间过长"))
            #expect(page.text.contains("value=\"2026-11-01\""))
            for uri in ["/api/v1/studies?text=x", "/api/v1/persons?name=x"] {
                let refused = try await client.execute(uri: uri, method: .get)
                #expect(refused.status == .serviceUnavailable)
                #expect(try refused.json(Problem.self).detail?.contains("narrow the search") == true)
            }
            // Priors have turns of their own.
            try await client.expect(.ok, uri: "/api/v1/priors?study=1.2.1", method: .get)
            try await client.expect(.ok, uri: "/studies/1.2.1", method: .get)
        }
    }
}
