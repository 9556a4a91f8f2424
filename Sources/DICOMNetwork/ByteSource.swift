internal import Glibc

/// Random access to the bytes of a Data Set.
protocol ByteSource {
    var byteCount: Int { get }
    /// Calls `body` with at most `count` bytes from `offset`; fewer only where the source ends.
    mutating func withBytes<Result>(at offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result
}

/// A Data Set in memory.
struct MemoryBytes: ByteSource {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func withBytes<Result>(at offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        bytes.withUnsafeBytes { all in
            let start = min(offset, all.count)
            return body(UnsafeRawBufferPointer(rebasing: all[start..<min(start + count, all.count)]))
        }
    }
}

/// Part of a file, read through a window so that walking it costs few system calls.
struct FileBytes: ByteSource {
    private static let windowByteCount = 64 * 1024

    let descriptor: Int32
    let start: Int
    let byteCount: Int
    private var window: [UInt8]
    private var windowStart = 0

    /// The whole file.
    ///
    /// - Parameter window: its first bytes as far as they are known.
    init(descriptor: Int32, byteCount: Int, window: [UInt8]) {
        self.init(descriptor: descriptor, start: 0, byteCount: byteCount, window: window)
    }

    private init(descriptor: Int32, start: Int, byteCount: Int, window: [UInt8]) {
        self.descriptor = descriptor
        self.start = start
        self.byteCount = byteCount
        self.window = window
    }

    /// The bytes from `count` on; what is in the window needs no reading again.
    func dropFirst(_ count: Int) -> FileBytes {
        let isHeld = windowStart <= count
        return FileBytes(
            descriptor: descriptor, start: start + count, byteCount: byteCount - count,
            window: isHeld ? Array(window.dropFirst(count - windowStart)) : [])
    }

    mutating func withBytes<Result>(at offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let end = min(offset + count, byteCount)
        if offset < windowStart || end > windowStart + window.count {
            fill(from: offset, count: max(count, FileBytes.windowByteCount))
        }
        return window.withUnsafeBytes { all in
            let first = min(offset - windowStart, all.count)
            return body(UnsafeRawBufferPointer(rebasing: all[first..<min(first + count, all.count)]))
        }
    }

    private mutating func fill(from offset: Int, count: Int) {
        let wanted = max(0, min(count, byteCount - offset))
        windowStart = offset
        window = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted, let base = buffer.baseAddress {
                let read = pread(descriptor, base + filled, wanted - filled, off_t(start + offset + filled))
                if read < 0, errno == EINTR { continue }
                guard read > 0 else { break }
                filled += read
            }
        }
    }
}
