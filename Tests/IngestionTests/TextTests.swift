import Archive
import DICOMCore
import DICOMNetwork
import Foundation
import Matching
import TestImages
import Testing

@testable import Ingestion

/// Text from the sender's bytes to the index and to what the matcher reads.
@Suite struct TextTests {
    private static func bytes(_ text: String, _ encoding: String.Encoding) throws -> [UInt8] {
        try Array(#require(text.data(using: encoding)))
    }

    // Foundation knows GB18030 and Big5 by their numbers in Core Foundation.
    private static let gbk = String.Encoding(rawValue: 0x8000_0632)
    private static let big5 = String.Encoding(rawValue: 0x8000_0A03)

    /// A file of study `1.2.N` with a name and a description in an encoding.
    private static func file(
        _ study: Int, name: String, description: String, _ encoding: String.Encoding, declared: String? = "ISO_IR 100"
    ) throws -> (file: [UInt8], instance: String) {
        let name = try bytes(name, encoding)
        let description = try bytes(description, encoding)
        let instance = "1.2.\(study).1.1"
        let file = TestIngest.file(instance: instance) {
            $0.set(.studyInstanceUID, "UI", "1.2.\(study)")
            $0.set(.seriesInstanceUID, "UI", "1.2.\(study).1")
            if let declared { $0.set(.specificCharacterSet, "CS", declared) }
            $0.set(.patientName, "PN", text: name)
            $0.set(.studyDescription, "LO", text: description)
        }
        return (file, instance)
    }

    private static func study(_ number: Int, in test: TestIngest) throws -> StudySummary {
        try #require(try test.archive.index.study(StudyInstanceUID("1.2.\(number)")))
    }

    @Test func `trail bytes that look like separators divide nothing, and the bytes stay`() throws {
        let test = try TestIngest()
        // 5C ends 誠 and 診 in GBK, 許 and 功 in Big5; 5E ends 頭 in GBK.
        let sent = [
            try Self.file(1, name: "謝^誠", description: "頭部診斷掃描及腰椎正側位", Self.gbk),
            try Self.file(2, name: "許^成功", description: "胸部電腦斷層掃描及腰椎正側位", Self.big5),
            try Self.file(3, name: "謝^誠", description: "頭部診斷掃描及腰椎正側位", Self.gbk, declared: "GB18030"),
        ]
        for (file, instance) in sent { try test.store(file, as: instance) }
        for (number, name, description, origin) in [
            (1, "謝^誠", "頭部診斷掃描及腰椎正側位", TextOrigin(state: .repaired, encoding: .gb18030)),
            (2, "許^成功", "胸部電腦斷層掃描及腰椎正側位", TextOrigin(state: .repaired, encoding: .big5)),
            (3, "謝^誠", "頭部診斷掃描及腰椎正側位", .declared),
        ] {
            let study = try Self.study(number, in: test)
            #expect(study.patient.name == name)
            #expect(study.study.description == description)
            #expect(study.text == origin)
        }
        for (file, instance) in sent {
            let object = try test.archive.open(SOPInstanceUID(instance))
            var stored = [UInt8](repeating: 0, count: Int(object.byteCount))
            #expect(pread(object.fileDescriptor, &stored, stored.count, off_t(object.dataSetOffset)) == stored.count)
            #expect(try stored == TestIngest.dataSet(file))
        }
    }

    @Test func `what a sender's repaired studies are in settles a short name, now and after every reindex`() throws {
        let test = try TestIngest()
        func store(_ number: Int, _ name: String, _ description: String) throws {
            let (file, instance) = try Self.file(number, name: name, description: description, Self.gbk)
            try test.store(file, as: instance)
        }
        let sender = try AETitle("CT1")
        try store(1, "王", "")
        #expect(try Self.study(1, in: test).patient.name == "Íõ")
        for number in 2...4 {
            #expect(try test.archive.learnedTextEncoding(of: sender) == nil)
            try store(number, "王^小梅", "胸部正侧位及上腹部平扫")
        }
        #expect(try test.archive.learnedTextEncoding(of: sender) == .gb18030)
        try store(5, "王", "")
        #expect(try Self.study(5, in: test).patient.name == "王")
        #expect(try Self.study(5, in: test).text == TextOrigin(state: .guessed, encoding: .gb18030))
        let peer = try #require(try test.archive.index.peers().first)
        #expect(peer.text.count(.repaired) == 3 && peer.text.count(.guessed) == 1)

        let before = try test.archive.index.studies(matching: StudyFilter())
        #expect(try test.archive.reindex().indexed == 5)
        #expect(try test.archive.index.studies(matching: StudyFilter()) == before)
        #expect(try test.archive.index.peers().first?.text == peer.text)
        #expect(try test.archive.learnedTextEncoding(of: sender) == .gb18030)
    }

    @Test func `a configured character set goes before what was learned, in the index and for the matcher`() throws {
        let sets = [try AETitle("CT1"): TextEncoding.gb18030]
        let test = try TestIngest(characterSets: sets)
        let (file, instance) = try Self.file(1, name: "王", description: "李", Self.gbk)
        try test.store(file, as: instance)
        let study = try Self.study(1, in: test)
        #expect(study.patient.name == "王")
        #expect(study.text == TextOrigin(state: .repaired, encoding: .gb18030))
        let due = try #require(try test.archive.index.studiesDueToSettle(lastInstanceBefore: .distantFuture).first)
        let reader = try StudyReader(due, in: test.archive, characterSets: sets)
        #expect(reader.descriptor.studyDescription == "李")
    }

    @Test func `text that nothing fits is an event once a series, and its ASCII is kept`() throws {
        let test = try TestIngest()
        let noise: [UInt8] = [0x81, 0x20, 0x8D, 0xFF, 0x20, 0x90, 0x21, 0x9D, 0xFF]
        for number in 1...3 {
            let instance = "1.2.1.1.\(number)"
            let file = TestIngest.file(instance: instance) {
                $0.set(.studyDescription, "LO", text: Array("CT ".utf8) + noise)
            }
            try test.store(file, as: instance)
        }
        let study = try Self.study(1, in: test)
        #expect(study.text == TextOrigin(state: .undecodable))
        #expect(study.study.description.hasPrefix("CT "))
        let events = try test.archive.index.timeline(of: study.studyInstanceUID).filter { $0.kind == .textUndecodable }
        #expect(events.map(\.detail) == ["series 1.2.1.1, instance 1.2.1.1.1"])
    }

    @Test func `the meta information keeps what was learned, and nothing where nothing was`() throws {
        var meta = FileMeta()
        meta.transferSyntaxUID = TestIngest.explicit
        #expect(try FileMeta.parse(meta.encoded()).meta.learnedTextEncoding == nil)
        for encoding in TextEncoding.allCases {
            meta.learnedTextEncoding = encoding
            let read = try FileMeta.parse(meta.encoded())
            #expect(read.meta == meta)
            #expect(try read.dataSetOffset == meta.encoded().count)
        }
    }
}

/// The names of the standard's annexes, in the files of pydicom's test data.
@Suite(.enabled(if: !RealFiles.paths(in: "charset").isEmpty)) struct RealCharacterSetTests {
    @Test(arguments: [
        ("chrFren", "Buc^Jérôme"), ("chrGerm", "Äneas^Rüdiger"), ("chrRuss", "Люкceмбypг"),
        ("chrH31", "Yamada^Tarou=山田^太郎=やまだ^たろう"), ("chrI2", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("chrX1", "Wang^XiaoDong=王^小東="), ("chrX2", "Wang^XiaoDong=王^小东="),
        ("chrGB2312", "Zhang^XiaoDong=张^小东="), ("chrKoreanMulti", "김희중"), ("chrJapMulti", "やまだ^たろう"),
    ])
    func `a name of the standard is read as declared`(file: String, name: String) throws {
        try DICOMLibrary.prepare()
        let path = try #require(RealFiles.paths(in: "charset").first { $0.hasSuffix("/\(file).dcm") })
        let header = try ObjectHeader(path: path)
        #expect(header.attributes[.patientName] == name)
        #expect(header.textOrigin == .declared)
    }

    @Test func `an item has a character set of its own`() throws {
        let path = try #require(RealFiles.paths(in: "charset").first { $0.hasSuffix("/chrSQEncoding.dcm") })
        let item = try #require(try ObjectHeader(path: path).attributes.items(Tag(0x0032, 0x1064)).first)
        #expect(item[.patientName] == "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう")
    }
}
