import AdminAPI
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import Ingestion
import NIOCore
import Testing

@testable import Web

@Suite struct DICOMwebTests {
    private static let study = "/dicomweb/studies/1.2.1"
    private static let instance = study + "/series/1.2.1.1/instances/1.2.1.1.1"

    private func withStudy(_ body: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try test.store(SampleObject(number: 2))
        try await test.onPort(body)
    }

    /// The parts of a multipart body, head and content.
    private func parts(of response: TestResponse) throws -> [(head: String, content: Data)] {
        let type = try #require(response.headers[.contentType].flatMap { MediaRange($0) })
        let boundary = try #require(type.parameters["boundary"])
        let body = Data(response.body.readableBytesView)
        var rest = body[...]
        var parts: [(head: String, content: Data)] = []
        let delimiter = Data("--\(boundary)".utf8)
        #expect(rest.starts(with: delimiter))
        while rest.starts(with: delimiter), !rest.dropFirst(delimiter.count).starts(with: Data("--".utf8)) {
            let headEnd = try #require(rest.range(of: Data("\r\n\r\n".utf8)))
            let end = try #require(
                rest.range(of: Data("\r\n--\(boundary)".utf8), in: headEnd.upperBound..<rest.endIndex))
            let head = String(decoding: rest[rest.startIndex..<headEnd.lowerBound], as: UTF8.self)
            parts.append((head, Data(rest[headEnd.upperBound..<end.lowerBound])))
            rest = rest[(end.lowerBound + 2)...]
        }
        #expect(rest == delimiter + Data("--\r\n".utf8))
        return parts
    }

    @Test(arguments: ["/dicomweb/studies/1.2.1", "/dicomweb/studies/1.2.1/series/1.2.1.1"])
    func `a study or series comes as one part for each of its instances`(path: String) async throws {
        try await withStudy { client in
            let response = try await client.execute(
                uri: path, method: .get,
                headers: [.accept: "multipart/related; type=\"application/dicom\"; transfer-syntax=*"])
            #expect(response.status == .ok)
            let parts = try parts(of: response)
            #expect(parts.count == 2)
            for (number, part) in parts.enumerated() {
                #expect(part.head.contains("Content-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1"))
                #expect(part.content[128..<132] == Data("DICM".utf8))
                let sent = Data(try SampleObject(number: number + 1).bytes())
                // File Meta Information is written anew, the Data Set is as it came.
                #expect(part.content.suffix(150) == sent.suffix(150))
            }
        }
    }

    @Test func `one instance comes alone or as a part, as the client takes it`() async throws {
        try await withStudy { client in
            let single = try await client.execute(
                uri: Self.instance, method: .get, headers: [.accept: "application/dicom"])
            #expect(single.status == .ok)
            #expect(single.headers[.contentType] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1")
            #expect(single.headers[.contentLength] == "\(single.body.readableBytes)")
            let multiple = try await client.execute(uri: Self.instance, method: .get)
            #expect(try parts(of: multiple).map(\.content) == [Data(single.body.readableBytesView)])
        }
    }

    @Test(arguments: ["", "/series/1.2.1.1", "/series/1.2.1.1/instances/1.2.1.1.1"])
    func `metadata is a list of the attributes of each instance, text in UTF-8`(path: String) async throws {
        try await withStudy { client in
            let response = try await client.execute(uri: Self.study + path + "/metadata", method: .get)
            #expect(response.headers[.contentType] == "application/dicom+json")
            let list = try #require(
                try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [[String: Any]])
            #expect(list.count == (path.hasSuffix(".1.1.1") ? 1 : 2))
            let description = list[0]["00081030"] as? [String: Any]
            #expect(description?["Value"] as? [String] == ["胸部正侧位"])
        }
    }

    @Test(arguments: [instance, instance + "/metadata", study + "/metadata"])
    func `what the client has already is not sent again`(uri: String) async throws {
        try await withStudy { client in
            let first = try await client.execute(uri: uri, method: .get)
            let tag = try #require(first.headers[.eTag])
            let again = try await client.execute(uri: uri, method: .get, headers: [.ifNoneMatch: "\"x\", W/\(tag)"])
            #expect(again.status == .notModified)
            #expect(again.headers[.eTag] == tag)
            #expect(again.body.readableBytes == 0)
            let other = try await client.execute(uri: uri, method: .get, headers: [.ifNoneMatch: "\"x\""])
            #expect(other.status == .ok)
        }
    }

    @Test func `a study's metadata has another tag once an instance has come`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject())
        try await test.onPort { client in
            let before = try await client.execute(uri: Self.study + "/metadata", method: .get)
            try test.store(SampleObject(number: 2))
            let tag = try #require(before.headers[.eTag])
            let after = try await client.execute(
                uri: Self.study + "/metadata", method: .get, headers: [.ifNoneMatch: tag])
            #expect(after.status == .ok)
        }
    }

    @Test(arguments: [
        ("/dicomweb/studies/1.2.9", 404), ("/dicomweb/studies/1.2.9/metadata", 404),
        ("/dicomweb/studies/1.2.9/thumbnail", 404),
        (study + "/series/1.2.9", 404), (study + "/series/1.2.1.1/instances/1.2.9", 404),
        // An Instance of another Study is not in this one.
        ("/dicomweb/studies/1.2.2/series/1.2.1.1/instances/1.2.1.1.1", 404),
        ("/dicomweb/studies/x", 400), (study + "/series/1..2", 400),
        (study + "/series/1.2.1.1/instances/abc/metadata", 400),
        (instance + "/frames/0", 400), (instance + "/frames/1,,2", 400), (instance + "/frames/-1", 400),
        (instance + "/frames/1,2,1", 400),
        (instance + "/frames/x/rendered", 400), (instance + "/frames/1,2/rendered", 404),
        (instance + "/rendered?viewport=0,10", 400), (instance + "/rendered?viewport=10", 400),
        (instance + "/rendered?viewport=99999,10", 400), (instance + "/rendered?viewport=10,10,0,0,0,5", 400),
        (instance + "/rendered?quality=101", 400), (instance + "/rendered?window=40", 400),
        (instance + "/rendered?window=40,0", 400), (instance + "/rendered?window=40,nan", 400),
        (instance + "/rendered?window=40,400,curved", 400), (instance + "/rendered?colour=1", 400),
        (instance + "/bulkdata/00081030/x", 404), (instance + "/bulkdata/00420011", 404),
    ])
    func `what is not there or makes no sense is a problem of that status`(uri: String, status: Int) async throws {
        try await withStudy { client in
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.status.code == status)
            #expect(response.headers[.contentType] == Problem.mediaType)
        }
    }

    @Test(arguments: [
        (study, "application/dicom"), (study, "text/html"), (instance, "multipart/related; type=\"image/png\""),
        (study + "/metadata", "application/dicom+xml"), (instance + "/rendered", "video/mp4"),
        (instance + "/frames/1", "multipart/related; type=\"image/jp2\""),
        (instance + "/bulkdata/00081030", "image/png"),
        (instance, "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.90"), (study + "/metadata", "*/*;q=0"),
    ])
    func `a form that is not offered is not acceptable`(uri: String, accept: String) async throws {
        try await withStudy { client in
            let response = try await client.execute(uri: uri, method: .get, headers: [.accept: accept])
            #expect([406, 400].contains(response.status.code))
            #expect(accept == "*/*;q=0" || response.status == .notAcceptable)
        }
    }

    @Test func `a value is had by its path`() async throws {
        try await withStudy { client in
            let response = try await client.execute(uri: Self.instance + "/bulkdata/00081030", method: .get)
            #expect(response.status == .ok)
            #expect(response.text.hasPrefix("胸部正侧位"))
            let parted = try await client.execute(
                uri: Self.instance + "/bulkdata/00081030", method: .get,
                headers: [.accept: "multipart/related; type=\"application/octet-stream\""])
            #expect(try parts(of: parted).map(\.content) == [Data(response.body.readableBytesView)])
        }
    }

    @Test func `what nobody here decodes is left out of what is converted, and said so`() async throws {
        let test = try TestDaemon()
        let jpegXL = "1.2.840.10008.1.2.4.110"
        try test.store(SampleObject(number: 1, transferSyntaxUID: jpegXL))
        try test.store(SampleObject(number: 2))
        try test.store(SampleObject(study: 2, transferSyntaxUID: jpegXL))
        try await test.onPort { client in
            func response(_ uri: String, _ syntax: String) async throws -> TestResponse {
                try await client.execute(
                    uri: uri, method: .get,
                    headers: [.accept: "multipart/related; type=\"application/dicom\"" + syntax])
            }
            let some = try await response(Self.study, "")
            #expect(some.status == .partialContent)
            #expect(try parts(of: some).count == 1)
            let warning = try #require(HTTPField.Name("Warning"))
            #expect(some.headers[warning]?.contains("1 of the instances") == true)
            let stored = try await response(Self.study, "; transfer-syntax=*")
            #expect(stored.status == .ok)
            #expect(try parts(of: stored).count == 2)
            #expect(try await response(Self.study, "; transfer-syntax=\(jpegXL)").status == .partialContent)
            #expect(try await response("/dicomweb/studies/1.2.2", "").status == .notAcceptable)
            #expect(try await response(Self.instance, "").status == .notAcceptable)
            let metadata = try await client.execute(uri: Self.study + "/metadata", method: .get)
            #expect(metadata.status == .ok)
        }
    }

    @Test(arguments: [
        (study + "/rendered", 404), (study + "/series/1.2.1.1/rendered", 404),
        ("/dicomweb/studies/1.2.9/rendered", 404),
        (study + "/rendered?quality=0", 400), (study + "/rendered?annotation=everything", 400),
        (study + "/rendered?iccprofile=mine", 400), (study + "/rendered?annotation=%0d%0aSet-Cookie:x", 400),
        (study + "/thumbnail?window=40,400,linear", 400), (instance + "/frames/1,2/thumbnail", 400),
        (instance + "/frames/" + Array(repeating: "1", count: 1001).joined(separator: ",") + "/rendered", 400),
    ])
    func `pictures that make no sense, or of what has none, are a problem`(uri: String, status: Int) async throws {
        try await withStudy { client in
            let response = try await client.execute(uri: uri, method: .get)
            #expect(response.status.code == status)
            #expect(response.headers[.contentType] == Problem.mediaType)
        }
    }

    @Test func `other methods are told which are allowed`() async throws {
        try await withStudy { client in
            let response = try await client.execute(uri: Self.instance, method: .delete)
            #expect(response.status == .methodNotAllowed)
            #expect(response.headers[.allow]?.contains("GET") == true)
        }
    }

    @Test func `DICOMweb needs the access that the port needs`() async throws {
        let test = try TestDaemon(settings: WebSettings { _, token in token == "secret" })
        try test.store(SampleObject())
        try await test.onPort { client in
            try await client.expect(.unauthorized, uri: Self.study, method: .get)
            let response = try await client.execute(
                uri: Self.study, method: .get, headers: [.authorization: "Bearer secret"])
            #expect(response.status == .ok)
        }
    }
}

@Suite struct MediaRangeTests {
    @Test func `parameters are read out of quotes, and separators in quotes separate nothing`() throws {
        let range = try #require(MediaRange("Multipart/Related; Type=\"application/dicom\"; x=\"a;b,\\\"c\"; q=0.5"))
        #expect(range.type == "multipart/related")
        #expect(range.parameters == ["type": "application/dicom", "x": "a;b,\"c"])
        #expect(range.quality == 0.5)
    }

    @Test func `what is preferred comes first, and what is refused not at all`() {
        let list = MediaRange.list("image/png;q=0.5, image/jpeg, text/html;q=0, image/gif")
        #expect(list.map(\.type) == ["image/jpeg", "image/gif", "image/png"])
    }

    @Test(arguments: ["", "image", "/", ";;", "a/b/c"]) func `what is no media type is none`(text: String) {
        #expect(MediaRange(text) == nil)
    }
}
