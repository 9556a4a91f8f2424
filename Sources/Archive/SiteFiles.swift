internal import Foundation

/// Files of one kind that a site has added: `*.tsv` in a folder of the data directory, and below `accepted/` the last copy
/// of each that was put in force. What is in them is not this room's affair.
public struct SiteFiles: Sendable {
    /// One file as it lies there.
    public struct File: Sendable, Equatable {
        public let name: String
        /// Nil when the file is larger than the limit it was read with, or cannot be read.
        public let bytes: [UInt8]?
        /// Why `bytes` is nil.
        public let obstacle: String?
    }

    private let directory: String
    private let sync: SyncCalls
    private var acceptedDirectory: String { directory + "/accepted" }

    static let suffix = ".tsv"

    init(_ folder: String, ofDataDirectory dataDirectory: String, sync: SyncCalls) {
        directory = dataDirectory + "/" + folder
        self.sync = sync
    }

    func prepare() throws(ArchiveError) {
        try DurableFiles.createDirectory(directory, sync: sync)
        try DurableFiles.createDirectory(acceptedDirectory, sync: sync)
    }

    /// Every file that lies there, by name.
    public func files(byteLimit: Int) throws(ArchiveError) -> [File] {
        try files(in: directory, byteLimit: byteLimit)
    }

    /// The copies of what was put in force, by name.
    public func accepted(byteLimit: Int) throws(ArchiveError) -> [File] {
        try files(in: acceptedDirectory, byteLimit: byteLimit)
    }

    /// Keeps `bytes` as the file of that name and as its accepted copy; both are durable when this returns.
    public func keep(_ bytes: [UInt8], as name: String) throws(ArchiveError) {
        try write(bytes, to: directory, name)
        try accept(bytes, as: name)
    }

    /// Keeps `bytes` as the accepted copy of the file of that name.
    public func accept(_ bytes: [UInt8], as name: String) throws(ArchiveError) {
        try write(bytes, to: acceptedDirectory, name)
    }

    /// Removes the file of that name and its accepted copy.
    public func remove(_ name: String) throws(ArchiveError) {
        for folder in [directory, acceptedDirectory] {
            try DurableFiles.remove(folder + "/" + name)
            try DurableFiles.syncDirectory(folder, sync: sync)
        }
    }

    private func files(in folder: String, byteLimit: Int) throws(ArchiveError) -> [File] {
        try DurableFiles.names(in: folder).filter { $0.hasSuffix(Self.suffix) && !$0.hasPrefix(".") }
            .map { name in read(name, in: folder, byteLimit: byteLimit) }
    }

    private func read(_ name: String, in folder: String, byteLimit: Int) -> File {
        func unread(_ obstacle: String) -> File { File(name: name, bytes: nil, obstacle: obstacle) }
        // Without waiting, should somebody have made a pipe of that name.
        let descriptor = DurableFiles.uninterrupted { open(folder + "/" + name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0 else { return unread(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return unread(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { return unread("is no file") }
        guard Int64(status.st_size) <= Int64(byteLimit) else {
            return unread("\(status.st_size) bytes, where at most \(byteLimit) are read")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                DurableFiles.uninterrupted {
                    Foundation.read(descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count)
                }
            }
            guard read >= 0 else { return unread(String(cString: strerror(errno))) }
            if read == 0 { break }
            count += read
        }
        bytes.removeLast(bytes.count - count)
        return File(name: name, bytes: bytes, obstacle: nil)
    }

    /// A crash leaves the old bytes or the new ones.
    private func write(_ bytes: [UInt8], to folder: String, _ name: String) throws(ArchiveError) {
        let part = folder + "/." + name + ".part"
        let descriptor = DurableFiles.uninterrupted {
            open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        }
        guard descriptor >= 0 else { throw .lastCall("open") }
        do throws(ArchiveError) {
            defer { close(descriptor) }
            // The closure cannot say what it throws, so the outcome is handed out.
            try bytes.withUnsafeBytes { buffer in
                Result { () throws(ArchiveError) in try DurableFiles.write(buffer, to: descriptor) }
            }.get()
            guard DurableFiles.uninterrupted({ sync.data(descriptor) }) == 0 else { throw .lastCall("fdatasync") }
            try DurableFiles.rename(part, to: folder + "/" + name)
            try DurableFiles.syncDirectory(folder, sync: sync)
        } catch {
            try? DurableFiles.remove(part)
            throw error
        }
    }
}
