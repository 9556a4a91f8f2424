internal import Foundation

/// Takes a `multipart` body (RFC 2046 5.1) apart while it comes, whatever pieces it comes in. What it holds is bounded by the
/// boundary and ``headByteCountLimit``.
public struct MultipartReader {
    public enum Event: Equatable, Sendable {
        /// A part begins; its header fields, names in lower case.
        case began([String: String])
        case bytes([UInt8])
        case ended
    }

    public enum Fault: Error, Equatable, Sendable {
        /// Header fields of a part that are none, or longer than ``headByteCountLimit``.
        case head
        /// What follows a boundary is no end of a line.
        case delimiter
        /// The body ended before its last boundary.
        case truncated
    }

    static let headByteCountLimit = 16 << 10
    /// RFC 2046 5.1.1 allows 70; Orthanc's DICOMweb plugin sends 73.
    static let boundaryByteCountLimit = 256

    private enum State { case preamble, delimiter, head, body, epilogue }

    private let mark: [UInt8]
    private var state = State.preamble
    /// What has come and is not handed on yet. A first boundary may stand without a line before it.
    private var held: [UInt8] = Array("\r\n".utf8)

    /// Nil when `boundary` may be none.
    public init?(boundary: String) {
        guard !boundary.isEmpty, boundary.utf8.count <= Self.boundaryByteCountLimit,
            boundary.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else { return nil }
        mark = Array("\r\n--\(boundary)".utf8)
    }

    /// - Returns: what the bytes told, in order, and why nothing more can be told. After a fault the rest means nothing.
    public mutating func read(_ bytes: some Sequence<UInt8>) -> (events: [Event], fault: Fault?) {
        held += bytes
        var events: [Event] = []
        do throws(Fault) {
            while try step(&events) {}
        } catch {
            return (events, error)
        }
        return (events, nil)
    }

    /// The body has ended.
    public func finish() throws(Fault) { if state != .epilogue { throw .truncated } }

    /// - Returns: whether there may be more to tell.
    private mutating func step(_ events: inout [Event]) throws(Fault) -> Bool {
        switch state {
        case .epilogue:
            held = []
            return false
        case .preamble, .body:
            let place = position(of: mark)
            // What may be the beginning of a boundary waits for its rest.
            let count = place ?? max(0, held.count - mark.count + 1)
            if state == .body, count > 0 { events.append(.bytes(Array(held[..<count]))) }
            held.removeFirst(count)
            guard place != nil else { return false }
            held.removeFirst(mark.count)
            if state == .body { events.append(.ended) }
            state = .delimiter
            return true
        case .delimiter:
            if held.starts(with: Array("--".utf8)) {
                state = .epilogue
                return true
            }
            // Blanks may stand before the end of the line.
            let blanks = held.prefix { $0 == 0x20 || $0 == 0x09 }.count
            guard blanks <= Self.headByteCountLimit else { throw .delimiter }
            let rest = held[blanks...]
            guard rest.count >= 2 else { return false }
            guard rest.starts(with: [0x0D, 0x0A]) else { throw .delimiter }
            // The end of the line stays, so that a head without fields ends like every other.
            held.removeFirst(blanks)
            state = .head
            return true
        case .head:
            guard let end = position(of: Array("\r\n\r\n".utf8)) else {
                guard held.count <= Self.headByteCountLimit else { throw .head }
                return false
            }
            guard end <= Self.headByteCountLimit else { throw .head }
            events.append(.began(try Self.fields(held[..<end])))
            held.removeFirst(end + 4)
            state = .body
            return true
        }
    }

    private static func fields(_ head: ArraySlice<UInt8>) throws(Fault) -> [String: String] {
        var fields: [String: String] = [:]
        guard let text = String(validating: head, as: UTF8.self) else { throw .head }
        for line in text.split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":") else { throw .head }
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields[line[..<colon].lowercased()] = String(value)
        }
        return fields
    }

    private func position(of pattern: [UInt8]) -> Int? {
        guard let first = pattern.first else { return nil }
        return held.withUnsafeBytes { held in
            guard let start = held.baseAddress else { return nil }
            let last = held.count - pattern.count
            var from = 0
            while from <= last {
                guard let hit = memchr(start + from, Int32(first), last - from + 1) else { return nil }
                let place = start.distance(to: UnsafeRawPointer(hit))
                if memcmp(start + place, pattern, pattern.count) == 0 { return place }
                from = place + 1
            }
            return nil
        }
    }
}
