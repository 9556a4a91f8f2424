// Owns every stored byte and every index row: objects on disk, quarantine, the StudyIndex, migrations, the event log,
// group commit, recovery, verify, reindex and export. It knows nothing of networks, and of DICOM only the vocabulary:
// headers are read by a closure. No SQL and no path leaves this room.
// Start with `commit` below, then Committer.swift (the order that makes success durable) and Recovery.swift.

public import Crypto
public import DICOMCore
public import Foundation
public import Logging
internal import Synchronization

/// The archive of one data directory, the only one that has it open.
///
/// Its operations block for the disk: call them from threads of your own, not from the cooperative pool.
public final class Archive: Sendable {
    /// Reads the header of a Part-10 file. `start` is as much of its beginning as is in memory already, often nothing.
    public typealias HeaderReader = @Sendable (_ path: String, _ start: [UInt8]) throws -> StoredHeader

    public let index: StudyIndex
    public let settings: ArchiveSettings
    /// The catalogues a site has added to those of the program.
    public let catalogueFiles: SiteFiles
    /// The words a site has added to those of the program.
    public let lexiconFiles: SiteFiles
    /// What people decided, and what happened to what was proposed to them. No object says it, so it is never rebuilt.
    public let decisions: EventChain
    /// What persons' numbers are hashed with: 32 bytes of this data directory.
    public let siteKey: SymmetricKey
    let store: ObjectStore
    let committer: Committer
    let readHeader: HeaderReader
    let logger: Logger
    private let commits: GroupCommit<CommitRequest>
    private let lock: DirectoryLock
    private let nextPart = Atomic<Int>(1)
    /// What was learned of peers, as far as it was asked for.
    let learnedText = LearnedText()

    /// Opens the archive in `directory`, creating it when there is none, and recovers from the last stop.
    ///
    /// - Parameter readHeader: parses a stored file up to its pixel data.
    /// - Returns: the archive, and what recovery did.
    /// - Throws: ``ArchiveError/inUse(directory:)`` when another process has it open.
    public static func open(
        directory: String, settings: ArchiveSettings = ArchiveSettings(), logger: Logger,
        readHeader: @escaping HeaderReader
    ) throws(ArchiveError) -> (archive: Archive, recovery: RecoveryReport) {
        try open(directory: directory, settings: settings, sync: SyncCalls(), logger: logger, readHeader: readHeader)
    }

    static func open(
        directory: String, settings: ArchiveSettings, sync: SyncCalls, logger: Logger,
        readHeader: @escaping HeaderReader
    ) throws(ArchiveError) -> (archive: Archive, recovery: RecoveryReport) {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        try DurableFiles.createDirectory(directory, sync: sync)
        let lock = try DirectoryLock(directory: directory)
        let store = ObjectStore(directory: directory, settings: settings, sync: sync)
        try store.prepare()
        let catalogueFiles = SiteFiles("catalogues", ofDataDirectory: directory, sync: sync)
        let lexiconFiles = SiteFiles("lexicon", ofDataDirectory: directory, sync: sync)
        try catalogueFiles.prepare()
        try lexiconFiles.prepare()
        let index = try StudyIndex(path: directory + "/index.sqlite") {
            logger.notice("an index of an earlier version is brought up to date: minutes among millions of studies")
        }
        let decisions = try EventChain(path: directory + "/decisions.log", sync: sync, index: index)
        try DurableFiles.syncDirectory(directory, sync: sync)
        let siteKey = try siteKey(inDirectory: directory, index: index, decisions: decisions, sync: sync)
        try index.keepSiteKeyMark(SiteKey.mark(of: siteKey))
        var recovery = Recovery(store: store, index: index, readHeader: readHeader, logger: logger)
        try recovery.run()
        let committer = Committer(
            store: store, index: index, nextOrdinal: recovery.nextOrdinal,
            nextQuarantineID: recovery.nextQuarantineID, logger: logger)
        let archive = Archive(
            index: index, store: store, catalogueFiles: catalogueFiles, lexiconFiles: lexiconFiles,
            decisions: decisions, siteKey: siteKey, committer: committer, readHeader: readHeader, lock: lock,
            logger: logger)
        return (archive, recovery.report)
    }

    private init(
        index: StudyIndex, store: ObjectStore, catalogueFiles: SiteFiles, lexiconFiles: SiteFiles,
        decisions: EventChain, siteKey: SymmetricKey, committer: Committer, readHeader: @escaping HeaderReader,
        lock: DirectoryLock,
        logger: Logger
    ) {
        self.index = index
        self.settings = store.settings
        self.store = store
        self.catalogueFiles = catalogueFiles
        self.lexiconFiles = lexiconFiles
        self.decisions = decisions
        self.siteKey = siteKey
        self.committer = committer
        self.readHeader = readHeader
        self.lock = lock
        self.logger = logger
        commits = GroupCommit(limit: store.settings.batchLimit) { committer.process($0) }
    }

    /// Starts an object.
    ///
    /// - Throws: ``ArchiveError/diskReserve(availableByteCount:reserveByteCount:)`` below the reserve.
    public func begin() throws(ArchiveError) -> ObjectWriter {
        if let failure { throw .recoveryNeeded(cause: failure.description) }
        return try store.begin(number: nextPart.wrappingAdd(1, ordering: .relaxed).oldValue)
    }

    /// Blocks until the object and its row are durable. Callers that come at the same time share the syncs.
    ///
    /// - Throws: nothing is kept then, unless the error is one that needs recovery by a restart; in either case the
    ///   sender must be told that it failed.
    public func commit(
        _ object: WrittenObject, record: InstanceRecord, origin: InstanceOrigin
    ) throws(ArchiveError) -> CommitOutcome {
        committer.lookAhead(to: record, from: origin)
        let outcome = try commits.submit(.store(object, record, origin, releasing: nil))
        if outcome == .stored { learnedText.note(record.text, of: origin.callingAETitle) }
        return outcome
    }

    /// What the text of a peer's repaired Studies turned out to be in (``PeerText/learnedEncoding``); nil for one that
    /// nothing is known of.
    public func learnedTextEncoding(of peer: AETitle?) throws(ArchiveError) -> TextEncoding? {
        guard let peer else { return nil }
        return try learnedText.encoding(of: peer, in: index)
    }

    /// Blocks until the object is durably in quarantine.
    ///
    /// - Parameters:
    ///   - detail: what was wrong, for the operator; no patient data.
    ///   - claimed: what the object says it is, as far as it could be read.
    /// - Returns: its number there.
    @discardableResult
    public func quarantine(
        _ object: WrittenObject, reason: QuarantineReason, detail: String, claimed: ClaimedUIDs, origin: InstanceOrigin
    ) throws(ArchiveError) -> Int64 {
        let outcome = try commits.submit(.quarantine(object, reason, detail: detail, claimed, origin))
        guard case .quarantined(let id) = outcome else { preconditionFailure("a quarantine request is quarantined") }
        return id
    }

    /// Stores an object that was in quarantine, under a record that now holds.
    ///
    /// - Returns: `conflict` with the same number when its SOP Instance UID is stored with other bytes; it stays then.
    public func release(quarantined id: Int64, record: InstanceRecord) throws(ArchiveError) -> CommitOutcome {
        guard let quarantined = try index.quarantined(id: id) else { throw .unknownQuarantineID(id) }
        let object = WrittenObject(
            path: store.path(ofQuarantined: id, reason: quarantined.reason), dataSetOffset: quarantined.dataSetOffset,
            byteCount: quarantined.byteCount, digest: quarantined.digest, isTaken: true)
        return try commits.submit(.store(object, record, quarantined.origin, releasing: quarantined))
    }

    /// Removes an object from quarantine for good. The event log keeps who did it and what it was.
    public func discard(quarantined id: Int64, by person: String, at date: Date) throws(ArchiveError) {
        guard let object = try index.quarantined(id: id) else { throw .unknownQuarantineID(id) }
        try index.write { db in
            try StudyIndex.removeQuarantined(id, in: db)
            try IndexTransaction(db).record(
                .discarded, study: try? StudyInstanceUID(object.claimed.studyInstanceUID), at: date,
                detail: "\(id) \(object.reason.rawValue) by \(person), digest \(object.digest)")
        }
        try DurableFiles.remove(store.path(ofQuarantined: id, reason: object.reason))
    }

    /// Opens a stored Instance for reading.
    public func open(_ instance: StoredInstance) throws(ArchiveError) -> StoredObject {
        try StoredObject(
            path: store.path(ofObject: instance.ordinal), dataSetOffset: instance.dataSetOffset,
            byteCount: instance.byteCount)
    }

    /// Opens the stored Instance of that UID for reading.
    ///
    /// - Throws: ``ArchiveError/unknownInstance`` when there is none.
    public func open(_ uid: SOPInstanceUID) throws(ArchiveError) -> StoredObject {
        guard let instance = try index.instance(uid) else { throw .unknownInstance }
        return try open(instance)
    }

    /// Opens an object in quarantine for reading.
    public func open(quarantined id: Int64) throws(ArchiveError) -> StoredObject {
        guard let object = try index.quarantined(id: id) else { throw .unknownQuarantineID(id) }
        return try StoredObject(
            path: store.path(ofQuarantined: id, reason: object.reason), dataSetOffset: object.dataSetOffset,
            byteCount: object.byteCount)
    }

    /// Free bytes on the file system of the data directory.
    public func availableByteCount() throws(ArchiveError) -> Int64 { try store.availableByteCount() }

    /// Why nothing is stored until a restart; nil while all is well.
    public var failure: ArchiveError? { committer.failure.withLock { $0 } }

    /// Finishes the batch in progress, refuses further ones and gives the directory free.
    public func close() throws(ArchiveError) {
        let wasClosed = committer.state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        if wasClosed { return }
        decisions.close()
        try index.close()
        lock.release()
    }
}

/// Keeps other processes out of a data directory until it is released or this process ends, however it ends.
final class DirectoryLock: Sendable {
    private let fileDescriptor: Mutex<Int32>

    init(directory: String) throws(ArchiveError) {
        let descriptor = DurableFiles.uninterrupted { open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640) }
        guard descriptor >= 0 else { throw .lastCall("open lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let failure = ArchiveError.lastCall("flock")
            Foundation.close(descriptor)
            throw failure == .fileSystem(operation: "flock", errno: EWOULDBLOCK)
                ? .inUse(directory: directory) : failure
        }
        fileDescriptor = Mutex(descriptor)
    }

    deinit { release() }

    func release() {
        fileDescriptor.withLock { descriptor in
            if descriptor >= 0 { Foundation.close(descriptor) }
            descriptor = -1
        }
    }
}
