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

    /// The next bytes, none at the end. Blocks.
    ///
    /// - Parameter count: the most, a multiple of 8.
    /// - Throws: ``ViewError/unreadable(detail:)`` when the disk gives fewer than there were.
    public mutating func next(upTo count: Int) throws(ViewError) -> [UInt8] {
        let wanted = min(count, Int(clamping: byteCount - position))
        guard wanted > 0 else { return [] }
        let bytes: [UInt8]
        if let bulk {
            do throws(DataSetError) {
                bytes = try bulk.read(file.descriptor, from: Int(position), count: wanted)
            } catch {
                throw ViewError(error)
            }
        } else {
            bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                while filled < wanted, let base = buffer.baseAddress {
                    let offset = off_t(start + position) + off_t(filled)
                    let got = pread(file.descriptor, base + filled, wanted - filled, offset)
                    if got < 0, errno == EINTR { continue }
                    guard got > 0 else { break }
                    filled += got
                }
            }
        }
        guard bytes.count == wanted else { throw .unreadable(detail: "the file is shorter than it was") }
        position += Int64(wanted)
        return bytes
    }
}
