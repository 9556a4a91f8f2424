import DICOMCore
import Foundation
import Testing

@testable import DICOMNetwork

/// Part-10 files spelled for one test, and their JSON.
private final class JSONBench {
    let folder = FileManager.default.temporaryDirectory.appending(path: "priord-json-" + UUID().uuidString)

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ dataSet: [UInt8], transferSyntax: String = "1.2.840.10008.1.2.1") throws -> String {
        var meta = FileMeta()
        meta.transferSyntaxUID = transferSyntax
        let url = folder.appending(path: UUID().uuidString)
        try Data(try meta.encoded() + dataSet).write(to: url)
        return url.path
    }

    static func open<Value>(_ path: String, _ body: (DICOMJSON, Int32) throws -> Value) throws -> Value {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        return try withExtendedLifetime(file) {
            try body(DICOMJSON(descriptor: file.fileDescriptor), file.fileDescriptor)
        }
    }

    static func text(_ path: String, baseURI: String? = "http://h/bulk") throws -> String {
        try open(path) { json, _ in String(decoding: try json.encoded(baseURI: baseURI), as: UTF8.self) }
    }

    static func object(_ path: String) throws -> [String: [String: Any]] {
        let parsed = try JSONSerialization.jsonObject(with: Data(text(path).utf8))
        return try #require(parsed as? [String: [String: Any]])
    }
}

@Suite struct DICOMJSONTests {
    private let spelled = DataSetBytes()

    private func json(_ dataSet: [UInt8], transferSyntax: String = "1.2.840.10008.1.2.1") throws -> String {
        let bench = try JSONBench()
        return try JSONBench.text(bench.write(dataSet, transferSyntax: transferSyntax))
    }

    @Test func `values are written as PS3_18 F_2 has them`() throws {
        let dataSet =
            spelled.element(AttributeTag(0x0008, 0x0000), "UL", [4, 0, 0, 0])
            + spelled.element(.imageType, "CS", "ORIGINAL\\\\AXIAL ")
            + spelled.element(.studyDate, "DA", "")
            + spelled.element(.patientName, "PN", "Wang^XiaoDong=王^小東=")
            + spelled.element(.sliceThickness, "DS", " +01.50\\5.\\.5\\-0\\1e3\\x")
            + spelled.element(.rows, "US", [0, 2])
            + spelled.element(AttributeTag(0x0028, 0x0009), "AT", [0x18, 0, 0x63, 0x10])
        #expect(
            try json(dataSet)
                == #"{"00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},"00080020":{"vr":"DA"},"#
                + #""00100010":{"vr":"PN","Value":[{"Alphabetic":"Wang^XiaoDong","Ideographic":"王^小東"}]},"#
                + #""00180050":{"vr":"DS","Value":[1.50,5,0.5,-0,1e3,"x"]},"00280010":{"vr":"US","Value":[512]},"#
                + #""00280009":{"vr":"AT","Value":["00181063"]}}"#)
    }

    @Test(arguments: ["a", "é"]) func `what would take too much memory is refused`(letter: String) throws {
        let dataSet =
            spelled.element(.specificCharacterSet, "CS", "ISO_IR 192")
            + (0..<50).flatMap { spelled.element(AttributeTag(0x0010, 0x4000 + $0), "LO", "\(letter)234567890") }
        let bench = try JSONBench()
        let path = try bench.write(dataSet)
        try JSONBench.open(path) { json, _ in
            let whole = try json.encoded(baseURI: nil)
            #expect(whole.count > 2000)
            #expect(throws: DataSetError.tooLarge(byteLimit: 500)) {
                _ = try json.encoded(baseURI: nil, byteLimit: 500)
            }
        }
    }

    @Test func `text is escaped`() throws {
        let dataSet = spelled.element(AttributeTag(0x0020, 0x4000), "LT", "a\"b\\c\nd\u{1}")
        #expect(try json(dataSet) == #"{"00204000":{"vr":"LT","Value":["a\"b\\c\u000Ad\u0001"]}}"#)
    }

    @Test(arguments: [false, true]) func `Sequences are lists of objects`(isDelimited: Bool) throws {
        let empty = spelled.sequence(AttributeTag(0x0008, 0x1110), [], isDelimited: isDelimited)
        let items =
            spelled.item(spelled.element(.codeValue, "SH", "T1"), isDelimited: isDelimited)
            + spelled.item([], isDelimited: isDelimited)
        let dataSet =
            empty + spelled.sequence(AttributeTag(0x0008, 0x1140), items, isDelimited: isDelimited)
            + spelled.element(.patientID, "LO", "1")
        #expect(
            try json(dataSet)
                == #"{"00081110":{"vr":"SQ"},"00081140":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["T1"]}},{}]},"#
                + #""00100020":{"vr":"LO","Value":["1"]}}"#)
    }

    @Test func `binary is inline while short, and else named by its path`() throws {
        let long = [UInt8](repeating: 7, count: 2000)
        let item = spelled.item(spelled.element(AttributeTag(0x0028, 0x3006), "OW", long))
        let dataSet =
            spelled.element(AttributeTag(0x0009, 0x0010), "LO", "MAKER")
            + spelled.element(AttributeTag(0x0009, 0x1001), "UN", [1, 2, 3, 4])
            + spelled.sequence(AttributeTag(0x0028, 0x3000), item)
            + spelled.element(.pixelData, "OW", [1, 0])
        let bench = try JSONBench()
        let path = try bench.write(dataSet)
        #expect(
            try JSONBench.text(path)
                == #"{"00090010":{"vr":"LO","Value":["MAKER"]},"00091001":{"vr":"UN","InlineBinary":"AQIDBA=="},"#
                + #""00283000":{"vr":"SQ","Value":[{"00283006":{"vr":"OW","BulkDataURI":"http://h/bulk/00283000/1/00283006"}}]},"#
                + #""7FE00010":{"vr":"OW","BulkDataURI":"http://h/bulk/7FE00010"}}"#)
        try JSONBench.open(path) { json, descriptor in
            let place = try #require(BulkDataPath("00283000/1/00283006"))
            let found = try #require(try json.bulkData(at: place))
            #expect(found.byteCount == 2000 && found.vr == "OW")
            let bytes = try found.read(descriptor, from: 1000, count: 5000)
            #expect(bytes == [UInt8](repeating: 7, count: 1000))
            let pixels = try #require(try json.bulkData(at: BulkDataPath(steps: [], tag: .pixelData)))
            let values = try pixels.read(descriptor, from: 0, count: 10)
            #expect(values == [1, 0])
            for text in ["00283000/2/00283006", "00283006", "00100010"] {
                let place = try #require(BulkDataPath(text))
                let none = try json.bulkData(at: place)
                #expect(none == nil)
            }
        }
    }

    @Test func `bulk data of Big Endian is turned`() throws {
        let spelled = DataSetBytes(encoding: .explicitBigEndian)
        let dataSet =
            spelled.element(.rows, "US", [2, 0]) + spelled.element(AttributeTag(0x0028, 0x3006), "OW", [1, 2, 3, 4])
        let bench = try JSONBench()
        let path = try bench.write(dataSet, transferSyntax: "1.2.840.10008.1.2.2")
        #expect(
            try JSONBench.text(path)
                == #"{"00280010":{"vr":"US","Value":[512]},"00283006":{"vr":"OW","InlineBinary":"AgEEAw=="}}"#)
        try JSONBench.open(path) { json, descriptor in
            let place = BulkDataPath(steps: [], tag: AttributeTag(0x0028, 0x3006))
            let found = try #require(try json.bulkData(at: place))
            let bytes = try found.read(descriptor, from: 0, count: 4)
            #expect(bytes == [2, 1, 4, 3])
        }
    }

    @Test func `Implicit VR takes VRs from the dictionary and Pixel Representation`() throws {
        let spelled = DataSetBytes(encoding: .implicitLittleEndian)
        let dataSet =
            spelled.element(.patientName, "PN", "A^B ") + spelled.element(.pixelRepresentation, "US", [1, 0])
            + spelled.element(AttributeTag(0x0028, 0x0106), "SS", [0xFF, 0xFF])
            + spelled.element(AttributeTag(0x0029, 0x1001), "UN", [9, 9])
        #expect(
            try json(dataSet, transferSyntax: "1.2.840.10008.1.2")
                == #"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B"}]},"00280103":{"vr":"US","Value":[1]},"#
                + #""00280106":{"vr":"SS","Value":[-1]},"00291001":{"vr":"UN","InlineBinary":"CQk="}}"#)
    }

    @Test func `numbers that JSON has not are text`() throws {
        func bytes(_ value: Double) -> [UInt8] { spelled.number(value.bitPattern) }
        let dataSet = spelled.element(
            AttributeTag(0x0018, 0x9087), "FD", bytes(.nan) + bytes(-.infinity) + bytes(0.25))
        #expect(try json(dataSet) == #"{"00189087":{"vr":"FD","Value":["NaN","-Infinity",0.25]}}"#)
    }

    @Test(arguments: [
        "", "/", "0028", "0028000G", "00283000/0/00283006", "00283000/1", "00283000/+1/00283006", "..", "00283000/1/",
    ])
    func `what is no path is refused`(text: String) {
        #expect(BulkDataPath(text) == nil)
    }

    @Test func `a path reads as it is written`() throws {
        let path = try #require(BulkDataPath("00880200/1/7fe00010"))
        #expect(path.description == "00880200/1/7FE00010" && path.tag == .pixelData && path.steps.count == 1)
    }

    @Test(arguments: ObjectHeaderTests.fixtures + realFiles)
    func `text is what the index shows`(path: String) throws {
        guard let header = try? ObjectHeader(path: path), header.meta.transferSyntaxUID != "1.2.840.10008.1.2.1.99"
        else {
            return
        }
        let object = try JSONBench.object(path)
        for tag in header.attributes.tags where tag != .specificCharacterSet {
            let expected = header.attributes.strings(tag).filter { !$0.isEmpty }
            guard header.attributes.items(tag).isEmpty, !expected.isEmpty,
                let found = object[JSONText.hex(tag)], found["vr"] as? String != "AT",
                let values = found["Value"] as? [Any]
            else { continue }
            let texts = values.compactMap { value -> String? in
                if let name = value as? [String: String] {
                    let parts = ["Alphabetic", "Ideographic", "Phonetic"].map { name[$0] ?? "" }
                    return parts.joined(separator: "=").trimmedEquals
                }
                return value as? String
            }
            guard texts.count == expected.count else { continue }
            #expect(texts == expected.map(\.trimmedEquals), "\(tag) of \(path)")
        }
    }

    static let realFiles: [String] = {
        let folder = ProcessInfo.processInfo.environment["PRIORD_REAL_DICOM"] ?? "/nowhere"
        return ["charset", "ts-small", "mr-hitachi-iso2022-87"].flatMap { name in
            let files = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")) ?? []
            return files.sorted().map { "\(folder)/\(name)/\($0)" }
        }
    }()

    @Test func `damaged objects are an error or valid JSON`() throws {
        let bench = try JSONBench()
        var state: UInt64 = 5
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for path in ObjectHeaderTests.fixtures.prefix(6) + Self.realFiles.prefix(12) {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
            guard bytes.count > 2000 else { continue }
            for _ in 0..<12 {
                var damaged = Array(bytes.prefix(400_000))
                for _ in 0..<6 { damaged[132 + random(min(damaged.count, 6000) - 132)] = UInt8(random(256)) }
                let url = bench.folder.appending(path: "damaged")
                try Data(damaged).write(to: url)
                guard let text = try? JSONBench.text(url.path) else { continue }
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
            }
        }
    }
}

extension String {
    /// Without the signs of component groups that are empty.
    fileprivate var trimmedEquals: String {
        var text = self
        while text.hasSuffix("=") { text.removeLast() }
        return text
    }
}
