import DICOMCore
import Testing

@testable import DICOMNetwork

@Suite struct DataSetEncoderTests {
    init() throws { try DICOMLibrary.prepare() }

    private static let syntaxes = ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"]

    private static func read(_ message: AttributeSet, _ syntax: String) throws -> AttributeSet {
        try AttributeSet(encoded: message.encoded(transferSyntax: syntax), transferSyntax: syntax, keepsAllGroups: true)
    }

    @Test(arguments: syntaxes)
    func `DCMTK reads what is written, whatever its Value Representation`(syntax: String) throws {
        let message = AttributeSet(values: [
            .rows: ["512"], .instanceNumber: ["-3"], .studyDate: ["20261101"],
            .imageType: ["ORIGINAL", "", "AXIAL"], .patientName: ["Smith^Anna"], .studyInstanceUID: ["1.2.3"],
            AttributeTag(0x0018, 0x9087): ["1000"],  // FD, Diffusion b-value
            AttributeTag(0x0018, 0x6020): ["-7"],  // SL, Reference Pixel X0
            AttributeTag(0x0008, 0x1163): ["2.5", "3"],  // FD, Time Range
            AttributeTag(0x0028, 0x0009): ["(0018,1063)", "(0018,1065)"],  // AT, Frame Increment Pointer
            AttributeTag(0x0010, 0x9431): ["1.5"],  // FL, Examined Body Thickness
            AttributeTag(0x0008, 0x1190): ["http://example.org/a"],  // UR, Retrieve URL
            .studyDescription: [""],
        ])
        #expect(try Self.read(message, syntax) == message)
    }

    @Test(arguments: syntaxes)
    func `values are padded to an even length and stand in ascending order`(syntax: String) throws {
        let spell = DataSetBytes(encoding: ElementEncoding(transferSyntax: syntax))
        let message = AttributeSet(values: [.studyInstanceUID: ["1.2.3"], .patientID: ["P"], .rows: ["1"]])
        let expected =
            spell.element(.patientID, "LO", "P ") + spell.element(.studyInstanceUID, "UI", "1.2.3")
            + spell.element(.rows, "US", spell.number(UInt16(1)))
        #expect(try message.encoded(transferSyntax: syntax) == expected)
    }

    @Test func `a value that is too long for its Value Representation is written as UN`() throws {
        let long = String(repeating: "1", count: 70_000)
        let message = AttributeSet(values: [.studyDescription: [long]])
        let bytes = try message.encoded(transferSyntax: "1.2.840.10008.1.2.1")
        #expect(bytes == DataSetBytes().element(.studyDescription, "UN", Array(long.utf8)))
    }

    @Test(
        arguments: [
            (.rows, "512x"), (.rows, "70000"), (.rows, ""), (AttributeTag(0x0018, 0x9087), "much"),
            (AttributeTag(0x0028, 0x0009), "pointer"), (AttributeTag(0x0009, 0x1001), "private"),
            (AttributeTag(0x7FE0, 0x0010), "pixels"), (.procedureCodeSequence, "no item"),
        ] as [(AttributeTag, String)])
    func `what cannot be written names its Attribute`(tag: AttributeTag, value: String) throws {
        let message = AttributeSet(values: [tag: [value, value]])
        #expect(throws: DataSetError.unwritable(tag)) { _ = try message.encoded(transferSyntax: "1.2.840.10008.1.2") }
    }

    @Test func `one encoder writes many messages, each in the set its text needs`() throws {
        var encoder = DataSetEncoder(transferSyntax: "1.2.840.10008.1.2.1", characterSet: ["GB18030"])
        for (name, declared) in [("Smith", []), ("王", ["GB18030"]), ("Smith", []), ("Nguyễn", ["GB18030"])] {
            let bytes = try encoder.encode(AttributeSet(values: [.patientName: [name]]))
            let read = try AttributeSet(encoded: bytes, transferSyntax: "1.2.840.10008.1.2.1")
            #expect(read[.patientName] == name && read.strings(.specificCharacterSet) == declared)
        }
    }
}
