internal import Crypto
internal import Foundation

/// One object that is still arriving. Used from one thread at a time; dropping it discards the bytes.
///
/// Write the preamble and File Meta Information first, then the Data Set as it arrives, then `finish()`.
public final class ObjectWriter {
    private let path: String
    private let settings: ArchiveSettings
    private let sync: SyncCalls
    private var fileDescriptor: Int32
    private var hash = SHA256()
    private var buffer: UnsafeMutableRawBufferPointer
    private var bufferedByteCount = 0
    private var headerByteCount: Int64 = 0
    /// Bytes given to the kernel, header included.
    private var writtenByteCount: Int64 = 0
    private var writeBackStart: Int64 = 0

    init(path: String, settings: ArchiveSettings, sync: SyncCalls) throws(ArchiveError) {
        self.path = path
        self.settings = settings
        self.sync = sync
        fileDescriptor = DurableFiles.uninterrupted {
            open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        }
        buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(4096, settings.writeBufferByteCount), alignment: 4096)
        guard fileDescriptor >= 0 else { throw .lastCall("create object") }
    }

    deinit {
        discard()
        buffer.deallocate()
    }

    /// Bytes of the Data Set so far.
    public var byteCount: Int64 { writtenByteCount + Int64(bufferedByteCount) - headerByteCount }

    /// Writes preamble and File Meta Information (PS3.10 7.1). Not part of the digest; call it once, first.
    public func writePreamble(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        precondition(headerByteCount == 0 && byteCount == 0, "the preamble comes first and once")
        try put(bytes)
        headerByteCount = Int64(bytes.count)
    }

    /// Appends bytes of the Data Set.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        hash.update(bufferPointer: bytes)
        try put(bytes)
    }

    /// Makes the bytes durable. Blocks for the disk; call it from the Association's own thread.
    ///
    /// - Throws: ``ArchiveError/fileSystem(operation:errno:)``; the bytes are discarded then, since a failed sync may
    ///   have dropped pages that a second sync would not mention.
    public func finish() throws(ArchiveError) -> WrittenObject {
        do {
            guard fileDescriptor >= 0 else { throw ArchiveError.closed }
            try flush()
            guard DurableFiles.uninterrupted({ sync.data(fileDescriptor) }) == 0 else {
                throw ArchiveError.lastCall("fdatasync")
            }
            let closing = fileDescriptor
            fileDescriptor = -1
            guard close(closing) == 0 else {
                let failure = ArchiveError.lastCall("close")
                unlink(path)
                throw failure
            }
        } catch {
            discard()
            throw ArchiveError(error)
        }
        return WrittenObject(
            path: path, dataSetOffset: headerByteCount, byteCount: writtenByteCount - headerByteCount,
            digest: ObjectDigest(hash.finalize()))
    }

    /// Removes the bytes. Nothing happens after `finish()` or a second time.
    public func discard() {
        guard fileDescriptor >= 0 else { return }
        close(fileDescriptor)
        fileDescriptor = -1
        unlink(path)
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        guard fileDescriptor >= 0 else { throw .closed }
        if bytes.count > buffer.count - bufferedByteCount { try flush() }
        if bytes.count >= buffer.count {
            try hand(over: bytes)
        } else if !bytes.isEmpty {
            UnsafeMutableRawBufferPointer(rebasing: buffer[bufferedByteCount...]).copyMemory(from: bytes)
            bufferedByteCount += bytes.count
        }
    }

    private func flush() throws(ArchiveError) {
        guard bufferedByteCount > 0 else { return }
        try hand(over: UnsafeRawBufferPointer(rebasing: buffer[..<bufferedByteCount]))
        bufferedByteCount = 0
    }

    private func hand(over bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
        try DurableFiles.write(bytes, to: fileDescriptor)
        writtenByteCount += Int64(bytes.count)
        let waiting = writtenByteCount - writeBackStart
        guard waiting >= settings.writeBackByteCount else { return }
        // Only a hint: Linux starts writing dirty pages of such a range back, and finish() syncs whatever that did not.
        // (sync_file_range would say it more plainly, but glibc's header hides it from Swift.)
        posix_fadvise(fileDescriptor, off_t(writeBackStart), off_t(waiting), POSIX_FADV_DONTNEED)
        writeBackStart = writtenByteCount
    }
}
