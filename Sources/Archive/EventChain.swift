internal import Crypto
public import Foundation
internal import Synchronization

/// An append-only log whose lines each carry the hash of all before them, in a file of its own: nothing in it changes
/// or goes missing unseen, and it outlives the index.
///
/// A line is 64 hexadecimal digits, a space, and a record as JSON without line breaks. The digits are
/// SHA-256(digits of the line before + " " + record); before the first line stand 64 zeros.
public final class EventChain: Sendable {
    /// Where the log stands.
    public struct Head: Equatable, Sendable, Codable {
        /// Lines so far.
        public var count: Int
        /// Of the last line; 64 zeros for an empty log.
        public var hash: String

        public static let empty = Head(count: 0, hash: String(repeating: "0", count: 64))
    }

    /// The first thing wrong with a log.
    public struct Break: Error, Equatable, Sendable {
        /// Counted from 1.
        public let line: Int
        public let reason: String
    }

    /// Longer records are refused.
    public static let recordByteLimit = 64 << 10

    private struct State {
        let descriptor: Int32
        var head: Head
        var length: off_t
    }

    private let state: Mutex<State>

    /// Opens the log, checks it whole, and drops a last line that a crash cut short: nobody was told that it was kept.
    ///
    /// - Throws: ``ArchiveError`` of the disk. A broken chain does not keep anyone from adding to it: ``verify()`` tells.
    init(path: String) throws(ArchiveError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw .fileSystem(operation: "open decision log", errno: errno) }
        do throws(ArchiveError) {
            let bytes = try Self.read(descriptor)
            let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            if whole < bytes.count, ftruncate(descriptor, off_t(whole)) != 0 {
                throw .fileSystem(operation: "truncate decision log", errno: errno)
            }
            let lines = bytes[..<whole].split(separator: UInt8(ascii: "\n"))
            let hash = lines.last.map { String(decoding: $0.prefix(64), as: UTF8.self) } ?? Head.empty.hash
            state = Mutex(
                State(descriptor: descriptor, head: Head(count: lines.count, hash: hash), length: off_t(whole)))
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { _ = state.withLock { close($0.descriptor) } }

    public var head: Head { state.withLock { $0.head } }

    /// Adds one record and returns when it is on the disk.
    ///
    /// - Parameter record: JSON without line breaks.
    /// - Throws: ``ArchiveError``; nothing is added then.
    @discardableResult
    public func append(_ record: some DataProtocol) throws(ArchiveError) -> Head {
        let record = Array(record)
        precondition(!record.contains(UInt8(ascii: "\n")) && record.count <= Self.recordByteLimit)
        let result: Result<Head, ArchiveError> = state.withLock { state in
            let hash = Self.hash(record, after: state.head.hash)
            let line = Array(hash.utf8) + [UInt8(ascii: " ")] + record + [UInt8(ascii: "\n")]
            let written = line.withUnsafeBytes { write(state.descriptor, $0.baseAddress, $0.count) }
            guard written == line.count, fdatasync(state.descriptor) == 0 else {
                let code = errno
                // What stands there in part was never promised.
                _ = ftruncate(state.descriptor, state.length)
                return .failure(.fileSystem(operation: "append decision log", errno: code))
            }
            state.length += off_t(line.count)
            state.head = Head(count: state.head.count + 1, hash: hash)
            return .success(state.head)
        }
        return try result.get()
    }

    /// Every record in its order.
    public func records() throws(ArchiveError) -> [Data] {
        try lines().map { Data($0.dropFirst(65)) }
    }

    /// Reads the log again from the disk and checks every line.
    ///
    /// - Throws: ``ArchiveError`` of the disk.
    /// - Returns: nil when the chain holds.
    public func verify() throws(ArchiveError) -> Break? {
        var hash = Head.empty.hash
        for (number, line) in try lines().enumerated() {
            guard line.count > 65, line[line.startIndex + 64] == UInt8(ascii: " ") else {
                return Break(line: number + 1, reason: "is no line of the log")
            }
            let expected = Self.hash(line.dropFirst(65), after: hash)
            guard line.prefix(64).elementsEqual(expected.utf8) else {
                return Break(line: number + 1, reason: "this line or one before it was changed, added or taken out")
            }
            hash = expected
        }
        let known = head
        return known.hash == hash ? nil : Break(line: known.count, reason: "lines at the end are missing")
    }

    private func lines() throws(ArchiveError) -> [ArraySlice<UInt8>] {
        let bytes: Result<[UInt8], ArchiveError> = state.withLock { state in
            Result { () throws(ArchiveError) in try Self.read(state.descriptor) }
        }
        return try bytes.get().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
    }

    private static func read(_ descriptor: Int32) throws(ArchiveError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .fileSystem(operation: "stat decision log", errno: errno) }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes[filled...].withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress, $0.count, off_t(filled))
            }
            if count < 0 { throw .fileSystem(operation: "read decision log", errno: errno) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }

    private static func hash(_ record: some Sequence<UInt8>, after previous: String) -> String {
        var digest = SHA256()
        digest.update(data: Data((previous + " ").utf8))
        digest.update(data: Data(record))
        return digest.finalize().map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
