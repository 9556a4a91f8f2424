import DICOMCore
import Testing

@testable import DICOMNetwork

@Suite struct DataSetStructureTests {
    private static let encodings: [ElementEncoding] = [
        .implicitLittleEndian, .explicitLittleEndian, .explicitBigEndian,
    ]
    private static let itemTag: [UInt8] = [0xFE, 0xFF, 0x00, 0xE0]

    @Test(arguments: encodings)
    func `the header ends where Pixel Data begins`(encoding: ElementEncoding) throws {
        let spell = DataSetBytes(encoding: encoding)
        let header = spell.element(.patientID, "LO", "1234") + spell.element(.rows, "US", spell.number(UInt16(4)))
        let pixels = spell.element(.pixelData, "OW", [UInt8](repeating: 7, count: 32))
        #expect(try spell.structure(of: header + pixels).headerByteCount == header.count)
        #expect(try spell.structure(of: header).headerByteCount == header.count)
        #expect(try spell.structure(of: []).headerByteCount == 0)
    }

    @Test(arguments: encodings)
    func `a value beyond the end is named`(encoding: ElementEncoding) {
        let spell = DataSetBytes(encoding: encoding)
        let sound = spell.element(.studyDate, "DA", "20260901")
        let cut = Array(spell.element(.patientID, "LO", "12345678").dropLast(2))
        #expect(throws: DataSetError.truncated(tag: .patientID, offset: sound.count)) {
            try spell.structure(of: sound + cut)
        }
        let huge = spell.element(.pixelData, "OW", [0, 0], length: 0xFFFF_FFFE)
        #expect(throws: DataSetError.truncated(tag: .pixelData, offset: sound.count)) {
            try spell.structure(of: sound + huge)
        }
    }

    @Test func `a tag cut in the middle is no padding, zeros are`() throws {
        let spell = DataSetBytes()
        let sound = spell.element(.patientID, "LO", "1234")
        #expect(throws: DataSetError.truncated(tag: AttributeTag(0, 0), offset: sound.count)) {
            try spell.structure(of: sound + [0x10, 0x00, 0x20])
        }
        #expect(try spell.structure(of: sound + [0, 0, 0]).headerByteCount == sound.count)
    }

    @Test(arguments: [false, true], encodings)
    func `sequences may be nested 64 deep and no deeper`(isDelimited: Bool, encoding: ElementEncoding) throws {
        let spell = DataSetBytes(encoding: encoding)
        let deepest = spell.nested(DataSetStructure.nestingLimit, isDelimited: isDelimited)
        #expect(try spell.structure(of: deepest).headerByteCount == deepest.count)
        #expect {
            try spell.structure(of: spell.nested(DataSetStructure.nestingLimit + 1, isDelimited: isDelimited))
        } throws: { error in
            guard case DataSetError.nestedTooDeep = error else { return false }
            return true
        }
    }

    @Test func `an item that outgrows its sequence is refused`() {
        let spell = DataSetBytes()
        let content = spell.element(.codeValue, "SH", "ABCD")
        let item = DataSetStructureTests.itemTag + spell.number(UInt32(200)) + content
        let bytes = spell.sequence(.procedureCodeSequence, item) + [UInt8](repeating: 0, count: 400)
        #expect(throws: DataSetError.self) { try spell.structure(of: bytes) }
    }

    @Test func `a sequence that is never closed is refused`() {
        let spell = DataSetBytes()
        let open = spell.element(.procedureCodeSequence, "SQ", [], length: DataSetBytes.undefined)
        #expect(throws: DataSetError.self) { try spell.structure(of: open) }
        #expect(throws: DataSetError.self) {
            try spell.structure(of: open + DataSetStructureTests.itemTag + spell.number(DataSetBytes.undefined))
        }
    }

    @Test func `in implicit VR a value that only looks like a sequence is passed over`() throws {
        let spell = DataSetBytes(encoding: .implicitLittleEndian)
        let value = DataSetStructureTests.itemTag + [UInt8](repeating: 0xEE, count: 20)
        let bytes = spell.element(AttributeTag(0x0009, 0x1001), "UN", value) + spell.element(.patientID, "LO", "1234")
        #expect(try spell.structure(of: bytes).headerByteCount == bytes.count)
    }

    @Test func `a sequence of unknown VR is implicit inside`() throws {
        let inside = DataSetBytes(encoding: .implicitLittleEndian)
        let item = inside.item(inside.element(.codeValue, "SH", "ABCD"), isDelimited: true)
        let spell = DataSetBytes()
        let bytes =
            spell.sequence(AttributeTag(0x0009, 0x1002), item, isDelimited: true, vr: "UN")
            + spell.element(.patientID, "LO", "1234")
        #expect(try spell.structure(of: bytes).headerByteCount == bytes.count)
    }

    @Test func `compressed pixels are walked item by item`() throws {
        let spell = DataSetBytes()
        let header = spell.element(.patientID, "LO", "1234")
        let fragments = spell.item([]) + spell.item([UInt8](repeating: 0x55, count: 100))
        let whole = spell.sequence(.pixelData, fragments, isDelimited: true, vr: "OB")
        #expect(try spell.structure(of: header + whole).headerByteCount == header.count)
        #expect(throws: DataSetError.self) { try spell.structure(of: header + whole.dropLast(60)) }
    }

    @Test func `what does not fit the header limit is no header`() throws {
        let spell = DataSetBytes()
        let small = spell.element(.patientID, "LO", "1234")
        let large = spell.element(
            AttributeTag(0x0042, 0x0011), "OB", [UInt8](repeating: 1, count: DataSetStructure.headerLimit))
        #expect(try spell.structure(of: small + large).headerByteCount == small.count)
    }
}
