internal import Archive
internal import DICOMCore
internal import DICOMNetwork
internal import Foundation
internal import Logging

/// One instance on its way in: its Data Set is written piece by piece, then judged and committed.
///
/// Used by one thread. When it goes away unfinished, nothing of it remains.
public final class Arrival {
    private let announced: AnnouncedInstance
    private let origin: InstanceOrigin
    /// The only Study it may belong to; nil for any.
    private let study: StudyInstanceUID?
    private let ingestor: Ingestor
    private let presence: FairTurns.Presence
    private let writer: ObjectWriter
    /// The first failure of a write; the rest of the Data Set is not kept then.
    private var failure: ArchiveError?

    init(
        _ announced: AnnouncedInstance, from origin: InstanceOrigin, within study: StudyInstanceUID?,
        as party: FairTurns.Party, ingestor: Ingestor
    ) throws(IngestError) {
        presence = ingestor.turns.enter(party)
        self.announced = announced
        self.origin = origin
        self.study = study
        self.ingestor = ingestor
        let learned: TextEncoding?
        do throws(ArchiveError) {
            learned = try ingestor.archive.learnedTextEncoding(of: origin.callingAETitle)
            writer = try ingestor.archive.begin()
        } catch {
            throw .outOfResources(error)
        }
        var meta = FileMeta()
        // Of an illegal UID no more than its absence is recorded: the header of a file in quarantine is parsed again.
        meta.mediaStorageSOPClassUID = (try? SOPClassUID(announced.sopClassUID))?.value ?? ""
        meta.mediaStorageSOPInstanceUID = (try? SOPInstanceUID(announced.sopInstanceUID))?.value ?? ""
        meta.transferSyntaxUID = announced.transferSyntaxUID
        meta.sourceAETitle = origin.callingAETitle?.value ?? ""
        meta.sendingAETitle = origin.callingAETitle?.value ?? ""
        meta.receivingAETitle = origin.calledAETitle?.value ?? ""
        meta.learnedTextEncoding = learned
        let preamble: [UInt8]
        do {
            preamble = try meta.encoded()
        } catch {
            throw ingestor.internalFault("file meta information: \(error)", announced)
        }
        failure = preamble.withUnsafeBytes { bytes in
            do throws(ArchiveError) {
                try writer.writePreamble(bytes)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Takes the next bytes of the Data Set; false when no more are wanted, because writing failed.
    public func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard failure == nil else { return false }
        do throws(ArchiveError) {
            try presence.turn(of: .computing, cost: bytes.count) { () throws(ArchiveError) in try writer.write(bytes) }
            return true
        } catch {
            failure = error
            return false
        }
    }

    /// Judges the Data Set and makes it durable. Blocks for the disk.
    ///
    /// - Returns: only when object and index row are both durable.
    /// - Throws: ``IngestError``; it is counted and left to the caller to log and to answer.
    public func finish() throws(IngestError) -> IngestOutcome {
        do throws(IngestError) {
            let outcome = try presence.turn(of: .keeping, cost: Int(clamping: writer.byteCount)) {
                () throws(IngestError) in try commit()
            }
            ingestor.count(outcome, byteCount: writer.byteCount)
            return outcome
        } catch {
            throw ingestor.counted(error)
        }
    }

    private func commit() throws(IngestError) -> IngestOutcome {
        let archive = ingestor.archive
        let object: WrittenObject
        do throws(ArchiveError) {
            if let failure { throw failure }
            object = try writer.finish()
        } catch {
            throw .outOfResources(error)
        }

        let record: InstanceRecord
        do {
            record = try archive.header(of: object).record
        } catch let error as RecordError {
            let id = try quarantine(object, .missingUID, "\(error)")
            throw .missingUID(detail: "\(error)", quarantineID: id)
        } catch {
            let id = try quarantine(object, .unreadable, "\(error)")
            throw .unreadable(detail: "\(error)", quarantineID: id)
        }
        if let difference = announced.difference(from: record) {
            let id = try quarantine(object, .mismatch, difference)
            throw .mismatch(detail: difference, quarantineID: id)
        }
        if let study, record.studyInstanceUID != study {
            let detail = "the data set belongs to another study than was named"
            let id = try quarantine(object, .mismatch, detail)
            throw .mismatch(detail: detail, quarantineID: id)
        }

        do throws(ArchiveError) {
            return switch try archive.commit(object, record: record, origin: origin) {
            case .stored: .stored
            case .duplicate: .duplicate
            case .conflict(let id), .quarantined(let id): .conflict(quarantineID: id)
            }
        } catch {
            throw .outOfResources(error)
        }
    }

    private func quarantine(
        _ object: WrittenObject, _ reason: QuarantineReason, _ detail: String
    ) throws(IngestError) -> Int64 {
        let claimed = ClaimedUIDs(
            sopClassUID: announced.sopClassUID, sopInstanceUID: announced.sopInstanceUID,
            transferSyntaxUID: announced.transferSyntaxUID)
        do throws(ArchiveError) {
            return try ingestor.archive.quarantine(
                object, reason: reason, detail: detail, claimed: claimed, origin: origin)
        } catch {
            throw .outOfResources(error)
        }
    }
}

extension AnnouncedInstance {
    /// What differs between command and Data Set, or nil.
    fileprivate func difference(from record: InstanceRecord) -> String? {
        if sopInstanceUID != record.sopInstanceUID.value {
            return "SOP Instance UID of the command and of the data set differ"
        }
        if sopClassUID != record.sopClassUID.value {
            return "SOP Class UID of the command and of the data set differ"
        }
        return nil
    }
}

extension Ingestor {
    /// Logs a mistake of our own under a number that the sender's side can be told.
    func internalFault(_ text: String, _ announced: AnnouncedInstance) -> IngestError {
        let traceID = UUID().uuidString
        logger.error(
            "internal fault",
            metadata: [
                "trace-id": "\(traceID)", "why": "\(text)",
                "sop-instance-uid": "\(announced.sopInstanceUID.prefix(64))",
            ])
        return .internalFault(traceID: traceID)
    }
}
