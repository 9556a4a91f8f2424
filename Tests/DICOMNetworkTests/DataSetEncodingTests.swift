import DICOMCore
import Testing

@testable import DICOMNetwork

@Suite struct DataSetEncodingTests {
    init() throws { try DICOMLibrary.prepare() }

    private static let uids = (0..<2000).map { "1.2.826.0.1.3680043.8.498.\(10_000_000 + $0)" }

    @Test(arguments: ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"])
    func `a value that is longer than its VR can be in Explicit VR is read again whole`(transferSyntax: String) throws {
        var list = AttributeSet()
        list.set(.failedSOPInstanceUIDList, to: Self.uids)
        list[.patientID] = "P1"
        let bytes = try list.encoded(transferSyntax: transferSyntax)
        let read = try AttributeSet(encoded: bytes, transferSyntax: transferSyntax, keepsAllGroups: true)
        #expect(read.strings(.failedSOPInstanceUIDList) == Self.uids)
        #expect(read[.patientID] == "P1")
    }

    @Test func `in Explicit VR its VR is UN, as PS3_5 6_2_2 has it`() throws {
        var list = AttributeSet()
        list.set(.failedSOPInstanceUIDList, to: Self.uids)
        let bytes = try list.encoded(transferSyntax: "1.2.840.10008.1.2.1")
        #expect(Array(bytes.prefix(8)) == [0x08, 0x00, 0x58, 0x00] + Array("UN".utf8) + [0, 0])
        list.set(.failedSOPInstanceUIDList, to: Array(Self.uids.prefix(3)))
        #expect(try list.encoded(transferSyntax: "1.2.840.10008.1.2.1")[4..<6] == ArraySlice("UI".utf8))
    }
}
