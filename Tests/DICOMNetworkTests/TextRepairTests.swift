import DICOMCore
import Foundation
import Testing

@testable import DICOMNetwork

@Suite struct TextRepairTests {
    /// Reads texts of one Data Set, each given in an encoding of iconv's.
    private static func read(
        _ texts: [(String, String)], declared: [String] = [], kind: RawText.Kind = .values,
        learned: TextEncoding? = nil, configured: TextEncoding? = nil
    ) throws -> TextRepair.Result {
        let raw = try texts.map { RawText(bytes: try #require(TextCorpus.encode($0.0, $0.1)), kind: kind) }
        return resolve(raw, declared: declared, learned: learned, configured: configured)
    }

    private static func resolve(
        _ raw: [RawText], declared: [String], learned: TextEncoding? = nil, configured: TextEncoding? = nil
    ) -> TextRepair.Result {
        let sender = TextRepair.Sender(learned: learned, configured: configured)
        return TextRepair(DeclaredCharacterSet(declared), sender: sender, converter: TextConverter()).resolve(raw)
    }

    @Test(arguments: [["ISO_IR 100"], [], ["ISO_IR 6"], ["ISO_IR 192"], ["", "ISO 2022 IR 58"], ["ISO 2022 IR 58"]])
    func `GBK bytes are read under a wrong declaration, and certain with enough of them`(declared: [String]) throws {
        let texts = ["胸部正侧位", "上腹部CT平扫+增强", "浙江省第一人民医院"]
        let result = try Self.read(texts.map { ($0, "GB18030") }, declared: declared)
        #expect(result == .init(texts: texts, origin: TextOrigin(state: .repaired, encoding: .gb18030)))
    }

    @Test func `a description decides for a name too short to tell`() throws {
        let alone = try Self.read([("王", "GBK")], declared: ["ISO_IR 100"])
        #expect(alone.origin.state != .repaired)
        let together = try Self.read([("王", "GBK"), ("颈椎六位片", "GBK")], declared: ["ISO_IR 100"])
        #expect(together.texts == ["王", "颈椎六位片"])
        #expect(together.origin == TextOrigin(state: .repaired, encoding: .gb18030))
    }

    @Test func `what a sender is known to send settles what is too short to tell`() throws {
        let learned = try Self.read([("王", "GBK")], declared: ["ISO_IR 100"], learned: .gb18030)
        #expect(learned == .init(texts: ["王"], origin: TextOrigin(state: .guessed, encoding: .gb18030)))
        let configured = try Self.read([("王", "GBK")], declared: ["ISO_IR 100"], configured: .gb18030)
        #expect(configured == .init(texts: ["王"], origin: TextOrigin(state: .repaired, encoding: .gb18030)))
        let hong = try Self.read([("Hồng", "TCVN5712-1")], declared: ["ISO_IR 100"], learned: .tcvn3)
        #expect(hong.texts == ["Hồng"])
    }

    @Test(arguments: ["Müller^Jürgen", "Lefèvre^Hélène", "Größe 5 µm", "Übelhör", "João", "Guðrún", "Crâne 30°"])
    func `western names and units stay as declared, even where the sender is known for Chinese`(text: String) throws {
        for learned in [nil, TextEncoding.gb18030, .tcvn3] {
            let result = try Self.read([(text, "ISO-8859-1")], declared: ["ISO_IR 100"], learned: learned)
            #expect(result == .init(texts: [text], origin: .declared))
        }
    }

    @Test func `UTF-8 under any other declaration is repaired`() throws {
        for declared in [["ISO_IR 100"], [], ["GB18030"], ["ISO_IR 144"], ["", "ISO 2022 IR 58"]] {
            let result = try Self.read(
                [("王^小梅", "UTF-8"), ("胸部正侧位", "UTF-8"), ("Nguyễn Thị Hoa", "UTF-8")], declared: declared)
            #expect(result.texts == ["王^小梅", "胸部正侧位", "Nguyễn Thị Hoa"], "\(declared)")
            #expect(result.origin == TextOrigin(state: .repaired, encoding: .utf8), "\(declared)")
        }
    }

    @Test(arguments: [
        (["ISO_IR 192"], "UTF-8", "Wang^XiaoDong=王^小東="), (["GB18030"], "GB18030", "Wang^XiaoDong=王^小东="),
        (["GBK"], "GBK", "韓^國喆"), (["ISO_IR 144"], "ISO-8859-5", "Люкceмбypг"), (["ISO_IR 166"], "TIS-620", "ทดสอบ"),
        (["ISO_IR 13"], "CP932", "ﾔﾏﾀﾞ^ﾀﾛｳ"), (["ISO_IR 101"], "ISO-8859-2", "Wałęsa"),
        (["ISO_IR 148"], "ISO-8859-9", "Çavuşoğlu"),
    ])
    func `text that is as declared stays so`(declared: [String], encoding: String, text: String) throws {
        #expect(
            try Self.read([(text, encoding)], declared: declared, kind: .names)
                == .init(texts: [text], origin: .declared))
    }

    @Test func `escape sequences of Japan, Korea and China are read as PS3.5 shows them`() throws {
        // PS3.5 H.3.1, H.3.2, I.2, J.3 and K.2: the names of the standard.
        let esc = "\u{1B}"
        func bytes(_ parts: [(String, String?)]) throws -> [UInt8] {
            try parts.flatMap { text, encoding in
                try encoding.map { try #require(TextCorpus.encode(text, $0)) } ?? Array(text.utf8)
            }
        }
        let yamada = Array(
            "Yamada^Tarou=\(esc)$B;3ED\(esc)(B^\(esc)$BB@O:\(esc)(B=\(esc)$B$d$^$@\(esc)(B^\(esc)$B$?$m$&\(esc)(B".utf8)
        #expect(
            Self.resolve([RawText(bytes: yamada, kind: .names)], declared: ["", "ISO 2022 IR 87"])
                == .init(texts: ["Yamada^Tarou=山田^太郎=やまだ^たろう"], origin: .declared))
        let korean = try bytes([
            ("Hong^Gildong=\(esc)$)C", nil), ("洪", "EUC-KR"), ("^\(esc)$)C", nil), ("吉洞", "EUC-KR"),
            ("=\(esc)$)C", nil),
            ("홍", "EUC-KR"), ("^\(esc)$)C", nil), ("길동", "EUC-KR"),
        ])
        #expect(
            Self.resolve([RawText(bytes: korean, kind: .names)], declared: ["", "ISO 2022 IR 149"])
                == .init(texts: ["Hong^Gildong=洪^吉洞=홍^길동"], origin: .declared))
        let chinese = try bytes([
            ("Zhang^XiaoDong=\(esc)$)A", nil), ("张", "GB2312"), ("^\(esc)$)A", nil), ("小东", "GB2312"), ("=", nil),
        ])
        #expect(
            Self.resolve([RawText(bytes: chinese, kind: .names)], declared: ["", "ISO 2022 IR 58"])
                == .init(texts: ["Zhang^XiaoDong=张^小东="], origin: .declared))
        // The same without a declaration, and with the escape sequence not repeated after "^" as it has to be.
        #expect(
            Self.resolve([RawText(bytes: yamada, kind: .names)], declared: [])
                == .init(
                    texts: ["Yamada^Tarou=山田^太郎=やまだ^たろう"], origin: TextOrigin(state: .repaired, encoding: .iso2022)))
        let forgotten = try bytes([
            ("Zhang^XiaoDong=\(esc)$)A", nil), ("张", "GB2312"), ("^", nil), ("小东", "GB2312"), ("=", nil),
        ])
        for declared in [["", "ISO 2022 IR 58"], [], ["ISO_IR 100"]] {
            let result = Self.resolve([RawText(bytes: forgotten, kind: .names)], declared: declared)
            #expect(result.texts == ["Zhang^XiaoDong=张^小东="])
            #expect(result.origin.encoding == .gb18030)
        }
    }

    @Test func `half of a character that was cut off is left out`() throws {
        let long = String(repeating: "胸部正侧位", count: 7)
        for (encoding, declared) in [
            ("GBK", "ISO_IR 100"), ("GBK", "GB18030"), ("UTF-8", "ISO_IR 192"), ("UTF-8", "ISO_IR 100"),
        ] {
            let bytes = try Array(#require(TextCorpus.encode(long, encoding)).prefix(encoding == "GBK" ? 63 : 64))
            let result = Self.resolve([RawText(bytes: bytes, kind: .values)], declared: [declared])
            #expect(result.texts == [String(long.prefix(encoding == "GBK" ? 31 : 21))], "\(encoding) under \(declared)")
        }
    }

    @Test func `texts in different encodings are each read in their own`() throws {
        let result = try Self.read(
            [("王^小梅 浙江医院", "GBK"), ("上腹部平扫加增强", "GBK"), ("胸部正侧位", "UTF-8")], declared: ["ISO_IR 100"])
        #expect(result.texts == ["王^小梅 浙江医院", "上腹部平扫加增强", "胸部正侧位"])
        #expect(result.origin.state == .guessed)
    }

    @Test func `TCVN3 keeps capitals, which are another font's small letters, and is no other text`() throws {
        let name = try #require(TextCorpus.encode("NGUYễN^THị HồNG ĐứC", "TCVN5712-1"))
        let result = Self.resolve([RawText(bytes: name, kind: .names)], declared: ["ISO_IR 100"])
        #expect(result.texts == ["NGUYỄN^THỊ HỒNG ĐỨC"])
        #expect(result.origin.encoding == .tcvn3)
        #expect(TextConverter().decode([0x41, 0x81], as: .tcvn3) == nil)
        #expect(TextConverter().decode([0x41, 0x11], as: .tcvn3) == nil)
    }

    @Test func `combining tones of Windows-1258 are composed`() throws {
        let bytes: [UInt8] =
            Array("Nguy".utf8) + [0xEA, 0xDE] + Array("n Th".utf8) + Array("i".utf8) + [0xF2] + Array(" \u{48}".utf8)
            + [0xF4, 0xCC]
            + Array("ng".utf8) + [0x20, 0xD0, 0xFD, 0xEC, 0x63]
        let result = Self.resolve([RawText(bytes: bytes, kind: .names)], declared: [])
        #expect(result.texts.map(\.composed) == ["Nguyễn Thị Hồng Đức"])
        #expect(result.origin.encoding == .windows1258)
    }

    @Test func `noise is undecodable and keeps its ASCII`() {
        let noise = RawText(
            bytes: Array("CT ".utf8) + [0x81, 0x20, 0x8D, 0xFF, 0x20, 0x90, 0x00, 0x9D, 0xFF], kind: .values)
        let result = Self.resolve([noise], declared: ["ISO_IR 192"])
        #expect(result.origin == TextOrigin(state: .undecodable))
        #expect(result.texts[0].hasPrefix("CT "))
    }

    @Test func `a misspelt declaration is a hint`() throws {
        for term in ["GB2312", "gbk", "ISO_IR 58", "GB 18030"] {
            let result = try Self.read([("李娜", "GBK")], declared: [term])
            #expect(result.texts == ["李娜"], "\(term)")
        }
        #expect(DeclaredCharacterSet(["utf-8"]).hints == [.utf8])
    }

    @Test func `syllables of Vietnamese are told from other words`() {
        let syllables =
            "nguyễn thị đức ngực thẳng nghiêng phượng quốc giếng gì khuỷu tuyến huỳnh ước yếu oanh ẩm ăn quý đùi xương"
            .split(separator: " ")
        for syllable in syllables { #expect(VietnameseSyllable.isPlausible(syllable), "\(syllable)") }
        let others = "müller săo ăo jürgen fête năo hélène đm åse gïi ắắ tàc bắk".split(separator: " ")
        for other in others { #expect(!VietnameseSyllable.isPlausible(other), "\(other)") }
    }
}

/// Bytes that nobody wrote as text.
@Suite struct TextRepairFuzzTests {
    private static let declarations: [[String]] = [
        [], ["ISO_IR 100"], ["ISO_IR 192"], ["GB18030"], ["", "ISO 2022 IR 58"], ["", "ISO 2022 IR 87"],
        ["ISO 2022 IR 13", "ISO 2022 IR 87"],
        ["", "ISO 2022 IR 149"], ["ISO_IR 166"], ["nonsense", "more"],
    ]

    @Test func `random bytes become text, never a crash, with no replacement but where nothing fits`() {
        var random = MutatedFileTests.Seeded(state: 7)
        for round in 0..<3000 {
            let texts = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    Int.random(in: 0..<6, using: &random) == 0 ? 0x1B : UInt8.random(in: 0...255, using: &random)
                }
                return RawText(bytes: bytes, kind: [.values, .names, .text][round % 3])
            }
            let declared = Self.declarations[round % Self.declarations.count]
            let result = TextRepair(
                DeclaredCharacterSet(declared), sender: .init(learned: .gb18030), converter: TextConverter()
            )
            .resolve(texts)
            #expect(result.texts.count == texts.count)
            if result.origin.state != .undecodable {
                #expect(
                    !result.texts.contains { $0.unicodeScalars.contains("\u{FFFD}") }
                        || texts.contains { $0.hasReplacement })
            }
        }
    }

    /// Seconds that this thread has worked, whatever else the machine does.
    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test func `sixteen values of 60 kB take bounded time`() throws {
        let chinese = try #require(TextCorpus.encode(String(repeating: "胸部正侧位", count: 6000), "GBK"))
        var random = MutatedFileTests.Seeded(state: 3)
        let noise = (0..<60_000).map { _ in UInt8.random(in: 0x80...0xFF, using: &random) }
        for bytes in [chinese, noise, [UInt8](repeating: 0x1B, count: 60_000), [UInt8](repeating: 0xC3, count: 60_000)]
        {
            let texts = (0..<16).map { _ in RawText(bytes: bytes, kind: .text) }
            let start = Self.processorTime
            _ = TextRepair(DeclaredCharacterSet([]), sender: .init(), converter: TextConverter()).resolve(texts)
            #expect(Self.processorTime - start < 8, "seconds of this thread in a debug build")
        }
    }
}

extension RawText {
    fileprivate var hasReplacement: Bool {
        zip(zip(bytes, bytes.dropFirst()), bytes.dropFirst(2)).contains { $0.0 == 0xEF && $0.1 == 0xBF && $1 == 0xBD }
            || bytes.contains(0x84)
    }
}
