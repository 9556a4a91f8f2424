internal import DICOMCore
internal import Foundation
internal import GRDB

/// Makes rows from stored objects alone, for recovery and `reindex`.
struct ObjectIndexer {
    let store: ObjectStore
    let readHeader: Archive.HeaderReader

    enum Outcome {
        case indexed
        /// The same bytes are indexed under another ordinal.
        case duplicate
        /// Its SOP Instance UID is indexed with other bytes.
        case conflict
        /// A file without a byte.
        case empty
        case unreadable(detail: String)
    }

    /// Indexes objects in one transaction.
    func add(_ ordinals: [Int64], to index: StudyIndex) throws(ArchiveError) -> [(ordinal: Int64, outcome: Outcome)] {
        var contents: [(Int64, Contents)] = []
        for ordinal in ordinals { contents.append((ordinal, try read(ordinal))) }
        return try index.write { db in
            var transaction = IndexTransaction(db)
            let outcomes = try contents.map { ($0, try Self.add($1, to: &transaction)) }
            try transaction.finish()
            return outcomes
        }
    }

    private static func add(_ contents: Contents, to transaction: inout IndexTransaction) throws -> Outcome {
        switch contents {
        case .empty: return .empty
        case .unreadable(let detail): return .unreadable(detail: detail)
        case .readable(let new):
            guard let stored = try transaction.stored(new.record.sopInstanceUID) else {
                try transaction.insert(new)
                return .indexed
            }
            return stored == (new.digest.bytes, new.record.transferSyntaxUID.value) ? .duplicate : .conflict
        }
    }

    private enum Contents {
        case readable(NewInstance)
        case unreadable(detail: String)
        case empty
    }

    private func read(_ ordinal: Int64) throws(ArchiveError) -> Contents {
        let path = store.path(ofObject: ordinal)
        guard let status = try DurableFiles.status(of: path), status.byteCount > 0 else { return .empty }
        let header: StoredHeader
        do { header = try readHeader(path, []) } catch { return .unreadable(detail: "\(error)") }
        let bytes = try StoredObject(path: path, dataSetOffset: header.dataSetOffset, byteCount: status.byteCount)
        let (digest, byteCount) = try ObjectDigest.read(
            fileDescriptor: bytes.fileDescriptor, from: header.dataSetOffset)
        return .readable(
            NewInstance(
                ordinal: ordinal, record: header.record, origin: header.origin(receivedAt: status.modifiedAt),
                digest: digest, byteCount: byteCount, dataSetOffset: header.dataSetOffset))
    }

    /// Makes the row of a file in quarantine, which may not be readable at all: its digest is then of the whole file.
    func quarantined(
        _ path: String, id: Int64, reason: QuarantineReason, detail: String
    ) throws(ArchiveError) -> QuarantinedObject {
        guard let status = try DurableFiles.status(of: path) else { throw .unknownQuarantineID(id) }
        let header = try? readHeader(path, [])
        let offset = header?.dataSetOffset ?? 0
        let bytes = try StoredObject(path: path, dataSetOffset: offset, byteCount: status.byteCount)
        let (digest, byteCount) = try ObjectDigest.read(fileDescriptor: bytes.fileDescriptor, from: offset)
        let unknown = InstanceOrigin(callingAETitle: nil, calledAETitle: nil, host: "", receivedAt: status.modifiedAt)
        return QuarantinedObject(
            id: id, reason: reason, detail: detail,
            claimed: header.map { ClaimedUIDs($0.record) } ?? ClaimedUIDs(),
            origin: header?.origin(receivedAt: status.modifiedAt) ?? unknown, byteCount: byteCount,
            dataSetOffset: offset, digest: digest)
    }
}

extension StoredHeader {
    fileprivate func origin(receivedAt: Date) -> InstanceOrigin {
        InstanceOrigin(callingAETitle: callingAETitle, calledAETitle: calledAETitle, host: "", receivedAt: receivedAt)
    }
}
