import DICOMCore
import Foundation
import Testing

@testable import Archive

@Suite struct RecoveryTests {
    @Test func `an empty directory needs no recovery`() throws {
        #expect(try TestArchive().recovery.isClean)
    }

    @Test func `a directory in use is refused`() throws {
        let test = try TestArchive()
        #expect(throws: ArchiveError.inUse(directory: test.directory)) {
            _ = try Archive.open(
                directory: test.directory, logger: TestArchive.logger, readHeader: SampleHeader.read)
        }
    }

    @Test func `unfinished objects are removed`() throws {
        let test = try TestArchive()
        try test.store(.sample())
        try test.restart { directory in
            try Data([1, 2]).write(to: URL(fileURLWithPath: directory + "/incoming/77.part"))
        }
        #expect(test.recovery.removedUnfinished == 1)
        #expect(test.files(in: "incoming").isEmpty)
        #expect(try test.index.counts().instances == 1)
    }

    @Test func `a complete object without a row is indexed and numbers go on behind it`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.restart { try Self.place(.sample(2), ordinal: "000000005", in: $0) }
        #expect(test.recovery.indexed == 1)
        let instance = try #require(try test.index.instance(SOPInstanceUID("1.2.1.1.2")))
        #expect(instance.byteCount == 3)
        try test.store(.sample(3))
        #expect(test.files(in: "objects").last == "000/000/000000006.dcm")
        #expect(try test.archive.verify(full: true).isClean)
        #expect(try test.index.events().contains { $0.kind == .recovered })
    }

    @Test func `an object without a row that is stored already goes away`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.restart { try Self.place(.sample(1), ordinal: "000000002", in: $0) }
        #expect(test.recovery.removedDuplicates == 1)
        #expect(test.files(in: "objects").count == 1)
    }

    @Test func `objects without a row that conflict or cannot be read go to quarantine`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.restart { directory in
            try Self.place(.sample(1), bytes: [9], ordinal: "000000002", in: directory)
            try Data("not DICOM".utf8).write(
                to: URL(fileURLWithPath: directory + "/objects/000/000/000000003.dcm"))
            try Data().write(to: URL(fileURLWithPath: directory + "/objects/000/000/000000004.dcm"))
        }
        #expect(test.recovery.quarantined == 2)
        #expect(test.recovery.removedUnfinished == 1)
        #expect(test.files(in: "quarantine") == ["000000001.conflict.dcm", "000000002.unreadable.dcm"])
        #expect(try test.index.quarantined().map(\.reason) == [.unreadable, .conflict])
        #expect(try test.archive.verify(full: true).isClean)
    }

    @Test func `a lost index is made again from the objects`() throws {
        let test = try TestArchive()
        for number in 1...5 { try test.store(.sample(number)) }
        try test.store(.sample(1), bytes: [9])
        try test.restart { directory in
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: directory + "/index.sqlite" + suffix)
            }
        }
        #expect(test.recovery.indexed == 5)
        #expect(test.recovery.quarantined == 1)
        #expect(try test.index.counts().instances == 5)
        #expect(try test.index.quarantined().map(\.reason) == [.conflict])
        #expect(try test.store(.sample(3)) == .duplicate)
    }

    @Test func `an object that was being released is not in quarantine any more`() throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample(1)
        try test.archive.quarantine(
            test.write(record, bytes: [1]), reason: .missingUID, detail: "", claimed: ClaimedUIDs(record),
            origin: .sample())
        try test.restart { directory in
            try FileManager.default.createDirectory(
                atPath: directory + "/objects/000/000", withIntermediateDirectories: true)
            try FileManager.default.moveItem(
                atPath: directory + "/quarantine/000000001.missingUID.dcm",
                toPath: directory + "/objects/000/000/000000001.dcm")
        }
        #expect(test.recovery.indexed == 1)
        #expect(try test.index.quarantined().isEmpty)
    }

    @Test func `an object without a row gets one only after its name is durable`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        try test.restart { directory in
            try Self.place(.sample(2), ordinal: "000000002", in: directory)
            _ = test.disk.takeSyncedDirectories()
        }
        let synced = Set(test.disk.takeSyncedDirectories())
        #expect(synced.isSuperset(of: ["", "/000", "/000/000"].map { "\(test.directory)/objects\($0)" }))
    }

    @Test func `a new directory whose entry could not be synced is made and synced again`() throws {
        let test = try TestArchive()
        test.disk.failDirectories(true)
        #expect(throws: ArchiveError.self) { try test.store(.sample(1)) }
        test.disk.failDirectories(false)
        try test.store(.sample(1))
        #expect(test.disk.takeSyncedDirectories().contains("\(test.directory)/objects"))
    }

    @Test func `commits of a process that was killed are folded into the index before new ones come`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        let copy = test.directory + "-killed"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        try FileManager.default.copyItem(atPath: test.directory, toPath: copy)
        let (archive, _) = try Archive.open(
            directory: copy, settings: test.settings, logger: TestArchive.logger, readHeader: SampleHeader.read)
        defer { try? archive.close() }
        let wal = try FileManager.default.attributesOfItem(atPath: copy + "/index.sqlite-wal")
        #expect(wal[.size] as? Int == 0)
        #expect(try archive.index.counts().instances == 1)
    }

    private static func place(
        _ record: InstanceRecord, bytes: [UInt8] = [1, 2, 3], ordinal: String, in directory: String
    ) throws {
        let path = directory + "/objects/000/000/\(ordinal).dcm"
        try Data(SampleHeader.bytes(of: record) + bytes).write(to: URL(fileURLWithPath: path))
    }
}
