import AdminAPI
import DICOMCore
import Delivery
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct DICOMwebSearchTests {
    /// Three studies: two of one patient, of which the first has two instances.
    private func withStudies(
        _ settings: WebSettings = WebSettings(), _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let test = try TestDaemon(settings: settings)
        try test.store(SampleObject())
        try test.store(SampleObject(number: 2))
        try test.store(SampleObject(study: 2, date: "20261103"))
        try test.store(SampleObject(study: 3, patientID: "P3", description: "Nguyễn Thị Hồng", date: "20261102"))
        try await test.onPort(body)
    }

    private func matches(_ response: TestResponse) throws -> [[String: Any]] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [[String: Any]])
    }

    private func value(_ match: [String: Any], _ tag: String) -> Any? {
        ((match[tag] as? [String: Any])?["Value"] as? [Any])?.first
    }

    private func uids(_ response: TestResponse, _ tag: String = "0020000D") throws -> [String] {
        try matches(response).compactMap { value($0, tag) as? String }
    }

    @Test func `studies are found with what the standard says of each, newest first`() async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: "/dicomweb/studies", method: .get)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/dicom+json")
            #expect(try uids(response) == ["1.2.2", "1.2.3", "1.2.1"])
            let study = try #require(try matches(response).last)
            let tags = [
                "00080005", "00080020", "00080030", "00080050", "00080056", "00080061", "00080090", "00081190",
                "00100010",
                "00100020", "00100030", "00100040", "0020000D", "00200010", "00201206", "00201208",
            ]
            #expect(Set(tags).isSubset(of: study.keys))
            #expect(value(study, "00081190") as? String == "http://localhost/dicomweb/studies/1.2.1")
            #expect(value(study, "00080056") as? String == "ONLINE")
            #expect(value(study, "00201208") as? Int == 2)
            #expect(value(study, "00080061") as? String == "DX")
            #expect(
                value(study, "00100010") as? [String: String]
                    == ["Alphabetic": "Wang^Xiaodong", "Ideographic": "王^小东"])
            // Known and without value, which is told by the Attribute's being there.
            #expect((study["00080050"] as? [String: Any])?.keys.sorted() == ["vr"])
        }
    }

    @Test(arguments: [
        ("PatientID=P3", ["1.2.3"]), ("00100020=P3", ["1.2.3"]), ("PatientID=P*", ["1.2.2", "1.2.3", "1.2.1"]),
        ("PatientID=p3", []), ("StudyDate=20261102-20261103", ["1.2.2", "1.2.3"]),
        ("StudyDate=20261102-", ["1.2.2", "1.2.3"]),
        ("StudyDate=20261103-20261101", []), ("StudyInstanceUID=1.2.1,1.2.3", ["1.2.3", "1.2.1"]),
        ("StudyInstanceUID=1.2.1%5C1.2.3", ["1.2.3", "1.2.1"]),
        ("ModalitiesInStudy=CT,DX", ["1.2.2", "1.2.3", "1.2.1"]),
        ("ModalitiesInStudy=CT", []), ("PatientName=wang*", ["1.2.2", "1.2.3", "1.2.1"]),
        ("PatientName=%E7%8E%8B*", ["1.2.2", "1.2.3", "1.2.1"]),
        ("PatientName=xiaodong&fuzzymatching=true", ["1.2.2", "1.2.3", "1.2.1"]),
        ("PatientName=xiaodong&fuzzymatching=false", []), ("StudyDescription=Nguy%E1%BB%85n*", ["1.2.3"]),
        ("StudyDescription=*%E6%AD%A3*", ["1.2.2", "1.2.1"]), ("limit=1&offset=1", ["1.2.3"]), ("limit=0", []),
        ("offset=3", []), ("offset=99999999999999999999999", []),
        ("limit=99999999999999999999999", ["1.2.2", "1.2.3", "1.2.1"]),
        ("PatientID=", ["1.2.2", "1.2.3", "1.2.1"]), ("PatientID=*", ["1.2.2", "1.2.3", "1.2.1"]),
    ])
    func `studies are matched by the rules of queries`(query: String, found: [String]) async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: "/dicomweb/studies?\(query)", method: .get)
            #expect(response.status == .ok)
            #expect(try uids(response) == found)
        }
    }

    @Test func `nothing found is an empty list`() async throws {
        try await withStudies { client in
            for uri in [
                "/dicomweb/studies?PatientID=NOBODY", "/dicomweb/studies/1.9/series",
                "/dicomweb/studies/1.2.1/series?StudyInstanceUID=1.2.2",
            ] {
                let response = try await client.execute(uri: uri, method: .get)
                #expect(response.status == .ok)
                #expect(response.text == "[]")
            }
        }
    }

    @Test func `a page that leaves matches out says so`() async throws {
        try await withStudies { client in
            let cut = try await client.execute(uri: "/dicomweb/studies?limit=2", method: .get)
            let warning = try #require(HTTPField.Name("Warning"))
            #expect(
                cut.headers[warning]
                    == "299 http://localhost/dicomweb: There are additional results that can be requested")
            let last = try await client.execute(uri: "/dicomweb/studies?limit=2&offset=2", method: .get)
            #expect(last.headers[warning] == nil)
            #expect(try uids(last) == ["1.2.1"])
        }
    }

    @Test func `series have their own attributes, and those of their study where the path names none`() async throws {
        try await withStudies { client in
            let within = try await client.execute(uri: "/dicomweb/studies/1.2.1/series", method: .get)
            let series = try #require(try matches(within).first)
            #expect(value(series, "0020000E") as? String == "1.2.1.1")
            #expect(value(series, "00080060") as? String == "DX")
            #expect(value(series, "00201209") as? Int == 2)
            #expect(value(series, "00081190") as? String == "http://localhost/dicomweb/studies/1.2.1/series/1.2.1.1")
            #expect(series["00100020"] == nil)
            // Shall be present if known, and is not.
            #expect(series["00400244"] == nil)
            let all = try await client.execute(uri: "/dicomweb/series?PatientID=P1", method: .get)
            #expect(try uids(all, "0020000E").sorted() == ["1.2.1.1", "1.2.2.1"])
            #expect(try matches(all).allSatisfy { value($0, "00100020") as? String == "P1" })
        }
    }

    @Test(arguments: [
        ("/dicomweb/instances", 4), ("/dicomweb/studies/1.2.1/instances", 2),
        ("/dicomweb/studies/1.2.1/series/1.2.1.1/instances", 2),
        ("/dicomweb/studies/1.2.1/series/1.2.2.1/instances", 0),
        ("/dicomweb/instances?SOPInstanceUID=1.2.1.1.2", 1),
        ("/dicomweb/studies/1.2.1/instances?SOPInstanceUID=1.2.1.1.2", 1),
    ])
    func `instances are found by themselves, in a study or in a series`(uri: String, count: Int) async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: uri, method: .get)
            let found = try matches(response)
            #expect(found.count == count)
            for instance in found {
                let uid = try #require(value(instance, "00080018") as? String)
                #expect((value(instance, "00081190") as? String)?.hasSuffix("/instances/\(uid)") == true)
                #expect(value(instance, "00080016") as? String == "1.2.840.10008.5.1.4.1.1.1.1")
                #expect((instance["00100020"] != nil) == uri.hasPrefix("/dicomweb/instances"))
            }
        }
    }

    @Test func `attributes are included as they are asked for`() async throws {
        try await withStudies { client in
            for query in [
                "includefield=InstitutionName,00081030", "includefield=InstitutionName&includefield=StudyDescription",
                "InstitutionName=", "includefield=all",
            ] {
                let response = try await client.execute(uri: "/dicomweb/studies?PatientID=P3&\(query)", method: .get)
                let study = try #require(try matches(response).first)
                #expect(value(study, "00080080") as? String == "First Hospital", "\(query)")
                #expect(value(study, "00081030") as? String == "Nguyễn Thị Hồng", "\(query)")
            }
            let below = try await client.execute(uri: "/dicomweb/studies?includefield=SeriesDescription", method: .get)
            #expect(try matches(below).allSatisfy { $0["0008103E"] == nil })
        }
    }

    @Test func `what is asked for and not done is warned of`() async throws {
        try await withStudies { client in
            let warning = try #require(HTTPField.Name("Warning"))
            for (query, text) in [
                ("emptyvaluematching=true", "emptyvaluematching"),
                ("multiplevaluematching=true", "multiplevaluematching"),
                ("includefield=NoSuchThing", "includefield"), ("SeriesDescription=x", "not known at this level"),
                ("00091001=x", "not known at this level"),
            ] {
                let response = try await client.execute(uri: "/dicomweb/studies?\(query)", method: .get)
                #expect(response.status == .ok)
                #expect(response.headers[warning]?.hasPrefix("299 http://localhost/dicomweb: ") == true, "\(query)")
                #expect(response.headers[warning]?.contains(text) == true, "\(query)")
            }
            let fuzzy = try await client.execute(uri: "/dicomweb/studies?fuzzymatching=true", method: .get)
            #expect(fuzzy.headers[warning] == nil)
        }
    }

    @Test(arguments: [
        "limit=-1", "limit=ten", "limit=1.5", "offset=-1", "offset=%D9%A1", "fuzzymatching=yes", "limit=1&limit=2",
        "PatinetName=x", "patientname=x", "0010001=x", "001000100=x", "(0010,0010)=x", "PatientID=1&00100020=1",
        "PatientID=a%00b", "PatientID=a%0Ab", "PatientName=%FF%FE", "%FF=1", "PatientID=%zz", "PatientID=%C3",
        "StudyDate=yesterday", "StudyDate=20260101-20260102-20260103", "StudyTime=25xx", "RequestAttributesSequence=x",
        "PatientID.StudyDate=1", ".PatientID=1", "PatientID.=1", "RequestAttributesSequence..CodeValue=1",
        "=x", "Rows=many", "PatientID\u{27}%20OR%201=1", "../../etc=1", "__proto__=1",
    ])
    func `a query that makes no sense is refused with what is wrong`(query: String) async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: "/dicomweb/studies?\(query)", method: .get)
            #expect(response.status == .badRequest)
            #expect(response.headers[.contentType] == Problem.mediaType)
            #expect(try response.json(Problem.self).detail?.isEmpty == false)
        }
    }

    @Test(arguments: [
        Array(repeating: "PatientID=1", count: 300).joined(separator: "&"),
        (0..<300).map { "00091\(100 + $0)=1" }.joined(separator: "&"),
        "includefield=" + Array(repeating: "PatientID", count: 300).joined(separator: ","),
        Array(repeating: "RequestAttributesSequence", count: 50).joined(separator: ".") + "=x",
        String(repeating: "A", count: 5000) + "=x", "PatientName=" + String(repeating: "%2A", count: 2000) + "x",
    ])
    func `a query beyond all measure is refused`(query: String) async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: "/dicomweb/studies?\(query)", method: .get)
            #expect(response.status == .badRequest)
            #expect(response.headers[.contentType] == Problem.mediaType)
        }
    }

    @Test(arguments: [
        ("/dicomweb/studies/1.2%2F3/series", 400), ("/dicomweb/studies/%2e%2e/series", 400),
        ("/dicomweb/studies/..%2f..%2fetc%2fpasswd/series", 400), ("/dicomweb/studies/1.2%00/series", 400),
        ("/dicomweb/studies/1..2/instances", 400), ("/dicomweb/studies/x/series/1.2/instances", 400),
        ("/dicomweb/studies/1.2/series/*/instances", 400), ("/dicomweb/studies/1.2.%D9%A1/series", 400),
        ("/dicomweb/%2e%2e/metrics", 404), ("/dicomweb/patients", 404),
        ("/dicomweb/studies/1.2/series/1.2/frames", 404),
        ("/dicomweb/studies/" + String(repeating: "1.", count: 2000) + "1/series", 400),
        ("/dicomweb/studies/1.2/instances/1.2", 404), ("/dicomweb//studies", 200),
    ])
    func `a path with what is no UID leads nowhere`(uri: String, status: Int) async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.status.code == status)
            if status >= 400 { #expect(response.headers[.contentType] == Problem.mediaType) }
        }
    }

    @Test(arguments: [
        ("application/dicom+json", 200), ("application/json", 200), ("*/*", 200), ("application/*;q=0.2", 200),
        ("multipart/related; type=\"application/dicom+xml\"", 406), ("application/dicom+xml", 406), ("text/html", 406),
        ("application/dicom+xml, application/json;q=0.1", 200), (";;", 400),
    ])
    func `answers are in JSON alone`(accept: String, status: Int) async throws {
        try await withStudies { client in
            let response = try await client.execute(uri: "/dicomweb/studies", method: .get, headers: [.accept: accept])
            #expect(response.status.code == status)
        }
    }

    @Test func `the accept of the query goes before that of the header`() async throws {
        try await withStudies { client in
            let response = try await client.execute(
                uri: "/dicomweb/studies?accept=application/json", method: .get, headers: [.accept: "text/html"])
            #expect(response.headers[.contentType] == "application/json")
        }
    }

    @Test func `a long answer comes in pieces and is whole, and tells at its end that it was cut`() async throws {
        let test = try TestDaemon()
        // Long descriptions, so that few objects make an answer longer than what is collected before it begins.
        let count = 260
        for number in 1...count {
            try test.store(SampleObject(number: number, comment: String(repeating: "长", count: 3400)))
        }
        try await test.onPort { client in
            let uri = "/dicomweb/studies/1.2.1/instances?includefield=SeriesDescription"
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.body.readableBytes > 2 << 20)
            #expect(response.headers[.contentLength] == nil)
            #expect(Set(try uids(response, "00080018")).count == count)
            let cut = try await client.execute(uri: uri + "&limit=\(count - 1)", method: .get)
            #expect(try matches(cut).count == count - 1)
            #expect(cut.headers[.trailer] == "Warning")
            let warning = try #require(HTTPField.Name("Warning"))
            #expect(cut.trailerHeaders?[warning]?.contains("additional results") == true)
        }
    }

    @Test func `every match is seen once by paging`() async throws {
        let test = try TestDaemon()
        for number in 1...23 { try test.store(SampleObject(study: number, date: "202601\(10 + number % 5)")) }
        try await test.onPort { client in
            var found: [String] = []
            for offset in stride(from: 0, to: 30, by: 4) {
                found += try uids(
                    try await client.execute(uri: "/dicomweb/studies?limit=4&offset=\(offset)", method: .get))
            }
            #expect(found.count == 23)
            #expect(Set(found).count == 23)
        }
    }

    @Test func `URLs begin with the base that is configured, else with the name that was called, if it is one`()
        async throws
    {
        func url(_ settings: WebSettings, host: String) async throws -> String? {
            let test = try TestDaemon(settings: settings)
            try test.store(SampleObject())
            return try await test.onPort { client in
                let response = try await client.execute(
                    uri: "/dicomweb/studies", method: .get,
                    headers: [
                        HTTPField.Name("X-Forwarded-Host")!: "evil.example",
                        HTTPField.Name("Forwarded")!: "host=evil.example",
                    ])
                return try matches(response).first.flatMap { value($0, "00081190") as? String }
            }
        }
        var behind = WebSettings()
        behind.baseURL = "https://pacs.example/priord"
        #expect(try await url(behind, host: "x") == "https://pacs.example/priord/dicomweb/studies/1.2.1")
        #expect(try await url(WebSettings(), host: "x") == "http://localhost/dicomweb/studies/1.2.1")
    }

    @Test(arguments: [
        ("pacs.example:8104", true), ("10.20.0.5", true), ("[fd00::5]:80", true), ("localhost", true),
        ("evil.example/path", false), ("user@evil.example", false), ("a..b", false), ("", false), ("-a", false),
        ("a b", false), ("a\"><script>", false), ("pacs.example:0", false), ("pacs.example:99999", false),
        ("[::1", false), ("[evil.example]", false), ("pacs.example:", false), ("b\u{fc}cher.example", false),
        (String(repeating: "a", count: 64), false),
    ])
    func `only a host is written into URLs`(authority: String, isOne: Bool) {
        #expect(Web.Daemon.isAuthority(authority) == isOne)
    }
}

@Suite struct CrossOriginTests {
    private static let viewer = "https://viewer.example"

    private func withOrigins(
        _ origins: CrossOrigins, token: String? = nil, _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        var settings = WebSettings()
        if let token { settings = WebSettings { _, sent in sent == token } }
        settings.origins = origins
        let test = try TestDaemon(settings: settings)
        try test.store(SampleObject())
        try await test.onPort(body)
    }

    @Test func `no page of another origin may read anything unless it is configured`() async throws {
        try await withOrigins(.only([])) { client in
            let response = try await client.execute(
                uri: "/dicomweb/studies", method: .get, headers: [.origin: Self.viewer])
            #expect(response.status == .ok)
            #expect(response.headers[.accessControlAllowOrigin] == nil)
            #expect(response.headers[.vary] == "Accept")
        }
    }

    @Test(arguments: [
        "https://viewer.example.evil.example", "https://evil.example", "http://viewer.example",
        "https://viewer.example:8443",
        "null", "https://viewer.example/", "HTTPS://VIEWER.EXAMPLE", "https://viewer.example, https://evil.example", "",
    ])
    func `an origin that is not listed reads nothing`(origin: String) async throws {
        try await withOrigins(.only([Self.viewer])) { client in
            for (method, uri) in [(HTTPRequest.Method.get, "/dicomweb/studies"), (.options, "/dicomweb/studies")] {
                let response = try await client.execute(
                    uri: uri, method: method, headers: [.origin: origin, .accessControlRequestMethod: "GET"])
                #expect(response.headers[.accessControlAllowOrigin] == nil)
                #expect(response.headers[.vary]?.contains("Origin") == true)
            }
        }
    }

    @Test func `a listed origin reads answers and problems, and never with a browser's credentials`() async throws {
        try await withOrigins(.only([Self.viewer]), token: "secret") { client in
            for (uri, token, status) in [
                ("/dicomweb/studies", "secret", HTTPResponse.Status.ok),
                ("/dicomweb/studies?x=1", "secret", .badRequest),
                ("/dicomweb/nothing", "secret", .notFound), ("/dicomweb/studies", "wrong", .unauthorized),
                ("/api/v1/studies", "secret", .ok),
            ] {
                let response = try await client.execute(
                    uri: uri, method: .get, headers: [.origin: Self.viewer, .authorization: "Bearer \(token)"])
                #expect(response.status == status)
                #expect(response.headers[.accessControlAllowOrigin] == Self.viewer, "\(uri)")
                #expect(response.headers[.accessControlAllowCredentials] == nil)
                #expect(response.headers[.accessControlExposeHeaders]?.contains("Warning") == true)
                #expect(response.headers[.vary]?.contains("Origin") == true)
            }
            let metrics = try await client.execute(
                uri: "/metrics", method: .get, headers: [.origin: Self.viewer, .authorization: "Bearer secret"])
            #expect(metrics.headers[.accessControlAllowOrigin] == nil)
        }
    }

    @Test func `a preflight is answered without a token, and says what may be sent`() async throws {
        try await withOrigins(.only([Self.viewer]), token: "secret") { client in
            let response = try await client.execute(
                uri: "/dicomweb/studies/1.2.1/metadata", method: .options,
                headers: [
                    .origin: Self.viewer, .accessControlRequestMethod: "GET",
                    .accessControlRequestHeaders: "authorization",
                ])
            #expect(response.status == .noContent)
            #expect(response.headers[.accessControlAllowOrigin] == Self.viewer)
            #expect(response.headers[.accessControlAllowMethods] == "GET, HEAD, POST")
            #expect(response.headers[.accessControlAllowHeaders]?.contains("Authorization") == true)
            #expect(response.headers[.accessControlAllowCredentials] == nil)
        }
    }

    @Test func `pages of other origins read the API, and change nothing by it`() async throws {
        try await withOrigins(.only([Self.viewer])) { client in
            let preflight = try await client.execute(
                uri: "/api/v1/recognition/events", method: .options,
                headers: [.origin: Self.viewer, .accessControlRequestMethod: "POST"])
            #expect(preflight.headers[.accessControlAllowMethods] == "GET, HEAD")
            for uri in ["/api/v1/recognition/events", "/api/v1/persons/link", "/studies/1.2.1/decisions"] {
                let response = try await client.execute(
                    uri: uri, method: .post, headers: [.origin: Self.viewer], body: ByteBuffer(string: "{}"))
                #expect(response.status == .forbidden, "\(uri)")
            }
        }
    }

    @Test func `every page there is gets the same answer`() async throws {
        try await withOrigins(.any, token: "secret") { client in
            let response = try await client.execute(
                uri: "/dicomweb/studies", method: .get,
                headers: [.origin: "https://anything.example", .authorization: "Bearer secret"])
            #expect(response.headers[.accessControlAllowOrigin] == "*")
            #expect(response.headers[.vary] == "Accept")
        }
    }

    @Test func `nothing is stored for a page that is not allowed`() async throws {
        try await withOrigins(.only([Self.viewer])) { client in
            for (origin, status) in [
                ("https://evil.example", HTTPResponse.Status.forbidden), (Self.viewer, .unsupportedMediaType),
                ("http://localhost", .unsupportedMediaType),
            ] {
                let response = try await client.execute(
                    uri: "/dicomweb/studies", method: .post, headers: [.origin: origin], body: ByteBuffer(string: "x"))
                #expect(response.status == status, "\(origin)")
                #expect(response.headers[.contentType] == Problem.mediaType)
            }
        }
    }
}
