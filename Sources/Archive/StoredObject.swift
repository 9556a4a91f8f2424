internal import Foundation

/// One stored Part-10 file, open for reading. It stays readable for as long as this lives.
public final class StoredObject: Sendable {
    /// Open for reading, at the beginning; closed when this goes away. Children inherit it only when told to.
    public let fileDescriptor: Int32
    /// Bytes of preamble and File Meta Information before the Data Set.
    public let dataSetOffset: Int64
    /// Bytes of the Data Set.
    public let byteCount: Int64

    init(path: String, dataSetOffset: Int64, byteCount: Int64) throws(ArchiveError) {
        fileDescriptor = DurableFiles.uninterrupted { open(path, O_RDONLY | O_CLOEXEC) }
        self.dataSetOffset = dataSetOffset
        self.byteCount = byteCount
        guard fileDescriptor >= 0 else { throw .lastCall("open object") }
    }

    deinit { if fileDescriptor >= 0 { close(fileDescriptor) } }

    /// A name under which this process may open the same file, for libraries that want one. Valid while this lives.
    public var readablePath: String { "/proc/self/fd/\(fileDescriptor)" }

    /// Bytes the file has now, fewer than it should where the disk lost some.
    public func fileByteCount() throws(ArchiveError) -> Int64 {
        var status = stat()
        guard fstat(fileDescriptor, &status) == 0 else { throw .lastCall("fstat") }
        return Int64(status.st_size)
    }

    /// Has the kernel read the file ahead. Returns at once.
    public func prefetch() { posix_fadvise(fileDescriptor, 0, 0, POSIX_FADV_WILLNEED) }

    /// Reads from `offset` of the file into `bytes`; safe from several threads.
    ///
    /// - Returns: how many bytes were read, fewer than asked for only at the end of the file.
    public func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ArchiveError) -> Int {
        var filled = 0
        while filled < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
            let count = DurableFiles.uninterrupted {
                pread(fileDescriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
            }
            guard count >= 0 else { throw .lastCall("pread") }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
