import Archive
import DICOMCore
import DICOMNetwork
import Foundation
import TestImages
import Testing

@testable import Ingestion

@Suite struct IngestorTests {
    @Test(arguments: [
        (IngestError.outOfResources(.diskReserve(availableByteCount: 1, reserveByteCount: 2)), "A700"),
        (.mismatch(detail: "", quarantineID: 1), "A900"), (.missingUID(detail: "", quarantineID: 1), "A900"),
        (.unreadable(detail: "", quarantineID: 1), "C000"), (.noPart10File(detail: ""), "C000"),
        (.internalFault(traceID: "1"), "0110"),
    ])
    func `an ingestion error answers the Status of PS3.4 B.2.3`(error: IngestError, status: String) {
        #expect("\(DIMSEStatus(error))" == status)
    }

    @Test func `an instance is stored, known again, and kept apart from other bytes under its UID`() throws {
        let test = try TestIngest()
        #expect(try test.store(TestIngest.file()) == .stored)
        #expect(try test.store(TestIngest.file()) == .duplicate)
        let other = TestIngest.file { $0.set(.patientID, "LO", "P2") }
        guard case .conflict(let id) = try test.store(other) else {
            Issue.record("other bytes are no conflict")
            return
        }
        #expect(try test.archive.index.quarantined(id: id)?.reason == .conflict)
        #expect(test.objectCount == 2)
        let counters = test.ingestor.counters
        #expect(counters.stored == 1 && counters.duplicates == 1 && counters.conflicts == 1)
        #expect(counters.lastStoredAt != nil)
    }

    @Test func `command and data set have to agree, and what does not is in quarantine`() throws {
        let test = try TestIngest()
        func refusal(_ file: [UInt8], as instance: String = "1.2.1.1.1", sopClass: String = TestIngest.capture)
            throws -> DIMSEStatus?
        {
            do throws(IngestError) {
                let announced = AnnouncedInstance(
                    sopClassUID: sopClass, sopInstanceUID: instance, transferSyntaxUID: TestIngest.explicit)
                let arrival = try test.ingestor.arrival(announced, from: origin)
                _ = bytes(of: file).withUnsafeBytes { arrival.write($0) }
                _ = try arrival.finish()
                return nil
            } catch {
                return DIMSEStatus(error)
            }
        }
        let origin = try TestIngest.origin()
        func bytes(of file: [UInt8]) -> [UInt8] { (try? TestIngest.dataSet(file)) ?? [] }

        #expect(try refusal(TestIngest.file(), as: "1.2.9") == .dataSetDoesNotMatchSOPClass)
        #expect(try refusal(TestIngest.file(), sopClass: "1.2.8") == .dataSetDoesNotMatchSOPClass)
        #expect(
            try refusal(TestIngest.file { $0.set(.studyInstanceUID, "UI", "../../x") }) == .dataSetDoesNotMatchSOPClass)
        #expect(try refusal(TestIngest.file { $0.set(.seriesInstanceUID, "UI", "") }) == .dataSetDoesNotMatchSOPClass)
        #expect(try refusal(TestIngest.file { $0.announcedPixelByteCount = 1 << 30 }) == .cannotUnderstand)
        #expect(test.objectCount == 5)
        #expect(try test.archive.index.counts().instances == 0)
        #expect(test.ingestor.counters.refused == [.dataSetDoesNotMatchSOPClass: 4, .cannotUnderstand: 1])
    }

    @Test func `below the disk reserve nothing is begun`() throws {
        let test = try TestIngest(reserve: .max)
        #expect(throws: IngestError.self) { try test.store(TestIngest.file()) }
        #expect(test.ingestor.counters.refused == [.outOfResources: 1])
        #expect(test.objectCount == 0)
    }

    @Test func `an arrival that goes away unfinished leaves nothing`() throws {
        let test = try TestIngest()
        do {
            let announced = AnnouncedInstance(
                sopClassUID: TestIngest.capture, sopInstanceUID: "1.2.1.1.1", transferSyntaxUID: TestIngest.explicit)
            let arrival = try test.ingestor.arrival(announced, from: TestIngest.origin())
            _ = [UInt8](repeating: 1, count: 2_000_000).withUnsafeBytes { arrival.write($0) }
        }
        #expect(test.objectCount == 0)
    }

    @Test func `the sender's settings stand in for what it does not send`() throws {
        let test = try TestIngest { record, sender in
            if sender?.value == "CT1" { record.study.institution = "湖滨医院" }
        }
        try test.store(TestIngest.file())
        #expect(try test.archive.index.study(StudyInstanceUID("1.2.1"))?.study.institution == "湖滨医院")
    }

    @Test(arguments: [1, 7, 4096, 1_000_000])
    func `a file is taken in by pieces of any size`(pieceByteCount: Int) throws {
        let test = try TestIngest()
        let file = try IngestorTests.announcing("1.2.1.1.1")
        let arrival = test.ingestor.fileArrival(from: try TestIngest.origin())
        for start in stride(from: 0, to: file.count, by: pieceByteCount) {
            let isWanted = file[start..<min(start + pieceByteCount, file.count)].withUnsafeBytes { arrival.write($0) }
            #expect(isWanted)
        }
        #expect(try arrival.finish() == .stored)
        // The same instance by C-STORE is the same bytes: the meta information does not count.
        #expect(try test.store(TestIngest.file()) == .duplicate)
    }

    @Test(arguments: [[], [UInt8](repeating: 0x41, count: 50), [UInt8](repeating: 0x41, count: 40_000)])
    func `what is no Part-10 file is refused and not kept`(content: [UInt8]) throws {
        let test = try TestIngest()
        let arrival = test.ingestor.fileArrival(from: try TestIngest.origin())
        _ = content.withUnsafeBytes { arrival.write($0) }
        #expect {
            try arrival.finish()
        } throws: { error in
            guard case IngestError.noPart10File = error else { return false }
            return true
        }
        #expect(test.objectCount == 0)
        #expect(test.ingestor.counters.refused == [.cannotUnderstand: 1])
    }

    /// A file whose File Meta Information announces the instance it holds.
    private static func announcing(_ instance: String) throws -> [UInt8] {
        try DICOMLibrary.prepare()
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = TestIngest.capture
        meta.mediaStorageSOPInstanceUID = instance
        meta.transferSyntaxUID = TestIngest.explicit
        return try meta.encoded() + TestIngest.dataSet(TestIngest.file(instance: instance))
    }
}
