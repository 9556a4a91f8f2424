import AdminAPI
import Archive
import Catalogue
import DICOMCore
import Delivery
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ingestion
import Matching
import NIOCore
import Recall
import Sources
import Testing

@testable import Web

@Suite struct PageDecisionTests {
    /// A chest radiograph of November 1st and one eleven days before, of one patient at one hospital.
    private static func daemon() throws -> TestDaemon {
        let daemon = try TestDaemon()
        try daemon.store(SampleObject(study: 1, date: "20261101"))
        try daemon.store(SampleObject(study: 2, date: "20261021"))
        try daemon.store(SampleObject(study: 3, patientID: "P9", date: "20261020"))
        for number in 1...3 { try daemon.assess(number, code: "BW03ZZZ8B") }
        return daemon
    }

    private static func post(
        _ uri: String, _ fields: [(name: String, value: String)], _ client: any TestClientProtocol,
        headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        let form = PagePath.search.asking(fields).text.dropFirst(2)
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/x-www-form-urlencoded" }
        headers[.acceptLanguage] = "en"
        return try await client.execute(
            uri: uri, method: .post, headers: headers, body: ByteBuffer(string: String(form)))
    }

    private static func page(_ uri: String, _ client: any TestClientProtocol) async throws -> String {
        try await client.execute(uri: uri, method: .get, headers: [.acceptLanguage: "en"]).text
    }

    @Test func `a prior is recognised where it stands, and the page says so`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            let before = try await Self.page("/studies/1.2.1", client)
            #expect(before.contains("action=\"/studies/1.2.1/decisions\""))
            let answer = try await Self.post(
                "/studies/1.2.1/decisions",
                [("kind", "recognised"), ("prior", "1.2.2"), ("actor", "Dr. <Shen>"), ("department", "胸外科")], client)
            #expect(answer.status == .seeOther)
            #expect(answer.headers[.location] == "/studies/1.2.1#prior-1.2.2")
            let cookies = answer.headers[values: .setCookie].joined(separator: "\n")
            #expect(cookies.contains("priord-actor=Dr.%20%3CShen%3E; Path=/"))
            let after = try await Self.page("/studies/1.2.1", client)
            #expect(after.contains("<bdi>Dr. &lt;Shen&gt;</bdi>"))
            #expect(after.contains("class=\"outcome\""))
        }
        let events = try daemon.daemon.desk.events(DecisionFilter()).map(\.event)
        #expect(events.map(\.kind) == [.reminded, .recognised])
        #expect(events.last?.department == "胸外科")
    }

    @Test func `a decline needs a reason, and the last reason a note`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            let base = [("kind", "declined"), ("prior", "1.2.2"), ("actor", "Dr. Shen")]
            for fields in [base, base + [("reason", "ZE-99")], base + [("reason", "ZE-10")]] {
                let refused = try await Self.post("/studies/1.2.1/decisions", fields, client)
                #expect(refused.status == .badRequest)
                #expect(refused.text.contains("The decision was not recorded"))
                #expect(refused.text.contains("<details open>"))
                #expect(refused.text.contains("value=\"Dr. Shen\""))
                #expect(refused.text.contains(#/value="ZE-10"[^>]* selected/#) == (fields.last?.1 == "ZE-10"))
            }
            let typed = [("kind", "recognised"), ("reason", "ZE-07"), ("note", "见 <病程>"), ("informed", "true")]
            let mixed = try await Self.post("/studies/1.2.1/decisions", base.dropFirst() + typed, client)
            #expect(mixed.status == .badRequest)
            #expect(mixed.text.contains("value=\"见 &lt;病程&gt;\""))
            let taken = try await Self.post(
                "/studies/1.2.1/decisions", base + [("reason", "ZE-10"), ("note", "见病程"), ("informed", "true")], client)
            #expect(taken.status == .seeOther)
            #expect(try await Self.page("/studies/1.2.1", client).contains("<bdi>见病程</bdi>"))
        }
        let declined = try daemon.daemon.desk.events(DecisionFilter()).map(\.event).filter { $0.kind == .declined }
        #expect(declined.map(\.reason) == ["ZE-10"])
        #expect(declined.first?.isPatientInformed == true)
    }

    @Test func `Enter decides nothing, and a recognition with a reason to decline is refused`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            let page = try await Self.page("/studies/1.2.1", client)
            let form = try #require(page.range(of: "data-mark=\"decision\""))
            let button = try #require(
                page.range(of: "<button[^>]*>", options: .regularExpression, range: form.upperBound..<page.endIndex))
            #expect(page[button].contains(" disabled"))
            let mixed = [("kind", "recognised"), ("prior", "1.2.2"), ("actor", "Dr. Shen"), ("note", "见病程")]
            #expect(try await Self.post("/studies/1.2.1/decisions", mixed, client).status == .badRequest)
        }
        let kinds = try daemon.daemon.desk.events(DecisionFilter()).map(\.event.kind)
        #expect(!kinds.contains(.recognised))
    }

    @Test func `what is no decision is refused, and nothing is written`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            let good = [("kind", "recognised"), ("prior", "1.2.2"), ("actor", "Dr. Shen")]
            for (uri, fields, status) in [
                (
                    "/studies/1.2.1/decisions", [("kind", "reminded"), ("prior", "1.2.2")],
                    HTTPResponse.Status.badRequest
                ),
                ("/studies/1.2.1/decisions", [("kind", "recognised"), ("prior", "1.2.2")], .badRequest),
                ("/studies/1.2.1/decisions", [("kind", "recognised"), ("actor", "x")], .badRequest),
                ("/studies/1.2.1/decisions", good + [("surprise", "1")], .badRequest),
                ("/studies/1.2.1/decisions", [("kind", "recognised"), ("prior", "1.2.3"), ("actor", "x")], .notFound),
                ("/studies/1.2.99/decisions", good, .notFound), ("/studies/x/decisions", good, .badRequest),
            ] {
                #expect(try await Self.post(uri, fields, client).status == status, "\(uri) \(fields)")
            }
            let other = try await Self.post(
                "/studies/1.2.1/decisions", good, client, headers: [.contentType: "text/plain"])
            #expect(other.status == .unsupportedMediaType)
            let foreign = try await Self.post(
                "/studies/1.2.1/decisions", good, client, headers: [.origin: "https://evil.example"])
            #expect(foreign.status == .forbidden)
        }
        let events = try daemon.daemon.desk.events(DecisionFilter()).map(\.event)
        #expect(events.allSatisfy { $0.kind == .reminded })
    }

    @Test func `showing priors reminds once, and each look is an opening`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            for _ in 1...3 { _ = try await Self.page("/studies/1.2.1", client) }
            _ = try await client.execute(uri: "/studies/1.2.1", method: .head)
            _ = try await Self.page("/view?current=1.2.1&prior=1.2.2", client)
            _ = try await Self.page("/studies/1.2.2?for=1.2.1", client)
            // Ahead of a click nobody sees anything, and somebody else's study is no prior.
            _ = try await client.execute(
                uri: "/view?current=1.2.1&prior=1.2.2", method: .get,
                headers: [HTTPField.Name("Sec-Purpose")!: "prefetch"])
            _ = try await Self.page("/view?current=1.2.1&prior=1.2.3", client)
        }
        let events = try daemon.daemon.desk.events(DecisionFilter()).map(\.event)
        #expect(events.map(\.kind) == [.reminded, .opened, .opened])
    }

    @Test func `a prior opened from an order is noted as its`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            let order = "/order?patient=P1&issuer=H1&item=BW03ZZZ8B"
            let link = "/studies/1.2.2?patient=P1&issuer=H1&item=BW03ZZZ8B"
            #expect(try await Self.page(order, client).contains("href=\"\(link.replacing("&", with: "&amp;"))\""))
            #expect(try await Self.page(link, client).contains("id=\"study\""))
            for uri in ["/studies/1.2.2?patient=P1", "/studies/1.2.2?for=1.2.1&item=BW03ZZZ8B&patient=P1"] {
                try await client.expect(.badRequest, uri: uri, method: .get)
            }
        }
        let events = try daemon.daemon.desk.events(DecisionFilter()).map(\.event)
        #expect(events.map(\.kind) == [.reminded, .opened])
        #expect(events.last?.proposal.reference == "")
        #expect(events.last?.proposal.item == "BW03ZZZ8B")
        #expect(events.last?.proposal.priorStudyInstanceUID.value == "1.2.2")
    }

    @Test func `what a page of another site makes a browser ask for shows nobody anything`() async throws {
        let daemon = try Self.daemon()
        let names = ["Sec-Fetch-Site", "Sec-Fetch-Dest", "Sec-Fetch-User"].compactMap { HTTPField.Name($0) }
        try await daemon.onPort { client in
            for (values, isSeen) in [
                (["cross-site", "document", ""], false), (["same-site", "document", ""], false),
                (["same-origin", "iframe", ""], false), (["cross-site", "image", "?1"], false),
                // Somebody followed a link of the hospital's own system.
                (["cross-site", "document", "?1"], true), (["same-origin", "document", ""], true),
                (["none", "document", "?1"], true),
            ] {
                let before = try daemon.daemon.desk.events(DecisionFilter()).count
                var headers: HTTPFields = [.acceptLanguage: "en"]
                for (name, value) in zip(names, values) where !value.isEmpty { headers[name] = value }
                let page = try await client.execute(uri: "/studies/1.2.2?for=1.2.1", method: .get, headers: headers)
                #expect(page.status == .ok)
                #expect(try daemon.daemon.desk.events(DecisionFilter()).count - before == (isSeen ? 1 : 0), "\(values)")
            }
        }
    }

    @Test func `a list of priors tells how many there are, what is not known, and what sources tell differently`()
        throws
    {
        let daemon = try Self.daemon()
        let desk = daemon.daemon.desk
        let uid = try StudyInstanceUID("1.2.1")
        var priors = try daemon.daemon.recall.priors(forStudy: uid)
        (priors.total, priors.futureStudies, priors.pendingStudies) = (140, 2, 1000)
        priors.priors[0].differences = [
            FactDifference(.birthDate, told: [.init(source: "", value: "19800101"), .init(source: "near", value: "")])
        ]
        priors.sources = [
            SourceReport("near", .deadline, millisecondsTaken: 2000)
        ]
        func text(_ language: Language) -> String {
            PriorList(
                exam: .study(uid), priors: priors,
                entries: priors.priors.map { PriorList.Entry(prior: $0, study: nil, age: 1) }, emptiness: .noPriors,
                policies: desk.policies, form: nil,
                words: PageWords(language: language, library: daemon.daemon.catalogues.namer.library)
            ).html.markup
        }
        let english = text(.english)
        for said in [
            "1 of 140, best first", "2 studies are dated after today", "≥ 1000 studies are not attributed",
            "? sources differ",
            "<bdi>19800101</bdi>", "<bdi>here</bdi>", ">Born<", "no answer in time",
        ] {
            #expect(english.contains(said), "\(said)")
        }
        #expect(text(.chinese).contains("超时"))
    }

    @Test func `a prior that a source has is fetched for an order, too`() async throws {
        let source = PriorSource(
            name: "near", endpoint: .dicomweb(HTTPService(url: "http://127.0.0.1:1", aeTitle: .priord)),
            aeTitle: try AETitle("NEAR"), ownAETitle: .priord)
        let daemon = try TestDaemon(sources: [source])
        try await daemon.onPort { client in
            let taken = try await Self.post(
                "/order/fetches",
                [("source", "near"), ("study", "1.2.77"), ("patient", "P1"), ("item", "BW03ZZZ8B")], client)
            #expect(taken.status == .seeOther)
            #expect(taken.headers[.location] == "/order?patient=P1&item=BW03ZZZ8B#prior-1.2.77")
            let unknown = try await Self.post("/order/fetches", [("source", "far"), ("study", "1.2.77")], client)
            #expect(unknown.status == .notFound)
        }
        let fetches = try daemon.archive.index.fetches(in: [], of: StudyInstanceUID("1.2.77"), limit: 5)
        #expect(fetches.map(\.source) == ["near"])
    }

    @Test func `a decision may be taken on an order`() async throws {
        let daemon = try Self.daemon()
        try await daemon.onPort { client in
            let path = "/order?patient=P1&issuer=H1&item=BW03ZZZ8B"
            let page = try await Self.page(path, client)
            #expect(page.contains("action=\"/order/decisions\""))
            #expect(page.contains("id=\"prior-1.2.1\""))
            let taken = try await Self.post(
                "/order/decisions",
                [
                    ("kind", "declined"), ("prior", "1.2.1"), ("actor", "Dr. Shen"), ("reason", "ZE-01"),
                    ("patient", "P1"), ("issuer", "H1"), ("item", "BW03ZZZ8B"),
                ], client)
            #expect(taken.status == .seeOther)
            #expect(taken.headers[.location] == path + "#prior-1.2.1")
            #expect(try await Self.page(path, client).contains("class=\"outcome\""))
            #expect(try await Self.page("/order?patient=P1&item=lateral", client).contains("Choose one of these items"))
            #expect(try await Self.page("/order?patient=P1&item=BW03ZZZ99", client).contains("There is no such item"))
        }
    }
}

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
