import Archive
import DICOMCore
import DICOMNetwork
import Delivery
import Foundation
import Logging

/// An archive of its own with real objects, removed at the end.
final class TestStore {
    let directory: String
    let archive: Archive

    init() throws {
        try DICOMLibrary.prepare()
        directory = NSTemporaryDirectory() + "delivery-" + UUID().uuidString
        var settings = ArchiveSettings()
        settings.diskReserveByteCount = 0
        archive = try Archive.open(directory: directory, settings: settings, logger: Self.logger) { path, start in
            let header = try ObjectHeader(path: path, start: start)
            return StoredHeader(
                record: try TestStore.record(header.attributes), callingAETitle: nil, calledAETitle: nil,
                dataSetOffset: Int64(header.dataSetOffset))
        }.archive
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

    /// Stores an Instance of Wang's CT, unless `values` say otherwise.
    func put(
        study: Int, series: Int, number: Int, _ values: [DICOMCore.Tag: String] = [:],
        sequences: [DICOMCore.Tag: [AttributeSet]] = [:]
    ) throws {
        var attributes = AttributeSet(
            values: [
                .sopClassUID: ["1.2.840.10008.5.1.4.1.1.2"], .sopInstanceUID: ["1.2.\(study).\(series).\(number)"],
                .studyInstanceUID: ["1.2.\(study)"], .seriesInstanceUID: ["1.2.\(study).\(series)"],
                .patientID: ["C001"], .issuerOfPatientID: ["H1"], .patientName: ["Wang^XiaoDong=王^小东"],
                .modality: ["CT"], .seriesNumber: ["\(series)"], .instanceNumber: ["\(number)"],
            ], sequences: sequences)
        for (tag, value) in values { attributes[tag] = value }
        let syntax = "1.2.840.10008.1.2.1"
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = attributes[.sopClassUID] ?? ""
        meta.mediaStorageSOPInstanceUID = attributes[.sopInstanceUID] ?? ""
        meta.transferSyntaxUID = syntax
        let writer = try archive.begin()
        try meta.encoded().withUnsafeBytes { try writer.writePreamble($0) }
        try attributes.encoded(transferSyntax: syntax).withUnsafeBytes { try writer.write($0) }
        _ = try archive.commit(
            try writer.finish(), record: try TestStore.record(attributes),
            origin: InstanceOrigin(
                callingAETitle: nil, calledAETitle: nil, host: "",
                receivedAt: Date(timeIntervalSince1970: 1_790_000_000))
        )
    }

    private static func record(_ attributes: AttributeSet) throws -> InstanceRecord {
        func text(_ tag: DICOMCore.Tag) -> String { attributes[tag] ?? "" }
        return InstanceRecord(
            sopInstanceUID: try SOPInstanceUID(text(.sopInstanceUID)), sopClassUID: try SOPClassUID(text(.sopClassUID)),
            seriesInstanceUID: try SeriesInstanceUID(text(.seriesInstanceUID)),
            studyInstanceUID: try StudyInstanceUID(text(.studyInstanceUID)),
            transferSyntaxUID: try TransferSyntaxUID("1.2.840.10008.1.2.1"),
            patient: PatientRecord(
                patientID: text(.patientID), issuer: text(.issuerOfPatientID), name: text(.patientName)),
            study: StudyRecord(
                date: text(.studyDate), time: text(.studyTime), accessionNumber: text(.accessionNumber),
                description: text(.studyDescription)),
            series: SeriesRecord(modality: text(.modality), number: attributes.integer(.seriesNumber)),
            image: ImageRecord(number: attributes.integer(.instanceNumber)))
    }

    func settle() throws {
        let due = try archive.index.studiesDueToSettle(lastInstanceBefore: .distantFuture)
        try archive.index.settle(due, reason: "quiet period", at: Date(timeIntervalSince1970: 1_790_000_100))
    }

    func run(_ query: Query, page: Int = 200) -> QueryRun {
        var limits = QueryLimits()
        limits.page = page
        return QueryEngine(archive: archive, limits: limits, logger: Self.logger).run(query)
    }

    /// What is left of a run, to its end.
    func rest(of run: inout QueryRun) throws -> [AttributeSet] {
        var found: [AttributeSet] = []
        while true {
            switch try run.step() {
            case .match(let match): found.append(match.attributes)
            case .none: continue
            case .end: return found
            }
        }
    }

    func answers(
        _ level: QueryLevel, _ keys: [DICOMCore.Tag: String], _ options: Query.Options = .init(), page: Int = 200
    ) throws -> [AttributeSet] {
        var run = run(try Query(level: level, pairs: keys.map { ($0.key, $0.value) }, options: options), page: page)
        return try rest(of: &run)
    }
}
