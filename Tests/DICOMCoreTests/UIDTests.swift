import Testing

@testable import DICOMCore

@Suite struct UIDTests {
    @Test(arguments: ["1", "1.2.840.10008.1.1", "2.25.0", "1.02.3", String(repeating: "1", count: 64)])
    func `digits and single dots make a UID`(value: String) throws {
        #expect(try StudyInstanceUID(value).value == value)
    }

    @Test(arguments: [
        ("", UIDError.empty),
        (String(repeating: "1", count: 65), .tooLong(characterCount: 65)),
        ("1..2", .malformed), (".1", .malformed), ("1.", .malformed),
        ("../../etc/passwd", .malformed), ("1.2/3", .malformed), ("1.2\u{0}", .malformed), ("1.2 ", .malformed),
    ])
    func `anything else is refused with its reason`(value: String, error: UIDError) {
        #expect(throws: error) { try SOPInstanceUID(value) }
    }
}

@Suite struct AETitleTests {
    @Test(arguments: [("PRIORD", "PRIORD"), ("  CT 1  ", "CT 1"), ("CT1\u{0}\u{0}", "CT1")])
    func `padding means nothing`(spelled: String, value: String) throws {
        #expect(try AETitle(spelled).value == value)
    }

    @Test(arguments: [
        ("", AETitleError.empty), ("    ", .empty),
        ("A23456789012345678", .tooLong(characterCount: 18)),
        ("A\\B", .forbiddenCharacter), ("A\nB", .forbiddenCharacter), ("胸部", .forbiddenCharacter),
    ])
    func `what is no AE Title is refused`(spelled: String, error: AETitleError) {
        #expect(throws: error) { try AETitle(spelled) }
    }
}

@Suite struct AttributeSetTests {
    @Test func `an empty value reads as absent and keeps its place`() {
        var attributes = AttributeSet()
        attributes.set(.imageType, to: ["", "PRIMARY"])
        #expect(attributes[.imageType] == nil)
        #expect(attributes.strings(.imageType) == ["", "PRIMARY"])
        #expect(attributes.contains(.imageType))
    }

    @Test func `numbers that are not finite are no numbers`() {
        let attributes = AttributeSet(values: [.imagePositionPatient: ["1", "nan", "3"], .instanceNumber: ["7"]])
        #expect(attributes.decimals(.imagePositionPatient) == nil)
        #expect(attributes.integer(.instanceNumber) == 7)
    }

    @Test func `a tag prints as in the standard`() {
        #expect(Tag.studyInstanceUID.description == "(0020,000D)")
    }
}
