import Archive
import DICOMCore
import DICOMNetwork
import Foundation
import Logging
import TestImages

@testable import Ingestion

/// An ingestor on an archive of its own, with the real header reader, and small instances to give it.
final class TestIngest {
    static let capture = "1.2.840.10008.5.1.4.1.1.7", explicit = "1.2.840.10008.1.2.1"
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    let folder: TestFolder
    let archive: Archive
    let ingestor: Ingestor

    init(
        reserve: Int64 = 0, characterSets: [AETitle: TextEncoding] = [:],
        completing: @escaping @Sendable (inout InstanceRecord, AETitle?) -> Void = { _, _ in }
    ) throws {
        try DICOMLibrary.prepare()
        folder = try TestFolder()
        var settings = ArchiveSettings()
        settings.diskReserveByteCount = reserve
        archive = try Ingestor.openArchive(
            directory: folder.url.appending(path: "data").path, settings: settings, logger: TestIngest.logger,
            characterSets: characterSets, completing: completing
        ).archive
        ingestor = Ingestor(archive: archive, logger: TestIngest.logger)
    }

    deinit { try? archive.close() }

    static func origin(at seconds: Int = 0) throws -> InstanceOrigin {
        InstanceOrigin(
            callingAETitle: try AETitle("CT1"), calledAETitle: .priord, host: "192.0.2.7",
            receivedAt: Date(timeIntervalSince1970: 1_790_000_000 + TimeInterval(seconds)))
    }

    /// A small sound file of study 1.2.1, changed by `change`.
    static func file(instance: String = "1.2.1.1.1", _ change: (inout Part10File) -> Void = { _ in }) -> [UInt8] {
        var file = Part10File(pixels: .uncompressed([UInt8](repeating: 3, count: 16)))
        file.set(.sopClassUID, "UI", capture)
        file.set(.sopInstanceUID, "UI", instance)
        file.set(.studyInstanceUID, "UI", "1.2.1")
        file.set(.seriesInstanceUID, "UI", "1.2.1.1")
        file.set(.modality, "CS", "OT")
        file.set(.patientID, "LO", "P1")
        change(&file)
        return file.bytes()
    }

    /// The Data Set of a file alone.
    static func dataSet(_ file: [UInt8]) throws -> [UInt8] { Array(file[try FileMeta.parse(file).dataSetOffset...]) }

    @discardableResult
    func store(
        _ file: [UInt8], as instance: String = "1.2.1.1.1", sopClass: String = capture, at seconds: Int = 0
    ) throws -> IngestOutcome {
        let arrival = try ingestor.arrival(
            AnnouncedInstance(sopClassUID: sopClass, sopInstanceUID: instance, transferSyntaxUID: TestIngest.explicit),
            from: TestIngest.origin(at: seconds))
        _ = try TestIngest.dataSet(file).withUnsafeBytes { arrival.write($0) }
        return try arrival.finish()
    }

    /// Objects kept anywhere, finished or not.
    var objectCount: Int {
        let names = FileManager.default.enumerator(atPath: folder.url.appending(path: "data").path)?.allObjects
        return (names as? [String] ?? []).filter { $0.hasSuffix(".dcm") || $0.hasSuffix(".part") }.count
    }
}
