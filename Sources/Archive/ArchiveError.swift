internal import Foundation
internal import GRDB

/// Why the archive could not do what was asked. After a failed store neither object nor index row is acknowledged.
public enum ArchiveError: Error, Equatable, Sendable {
    /// Another process holds the lock of the data directory.
    case inUse(directory: String)
    /// Free space is below the reserve; nothing new is taken in.
    case diskReserve(availableByteCount: Int64, reserveByteCount: Int64)
    /// A system call failed.
    case fileSystem(operation: String, errno: Int32)
    /// SQLite refused.
    case index(resultCode: Int32, message: String)
    /// The index would not promise durable commits (`PRAGMA synchronous` is not FULL).
    case indexNotDurable(synchronous: Int)
    /// The index was written by a newer priord.
    case indexIsNewer
    /// An earlier sync failed, so what is on the disk is not known; nothing is stored until a restart has recovered.
    case recoveryNeeded(cause: String)
    /// A stored or quarantined object's header cannot be read.
    case headerUnreadable(detail: String)
    /// The key that persons are hashed with is lost, cut short or another one.
    case siteKeyUnusable(path: String, reason: String)
    case unknownInstance
    case unknownStudy
    case unknownQuarantineID(Int64)
    /// The destination of an export has a file of that name with other bytes.
    case exportExists(name: String)
    case closed
    /// A search looked at more than its time allows.
    case tookTooLong(limit: Duration)
    /// The caller asked a long operation to stop.
    case stopped
}

extension ArchiveError {
    /// Gives any error thrown inside the room its case.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as ArchiveError: error
            case let error as DatabaseError:
                .index(resultCode: error.extendedResultCode.rawValue, message: error.message ?? "")
            default: .headerUnreadable(detail: String(describing: error))
            }
    }

    /// The failure of the system call that has just returned.
    static func lastCall(_ operation: String) -> ArchiveError {
        .fileSystem(operation: operation, errno: errno)
    }
}

extension ArchiveError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .inUse(let directory): "the data directory \(directory) is in use by another priord"
        case .diskReserve(let available, let reserve):
            "\(available) bytes are free, below the disk reserve of \(reserve) bytes"
        case .fileSystem(let operation, let code): "\(operation) failed: \(String(cString: strerror(code)))"
        case .index(let code, let message): "the index failed with SQLite result \(code): \(message)"
        case .indexNotDurable(let level): "the index runs with synchronous=\(level) and not FULL (2)"
        case .indexIsNewer: "the index was written by a newer version of priord"
        case .recoveryNeeded(let cause): "storage needs recovery by a restart, because \(cause)"
        case .headerUnreadable(let detail): "the header cannot be read: \(detail)"
        case .siteKeyUnusable(let path, let reason):
            "\(path) \(reason): restore it from a backup, or see \"Persons\" in docs/operator.md"
        case .unknownInstance: "no such instance"
        case .unknownStudy: "no such study"
        case .unknownQuarantineID(let id): "no object \(id) in quarantine"
        case .exportExists(let name): "\(name) already exists with other bytes"
        case .closed: "the archive is closed"
        case .tookTooLong(let limit): "not found within \(limit.components.seconds) s; narrow the search"
        case .stopped: "stopped before the end"
        }
    }
}
