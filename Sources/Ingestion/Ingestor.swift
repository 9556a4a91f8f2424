// Ingestion owns the way of a study: the one door by which an instance arrives (Ingestor), the settling of studies
// (StudySettler) and their assessment (AssessmentQueue). It leaves durability to Archive, what a study is to Matching and
// whether it is complete and good enough to Assessment. Start reading at `Ingestor.arrival`.

public import Archive
public import DICOMCore
public import DICOMNetwork
internal import Foundation
public import Logging
internal import Synchronization

/// The one door by which an instance arrives, over DICOM or from a file.
///
/// Nothing after the commit can delay or undo an acknowledgement: settling and assessing read what is stored.
public final class Ingestor: Sendable {
    let archive: Archive
    let logger: Logger
    let turns: FairTurns
    private let counts = Mutex(IngestCounters())

    /// - Parameter turns: shared with whatever else peers contend for.
    public init(archive: Archive, turns: FairTurns = FairTurns(room: [:]), logger: Logger) {
        self.archive = archive
        self.turns = turns
        self.logger = logger
    }

    /// Opens the archive of `directory` with the headers of its objects read by DCMTK.
    ///
    /// - Parameters:
    ///   - characterSets: what the text of some senders is in whatever it declares, as a person configured it.
    ///   - completing: what a record takes from the sender's configuration. Both are applied on arrival and, so that a
    ///     rebuilt index is the same, by recovery and reindexing too.
    public static func openArchive(
        directory: String, settings: ArchiveSettings, logger: Logger,
        characterSets: [AETitle: TextEncoding] = [:],
        completing: @escaping @Sendable (inout InstanceRecord, AETitle?) -> Void
    ) throws(ArchiveError) -> (archive: Archive, recovery: RecoveryReport) {
        try Archive.open(directory: directory, settings: settings, logger: logger) { path, start in
            var header = try StoredHeader(ObjectHeader(path: path, start: start, characterSets: characterSets))
            completing(&header.record, header.callingAETitle)
            return header
        }
    }

    /// Starts to take in one instance that `announced` describes.
    ///
    /// - Parameter party: whose part of the machine it is done with; nil for that of the host it comes from.
    /// - Throws: ``IngestError/outOfResources(_:)`` when nothing may be stored now.
    public func arrival(
        _ announced: AnnouncedInstance, from origin: InstanceOrigin, within study: StudyInstanceUID? = nil,
        as party: FairTurns.Party? = nil
    ) throws(IngestError) -> Arrival {
        do {
            return try Arrival(
                announced, from: origin, within: study, as: party ?? FairTurns.Party(name: origin.host), ingestor: self)
        } catch {
            throw counted(error)
        }
    }

    /// Takes in a whole Part-10 file handed over piece by piece.
    ///
    /// - Parameter study: the only Study it may belong to; nil for any.
    public func fileArrival(from origin: InstanceOrigin, within study: StudyInstanceUID? = nil) -> FileArrival {
        FileArrival(from: origin, within: study, ingestor: self)
    }

    /// Stores an object from quarantine after all, if its header can be read and nothing else is stored under its UID.
    ///
    /// - Returns: `conflict` with the same number when other bytes are stored under its UID; it stays then.
    public func release(quarantined id: Int64) throws -> CommitOutcome {
        try archive.release(quarantined: id, record: archive.header(ofQuarantined: id).record)
    }

    /// What arrived since the start.
    public var counters: IngestCounters { counts.withLock { $0 } }

    func count(_ outcome: IngestOutcome, byteCount: Int64) {
        counts.withLock { $0.add(outcome, byteCount: byteCount, at: Date()) }
    }

    func counted(_ error: IngestError) -> IngestError {
        counts.withLock { $0.add(error) }
        return error
    }
}

/// What a C-STORE-RQ, or the File Meta Information of a file, says of the Data Set that follows. Not yet checked.
public struct AnnouncedInstance: Sendable, Equatable {
    public var sopClassUID: String
    public var sopInstanceUID: String
    public var transferSyntaxUID: String

    public init(sopClassUID: String, sopInstanceUID: String, transferSyntaxUID: String) {
        self.sopClassUID = sopClassUID
        self.sopInstanceUID = sopInstanceUID
        self.transferSyntaxUID = transferSyntaxUID
    }
}

/// What became of an instance that was taken in.
public enum IngestOutcome: Sendable, Equatable {
    case stored
    /// The same bytes were stored before.
    case duplicate
    /// Other bytes are stored under its SOP Instance UID; these are in quarantine.
    case conflict(quarantineID: Int64)
}

/// Why an instance was not stored. Where it says so its bytes are in quarantine; otherwise nothing of it remains.
public enum IngestError: Error, Equatable, Sendable {
    /// The disk reserve is reached, or a write, sync or commit failed.
    case outOfResources(ArchiveError)
    /// SOP Class or SOP Instance UID of command and Data Set disagree; in quarantine.
    case mismatch(detail: String, quarantineID: Int64)
    /// A mandatory UID is missing or breaks PS3.5 9.1; in quarantine.
    case missingUID(detail: String, quarantineID: Int64)
    /// The Data Set cannot be parsed; in quarantine.
    case unreadable(detail: String, quarantineID: Int64)
    /// What was handed over as a file is none of Part 10.
    case noPart10File(detail: String)
    /// Our own mistake; the log tells more under the same number.
    case internalFault(traceID: String)
}

extension IngestError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outOfResources(let error): "\(error)"
        case .mismatch(let detail, let id), .missingUID(let detail, let id), .unreadable(let detail, let id):
            "\(detail); kept in quarantine as \(id)"
        case .noPart10File(let detail): detail
        case .internalFault(let traceID): "internal fault \(traceID)"
        }
    }
}
