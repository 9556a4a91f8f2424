internal import Foundation
internal import Synchronization

/// One complete object whose bytes are durable but which nothing refers to yet.
///
/// Hand it to `Archive.commit` or `Archive.quarantine`; dropping it removes the bytes.
public final class WrittenObject: Sendable {
    /// Bytes of the Data Set.
    public let byteCount: Int64
    public let digest: ObjectDigest
    let dataSetOffset: Int64
    let path: String
    /// The first bytes of the file. They went past the page cache, so reading them again costs a disk access.
    let start: [UInt8]
    private let isTaken: Mutex<Bool>

    /// - Parameter isTaken: whether the bytes belong to someone else already, so that dropping this removes nothing.
    init(
        path: String, dataSetOffset: Int64, byteCount: Int64, digest: ObjectDigest, start: [UInt8] = [],
        isTaken: Bool = false
    ) {
        self.path = path
        self.dataSetOffset = dataSetOffset
        self.byteCount = byteCount
        self.digest = digest
        self.start = start
        self.isTaken = Mutex(isTaken)
    }

    deinit { discard() }

    /// Removes the bytes, unless the archive has taken them.
    public func discard() {
        let wasTaken = isTaken.withLock { taken in
            defer { taken = true }
            return taken
        }
        if !wasTaken { unlink(path) }
    }

    /// Called once the bytes have their place.
    func take() { isTaken.withLock { $0 = true } }
}
