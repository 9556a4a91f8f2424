import DICOMCore
import Foundation
import Logging
import Synchronization

@testable import Archive

/// A data directory of its own, removed at the end, and objects whose "header" is a list of lines.
final class TestArchive {
    let directory: String
    private(set) var archive: Archive
    private(set) var recovery: RecoveryReport
    let disk = BreakableDisk()
    var settings = ArchiveSettings()

    init(settings change: (inout ArchiveSettings) -> Void = { _ in }) throws {
        settings.diskReserveByteCount = 0
        change(&settings)
        directory = NSTemporaryDirectory() + "archive-" + UUID().uuidString
        (archive, recovery) = try Archive.open(
            directory: directory, settings: settings, sync: disk.calls, logger: Self.logger,
            readHeader: SampleHeader.read)
    }

    deinit {
        try? archive.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    static var logger: Logger {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return logger
    }

    var index: StudyIndex { archive.index }

    /// Stops and starts again, doing something with the files in between.
    func restart(between: (String) throws -> Void = { _ in }) throws {
        try archive.close()
        try between(directory)
        (archive, recovery) = try Archive.open(
            directory: directory, settings: settings, sync: disk.calls, logger: Self.logger,
            readHeader: SampleHeader.read)
    }

    func write(_ record: InstanceRecord, bytes: [UInt8]) throws -> WrittenObject {
        let writer = try archive.begin()
        try SampleHeader.bytes(of: record).withUnsafeBytes { try writer.writePreamble($0) }
        try bytes.withUnsafeBytes { try writer.write($0) }
        return try writer.finish()
    }

    @discardableResult
    func store(
        _ record: InstanceRecord, bytes: [UInt8] = [1, 2, 3], at seconds: Int = 0
    ) throws -> CommitOutcome {
        try archive.commit(write(record, bytes: bytes), record: record, origin: .sample(at: seconds))
    }

    /// Paths below `objects`, `incoming` or `quarantine` of everything that is a file.
    func files(in folder: String) -> [String] {
        (FileManager.default.enumerator(atPath: directory + "/" + folder)?.allObjects as? [String] ?? [])
            .filter { $0.hasSuffix(".dcm") || $0.hasSuffix(".part") }.sorted()
    }

    func settle(at seconds: Int) throws {
        let due = try index.studiesDueToSettle(lastInstanceBefore: .sample(seconds))
        try index.settle(due, reason: "quiet period", at: .sample(seconds))
    }
}

/// Syncs that fail on demand; they really sync otherwise.
final class BreakableDisk: Sendable {
    private let faults = Mutex((data: false, directory: false))
    private let synced = Mutex<[String]>([])

    func failData(_ fails: Bool) { faults.withLock { $0.data = fails } }
    func failDirectories(_ fails: Bool) { faults.withLock { $0.directory = fails } }

    var calls: SyncCalls {
        SyncCalls(
            data: { [self] in fails(\.data) ? -1 : fdatasync($0) },
            directory: { [self] descriptor in
                if fails(\.directory) { return -1 }
                if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
                {
                    synced.withLock { $0.append(path) }
                }
                return fsync(descriptor)
            })
    }

    /// Paths of the directories that were synced since the last time.
    func takeSyncedDirectories() -> [String] {
        synced.withLock { paths in
            defer { paths = [] }
            return paths
        }
    }

    private func fails(_ fault: KeyPath<(data: Bool, directory: Bool), Bool>) -> Bool {
        let fails = faults.withLock { $0[keyPath: fault] }
        if fails { errno = EIO }
        return fails
    }
}

/// Stands in for a Part-10 header: 2048 bytes, one Attribute a line.
enum SampleHeader {
    static let byteCount = 2048

    static func bytes(of record: InstanceRecord) -> [UInt8] {
        let lines = [
            record.sopInstanceUID.value, record.sopClassUID.value, record.seriesInstanceUID.value,
            record.studyInstanceUID.value, record.transferSyntaxUID.value, record.patient.patientID,
            record.patient.issuer, record.patient.name, record.study.date, record.study.description,
            record.study.institution, record.series.modality, record.image.number.map(String.init) ?? "",
            String(record.text.state.rawValue), record.text.encoding?.rawValue ?? "",
        ]
        var bytes = Array(lines.joined(separator: "\n").utf8)
        bytes += [UInt8](repeating: 0, count: byteCount - bytes.count)
        return bytes
    }

    @Sendable static func read(_ path: String, _ start: [UInt8]) throws -> StoredHeader {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(byteCount)
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count == 15 else { throw CocoaError(.fileReadCorruptFile) }
        let record = InstanceRecord(
            sopInstanceUID: try SOPInstanceUID(lines[0]), sopClassUID: try SOPClassUID(lines[1]),
            seriesInstanceUID: try SeriesInstanceUID(lines[2]), studyInstanceUID: try StudyInstanceUID(lines[3]),
            transferSyntaxUID: try TransferSyntaxUID(lines[4]),
            patient: PatientRecord(patientID: lines[5], issuer: lines[6], name: lines[7]),
            study: StudyRecord(date: lines[8], description: lines[9], institution: lines[10]),
            series: SeriesRecord(modality: lines[11]), image: ImageRecord(number: Int(lines[12])),
            text: TextOrigin(state: Int(lines[13]) ?? 0, encoding: lines[14]))
        return StoredHeader(
            record: record, callingAETitle: try AETitle("MODALITY"), calledAETitle: .priord,
            dataSetOffset: Int64(byteCount))
    }
}

extension InstanceRecord {
    /// Instance `number` of a Study; each Study has one Series unless told otherwise.
    static func sample(
        _ number: Int = 1, study: Int = 1, series: Int = 1, patientID: String = "P1", issuer: String = "H1",
        name: String = "Wang^Xiaodong=王^小东", date: String = "20261101", description: String = "Chest PA",
        institution: String = "First Hospital", modality: String = "DX"
    ) throws -> InstanceRecord {
        InstanceRecord(
            sopInstanceUID: try SOPInstanceUID("1.2.\(study).\(series).\(number)"),
            sopClassUID: try SOPClassUID("1.2.840.10008.5.1.4.1.1.1.1"),
            seriesInstanceUID: try SeriesInstanceUID("1.2.\(study).\(series)"),
            studyInstanceUID: try StudyInstanceUID("1.2.\(study)"),
            transferSyntaxUID: try TransferSyntaxUID("1.2.840.10008.1.2.1"),
            patient: PatientRecord(patientID: patientID, issuer: issuer, name: name),
            study: StudyRecord(date: date, description: description, institution: institution),
            series: SeriesRecord(modality: modality), image: ImageRecord(number: number))
    }
}

extension InstanceOrigin {
    static func sample(at seconds: Int = 0) throws -> InstanceOrigin {
        InstanceOrigin(
            callingAETitle: try AETitle("MODALITY"), calledAETitle: .priord, host: "10.0.0.5",
            receivedAt: .sample(seconds))
    }
}

extension Date {
    /// Seconds after an arbitrary moment.
    static func sample(_ seconds: Int) -> Date { Date(timeIntervalSince1970: 1_790_000_000 + Double(seconds)) }
}

extension StudyInstanceUID {
    static func sample(_ number: Int) throws -> StudyInstanceUID { try StudyInstanceUID("1.2.\(number)") }
}
