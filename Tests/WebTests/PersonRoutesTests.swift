import AdminAPI
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Recall
import Testing

@testable import Web

/// `/api/v1/persons` and its decisions.
@Suite struct PersonRoutesTests {
    private let test: TestDaemon

    /// Two numbers of one name without a birth date, the first with two studies.
    init() throws {
        test = try TestDaemon()
        try test.store(SampleObject())
        try test.store(SampleObject(study: 2, date: "20261102"))
        try test.store(SampleObject(study: 3, patientID: "P2"))
        while try test.daemon.recall.persons.resolvePending().resolvedCount > 0 {}
    }

    private func person(_ number: String, _ client: any TestClientProtocol) async throws -> PersonAnswer {
        let page = try await client.execute(uri: "/api/v1/persons?patient=\(number)&issuer=H1", method: .get)
            .json(PersonsAnswer.self)
        return try #require(page.persons.first)
    }

    private func own(_ person: PersonAnswer) throws -> String {
        try #require(person.identities.first { $0.link == "same" }).id
    }

    private func post(
        _ path: String, _ json: String, _ client: any TestClientProtocol
    ) async throws -> TestResponse {
        try await client.execute(
            uri: "/api/v1/persons/\(path)", method: .post, headers: [.contentType: "application/json"],
            body: ByteBuffer(string: json))
    }

    @Test func `a person is found by number and by name, with what is possibly the same`() async throws {
        try await test.onPort { client in
            let one = try await person("P1", client)
            #expect(
                one.identities.map(\.patientID) == ["P1", "P2"] && one.identities.map(\.link) == ["same", "possible"])
            #expect(one.identities.first?.studyCount == 2 && one.pairs.map(\.isOpen) == [true])
            for name in ["wang%20xiaodong", "XIAODONG%20WANG", "%E7%8E%8B%E5%B0%8F%E6%9D%B1"] {
                let found = try await client.execute(uri: "/api/v1/persons?name=\(name)", method: .get)
                    .json(PersonsAnswer.self)
                #expect(found.persons.count == 2, "\(name)")
            }
            let again = try await client.execute(uri: "/api/v1/persons/\(one.personID)", method: .get)
                .json(PersonAnswer.self)
            #expect(again == one)
        }
    }

    @Test func `a person's studies come newest first, a page at a time`() async throws {
        try await test.onPort { client in
            let id = try await person("P1", client).personID
            let page = try await client.execute(uri: "/api/v1/persons/\(id)/studies?limit=1", method: .get)
                .json(StudyPage.self)
            #expect(page.total == 2 && page.studies.map(\.studyDate) == ["20261102"])
            let rest = try await client.execute(uri: "/api/v1/persons/\(id)/studies?limit=1&offset=1", method: .get)
                .json(StudyPage.self)
            #expect(rest.studies.map(\.studyDate) == ["20261101"])
        }
    }

    @Test func `identities are linked, unlinked and settled by somebody`() async throws {
        try await test.onPort { client in
            let (one, other) = (try own(await person("P1", client)), try own(await person("P2", client)))
            let reviews = try await client.execute(uri: "/api/v1/persons/reviews", method: .get)
                .json(PersonReviewPage.self)
            #expect(reviews.total == 1 && Set(reviews.reviews.flatMap { [$0.one.id, $0.other.id] }) == [one, other])

            let linked = try await post("link", #"{"one": "\#(one)", "other": "\#(other)", "by": "Dr Chen"}"#, client)
            #expect(linked.status == .ok)
            let person = try linked.json(PersonAnswer.self)
            #expect(person.identities.map(\.link) == ["same", "same"] && person.pairs.first?.decidedBy == "Dr Chen")

            let unlinked = try await post("unlink", #"{"one": "\#(other)", "by": "Dr Wu", "note": "brothers"}"#, client)
            #expect(try unlinked.json(PersonAnswer.self).identities.map(\.patientID) == ["P2"])
            let alone = try await post("unlink", #"{"one": "\#(other)", "by": "Dr Wu"}"#, client)
            #expect(alone.status == .conflict)

            let back = try await post(
                "reviews", #"{"one": "\#(one)", "other": "\#(other)", "decision": "undecided", "by": "Dr Wu"}"#, client)
            #expect(back.status == .ok)
            let settled = try await post(
                "reviews", #"{"one": "\#(one)", "other": "\#(other)", "decision": "different", "by": "Dr Wu"}"#, client)
            #expect(try settled.json(PersonAnswer.self).identities.count == 1)
        }
    }

    @Test(arguments: [
        ("link", #"{"one": "ID", "by": "x"}"#, HTTPResponse.Status.badRequest),
        ("link", #"{"one": "ID", "other": "ID", "by": "x"}"#, .badRequest),
        ("link", #"{"one": "ID", "other": "nobody", "by": "x"}"#, .notFound),
        ("link", #"{"one": "ID", "other": "nobody"}"#, .badRequest),
        ("link", "no JSON", .badRequest),
        ("unlink", #"{"one": "nobody", "by": "x"}"#, .notFound),
        ("unlink", #"{"one": "ID", "other": "ID", "by": "x"}"#, .badRequest),
        ("reviews", #"{"one": "ID", "other": "nobody", "decision": "same", "by": "x"}"#, .notFound),
        ("reviews", #"{"one": "ID", "other": "ID", "decision": "perhaps", "by": "x"}"#, .badRequest),
    ])
    func `a decision that cannot be taken says why`(
        path: String, json: String, status: HTTPResponse.Status
    ) async throws {
        try await test.onPort { client in
            let id = try own(await person("P1", client))
            let answer = try await post(path, json.replacing("ID", with: id), client)
            #expect(answer.status == status)
            #expect(try !(answer.json(Problem.self).detail ?? "").isEmpty)
        }
    }

    @Test func `what is asked wrongly, and who is not there, is said`() async throws {
        try await test.onPort { client in
            for uri in ["persons", "persons?name=a&patient=b", "persons?issuer=H1", "persons/x/studies?limit=0"] {
                try await client.expect(.badRequest, uri: "/api/v1/\(uri)", method: .get)
            }
            for uri in ["persons/abcdefghijklmnop", "persons/x/studies"] {
                try await client.expect(.notFound, uri: "/api/v1/\(uri)", method: .get)
            }
            try await client.expect(.methodNotAllowed, uri: "/api/v1/persons/link", method: .get)
            let nobody = try await client.execute(uri: "/api/v1/persons?patient=P1&issuer=H9", method: .get)
            #expect(try nobody.json(PersonsAnswer.self).persons.isEmpty)
        }
    }
}

/// What `GET /api/v1/priors` may be asked.
@Suite struct PriorsQueryTests {
    @Test func `priors are cut where that is asked, tell how many there are, and speak the language asked for`()
        async throws
    {
        let test = try TestDaemon()
        for number in 1...3 {
            try test.store(SampleObject(study: number, date: "2026110\(number)"))
            try test.assess(number, code: "BW03ZZZ8B")
        }
        try await test.onPort { client in
            let uri = "/api/v1/priors?study=1.2.3"
            let all = try await client.execute(uri: uri, method: .get).json(PriorsAnswer.self)
            #expect(all.priors.count == 2 && all.total == 2)
            let one = try await client.execute(uri: uri + "&limit=1&lang=zh", method: .get).json(PriorsAnswer.self)
            #expect(one.priors.map(\.studyInstanceUID.value) == ["1.2.2"] && one.total == 2)
            let details = { (answer: PriorsAnswer) in answer.priors[0].recognition.rules.map(\.detail) }
            #expect(details(one) != details(all))
            let order = "/api/v1/priors?patient=P1&issuer=H1&item=BW03ZZZ8B&institution=First%20Hospital&lang=vi"
            #expect(try await client.execute(uri: order, method: .get).json(PriorsAnswer.self).total == 3)
            for wrong in ["&limit=0", "&limit=x", "&lang=fr", "&institution=First"] {
                try await client.expect(.badRequest, uri: uri + wrong, method: .get)
            }
        }
    }
}
