internal import Foundation

/// The system calls on which the promise rests; a test replaces them to make them fail.
struct SyncCalls: Sendable {
    var data: @Sendable (_ fileDescriptor: Int32) -> Int32 = { fdatasync($0) }
    var directory: @Sendable (_ fileDescriptor: Int32) -> Int32 = { fsync($0) }
}

/// File operations with the errors of this room. Every call retries EINTR.
enum DurableFiles {
    /// Repeats `call` while it is interrupted.
    static func uninterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }

    /// Creates `path` and its missing parents; each new entry is durable when this returns.
    static func createDirectory(_ path: String, sync: SyncCalls) throws(ArchiveError) {
        if isDirectory(path) { return }
        let parent = parent(of: path)
        try createDirectory(parent, sync: sync)
        guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw .lastCall("mkdir") }
        do throws(ArchiveError) {
            try syncDirectory(parent, sync: sync)
        } catch {
            // One that stayed would be taken for durable the next time.
            rmdir(path)
            throw error
        }
    }

    /// The directory that holds the entry of `path`. (Foundation's `deletingLastPathComponent` traps on `"d"`.)
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Makes the entries of a directory durable.
    static func syncDirectory(_ path: String, sync: SyncCalls) throws(ArchiveError) {
        let directory = uninterrupted { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard directory >= 0 else { throw .lastCall("open directory") }
        defer { close(directory) }
        guard uninterrupted({ sync.directory(directory) }) == 0 else { throw .lastCall("fsync directory") }
    }

    static func rename(_ source: String, to destination: String) throws(ArchiveError) {
        guard Foundation.rename(source, destination) == 0 else { throw .lastCall("rename") }
    }

    /// Removes a file; one that is not there counts as removed.
    static func remove(_ path: String) throws(ArchiveError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .lastCall("unlink") }
    }

    /// Names in a directory, ascending; none when it does not exist.
    static func names(in path: String) throws(ArchiveError) -> [String] {
        guard isDirectory(path) else { return [] }
        guard let directory = opendir(path) else { throw .lastCall("opendir") }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .lastCall("readdir") }
        return names.sorted()
    }

    /// Size in bytes and time of last change, or nil when there is no such file.
    static func status(of path: String) throws(ArchiveError) -> (byteCount: Int64, modifiedAt: Date)? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .lastCall("stat")
        }
        let seconds = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        return (Int64(status.st_size), Date(timeIntervalSince1970: seconds))
    }

    /// Writes all of `bytes`, however many calls it takes.
    static func write(_ bytes: UnsafeRawBufferPointer, to fileDescriptor: Int32) throws(ArchiveError) {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let count = uninterrupted { Foundation.write(fileDescriptor, start, rest.count) }
            guard count >= 0 else { throw .lastCall("write") }
            rest = rest.dropFirst(count)
        }
    }
}
