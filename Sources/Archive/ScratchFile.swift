internal import Foundation

/// A file without a name for bytes that are made to be sent and not kept: gone when this is, whatever happens.
public final class ScratchFile: Sendable {
    /// Open for reading and writing; closed when this goes away.
    public let fileDescriptor: Int32

    init(directory: String) throws(ArchiveError) {
        fileDescriptor = DurableFiles.uninterrupted {
            Foundation.open(directory, O_RDWR | temporaryFileFlag | O_CLOEXEC, 0o600)
        }
        guard fileDescriptor >= 0 else { throw .lastCall("open scratch file") }
    }

    deinit { if fileDescriptor >= 0 { close(fileDescriptor) } }

    /// Bytes it has now.
    public func byteCount() throws(ArchiveError) -> Int64 {
        var status = stat()
        guard fstat(fileDescriptor, &status) == 0 else { throw .lastCall("fstat") }
        return Int64(status.st_size)
    }
}

/// O_TMPFILE of Linux, whose macro Swift does not import: __O_TMPFILE and O_DIRECTORY.
private let temporaryFileFlag = 0o20_000_000 | O_DIRECTORY

extension Archive {
    /// An empty file on the disk of the archive, as long as that has more than its reserve.
    ///
    /// - Throws: ``ArchiveError/diskReserve(availableByteCount:reserveByteCount:)`` below the reserve.
    public func scratchFile() throws(ArchiveError) -> ScratchFile {
        let available = try store.availableByteCount()
        guard available >= settings.diskReserveByteCount else {
            throw .diskReserve(availableByteCount: available, reserveByteCount: settings.diskReserveByteCount)
        }
        return try ScratchFile(directory: store.incoming)
    }
}
