internal import Crypto
internal import DICOMCore
internal import Foundation

/// The secret of one data directory, 32 random bytes in a file of its own: what is hashed with it can be compared here and
/// nowhere else. It belongs into every backup.
enum SiteKey {
    static let name = "site.key"
    private static let byteCount = 32

    /// Reads the key; nil where there is none.
    ///
    /// - Throws: ``ArchiveError/siteKeyUnusable(path:reason:)`` when the file is not what it was written as.
    static func open(inDirectory directory: String) throws(ArchiveError) -> SymmetricKey? {
        let path = directory + "/" + name
        guard try DurableFiles.status(of: path) != nil else { return nil }
        let descriptor = DurableFiles.uninterrupted { Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw .lastCall("open site key") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: byteCount + 1)
        let count = DurableFiles.uninterrupted { read(descriptor, &bytes, bytes.count) }
        guard count >= 0 else { throw .lastCall("read site key") }
        guard count == byteCount else {
            throw .siteKeyUnusable(path: path, reason: "has not \(byteCount) bytes")
        }
        return SymmetricKey(data: bytes.prefix(byteCount))
    }

    /// Makes a key; it is durable when this returns, for what is hashed with it must stay comparable.
    static func make(inDirectory directory: String, sync: SyncCalls) throws(ArchiveError) -> SymmetricKey {
        let key = SymmetricKey(size: .bits256)
        let path = directory + "/" + name
        let part = path + ".part"
        try DurableFiles.remove(part)
        let descriptor = DurableFiles.uninterrupted {
            Foundation.open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        }
        guard descriptor >= 0 else { throw .lastCall("create site key") }
        defer { close(descriptor) }
        let bytes = key.withUnsafeBytes { Array($0) }
        // The closure cannot say what it throws, so the outcome is handed out.
        try bytes.withUnsafeBytes { buffer in
            Result { () throws(ArchiveError) in try DurableFiles.write(buffer, to: descriptor) }
        }.get()
        guard DurableFiles.uninterrupted({ sync.data(descriptor) }) == 0 else { throw .lastCall("fdatasync") }
        try DurableFiles.rename(part, to: path)
        try DurableFiles.syncDirectory(directory, sync: sync)
        return key
    }

    /// What the index keeps to know its key again: nothing can be read from it.
    static func mark(of key: SymmetricKey) -> String {
        HMAC<SHA256>.authenticationCode(for: Array("priord index".utf8), using: key)
            .hexadecimal
    }
}

extension Archive {
    /// The site's key for this data directory.
    ///
    /// - Throws: ``ArchiveError/siteKeyUnusable(path:reason:)`` when the index or the log of decisions has hashes made with a
    ///   key that is not there any more: nothing new could be compared with them.
    static func siteKey(
        inDirectory directory: String, index: StudyIndex, decisions: EventChain, sync: SyncCalls
    ) throws(ArchiveError) -> SymmetricKey {
        let path = directory + "/" + SiteKey.name
        let known = try index.siteKeyMark()
        guard let key = try SiteKey.open(inDirectory: directory) else {
            let isUsed = if known != nil { true } else { try names(in: decisions) }
            if isUsed {
                throw .siteKeyUnusable(path: path, reason: "is missing, and persons are hashed with it")
            }
            return try SiteKey.make(inDirectory: directory, sync: sync)
        }
        if let known, known != SiteKey.mark(of: key) {
            throw .siteKeyUnusable(path: path, reason: "is not the key that the persons of this index are hashed with")
        }
        return key
    }

    /// Whether the log names persons by hashes of the key.
    private static func names(in decisions: EventChain) throws(ArchiveError) -> Bool {
        try decisions.records().contains { $0.range(of: Data(#""record":"person""#.utf8)) != nil }
    }
}
