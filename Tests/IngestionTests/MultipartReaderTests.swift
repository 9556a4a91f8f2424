import Foundation
import Testing

@testable import Ingestion

@Suite struct MultipartReaderTests {
    private static let body =
        "preamble\r\n--b\r\nContent-Type: application/dicom\r\n\r\none\r\n--bless\r\n\r\n--b \r\n\r\n\r\n--b--\r\nepilogue"

    /// What a body tells that comes in pieces of `size` bytes; pieces of one part put together.
    private func parts(_ body: String, size: Int) throws -> [String] {
        var reader = try #require(MultipartReader(boundary: "b"))
        var parts: [[UInt8]] = []
        var ended = 0
        let bytes = Array(body.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let (events, fault) = reader.read(bytes[start..<min(start + size, bytes.count)])
            for event in events {
                switch event {
                case .began: parts.append([])
                case .bytes(let more): parts[parts.count - 1] += more
                case .ended: ended += 1
                }
            }
            if let fault { throw fault }
        }
        try reader.finish()
        #expect(ended == parts.count)
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func `parts are the same whatever pieces they come in`(size: Int) throws {
        // A longer name is another boundary's business only when it is followed by the end of a line.
        #expect(throws: MultipartReader.Fault.delimiter) { try parts(Self.body, size: size) }
        let body = Self.body.replacingOccurrences(of: "--bless", with: "--less")
        #expect(try parts(body, size: size) == ["one\r\n--less\r\n", ""])
    }

    @Test func `a body that begins with its boundary is whole, one that ends without it is not`() throws {
        #expect(try parts("--b\r\n\r\nx\r\n--b--", size: 4) == ["x"])
        #expect(throws: MultipartReader.Fault.truncated) { try parts("--b\r\n\r\nx\r\n", size: 4) }
        #expect(throws: MultipartReader.Fault.truncated) { try parts("", size: 4) }
    }

    @Test func `header fields are bounded, and have names`() throws {
        let endless = "--b\r\nX: " + String(repeating: "x", count: 2 * MultipartReader.headByteCountLimit)
        #expect(throws: MultipartReader.Fault.head) { try parts(endless, size: 4096) }
        #expect(throws: MultipartReader.Fault.head) { try parts("--b\r\nnothing\r\n\r\nx\r\n--b--", size: 4) }
    }

    @Test(arguments: ["", String(repeating: "b", count: 257), "a\rb", "ä"])
    func `what may be no boundary is none`(boundary: String) {
        #expect(MultipartReader(boundary: boundary) == nil)
    }
}
