internal import DICOMNetwork
internal import Glibc

/// A stretch of a stored or scratch file, read from beginning to end without ever being in memory as a whole. The file stays
/// readable for as long as this lives.
public struct OutgoingBytes: Sendable {
    public let byteCount: Int64
    private let file: OutgoingInstance.File
    /// Of the file.
    private let start: Int64
    /// A value whose words may have to be turned.
    private let bulk: BulkData?
    private var position: Int64 = 0

    init(of file: OutgoingInstance.File, from start: Int64, to end: Int64) {
        self.file = file
        self.start = start
        byteCount = max(0, end - start)
        bulk = nil
    }

    init(of file: OutgoingInstance.File, _ bulk: BulkData) {
        self.file = file
        start = Int64(bulk.offset)
        byteCount = Int64(bulk.byteCount ?? 0)
        self.bulk = bulk
    }

    /// Bytes that are still to be read.
    public var remainingByteCount: Int64 { byteCount - position }

    /// Puts the next bytes where they are wanted. Blocks.
    ///
    /// - Parameter buffer: as large as a multiple of 8, or as ``remainingByteCount``, and no larger than that.
    /// - Throws: ``ViewError/unreadable(detail:)`` when the disk gives fewer than there were.
    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ViewError) {
        precondition(buffer.count <= remainingByteCount, "no more is read than there is")
        if let bulk {
            do throws(DataSetError) {
                let bytes = try bulk.read(file.descriptor, from: Int(position), count: buffer.count)
                guard bytes.count == buffer.count else { throw .cannotOpen("the file is shorter than it was") }
                buffer.copyBytes(from: bytes)
            } catch {
                throw ViewError(error)
            }
        } else {
            var filled = 0
            while filled < buffer.count, let base = buffer.baseAddress {
                let offset = off_t(start + position) + off_t(filled)
                let got = pread(file.descriptor, base + filled, buffer.count - filled, offset)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw .unreadable(detail: "the file is shorter than it was") }
                filled += got
            }
        }
        position += Int64(buffer.count)
    }
}
