internal import Crypto
internal import DICOMCore
internal import Foundation

/// SHA-256 of the bytes of a Data Set, preamble and File Meta Information not included: what was sent.
public struct ObjectDigest: Hashable, Sendable {
    /// 32 bytes.
    let bytes: Data

    /// - Returns: nil when `bytes` are not 32.
    init?(bytes: Data) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    init(_ digest: SHA256Digest) { bytes = Data(digest) }

    /// The digest of a file from `offset` to its end, and how many bytes that was.
    static func read(
        fileDescriptor: Int32, from offset: Int64
    ) throws(ArchiveError) -> (digest: ObjectDigest, byteCount: Int64) {
        var hash = SHA256()
        var position = offset
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { chunk.deallocate() }
        while true {
            let count = DurableFiles.uninterrupted {
                pread(fileDescriptor, chunk.baseAddress, chunk.count, off_t(position))
            }
            guard count >= 0 else { throw .lastCall("pread") }
            if count == 0 { break }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
            position += Int64(count)
        }
        return (ObjectDigest(hash.finalize()), max(0, position - offset))
    }
}

extension ObjectDigest: CustomStringConvertible {
    /// 64 hexadecimal digits, lower case.
    public var description: String { bytes.hexadecimal }
}
