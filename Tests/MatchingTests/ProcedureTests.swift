import Catalogue
import Foundation
import Testing

@testable import Matching

/// Vietnam's procedures and China's techniques: their own names, policies, and texts that mean harm.
@Suite struct ProcedureTests {
    static let namer = Result { try StudyNamer.bundled() }

    func ids(_ modality: String, _ text: String) throws -> [String] {
        try Self.namer.get().name(study(modality, text), on: nil).procedures.map(\.procedure)
    }

    /// What the study of a procedure says of its modality.
    static func modality(_ procedure: Procedure) -> String {
        switch procedure.modality {
        case "": "XA"
        case "DR": "DX"
        case "NA": "OT"
        default: procedure.modality
        }
    }

    static func withoutDiacritics(_ text: String) -> String {
        text.replacing("đ", with: "d").replacing("Đ", with: "D").folding(options: .diacriticInsensitive, locale: nil)
    }

    @Test(arguments: Language.allCases)
    func `every name of Vietnam's list matches its own number alone`(language: Language) throws {
        let list = try ProcedureCatalogue.bundled()
        for procedure in list.procedures {
            let name = procedure.name[language]
            for text in language == .vietnamese ? [name, Self.withoutDiacritics(name)] : [name] {
                let found = try Self.namer.get().name(study(Self.modality(procedure), text), on: nil).procedures
                    .filter { $0.catalogue == list.id.value }.map(\.number)
                #expect(found == [procedure.number], "\(text)")
            }
        }
    }

    /// Techniques that stand in both of China's documents.
    static let twins: [Set<String>] = [
        ["G4-05", "P4-08"], ["G3-01", "P4-25"], ["G3-03", "P3-06"], ["G3-06", "P3-19"], ["G3-16", "P3-20"],
        ["G3-10", "P3-13"],
    ]

    @Test(arguments: Language.allCases)
    func `every name of China's list matches its own technique, and its twin in the other document`(
        language: Language
    ) throws {
        let list = try ProcedureCatalogue.bundledTechniques()
        for procedure in list.procedures {
            let name = procedure.name[language]
            for text in language == .vietnamese ? [name, Self.withoutDiacritics(name)] : [name] {
                let found = Set(
                    try Self.namer.get().name(study("XA", text), on: nil).procedures
                        .filter { $0.catalogue == list.id.value }.map(\.procedure))
                #expect(
                    found == [procedure.id] || (Self.twins.contains(found) && found.contains(procedure.id)),
                    "\(text): \(found)")
            }
        }
    }

    @Test(arguments: [
        ("XA", "肝动脉造影+TACE", ["278", "G3-12"]), ("XA", "TIPS", ["283", "G4-05", "P4-08"]),
        ("XA", "Đổ xi măng cột sống dưới X quang tăng sáng", ["223", "G3-09"]),
        ("XA", "Đổ xi măng cột sống", ["319", "G3-09"]), ("XA", "冠脉造影+支架植入(PCI)", []),
        ("XA", "PICC line insertion", []), ("XA", "Coil embolization cerebral aneurysm", ["301"]),
        ("XA", "子宫动脉栓塞治疗子宫肌瘤", ["287", "G3-04"]), ("XA", "子宫动脉栓塞治疗子宫腺肌症", ["288", "G3-04"]),
        ("CT", "Chụp CLVT tiểu khung có tiêm thuốc", ["51"]), ("CT", "Chụp CLVT tiểu khung không tiêm thuốc", ["51"]),
        ("CT", "CT TACE术后复查", []), ("XA", "下腔静脉滤器取出术", ["P3-11"]),
        ("US", "超声引导下肝穿刺活检", ["146"]), ("CT", "CT引导下肝穿刺活检", ["173"]),
        ("XA", "室上速射频消融", []), ("XA", "IABP主动脉球囊反搏置管", []), ("XA", "Bít ống động mạch", []),
        ("XA", "Alcohol ablation septal HOCM", []), ("XA", "结肠镜支架", []), ("XA", "Removal of biliary drain", []),
        ("US", "TIPS支架彩色多普勒复查", []), ("XA", "ORIF femur fluoroscopy", []),
        ("XA", "Bơm xi măng tổn thương xương cánh chậu DSA", ["324"]),
        ("XA", "Venogram upper extremity LT", ["261"]), ("XA", "Portal vein embolization right", ["279"]),
    ])
    func `the policies of both lists hold`(modality: String, text: String, expected: [String]) throws {
        #expect(try ids(modality, text) == expected, "\(text)")
    }

    @Test func `interventional work has no imaging item and says why`() throws {
        let naming = try Self.namer.get().name(study("XA", "肝癌TACE"), on: nil)
        #expect(naming.outcome == .unmapped(.intervention, candidates: []))
        #expect(naming.others.contains(OtherMatch(catalogue: "vietnam-25qd-byt-2014", no: 278)))
        #expect(naming.others.contains(OtherMatch(catalogue: "cn-interventional-2019", id: "G3-12")))
        #expect(naming.procedures.allSatisfy { !$0.evidence.isEmpty && (0.5...1).contains($0.confidence) })
    }

    @Test func `case, width and traditional characters do not change a procedure`() throws {
        for text in ["肝癌TACE", "下肢深静脉血栓置管溶栓(CDT)", "经皮肾造瘘术"] {
            let plain = try ids("XA", text)
            #expect(!plain.isEmpty)
            #expect(try ids("XA", text.lowercased()) == plain)
            #expect(try ids("XA", text.applyingTransform(.fullwidthToHalfwidth, reverse: true) ?? "") == plain)
            #expect(try ids("XA", text.applyingTransform(StringTransform("Hans-Hant"), reverse: false) ?? "") == plain)
        }
    }

    @Test(arguments: ["", "TACE\u{0}", "\u{202E}TACE", String(repeating: "TACE ", count: 4096), "🩻", "+++"])
    func `text that says nothing or cannot be trusted names no procedure`(text: String) throws {
        #expect(try ids("XA", text).isEmpty)
    }

    @Test func `random words are answered in bounded time and only with procedures of the lists`() throws {
        let namer = try Self.namer.get()
        let lists = [try ProcedureCatalogue.bundled(), try ProcedureCatalogue.bundledTechniques()]
        let terms = try Lexicon.bundledForProcedures().terms.map(\.text)
        var generator = HostileTextTests.Generator(state: 25)
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<1000 {
            let words = (0..<Int.random(in: 1...24, using: &generator)).compactMap { _ in
                terms.randomElement(using: &generator)
            }
            let modality = ["XA", "CT", "US", "RF", "MR", ""].randomElement(using: &generator) ?? ""
            for match in namer.name(study(modality, words.joined(separator: " ")), on: nil).procedures {
                #expect(lists.contains { $0.id.value == match.catalogue && $0[match.procedure] != nil })
            }
        }
        #expect(start.duration(to: clock.now) < .seconds(60))
    }
}
