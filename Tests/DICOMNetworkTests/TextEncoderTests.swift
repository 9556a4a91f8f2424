import DICOMCore
import Testing

@testable import DICOMNetwork

/// Swift Testing has a `Tag` too.
private typealias Tag = DICOMCore.Tag

@Suite struct TextEncoderTests {
    init() throws { try DICOMLibrary.prepare() }

    private static func roundTrip(_ text: String, _ characterSet: [String]) throws -> (
        text: String?, declared: [String]
    ) {
        var attributes = AttributeSet()
        attributes[.patientName] = text
        let bytes = try attributes.encoded(transferSyntax: "1.2.840.10008.1.2.1", characterSet: characterSet)
        let read = try AttributeSet(encoded: bytes, transferSyntax: "1.2.840.10008.1.2.1")
        return (read[.patientName], read.strings(.specificCharacterSet))
    }

    @Test(
        arguments: [
            (["GB18030"], "Wang^XiaoDong=王^小东"), (["GB18030"], "Nguyễn^Văn Đức"), (["GBK"], "王^小东"),
            // A trail byte of 5C.
            (["GBK"], "Zhang=張^誠"), (["GB18030"], "囡^鎈"), (["ISO_IR 100"], "Müller^Jörg"),
            (["ISO_IR 101"], "Wałęsa^Łukasz"), (["ISO_IR 144"], "Люксембург"), (["ISO_IR 126"], "Διονυσιος"),
            (["ISO_IR 166"], "นามสกุล"), (["ISO_IR 192"], "Wang^XiaoDong=王^小东"), (["ISO_IR 13"], "ﾔﾏﾀﾞ^ﾀﾛｳ"),
            (["ISO 2022 IR 6", "ISO 2022 IR 58"], "Wang^XiaoDong=王^小东"),
            (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
            (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
            (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"), (["", "ISO 2022 IR 87", "ISO 2022 IR 159"], "山田^丂"),
            (["ISO 2022 IR 100", "ISO 2022 IR 144"], "Buc^Jérôme=Люкceмбypг"),
        ])
    func `text goes out in a character set that has all of it, and is read the same`(
        characterSet: [String], text: String
    ) throws {
        let read = try Self.roundTrip(text, characterSet)
        #expect(read.text == text)
        #expect(read.declared == characterSet)
    }

    @Test(
        arguments: [
            ([], "王^小东"), (["ISO_IR 6"], "Müller"), (["ISO_IR 100"], "Nguyễn"), (["GBK"], "Nguyễn^Văn Đức"),
            (["", "ISO 2022 IR 58"], "Nguyễn"), (["", "ISO 2022 IR 87"], "홍^길동"), (["LATIN-1"], "Müller"),
        ] as [([String], String)])
    func `text goes out in UTF-8 when the wanted set does not have it`(characterSet: [String], text: String) throws {
        let read = try Self.roundTrip(text, characterSet)
        #expect(read.text == text)
        #expect(read.declared == ["ISO_IR 192"])
    }

    @Test func `ASCII declares nothing, and Items have the character set of the message`() throws {
        #expect(try Self.roundTrip("Smith^Anna", ["GB18030"]).declared.isEmpty)
        let item = AttributeSet(values: [.codeMeaning: ["胸部"], .specificCharacterSet: ["ISO_IR 192"]])
        let message = AttributeSet(
            values: [.specificCharacterSet: ["ISO_IR 100"]], sequences: [.anatomicRegionSequence: [item]])
        let bytes = try message.encoded(transferSyntax: "1.2.840.10008.1.2", characterSet: ["GB18030"])
        let read = try AttributeSet(encoded: bytes, transferSyntax: "1.2.840.10008.1.2")
        #expect(read.strings(.specificCharacterSet) == ["GB18030"])
        #expect(read.items(.anatomicRegionSequence).first?[.codeMeaning] == "胸部")
        #expect(read.items(.anatomicRegionSequence).first?.contains(.specificCharacterSet) == false)
    }

    @Test func `a number that may be signed or not is written as it is`() throws {
        let message = AttributeSet(values: [.pixelPaddingValue: ["-2000"], .rows: ["512"]])
        let bytes = try message.encoded(transferSyntax: "1.2.840.10008.1.2.1")
        let read = try AttributeSet(encoded: bytes, transferSyntax: "1.2.840.10008.1.2.1")
        #expect(read[.pixelPaddingValue] == "-2000" && read[.rows] == "512")
    }

    @Test func `the dictionary tells VR and keyword`() {
        #expect(DICOMLibrary.valueRepresentation(of: .patientName) == .personName)
        #expect(DICOMLibrary.valueRepresentation(of: .requestAttributesSequence) == .sequence)
        #expect(DICOMLibrary.valueRepresentation(of: .pixelPaddingValue) == .unsignedShort)
        #expect(DICOMLibrary.valueRepresentation(of: Tag(0x0009, 0x1001)) == nil)
        #expect(DICOMLibrary.valueRepresentation(of: Tag(0x0008, 0xFFF0)) == nil)
        #expect(DICOMLibrary.tag(ofKeyword: "StudyInstanceUID") == .studyInstanceUID)
        #expect(DICOMLibrary.tag(ofKeyword: "Nonsense") == nil)
    }
}
