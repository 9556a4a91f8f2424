import Foundation
import Testing

/// Chinese text under a declaration of Western text, as modalities and old PACS send it, from C-STORE to every answer.
@Suite(.serialized, .timeLimit(.minutes(3))) struct TextTests {
    private struct Study: Decodable, Equatable {
        struct Row: Decodable, Equatable {
            let patientName: String
            let studyDescription: String
            let institution: String
            let textState: String
            let textEncoding: String?
        }
        struct Match: Decodable, Equatable {
            let code: String
        }
        let study: Row
        let match: Match?
    }

    private struct Peers: Decodable, Equatable {
        struct Peer: Decodable, Equatable {
            struct Text: Decodable, Equatable {
                let characterSet: String?
                let source: String?
                let repaired: [String: Int]
                let guessed: [String: Int]
            }
            let aeTitle: String
            let text: Text
        }
        let peers: [Peer]
    }

    private struct Mapped: Decodable {
        let match: Study.Match?
    }

    /// Foundation knows GB18030 by its number in Core Foundation.
    private static func gbk(_ text: String) throws -> Data {
        try #require(text.data(using: String.Encoding(rawValue: 0x8000_0632)))
    }

    /// A digital radiograph without pixels whose text is in GBK and declared as ISO_IR 100; made by DCMTK.
    private static func write(_ number: Int, name: String, description: String, in folder: URL) throws {
        func line(_ tag: String, _ vr: String, _ value: Data) -> Data {
            Data("(\(tag)) \(vr) [".utf8) + value + Data("]\n".utf8)
        }
        let ascii: [(String, String, String)] = [
            ("0008,0005", "CS", "ISO_IR 100"), ("0008,0016", "UI", "1.2.840.10008.5.1.4.1.1.1.1"),
            ("0008,0018", "UI", "2.25.77.\(number).1.1"), ("0008,0020", "DA", "20261102"), ("0008,0060", "CS", "DX"),
            ("0010,0020", "LO", "T\(number)"), ("0020,000d", "UI", "2.25.77.\(number)"),
            ("0020,000e", "UI", "2.25.77.\(number).1"), ("0020,0013", "IS", "1"),
        ]
        var dump = Data()
        for (tag, vr, value) in ascii { dump += line(tag, vr, Data(value.utf8)) }
        dump += try line("0010,0010", "PN", gbk(name))
        if !description.isEmpty {
            dump += try line("0008,1030", "LO", gbk(description)) + line("0008,0080", "LO", gbk("湖滨区人民医院"))
        }
        let text = folder.appending(path: "\(number).txt")
        try dump.write(to: text)
        let made = try Tool.run("dump2dcm", ["+te", text.path, folder.appending(path: "\(number).dcm").path])
        guard made.isSuccess else { throw PriordProcess.Failure(description: made.text) }
        try FileManager.default.removeItem(at: text)
    }

    @Test func `GBK declared as Western is kept as sent, matched, found, shown as repaired, and so after reindex`()
        throws
    {
        let daemon = try PriordProcess()
        defer { daemon.end() }
        let ctl = Operator(daemon: daemon)
        let first = daemon.directory.appending(path: "first", directoryHint: .isDirectory)
        let second = daemon.directory.appending(path: "second", directoryHint: .isDirectory)
        for folder in [first, second] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        for number in 1...3 { try Self.write(number, name: "王^小梅", description: "胸部正侧位", in: first) }
        try Self.write(4, name: "李", description: "", in: second)
        for folder in [first, second] {
            let sent = try Tool.run(
                Tool.built("priorctl"),
                [
                    "send", folder.path, "--to", "127.0.0.1:\(daemon.dicomPort)", "--ae-title", "PRIORD", "--calling",
                    "GBKMOD",
                ])
            #expect(sent.isSuccess, "\(sent.text)")
        }
        try ctl.waitForAssessments(4)

        let map = try Tool.run(Tool.built("priorctl"), ["map", "胸部正侧位", "--modality", "DX", "--json"])
        let code = try JSONDecoder().decode(Mapped.self, from: Data(map.text.utf8)).match?.code
        #expect(code != nil)
        func studies() throws -> [Study] { try (1...4).map { try ctl.answer(Study.self, "study", "2.25.77.\($0)") } }
        let before = try studies()
        for study in before.prefix(3) {
            #expect(study.study.patientName == "王^小梅")
            #expect(study.study.studyDescription == "胸部正侧位")
            #expect(study.study.institution == "湖滨区人民医院")
            #expect(study.study.textState == "repaired")
            #expect(study.study.textEncoding == "GB18030")
            #expect(study.match?.code == code)
        }
        #expect(before[3].study.patientName == "李")
        #expect(before[3].study.textState == "guessed")
        #expect(try ctl.answer(StudyLines.self, "studies", "--text", "胸部正侧位").total == 3)

        let found = try Tool.run(
            "findscu",
            [
                "-S", "-aec", "PRIORD", "-k", "QueryRetrieveLevel=STUDY", "-k", "SpecificCharacterSet=ISO_IR 192", "-k",
                "StudyDescription=胸部正侧位", "-k", "PatientName", "-k", "StudyInstanceUID=2.25.77.2", "127.0.0.1",
                "\(daemon.dicomPort)",
            ])
        #expect(found.text.contains("王^小梅") && found.text.contains("ISO_IR 192"), "\(found.text)")

        let peers = try ctl.answer(Peers.self, "peers", "list")
        #expect(
            peers.peers.first { $0.aeTitle == "GBKMOD" }?.text
                == .init(characterSet: "GB18030", source: "learned", repaired: ["GB18030": 3], guessed: ["GB18030": 1]))
        #expect(try ctl.run("peers", "list", "--lang", "zh").text.contains("GB18030 (已学到); 已修复 3; 推测 1"))
        #expect(try ctl.run("study", "2.25.77.1").text.contains("repaired (GB18030)"))
        #expect(try ctl.run("status").text.contains("GBKMOD: 3 repaired, 1 guessed, 0 undecodable"))

        #expect(try ctl.run("reindex").isSuccess)
        #expect(try studies() == before)
        #expect(try ctl.answer(Peers.self, "peers", "list") == peers)
        let exported = daemon.directory.appending(path: "out")
        #expect(try ctl.run("export", "--all", exported.path).isSuccess)
        #expect(
            try OperatorTests.dataSets(below: exported)
                == OperatorTests.dataSets(below: first).union(OperatorTests.dataSets(below: second)))
    }
}
