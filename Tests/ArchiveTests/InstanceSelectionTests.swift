import DICOMCore
import Testing

@testable import Archive

@Suite struct InstanceSelectionTests {
    /// Two patients: P1 with studies 1 (series 1 of 7, series 2 of 2) and 2 (one of 1), P2 with study 3 (one of 1).
    private static func filled() throws -> TestArchive {
        let test = try TestArchive()
        for number in 1...7 { try test.store(.sample(8 - number, study: 1, series: 1)) }
        for number in 1...2 { try test.store(.sample(number, study: 1, series: 2)) }
        try test.store(.sample(1, study: 2))
        try test.store(.sample(1, study: 3, patientID: "P2", issuer: "H2"))
        return test
    }

    private static func names(
        _ selection: InstanceSelection, in test: TestArchive, pageLimit: Int = 3
    ) throws -> [String] {
        var found = try test.index.instances(of: selection, pageLimit: pageLimit)
        let count = found.count
        var names: [String] = []
        while let instance = try found.next() { names.append(instance.sopInstanceUID.value) }
        #expect(names.count == count)
        return names
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func `a study comes series by series in order of instance number, whatever the page`(pageLimit: Int) throws {
        let test = try Self.filled()
        let names = try Self.names(InstanceSelection(studies: [.sample(1)]), in: test, pageLimit: pageLimit)
        #expect(names == (1...7).map { "1.2.1.1.\($0)" } + ["1.2.1.2.1", "1.2.1.2.2"])
    }

    @Test(arguments: [1, 2, 100])
    func `instances without a number come first, and equal numbers in order of arrival`(pageLimit: Int) throws {
        let test = try TestArchive()
        for (number, instanceNumber) in [5, nil, 5, nil, -1].enumerated() {
            var record = try InstanceRecord.sample(number + 1)
            record.image.number = instanceNumber
            try test.store(record)
        }
        let names = try Self.names(InstanceSelection(studies: [.sample(1)]), in: test, pageLimit: pageLimit)
        #expect(names.map { String($0.last ?? "?") } == ["2", "4", "5", "1", "3"])
    }

    @Test func `every condition narrows the others`() throws {
        let test = try Self.filled()
        func count(_ selection: InstanceSelection) throws -> Int { try Self.names(selection, in: test).count }
        #expect(try count(InstanceSelection(patientID: "P1")) == 10)
        #expect(try count(InstanceSelection(patientID: "P1", issuer: "H2")) == 0)
        #expect(try count(InstanceSelection(patientID: "P2", issuer: "H2")) == 1)
        #expect(try count(InstanceSelection(patientID: "P2", studies: [.sample(1)])) == 0)
        #expect(try count(InstanceSelection(studies: [.sample(1), .sample(3), .sample(9)])) == 10)
        #expect(try count(InstanceSelection(series: [SeriesInstanceUID("1.2.1.2")])) == 2)
        #expect(try count(InstanceSelection(studies: [.sample(2)], series: [SeriesInstanceUID("1.2.1.2")])) == 0)
        #expect(try count(InstanceSelection()) == 0)
    }

    @Test func `instances named one by one come once each, in the order of their names`() throws {
        let test = try Self.filled()
        let wanted = try ["1.2.1.2.2", "1.2.9.9", "1.2.1.1.4", "1.2.1.2.2", "1.2.3.1.1"].map(SOPInstanceUID.init)
        #expect(
            try Self.names(InstanceSelection(instances: wanted), in: test, pageLimit: 2)
                == ["1.2.1.2.2", "1.2.1.1.4", "1.2.3.1.1"])
        #expect(
            try Self.names(InstanceSelection(studies: [.sample(1)], instances: wanted), in: test)
                == ["1.2.1.2.2", "1.2.1.1.4"])
    }

    @Test func `what arrives after the question is not part of the answer`() throws {
        let test = try Self.filled()
        var found = try test.index.instances(of: InstanceSelection(studies: [.sample(2)]))
        try test.store(.sample(2, study: 2))
        #expect(found.count == 1)
        #expect(try found.next()?.sopInstanceUID.value == "1.2.2.1.1")
        #expect(try found.next() == nil)
    }

    @Test func `kinds are counted`() throws {
        let test = try Self.filled()
        var record = try InstanceRecord.sample(9, study: 1)
        record.transferSyntaxUID = try TransferSyntaxUID("1.2.840.10008.1.2.4.70")
        try test.store(record)
        let found = try test.index.instances(of: InstanceSelection(studies: [.sample(1)]))
        #expect(
            Dictionary(uniqueKeysWithValues: found.kinds.map { ($0.transferSyntaxUID.value, $1) })
                == ["1.2.840.10008.1.2.1": 9, "1.2.840.10008.1.2.4.70": 1])
    }

    @Test func `a scratch file has no name and is not made below the reserve`() throws {
        let test = try TestArchive()
        let file = try test.archive.scratchFile()
        #expect(try file.byteCount() == 0)
        #expect(test.files(in: "incoming").isEmpty)
        let full = try TestArchive { $0.diskReserveByteCount = .max }
        #expect(throws: ArchiveError.self) { _ = try full.archive.scratchFile() }
    }
}
