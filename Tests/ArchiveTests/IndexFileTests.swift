import Foundation
import GRDB
import Synchronization
import Testing

@testable import Archive

@Suite struct IndexFileTests {
    @Test func `a commit rings as well after many commits as after the first`() throws {
        let test = try TestArchive()
        let count = Atomic<Int>(0)
        test.index.onCommit { count.add(1, ordering: .relaxed) }
        for _ in 1...100_000 { test.index.ringCommitted() }
        #expect(count.load(ordering: .relaxed) == 100_000)
    }

    @Test func `the WAL is folded while commits go on, and loses nothing`() throws {
        let test = try TestArchive()
        let (index, wal) = (test.index, test.directory + "/index.sqlite-wal")
        try index.outsideTransaction { db in
            try db.execute(sql: "CREATE TABLE ballast (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
        }
        // 25 pages a commit: twice what the WAL may ever hold.
        let commits = 2600
        var longest = 0
        for number in 1...commits {
            try index.write { db in
                try db.execute(
                    sql: "INSERT INTO ballast (number, bytes) VALUES (?, randomblob(100000))", arguments: [number])
            }
            if number % 100 == 0 { longest = max(longest, try Self.size(of: wal)) }
        }
        #expect(longest < 160 << 20)
        try test.restart { directory in
            let left = try Self.size(of: directory + "/index.sqlite-wal")
            #expect(left == 0)
        }
        let (count, check) = try test.index.read { db in
            try (
                Int.fetchOne(db, sql: "SELECT count(*) FROM ballast"), String.fetchOne(db, sql: "PRAGMA quick_check")
            )
        }
        #expect(count == commits)
        #expect(check == "ok")
    }

    @Test func `an index closes while its WAL is being folded`() throws {
        let test = try TestArchive()
        try test.index.outsideTransaction { db in
            try db.execute(sql: "CREATE TABLE ballast (bytes BLOB NOT NULL)")
        }
        for _ in 1...5 {
            try test.index.write { db in try db.execute(sql: "INSERT INTO ballast VALUES (randomblob(20000000))") }
            try test.restart()
        }
        #expect(try test.index.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM ballast") } == 5)
    }

    @Test(arguments: ["", "Wang", "Wang^Xiaodong=王^小东", "Yamada^Tarou=山田^太郎=やまだ^たろう", "==やまだ", "A=B=C=D"])
    func `what a commit will read is looked at before it, whatever the name`(name: String) throws {
        let test = try TestArchive()
        let record = try InstanceRecord.sample(name: name)
        try test.index.lookAhead(to: record, from: .sample())
        try test.store(record)
        try test.index.lookAhead(to: record, from: .sample())
        try test.index.lookAhead(to: .sample(1, study: 2, name: name), from: .sample())
        // One that comes after the end finds nothing to read.
        try test.archive.close()
        try test.index.lookAhead(to: record, from: .sample())
    }

    private static func size(of path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }
}
