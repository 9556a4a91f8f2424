import DICOMCore
import Foundation
import Synchronization
import Testing

@testable import Archive

@Suite struct CommitTests {
    @Test func `the index runs with synchronous FULL`() throws {
        let test = try TestArchive()
        #expect(try test.index.write(StudyIndex.synchronousLevel) == 2)
        try test.restart()
        #expect(try test.index.write(StudyIndex.synchronousLevel) == 2)
    }

    @Test func `a stored instance is found with its bytes, digest and place in the hierarchy`() throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample(7)
        #expect(try test.store(record, bytes: Array("abc".utf8)) == .stored)

        let instance = try #require(try test.index.instance(record.sopInstanceUID))
        #expect(instance.digest.description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(instance.byteCount == 3)
        #expect(instance.dataSetOffset == 2048)
        #expect(instance.studyInstanceUID == record.studyInstanceUID)
        #expect(instance.image == record.image)
        #expect(test.files(in: "objects") == ["000/000/000000001.dcm"])
        #expect(test.files(in: "incoming").isEmpty)

        let object = try test.archive.open(record.sopInstanceUID)
        var bytes = [UInt8](repeating: 0, count: 10)
        let count = try bytes.withUnsafeMutableBytes { try object.read(into: $0, at: object.dataSetOffset) }
        #expect(bytes.prefix(count) == Array("abc".utf8)[...])
        #expect(try Data(contentsOf: URL(fileURLWithPath: object.readablePath)).count == 2051)
    }

    @Test func `many small pieces and pieces larger than the buffer make the same object`() throws {
        let test = try TestArchive { $0.writeBufferByteCount = 4096 }
        let bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }
        func written(inPiecesOf size: Int) throws -> WrittenObject {
            let writer = try test.archive.begin()
            for start in stride(from: 0, to: bytes.count, by: size) {
                try bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { try writer.write($0) }
            }
            return try writer.finish()
        }
        let small = try written(inPiecesOf: 7)
        let large = try written(inPiecesOf: 19_999)
        #expect(small.digest == large.digest)
        #expect(small.byteCount == 20_000)
        #expect(try Data(contentsOf: URL(fileURLWithPath: small.path)) == Data(bytes))
        #expect(try Data(contentsOf: URL(fileURLWithPath: large.path)) == Data(bytes))
    }

    @Test(arguments: [3, 4096, 70_000, 400_000])
    func `the first bytes of an object are at hand without reading it`(byteCount: Int) throws {
        let test = try TestArchive()
        let object = try test.write(.sample(), bytes: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 7) })
        let file = try Data(contentsOf: URL(fileURLWithPath: object.path))
        #expect(object.start == Array(file.prefix(64 * 1024)))
    }

    @Test func `the same bytes again are a duplicate and change nothing but a count`() throws {
        let test = try TestArchive()
        try test.store(.sample(), at: 1)
        #expect(try test.store(.sample(), at: 2) == .duplicate)
        #expect(test.files(in: "objects").count == 1)
        #expect(test.files(in: "incoming").isEmpty)
        #expect(try test.index.counts().duplicates == 1)
        #expect(try test.index.counts().instances == 1)
        #expect(try test.index.peers().map(\.duplicateCount) == [1])
    }

    @Test func `other bytes under a stored UID are kept in quarantine`() throws {
        let test = try TestArchive()
        try test.store(.sample(), bytes: [1])
        #expect(try test.store(.sample(), bytes: [2]) == .conflict(quarantineID: 1))

        #expect(test.files(in: "objects").count == 1)
        #expect(test.files(in: "quarantine") == ["000000001.conflict.dcm"])
        let object = try #require(try test.index.quarantined().first)
        #expect(object.reason == .conflict)
        #expect(object.claimed.sopInstanceUID == "1.2.1.1.1")
        #expect(try test.archive.open(quarantined: 1).byteCount == 1)
        #expect(try test.index.counts().quarantined == [.conflict: 1])
    }

    @Test func `the same bytes in another Transfer Syntax are a conflict`() throws {
        let test = try TestArchive()
        var record = try InstanceRecord.sample()
        try test.store(record)
        record.transferSyntaxUID = try TransferSyntaxUID("1.2.840.10008.1.2")
        #expect(try test.store(record) == .conflict(quarantineID: 1))
    }

    @Test func `equal instances in one batch are one stored and one duplicate`() throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample()
        let origin = try InstanceOrigin.sample()
        let first = try test.write(record, bytes: [1])
        let second = try test.write(record, bytes: [1])
        let other = try test.write(record, bytes: [2])
        let outcomes = test.archive.committer.process(
            [first, second, other].map { .store($0, record, origin, releasing: nil) })
        #expect(outcomes == [.success(.stored), .success(.duplicate), .success(.conflict(quarantineID: 1))])
        #expect(test.files(in: "objects").count == 1)
        #expect(test.files(in: "incoming").isEmpty)
    }

    @Test func `eight threads store side by side without losing or mixing anything`() throws {
        let test = try TestArchive()
        let archive = test.archive
        let records = try (0..<8).map { thread in
            try (1...25).map { try InstanceRecord.sample($0, study: $0 % 5, series: thread + 1) }
        }
        let origin = try InstanceOrigin.sample()
        let outcomes = Mutex([CommitOutcome]())
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for record in records[thread] {
                do {
                    let writer = try archive.begin()
                    try SampleHeader.bytes(of: record).withUnsafeBytes { try writer.writePreamble($0) }
                    try Array(record.sopInstanceUID.value.utf8).withUnsafeBytes { try writer.write($0) }
                    let outcome = try archive.commit(writer.finish(), record: record, origin: origin)
                    outcomes.withLock { $0.append(outcome) }
                } catch {
                    Issue.record(error)
                }
            }
        }
        #expect(outcomes.withLock { $0 } == Array(repeating: .stored, count: 200))
        #expect(try archive.index.counts().instances == 200)
        #expect(try archive.index.counts().studies == 5)
        #expect(try archive.index.counts().series == 40)
        #expect(try archive.index.study(.sample(3))?.instanceCount == 40)
        #expect(try archive.verify(full: true).isClean)
    }

    @Test func `below the disk reserve nothing is begun`() throws {
        let test = try TestArchive { $0.diskReserveByteCount = .max }
        let available = try test.archive.availableByteCount()
        let error = #expect(throws: ArchiveError.self) { _ = try test.archive.begin() }
        guard case .diskReserve(let seen, .max) = error else {
            Issue.record("\(String(describing: error)) is no disk reserve")
            return
        }
        #expect(abs(seen - available) < 1 << 30)
        #expect(test.files(in: "incoming").isEmpty)
    }

    @Test func `an object that is dropped unfinished or uncommitted leaves no file`() throws {
        let test = try TestArchive()
        do {
            let writer = try test.archive.begin()
            try [UInt8](repeating: 1, count: 100).withUnsafeBytes { try writer.write($0) }
            _ = try test.write(.sample(), bytes: [1])
        }
        #expect(test.files(in: "incoming").isEmpty)
    }

    @Test func `a failed data sync is an error and leaves nothing`() throws {
        let test = try TestArchive()
        test.disk.failData(true)
        #expect(throws: ArchiveError.fileSystem(operation: "fdatasync", errno: EIO)) {
            try test.store(.sample())
        }
        #expect(test.files(in: "incoming").isEmpty)
        test.disk.failData(false)
        #expect(try test.store(.sample()) == .stored)
    }

    @Test func `after a failed directory sync nothing is stored until a restart has recovered`() throws {
        let test = try TestArchive()
        try test.store(.sample(1))
        test.disk.failDirectories(true)
        #expect(throws: ArchiveError.fileSystem(operation: "fsync directory", errno: EIO)) {
            try test.store(.sample(2))
        }
        test.disk.failDirectories(false)
        #expect(try test.index.counts().instances == 1)
        #expect(throws: ArchiveError.self) { try test.store(.sample(2)) }
        #expect(test.archive.failure != nil)

        try test.restart()
        #expect(test.recovery.indexed == 1)
        #expect(test.archive.failure == nil)
        #expect(try test.store(.sample(2)) == .duplicate)
        #expect(try test.archive.verify(full: true).isClean)
    }

    @Test func `one object that cannot be placed does not refuse its neighbours`() throws {
        let test = try TestArchive()
        let origin = try InstanceOrigin.sample()
        let records = try [1, 2].map { try InstanceRecord.sample($0) }
        let objects = try records.map { try test.write($0, bytes: [9]) }
        try FileManager.default.removeItem(atPath: objects[1].path)
        let outcomes = test.archive.committer.process(
            zip(objects, records).map { .store($0, $1, origin, releasing: nil) })
        #expect(outcomes[0] == .success(.stored))
        #expect(outcomes[1] == .failure(.fileSystem(operation: "rename", errno: ENOENT)))
        #expect(try test.index.counts().instances == 1)
        #expect(try test.archive.verify(full: true).isClean)
    }
}
