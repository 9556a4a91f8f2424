import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct MaintenanceTests {
    @Test func `verify names a flipped byte, a missing file, a wrong size and an object without a row`() throws {
        let test = try TestArchive()
        let records = try (1...5).map { try InstanceRecord.sample($0) }
        for record in records { try test.store(record) }
        #expect(try test.archive.verify(full: true).isClean)

        let objects = test.directory + "/objects/000/000/"
        try Self.change(objects + "000000002.dcm") { $0[2049] ^= 1 }
        try FileManager.default.removeItem(atPath: objects + "000000003.dcm")
        try Self.change(objects + "000000004.dcm") { $0.removeLast() }
        try FileManager.default.copyItem(atPath: objects + "000000001.dcm", toPath: objects + "000000000.dcm")

        let quick = try test.archive.verify(full: false)
        #expect(quick.faults.count == 3)
        #expect(quick.digestedByteCount == 0)
        let full = try test.archive.verify(full: true)
        #expect(full.instanceCount == 5)
        #expect(
            full.faults == [
                .wrongDigest(records[1].sopInstanceUID), .missing(records[2].sopInstanceUID),
                .wrongSize(records[3].sopInstanceUID, expected: 2051, actual: 2050), .withoutRow(ordinal: 0),
            ])
    }

    @Test func `a long operation stops when asked to`() throws {
        let test = try TestArchive()
        try test.store(.sample())
        #expect(throws: ArchiveError.stopped) { try test.archive.verify(full: false) { _, _ in false } }
        #expect(throws: ArchiveError.stopped) { try test.archive.reindex { _, _ in false } }
        #expect(throws: ArchiveError.stopped) {
            try test.archive.exportAll(to: test.directory + "/out") { _, _ in false }
        }
        #expect(try test.store(.sample(2)) == .stored)
    }

    @Test func `export writes the stored bytes under their UIDs and can be repeated`() throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample(1)
        try test.store(record, bytes: [7, 8])
        try test.store(.sample(1, study: 2))
        let out = test.directory + "/out"
        #expect(try test.archive.export(.sample(1), to: out) == 1)
        let file = out + "/1.2.1/1.2.1.1/1.2.1.1.1.dcm"
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(SampleHeader.bytes(of: record) + [7, 8]))

        #expect(try test.archive.exportAll(to: out) == 2)
        try Self.change(file) { $0[2049] ^= 1 }
        #expect(throws: ArchiveError.exportExists(name: "1.2.1.1.1.dcm")) { try test.archive.exportAll(to: out) }
        #expect(throws: ArchiveError.unknownStudy) { try test.archive.export(.sample(9), to: out) }
    }

    @Test func `reindex gives the same rows and keeps what no object says`() throws {
        let test = try SearchTests.filled()
        _ = try test.index.publish(.sample(instanceCount: 1), of: .sample(1))
        try test.store(.sample(study: 1), bytes: [9])
        func everything() throws -> [StudyDetail] {
            try test.index.studies(matching: StudyFilter()).map {
                try #require(try test.index.detail(of: $0.studyInstanceUID))
            }
        }
        let before = (try everything(), try test.index.instances(inStudy: .sample(2)), try test.index.counts())
        let report = try test.archive.reindex()
        #expect(report.indexed == 4)
        #expect(report.withoutRow == 0)
        #expect(report.keptHistory)
        #expect(try everything() == before.0)
        #expect(try test.index.instances(inStudy: .sample(2)) == before.1)
        #expect(try test.index.counts() == before.2)
        #expect(try test.index.write(StudyIndex.synchronousLevel) == 2)

        var filter = StudyFilter()
        filter.text = "nguyen"
        #expect(try test.index.countStudies(matching: filter) == 1)
        #expect(try test.store(.sample(2, study: 1), at: 20) == .stored)
        #expect(try test.index.study(.sample(1))?.state == .receiving)
        try test.restart()
        #expect(test.recovery.isClean)
        #expect(try test.archive.verify(full: true).isClean)
    }

    @Test func `an object in quarantine is released once its record holds`() throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample(1)
        let id = try test.archive.quarantine(
            test.write(record, bytes: [5]), reason: .mismatch, detail: "SOP Class differs",
            claimed: ClaimedUIDs(record), origin: .sample())
        #expect(try test.index.quarantined(id: id)?.detail == "SOP Class differs")
        #expect(try test.archive.release(quarantined: id, record: record) == .stored)
        #expect(test.files(in: "quarantine").isEmpty)
        #expect(try test.index.quarantined().isEmpty)
        #expect(try test.archive.open(record.sopInstanceUID).byteCount == 1)
        #expect(try test.archive.verify(full: true).isClean)
        #expect(throws: ArchiveError.unknownQuarantineID(id)) {
            try test.archive.release(quarantined: id, record: record)
        }
    }

    @Test func `releasing an object in conflict keeps it in quarantine, and an equal one goes away`() throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample(1)
        try test.store(record, bytes: [1])
        try test.store(record, bytes: [2])
        #expect(try test.archive.release(quarantined: 1, record: record) == .conflict(quarantineID: 1))
        #expect(test.files(in: "quarantine").count == 1)

        let equal = try test.archive.quarantine(
            test.write(record, bytes: [1]), reason: .mismatch, detail: "", claimed: ClaimedUIDs(record),
            origin: .sample())
        #expect(try test.archive.release(quarantined: equal, record: record) == .duplicate)
        #expect(test.files(in: "quarantine") == ["000000001.conflict.dcm"])
    }

    @Test func `a discarded object is gone and the log says by whom`() throws {
        let test = try TestArchive()
        let id = try test.archive.quarantine(
            test.write(.sample(), bytes: [5]), reason: .unreadable, detail: "", claimed: ClaimedUIDs(),
            origin: .sample())
        try test.archive.discard(quarantined: id, by: "operator", at: .sample(5))
        #expect(test.files(in: "quarantine").isEmpty)
        let event = try #require(try test.index.events().first)
        #expect(event.kind == .discarded)
        #expect(event.detail.contains("by operator"))
        try test.restart()
        #expect(test.recovery.isClean)
    }

    @Test func `nothing is stored after closing`() throws {
        let test = try TestArchive()
        let object = try test.write(.sample(), bytes: [1])
        try test.archive.close()
        #expect(throws: ArchiveError.closed) {
            try test.archive.commit(object, record: .sample(), origin: .sample())
        }
    }

    private static func change(_ path: String, _ change: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        change(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }
}
