import Foundation
import Testing

@testable import Archive

@Suite final class EventChainTests {
    private let path = NSTemporaryDirectory() + "chain-" + UUID().uuidString

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func filled(_ count: Int) throws -> EventChain {
        let chain = try EventChain(path: path)
        for number in 0..<count { try chain.append(Data(#"{"n":\#(number)}"#.utf8)) }
        return chain
    }

    private func change(_ edit: (inout [String]) -> Void) throws {
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        edit(&lines)
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
    }

    @Test func `records come back in their order, after a restart too`() throws {
        let head = try filled(3).head
        let again = try EventChain(path: path)
        #expect(again.head == head)
        #expect(
            try again.records().map { String(decoding: $0, as: UTF8.self) } == [#"{"n":0}"#, #"{"n":1}"#, #"{"n":2}"#])
        #expect(try again.verify() == nil)
        try again.append(Data("{}".utf8))
        #expect(try again.verify() == nil)
        #expect(again.head.count == 4)
    }

    @Test func `a line that was changed, added or taken out is found`() throws {
        let chain = try filled(5)
        let original = try String(contentsOfFile: path, encoding: .utf8)
        let edits: [(Int, (inout [String]) -> Void)] = [
            (3, { $0[2] = $0[2].replacing(#""n":2"#, with: #""n":7"#) }),
            (2, { $0.remove(at: 1) }),
            (1, { $0.swapAt(0, 1) }),
            (4, { $0.insert($0[2], at: 3) }),
            (1, { $0[0] = "nonsense" }),
            (5, { $0.removeLast() }),
        ]
        for (line, edit) in edits {
            try change(edit)
            #expect(try chain.verify()?.line == line)
            try original.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(try chain.verify() == nil)
        }
    }

    @Test func `behind an old break a new one still shows`() throws {
        let chain = try filled(9)
        func touch(_ line: Int) throws {
            try change { $0[line - 1] = $0[line - 1].replacing(#""n":\#(line - 1)"#, with: #""n":9"#) }
        }
        try touch(2)
        let old = try #require(try chain.verify())
        #expect(old.line == 2 && !old.reason.contains("more"))
        try touch(7)
        let both = try #require(try chain.verify())
        #expect(both.line == 2 && both.reason == old.reason + "; 1 more break, the last at line 7")
        #expect(chain.knownBreak == both)
        try change { $0[4] = "nonsense" }
        #expect(try chain.verify()?.reason == old.reason + "; 2 more breaks, the last at line 7")
        try change { $0.removeLast() }
        #expect(try chain.verify()?.reason.hasSuffix("; 3 more breaks, the last at line 9") == true)
    }

    @Test func `what went missing while the log was open stays known without an index`() throws {
        let chain = try filled(5)
        try change { $0.removeLast(2) }
        try chain.append(Data("{}".utf8))
        #expect(chain.knownBreak?.line == 4)
        #expect(try chain.verify()?.line == 4)
        #expect(chain.knownBreak?.line == 4)
    }

    @Test func `a last line that a crash cut short is dropped, the rest holds`() throws {
        let head = try filled(2).head
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("0123abc {\"n\"".utf8))
        try handle.close()
        let chain = try EventChain(path: path)
        #expect(chain.head == head)
        #expect(try chain.verify() == nil)
    }

    @Test func `an empty log holds`() throws {
        let chain = try EventChain(path: path)
        #expect(chain.head == .empty)
        #expect(try chain.verify() == nil)
        #expect(try chain.records().isEmpty)
    }

    @Test func `many at once stand in one chain`() async throws {
        let chain = try EventChain(path: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 { group.addTask { try chain.append(Data(#"{"n":\#(number)}"#.utf8)) } }
            try await group.waitForAll()
        }
        #expect(chain.head.count == 40)
        #expect(try chain.verify() == nil)
    }
}
