import DICOMCore
import Testing

@testable import DICOMNetwork

@Suite struct NegotiationTests {
    static let implicit = "1.2.840.10008.1.2", explicit = "1.2.840.10008.1.2.1", bigEndian = "1.2.840.10008.1.2.2"
    static let deflated = "1.2.840.10008.1.2.1.99", lossless = "1.2.840.10008.1.2.4.70"
    static let baseline = "1.2.840.10008.1.2.4.50", highThroughput = "1.2.840.10008.1.2.4.201"

    @Test(arguments: [
        ([implicit, explicit], explicit),
        ([lossless, explicit], explicit),
        ([lossless, implicit], lossless),
        ([implicit, lossless], implicit),
        ([baseline, deflated, bigEndian], deflated),
        ([baseline, highThroughput], highThroughput),
        ([baseline], baseline),
        (["1.2.3.4"], "1.2.3.4"),
        (["", implicit], implicit),
    ])
    func `the transfer syntax that loses least is chosen`(offered: [String], choice: String) {
        #expect(TransferSyntaxPreference.choice(from: offered) == choice)
    }

    @Test func `nothing is chosen from nothing`() {
        #expect(TransferSyntaxPreference.choice(from: []) == nil)
        #expect(TransferSyntaxPreference.choice(from: [""]) == nil)
    }

    @Test func `file meta information is read as it was written`() throws {
        try DICOMLibrary.prepare()
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
        meta.mediaStorageSOPInstanceUID = "1.2.3"
        meta.transferSyntaxUID = NegotiationTests.highThroughput
        meta.sourceAETitle = "CT1"
        meta.sendingAETitle = "CT1"
        meta.receivingAETitle = "PRIORD"
        let bytes = try meta.encoded()
        let read = try FileMeta.parse(bytes + [1, 2, 3])
        #expect(read.meta == meta)
        #expect(read.dataSetOffset == bytes.count)
        #expect(throws: DataSetError.self) { try FileMeta.parse(Array(bytes.dropFirst(1))) }
        #expect(throws: DataSetError.self) { try FileMeta.parse([]) }
    }

    @Test func `sequences within file meta information do not reach the end of the stack`() throws {
        try DICOMLibrary.prepare()
        let spell = DataSetBytes()
        let version = spell.element(.transferSyntaxUID, "UI", NegotiationTests.explicit)
        let nested = (0..<2000).flatMap { _ in
            spell.element(AttributeTag(0x0002, 0x0102), "SQ", [], length: DataSetBytes.undefined)
                + spell.number(UInt16(0xFFFE)) + spell.number(UInt16(0xE000)) + spell.number(DataSetBytes.undefined)
        }
        let groupLength = spell.element(
            AttributeTag(0x0002, 0x0000), "UL", spell.number(UInt32(version.count + nested.count)))
        let start = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + groupLength + version + nested
        _ = try? FileMeta.parse(start)
        _ = try? FileMeta.parse(Array(start.prefix(FileMeta.byteCountLimit)))
    }

    @Test func `a request has a response of its own kind, a response has none`() {
        #expect(Command.Field.storeRequest.response == .storeResponse)
        #expect(Command.Field.other(0x0150).response == .other(0x8150))
        #expect(Command.Field.findResponse.response == nil)
        #expect(Command.Field.cancelRequest.response == nil)
    }
}
