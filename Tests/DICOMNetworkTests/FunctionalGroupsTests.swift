import DICOMCore
import Foundation
import Testing

@testable import DICOMNetwork

/// Writes elements and nested Sequences in any encoding, with defined or undefined lengths.
private struct Encoder {
    let encoding: ElementEncoding
    let isDelimited: Bool

    private func number<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        withUnsafeBytes(of: encoding == .explicitBigEndian ? value.bigEndian : value.littleEndian, Array.init)
    }

    private func tag(_ tag: DICOMCore.Tag) -> [UInt8] { number(tag.group) + number(tag.element) }

    func element(_ tag: DICOMCore.Tag, _ vr: String, _ bytes: [UInt8]) -> [UInt8] {
        guard encoding != .implicitLittleEndian else { return self.tag(tag) + number(UInt32(bytes.count)) + bytes }
        return self.tag(tag) + Array(vr.utf8) + number(UInt16(bytes.count)) + bytes
    }

    func text(_ tag: DICOMCore.Tag, _ vr: String, _ text: String) -> [UInt8] {
        element(tag, vr, Array(text.utf8) + (text.utf8.count % 2 == 0 ? [] : [0x20]))
    }

    func double(_ tag: DICOMCore.Tag, _ values: Double...) -> [UInt8] {
        element(tag, "FD", values.flatMap { number($0.bitPattern) })
    }

    func long(_ tag: DICOMCore.Tag, _ values: UInt32...) -> [UInt8] {
        element(tag, "UL", values.flatMap { number($0) })
    }

    func sequence(_ tag: DICOMCore.Tag, _ items: [[UInt8]]) -> [UInt8] {
        let head = self.tag(tag) + (encoding == .implicitLittleEndian ? [] : Array("SQ".utf8) + [0, 0])
        guard isDelimited else {
            let content = items.flatMap { self.tag(Tag(0xFFFE, 0xE000)) + number(UInt32($0.count)) + $0 }
            return head + number(UInt32(content.count)) + content
        }
        let content = items.flatMap {
            self.tag(Tag(0xFFFE, 0xE000)) + number(UInt32.max) + $0 + self.tag(Tag(0xFFFE, 0xE00D)) + number(UInt32(0))
        }
        return head + number(UInt32.max) + content + self.tag(Tag(0xFFFE, 0xE0DD)) + number(UInt32(0))
    }

    private func frame(_ index: Int) -> [UInt8] {
        let gradient = sequence(
            .diffusionGradientDirectionSequence, [double(.diffusionGradientOrientation, 0, 0.6, 0.8)])
        let diffusion = sequence(
            .mrDiffusionSequence, [double(.diffusionBValue, index % 2 == 0 ? 0 : 1000) + gradient])
        var content = text(.stackID, "SH", "1")
        content += long(.inStackPositionNumber, UInt32(index / 2 + 1))
        content += long(.dimensionIndexValues, 1, UInt32(index / 2 + 1), UInt32(index % 2 + 1))
        let measures = text(.sliceThickness, "DS", "4") + text(.pixelSpacing, "DS", "0.5\\x")
        let place = text(.imagePositionPatient, "DS", "-100\\-90.5\\\(index / 2 * 5)")
        // A group nobody reads.
        let window = text(.windowCenter, "DS", "40") + text(.windowWidth, "DS", "400")
        var groups = diffusion
        groups += sequence(.frameContentSequence, [content])
        groups += sequence(.planePositionSequence, [place])
        groups += sequence(.pixelMeasuresSequence, [measures])
        groups += sequence(Tag(0x0028, 0x9132), [window])
        return groups
    }

    /// An object of `count` frames of one stack and two b-values.
    func object(_ count: Int) -> [UInt8] {
        let shared = sequence(
            .sharedFunctionalGroupsSequence,
            [
                sequence(
                    .planeOrientationSequence, [text(.imageOrientationPatient, "DS", "1\\0\\0\\0\\1\\0")])
                    + sequence(.mrEchoSequence, [double(.effectiveEchoTime, 72.5)])
            ])
        let frames = (0..<count).map(frame)
        return text(.modality, "CS", "MR") + shared + sequence(.perFrameFunctionalGroupsSequence, frames)
    }
}

@Suite struct FunctionalGroupsTests {
    private func frames(_ bytes: [UInt8], _ encoding: ElementEncoding) -> [FunctionalGroups.Frame]? {
        var reader = FunctionalGroupsReader(source: MemoryBytes(bytes: bytes), encoding: encoding)
        return reader.frames()
    }

    @Test(arguments: [ElementEncoding.explicitLittleEndian, .implicitLittleEndian, .explicitBigEndian], [false, true])
    func `frames are read in every encoding, what is shared with them`(encoding: ElementEncoding, isDelimited: Bool)
        throws
    {
        let bytes = Encoder(encoding: encoding, isDelimited: isDelimited).object(8)
        let found = try #require(frames(bytes, encoding))
        #expect(found.count == 8)
        let frame = found[5]
        #expect(frame.position == [-100, -90.5, 10])
        #expect(frame.orientation == [1, 0, 0, 0, 1, 0])
        #expect(frame.thickness == 4)
        #expect(frame.spacing.count == 2 && frame.spacing[0] == 0.5 && frame.spacing[1].isNaN)
        #expect(frame.stackID == "1")
        #expect(frame.inStackPosition == 3)
        #expect(frame.dimensionIndices == [1, 3, 2])
        #expect(frame.bValue == 1000)
        #expect(frame.gradient == [0, 0.6, 0.8])
        #expect(frame.echoTime == 72.5)
    }

    @Test func `an object without groups has none`() {
        let encoder = Encoder(encoding: .explicitLittleEndian, isDelimited: false)
        #expect(frames(encoder.text(.modality, "CS", "XA"), .explicitLittleEndian) == nil)
    }

    @Test func `an object cut off anywhere ends without harm`() {
        for isDelimited in [false, true] {
            let bytes = Encoder(encoding: .explicitLittleEndian, isDelimited: isDelimited).object(3)
            for count in 0..<bytes.count {
                #expect(frames(Array(bytes[..<count]), .explicitLittleEndian)?.count ?? 0 <= 3)
            }
        }
    }

    @Test func `any byte may be wrong`() {
        let bytes = Encoder(encoding: .explicitLittleEndian, isDelimited: true).object(2)
        for index in bytes.indices {
            for value: UInt8 in [0, 1, 0x7F, 0xFF] {
                var wrong = bytes
                wrong[index] = value
                #expect(frames(wrong, .explicitLittleEndian)?.count ?? 0 <= 100)
            }
        }
    }

    @Test func `ten thousand frames are read in bounded time`() throws {
        let bytes = Encoder(encoding: .explicitLittleEndian, isDelimited: true).object(10_000)
        let start = ContinuousClock.now
        #expect(frames(bytes, .explicitLittleEndian)?.count == 10_000)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `a file is read from its descriptor`() throws {
        let encoder = Encoder(encoding: .explicitLittleEndian, isDelimited: false)
        var meta = FileMeta()
        meta.mediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
        meta.mediaStorageSOPInstanceUID = "1.2.3"
        meta.transferSyntaxUID = "1.2.840.10008.1.2.1"
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(meta.encoded() + encoder.object(4)).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let handle = try FileHandle(forReadingFrom: url)
        #expect(FunctionalGroups(descriptor: handle.fileDescriptor)?.frames.count == 4)
    }
}
