internal import Crypto
internal import Foundation

/// The bytes of a decision log: whole lines are read and added, nothing is judged.
struct DecisionFile {
    let descriptor: Int32

    private static let stepByteCount = 1 << 20

    func byteCount() throws(ArchiveError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .lastCall("stat decision log") }
        return Int64(status.st_size)
    }

    /// Whether the file that is open is still the one of that name.
    func `is`(at path: String) -> Bool {
        var (own, named) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
            && own.st_dev == named.st_dev
    }

    func append(_ bytes: [UInt8]) throws(ArchiveError) {
        let written: Result<Void, ArchiveError> = bytes.withUnsafeBytes { buffer in
            Result { () throws(ArchiveError) in try DurableFiles.write(buffer, to: descriptor) }
        }
        try written.get()
    }

    /// Fewer bytes than asked for where the file ends before.
    func read(_ count: Int, at offset: Int64) throws(ArchiveError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(0, count))
        var filled = 0
        while filled < bytes.count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                DurableFiles.uninterrupted {
                    pread(
                        descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled,
                        off_t(offset) + filled)
                }
            }
            guard got >= 0 else { throw .lastCall("read decision log") }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    func endsLine(at offset: Int64) throws(ArchiveError) -> Bool {
        if offset == 0 { return true }
        return try read(1, at: offset - 1) == [UInt8(ascii: "\n")]
    }

    /// Whole lines, in their order.
    ///
    /// - Parameters:
    ///   - end: where to stop; the end of the file when nil.
    ///   - body: gets a line without its end, and how many bytes it takes with it; answers whether to go on.
    /// - Returns: where the last line that was read ends.
    @discardableResult
    func forEachLine(
        from start: Int64, to end: Int64? = nil, _ body: (UnsafeRawBufferPointer, Int) -> Bool
    ) throws(ArchiveError) -> Int64 {
        var offset = start
        var rest: [UInt8] = []
        while true {
            let room = end.map { Int($0 - offset) - rest.count } ?? Self.stepByteCount
            let bytes = try read(min(Self.stepByteCount, room), at: offset + Int64(rest.count))
            if bytes.isEmpty { return offset }
            rest += bytes
            let (consumed, goesOn) = rest.withUnsafeBytes { Self.lines(of: $0, body) }
            offset += Int64(consumed)
            if !goesOn { return offset }
            rest.removeFirst(consumed)
        }
    }

    private static func lines(
        of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, Int) -> Bool
    ) -> (consumed: Int, goesOn: Bool) {
        guard let base = bytes.baseAddress else { return (0, true) }
        var consumed = 0
        while consumed < bytes.count,
            let end = memchr(base + consumed, Int32(UInt8(ascii: "\n")), bytes.count - consumed)
        {
            let line = UnsafeRawBufferPointer(rebasing: bytes[consumed..<(UnsafeRawPointer(end) - base)])
            consumed += line.count + 1
            if !body(line, line.count + 1) { return (consumed, false) }
        }
        return (consumed, true)
    }

    /// Whether a log reaches as far as `mark` says, and with that line.
    func holds(_ mark: DecisionMark) throws(ArchiveError) -> Bool {
        guard mark.count > 0 else { return true }
        guard try byteCount() >= mark.byteCount else { return false }
        let longest = Int64(EventChain.recordByteLimit + ChainHash.width + 2)
        let start = max(0, mark.byteCount - longest)
        let bytes = try read(Int(mark.byteCount - start), at: start)
        guard bytes.last == UInt8(ascii: "\n") else { return false }
        let line = bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last ?? []
        return line.prefix(ChainHash.width).elementsEqual(mark.head.hash.utf8)
    }
}

/// The digits at the beginning of a line.
enum ChainHash {
    static let width = 64
    private static let digits = Array("0123456789abcdef".utf8)

    static func of(_ record: UnsafeRawBufferPointer, after previous: [UInt8]) -> [UInt8] {
        var digest = SHA256()
        previous.withUnsafeBytes { digest.update(bufferPointer: $0) }
        withUnsafeBytes(of: UInt8(ascii: " ")) { digest.update(bufferPointer: $0) }
        digest.update(bufferPointer: record)
        var hash: [UInt8] = []
        hash.reserveCapacity(width)
        for byte in digest.finalize() {
            hash.append(digits[Int(byte >> 4)])
            hash.append(digits[Int(byte & 15)])
        }
        return hash
    }

    /// What follows the digits; nil for what is no line of a log.
    static func record(of line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard line.count > width + 1, line[width] == UInt8(ascii: " ") else { return nil }
        return UnsafeRawBufferPointer(rebasing: line[(width + 1)...])
    }
}
