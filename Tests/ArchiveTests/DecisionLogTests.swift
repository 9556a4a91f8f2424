import Foundation
import Testing

@testable import Archive

/// The decision log beside its index.
@Suite struct DecisionLogTests {
    private func record(_ number: Int, person: String = "P", prior: String = "1.2.9") -> Data {
        let time = "2026-11-21T08:30:0\(number % 10).000Z"
        let start = #"{"at":"\#(time)","kind":"opened","person":"\#(person)","prior":"\#(prior)","#
        return Data((start + #""record":"recognition","reference":"1.2.\#(number)"}"#).utf8)
    }

    private func filled(_ count: Int) throws -> TestArchive {
        let test = try TestArchive()
        for number in 1...count { try test.archive.decisions.append(record(number)) }
        return test
    }

    private func log(_ directory: String) -> URL { URL(fileURLWithPath: directory + "/decisions.log") }

    private func lines(_ test: TestArchive, _ change: (inout DecisionFilter) -> Void = { _ in }) throws -> [Int] {
        var filter = DecisionFilter()
        change(&filter)
        return try test.archive.decisions.records(matching: filter).map(\.line)
    }

    @Test func `records are found by person, study, prior, time and kind`() throws {
        let test = try filled(3)
        try test.archive.decisions.append(record(4, person: "Q", prior: "1.2.8"))
        try test.archive.decisions.append(Data(#"{"record":"something later","version":9,"shape":[1,{"a":"b"}]}"#.utf8))
        #expect(try lines(test) == [1, 2, 3, 4, 5])
        #expect(try lines(test) { $0.persons = ["Q", "R"] } == [4])
        #expect(try lines(test) { $0.study = "1.2.2" } == [2])
        #expect(try lines(test) { $0.study = "1.2.8" } == [4])
        #expect(try lines(test) { $0.priors = ["1.2.9"] } == [1, 2, 3])
        #expect(try lines(test) { $0.kinds = ["opened", "declined"] } == [1, 2, 3, 4])
        #expect(try lines(test) { $0.record = "something later" } == [5])
        #expect(try lines(test) { ($0.isNewestFirst, $0.limit) = (true, 2) } == [5, 4])
        let start = Date(timeIntervalSince1970: 1_795_249_802)
        #expect(try lines(test) { $0.times = start..<start.addingTimeInterval(2) } == [2, 3])
        #expect(try lines(test) { $0.after = 3 } == [4, 5])
        #expect(try test.archive.decisions.records(matching: DecisionFilter())[1].record == record(2))
    }

    @Test func `the log outlives reindex, with a readable old index and without`() throws {
        let test = try filled(4)
        let head = test.archive.decisions.head
        #expect(try test.archive.reindex().keptHistory)
        #expect(try lines(test) == [1, 2, 3, 4])
        try test.restart { directory in
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: directory + "/index.sqlite" + suffix)
            }
        }
        #expect(test.archive.decisions.head == head)
        #expect(try lines(test) == [1, 2, 3, 4])
        #expect(try test.archive.verify(full: false).isClean)
        try test.archive.decisions.append(record(5))
        #expect(try lines(test) { $0.study = "1.2.5" } == [5])
    }

    @Test func `lines that the index does not know yet are no loss`() throws {
        let test = try filled(3)
        let (index, before) = (test.directory + "/index.sqlite", test.directory + "/before.sqlite")
        try test.restart { _ in try FileManager.default.copyItem(atPath: index, toPath: before) }
        try test.archive.decisions.append(record(4))
        // As a crash between the two writes leaves it: the log has a line more.
        try test.restart { _ in
            try FileManager.default.removeItem(atPath: index)
            try FileManager.default.moveItem(atPath: before, toPath: index)
        }
        #expect(test.archive.decisions.knownBreak == nil)
        #expect(try test.archive.decisions.verify() == nil)
        #expect(try lines(test) == [1, 2, 3, 4])
    }

    @Test func `a line cut short anywhere was never promised, whole ones before it stay`() throws {
        let test = try filled(2)
        let whole = try Data(contentsOf: log(test.directory))
        let torn = Data(String(repeating: "0123456789abcdef", count: 4).utf8) + Data(" ".utf8) + record(3)
        for length in [1, 63, 64, 65, 70, torn.count] {
            try test.restart { directory in try (whole + torn.prefix(length)).write(to: log(directory)) }
            #expect(test.archive.decisions.head.count == 2)
            #expect(try test.archive.decisions.verify() == nil)
            #expect(try Data(contentsOf: log(test.directory)) == whole)
        }
    }

    @Test(arguments: [1, 3]) func `an end that was cut off is noticed at the start and stays noticed`(_ cut: Int) throws
    {
        let test = try filled(6)
        let whole = try Data(contentsOf: log(test.directory))
        let kept = whole.split(separator: 10).prefix(6 - cut).map { $0 + [10] }.reduce(Data(), +)
        try test.restart { directory in try kept.write(to: log(directory)) }
        let line = 7 - cut
        #expect(test.archive.decisions.knownBreak?.line == line)
        #expect(try test.archive.verify(full: false).decisionBreak?.line == line)
        #expect(try test.archive.verify(full: false).isClean == false)
        #expect(try lines(test) == Array(1..<line))
        for number in 7...12 { try test.archive.decisions.append(record(number)) }
        #expect(try test.archive.decisions.verify()?.line == line)
        try test.restart()
        #expect(test.archive.decisions.knownBreak?.line == line)
        #expect(try test.archive.reindex().keptHistory)
        #expect(try test.archive.decisions.verify()?.line == line)
        // Whoever puts the lines back has healed the log.
        try test.restart { directory in try whole.write(to: log(directory)) }
        #expect(try test.archive.decisions.verify()?.reason.contains("cut off") == true)
    }

    @Test func `lines put back in time heal the log`() throws {
        let test = try filled(4)
        let whole = try Data(contentsOf: log(test.directory))
        try test.restart { directory in try Data().write(to: log(directory)) }
        #expect(test.archive.decisions.knownBreak?.line == 1)
        try test.restart { directory in try whole.write(to: log(directory)) }
        #expect(try test.archive.decisions.verify() == nil)
        #expect(try lines(test) == [1, 2, 3, 4])
    }

    @Test func `what is cut while the log is open shows, and nothing is written over`() throws {
        let test = try filled(5)
        let log = log(test.directory)
        let whole = try Data(contentsOf: log)
        let handle = try FileHandle(forWritingTo: log)
        try handle.truncate(atOffset: UInt64(whole.count - 40))
        #expect(try test.archive.decisions.verify()?.line == 5)
        try test.archive.decisions.append(record(6))
        #expect(try test.archive.decisions.verify()?.line == 5)
        #expect(try lines(test) { $0.study = "1.2.6" } == [6])
        #expect(try Data(contentsOf: log).starts(with: whole.dropLast(40)))
        try test.restart()
        #expect(test.archive.decisions.knownBreak != nil)
        #expect(try test.archive.decisions.verify()?.line == 5)
    }

    @Test func `a log taken away while it is open is noticed`() throws {
        let test = try filled(2)
        try FileManager.default.removeItem(at: log(test.directory))
        #expect(try test.archive.decisions.verify()?.reason == "the file was taken away or replaced")
    }

    @Test func `what the disk refuses is not kept and breaks nothing`() throws {
        let test = try filled(2)
        test.disk.failData(true)
        #expect(throws: ArchiveError.self) { try test.archive.decisions.append(record(3)) }
        test.disk.failData(false)
        #expect(test.archive.decisions.head.count == 2)
        try test.archive.decisions.append(record(4))
        #expect(try test.archive.decisions.verify() == nil)
        #expect(try lines(test) == [1, 2, 3])
        let decisions = test.archive.decisions
        try test.archive.close()
        #expect(throws: ArchiveError.closed) { try decisions.append(record(5)) }
    }

    @Test(arguments: [
        (#"{"a":"b"}"#, "b"), (#" { "x" : [1,{"a":"no"}] , "a" : "b" } "#, "b"), (#"{"a":"b\"c\u00e9"}"#, "b\"cé"),
        (#"{"a":12}"#, nil), (#"{"b":"a"}"#, nil), (#"{}"#, nil),
    ]) func `members of a record are found`(json: String, value: String?) throws {
        let found = try Array(json.utf8).withUnsafeBytes { try #require(EventFields($0))["a"] }
        #expect(found == value)
    }

    @Test(arguments: [0, 1, 999, 1_795_249_802_123, 1_795_249_802_997, 951_782_399_999, 4_102_444_800_000] as [Int64])
    func `a time comes back to the millisecond`(milliseconds: Int64) throws {
        let json = #"{"at":"\#(EventTime.text(EventTime.date(milliseconds: milliseconds)))"}"#
        #expect(Array(json.utf8).withUnsafeBytes { EventFields($0)?.milliseconds("at") } == milliseconds)
    }

    @Test(arguments: ["", "[]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":"b"#, #"{"a":"b",}"#, #"{"a":{"b"}"#, "null"])
    func `what is no object has no members`(json: String) {
        #expect(Array(json.utf8).withUnsafeBytes { EventFields($0) == nil })
    }
}
