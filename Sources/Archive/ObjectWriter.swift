internal import Crypto
internal import Foundation

/// One object that is still arriving. Used from one thread at a time; dropping it discards the bytes.
///
/// Write the preamble and File Meta Information first, then the Data Set as it arrives, then `finish()`.
///
/// Whole blocks go past the page cache (`O_DIRECT`): filling it costs more than the disk does, and the sync at the
/// end finds nothing left to write but the last part of a block. File systems that cannot do so are written normally.
public final class ObjectWriter {
    private static let blockByteCount = 4096
    /// First bytes kept for whoever reads the header; more than nearly all headers need.
    private static let startByteCount = 64 * 1024

    private let path: String
    private let sync: SyncCalls
    private var fileDescriptor: Int32
    private var isDirect = true
    private var hash = SHA256()
    private var buffer: UnsafeMutableRawBufferPointer
    private var bufferedByteCount = 0
    private var headerByteCount: Int64 = 0
    /// Bytes given to the kernel, header included.
    private var writtenByteCount: Int64 = 0
    private var start: [UInt8] = []

    init(path: String, settings: ArchiveSettings, sync: SyncCalls) throws(ArchiveError) {
        self.path = path
        self.sync = sync
        let blocks = max(1, settings.writeBufferByteCount / Self.blockByteCount)
        buffer = .allocate(byteCount: blocks * Self.blockByteCount, alignment: Self.blockByteCount)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        fileDescriptor = DurableFiles.uninterrupted { open(path, flags | Self.direct, 0o640) }
        if fileDescriptor < 0 && errno == EINVAL {
            isDirect = false
            unlink(path)
            fileDescriptor = DurableFiles.uninterrupted { open(path, flags, 0o640) }
        }
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
            try flushBlocks()
            try flushRest()
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
            digest: ObjectDigest(hash.finalize()), start: start)
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
        var rest = bytes
        while !rest.isEmpty {
            let free = UnsafeMutableRawBufferPointer(rebasing: buffer[bufferedByteCount...])
            let count = min(rest.count, free.count)
            free.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            bufferedByteCount += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if bufferedByteCount == buffer.count { try flushBlocks() }
        }
    }

    /// Writes the whole blocks of the buffer and moves what remains to its beginning.
    private func flushBlocks() throws(ArchiveError) {
        if writtenByteCount == 0 { start = Array(buffer[..<min(bufferedByteCount, Self.startByteCount)]) }
        let count = bufferedByteCount / Self.blockByteCount * Self.blockByteCount
        guard count > 0 else { return }
        let blocks = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        do throws(ArchiveError) {
            try DurableFiles.write(blocks, to: fileDescriptor)
        } catch {
            // Opened directly but not written so: the file system wants other blocks than ours.
            guard isDirect, error == .fileSystem(operation: "write", errno: EINVAL), writtenByteCount == 0 else {
                throw error
            }
            try writeNormally()
            // A part of them may have been taken before the refusal.
            guard lseek(fileDescriptor, 0, SEEK_SET) == 0 else { throw .lastCall("lseek") }
            try DurableFiles.write(blocks, to: fileDescriptor)
        }
        writtenByteCount += Int64(count)
        bufferedByteCount -= count
        let remaining = UnsafeRawBufferPointer(rebasing: buffer[count..<count + bufferedByteCount])
        buffer.copyMemory(from: remaining)
    }

    /// Writes the part of a block that is left, which cannot go past the page cache.
    private func flushRest() throws(ArchiveError) {
        guard bufferedByteCount > 0 else { return }
        if isDirect { try writeNormally() }
        try DurableFiles.write(UnsafeRawBufferPointer(rebasing: buffer[..<bufferedByteCount]), to: fileDescriptor)
        writtenByteCount += Int64(bufferedByteCount)
        bufferedByteCount = 0
    }

    private func writeNormally() throws(ArchiveError) {
        guard fcntl(fileDescriptor, F_SETFL, 0) == 0 else { throw .lastCall("fcntl") }
        isDirect = false
    }

    /// `O_DIRECT`, which glibc's headers hide from Swift. The number is Linux's own and differs by architecture.
    private static var direct: Int32 {
        #if arch(arm64) || arch(arm)
            0o200000
        #else
            0o40000
        #endif
    }
}
