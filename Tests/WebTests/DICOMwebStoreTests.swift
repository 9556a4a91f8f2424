import AdminAPI
import Archive
import DICOMCore
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import Web

@Suite struct DICOMwebStoreTests {
    private static let type = "multipart/related; type=\"application/dicom\"; boundary=xyz"

    private func body(_ objects: [[UInt8]], isWhole: Bool = true) -> ByteBuffer {
        var body = ByteBuffer()
        for object in objects {
            body.writeString("--xyz\r\nContent-Type: application/dicom\r\n\r\n")
            body.writeBytes(object)
            body.writeString("\r\n")
        }
        if isWhole { body.writeString("--xyz--\r\n") }
        return body
    }

    private func store(
        _ test: TestDaemon, _ body: ByteBuffer, to path: String = "/dicomweb/studies", type: String = Self.type,
        accept: String = "application/dicom+json"
    ) async throws -> TestResponse {
        try await test.onPort {
            try await $0.execute(
                uri: path, method: .post, headers: [.contentType: type, .accept: accept], body: body)
        }
    }

    /// UIDs or reasons in a Sequence of the answer.
    private func values(_ response: TestResponse, _ sequence: String, _ tag: String) throws -> [String] {
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(response.body.readableBytesView)) as? [String: [String: Any]])
        let items = answer[sequence]?["Value"] as? [[String: [String: Any]]] ?? []
        return items.map { item in (item[tag]?["Value"] as? [Any]).map { "\($0[0])" } ?? "" }
    }

    @Test func `what is stored is durable and named with its place`() async throws {
        let test = try TestDaemon()
        let objects = try [SampleObject().bytes(), SampleObject(number: 2).bytes()]
        let response = try await store(test, body(objects))
        #expect(response.status == .ok)
        #expect(try values(response, "00081199", "00081155") == ["1.2.1.1.1", "1.2.1.1.2"])
        #expect(
            try values(response, "00081199", "00081190").allSatisfy {
                $0.contains("/dicomweb/studies/1.2.1/series/1.2.1.1/instances/1.2.1.1.")
            })
        #expect(try test.archive.index.instances(inStudy: StudyInstanceUID("1.2.1")).count == 2)
        // The same once more is no failure.
        #expect(try await store(test, body(objects)).status == .ok)
    }

    @Test func `a boundary longer than RFC 2046 allows is taken, as Orthanc sends it`() async throws {
        let test = try TestDaemon()
        let boundary = "cff27c77-008c-4947-b85e-4176c4e7b87e-cff27c77-008c-4947-b85e-4176c4e7b87e"
        var body = ByteBuffer(string: "--\(boundary)\r\nContent-Type: application/dicom\r\n\r\n")
        body.writeBytes(try SampleObject().bytes())
        body.writeString("\r\n--\(boundary)--\r\n")
        let type = "multipart/related; type=\"application/dicom\"; boundary=\(boundary)"
        #expect(try await store(test, body, type: type).status == .ok)
    }

    @Test func `a body far larger than others may be is taken`() async throws {
        let test = try TestDaemon()
        let objects = try (1...500).map { try SampleObject(number: $0).bytes() }
        let whole = body(objects)
        #expect(whole.readableBytes > 4 * BodyGuard.byteCountLimit)
        let response = try await store(test, whole)
        #expect(try values(response, "00081199", "00081155").count == 500)
    }

    @Test func `what is refused is named with its reason, and the rest is stored`() async throws {
        let test = try TestDaemon()
        try test.store(SampleObject(number: 3))
        let response = try await store(
            test,
            body([
                SampleObject().bytes(), Array("no object".utf8), SampleObject(number: 3, comment: "other").bytes(),
                SampleObject(study: 2).bytes(),
            ]), to: "/dicomweb/studies/1.2.1")
        #expect(response.status == .accepted)
        #expect(try values(response, "00081199", "00081155") == ["1.2.1.1.1"])
        #expect(try values(response, "00081198", "00081155") == ["1.2.1.1.3", "1.2.2.1.1"])
        #expect(try values(response, "00081198", "00081197") == ["\(0x0111)", "\(0xA900)"])
        #expect(try values(response, "0008119A", "00081197") == ["\(0xC000)"])
        #expect(try test.archive.index.study(StudyInstanceUID("1.2.2")) == nil)
    }

    @Test func `a part that breaks off is not stored, those before it are`() async throws {
        let test = try TestDaemon()
        var cut = try body([SampleObject().bytes(), SampleObject(number: 2).bytes()], isWhole: false)
        cut.moveWriterIndex(to: cut.writerIndex - 20)
        let response = try await store(test, cut)
        #expect(response.status == .accepted)
        #expect(try values(response, "00081199", "00081155") == ["1.2.1.1.1"])
        #expect(try values(response, "0008119A", "00081197") == ["\(0xC000)"])
        #expect(try test.archive.index.instances(inStudy: StudyInstanceUID("1.2.1")).count == 1)
    }

    @Test func `nothing stored is a conflict`() async throws {
        let response = try await store(TestDaemon(), body([Array("no object".utf8)]))
        #expect(response.status == .conflict)
        let full = try await store(TestDaemon(diskReserve: .max / 2), body([SampleObject().bytes()]))
        #expect(full.status == .conflict)
        #expect(try values(full, "00081198", "00081197") == ["\(0xA700)"])
    }

    @Test func `what is no store request is a problem`() async throws {
        let test = try TestDaemon()
        let whole = try body([SampleObject().bytes()])
        for (type, status) in [
            ("application/dicom", 415), ("multipart/related; type=\"application/dicom+xml\"; boundary=xyz", 415),
            ("multipart/related; type=\"application/dicom\"", 400),
            ("multipart/related; boundary=" + String(repeating: "x", count: 257), 400),
            ("multipart/related; boundary=" + String(repeating: "x", count: 10_000), 400),
        ] {
            #expect(try await store(test, whole, type: type).status.code == status)
        }
        #expect(try await store(test, whole, accept: "application/dicom+xml").status == .notAcceptable)
        #expect(try await store(test, whole, to: "/dicomweb/studies/x").status == .badRequest)
        #expect(try await store(test, ByteBuffer(string: "--xyz--")).status.code >= 400)
        #expect(try test.archive.index.study(StudyInstanceUID("1.2.1")) == nil)
    }
}
