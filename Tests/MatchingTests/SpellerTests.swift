import Catalogue
import Testing

@testable import Matching

/// Words put right before they are read: never to another meaning, and only where nothing else fits.
@Suite struct SpellerTests {
    private static let repairs: [(modality: String, written: String, meant: String)] = [
        // Characters that sound like the right one, or one wrong in a long word.
        ("CT", "颈锥平扫", "颈椎平扫"), ("CT", "胸部平嫂", "胸部平扫"), ("MR", "腰锥平扫", "腰椎平扫"),
        ("CT", "上腹部增墙", "上腹部增强"),
        // Pinyin, whole, shortened and as initials.
        ("CT", "toulu pingsao", "头颅平扫"), ("CT", "TOULU CT PINGSAO", "头颅CT平扫"),
        ("CT", "penqctzengq", "盆腔CT增强"), ("DX", "xiongbu zhengcewei", "胸部正侧位"),
        // Typing errors and words written together.
        ("MR", "LUMBER SPINE WITHOUT CONTRAST", "LUMBAR SPINE WITHOUT CONTRAST"),
        ("CT", "CHEST WITHOUT CONRTAST", "CHEST WITHOUT CONTRAST"),
        ("DX", "RIGHT SHLDR AP", "RIGHT SHOULDER AP"), ("DX", "CHESTPALAT", "CHEST PA LAT"),
        ("DX", "RIGHTKNEEAPLATERAL", "RIGHT KNEE AP LATERAL"),
        // A wrong diacritic.
        ("CT", "Chụp CLVT sọ nảo không tiêm thuốc cản quang", "Chụp CLVT sọ não không tiêm thuốc cản quang"),
    ]

    @Test(arguments: repairs) func `a slip is read as what was meant`(modality: String, written: String, meant: String)
    {
        let wanted = matcher.match(study(modality, meant)).codes
        #expect(!wanted.isEmpty && matcher.match(study(modality, written)).codes == wanted)
    }

    @Test(arguments: [
        ("CT", "XBZ PQ"), ("MR", "waste angel"), ("DX", "aaaaaaaaaaaaaaaaaaaa"), ("CT", "zhengzhengzheng"),
        ("DX", "裸袜子"), ("CT", "qwrtpsdfg"),
    ])
    func `what is no slip is left alone`(modality: String, text: String) {
        #expect(matcher.match(study(modality, text)).codes.isEmpty)
    }

    @Test func `evidence quotes what stands there, not what it was read as`() {
        guard case .matched(let match, _) = matcher.match(study("CT", "颈锥平扫")) else {
            Issue.record("not answered")
            return
        }
        #expect(match.evidence.contains { $0.value == "cervical_spine" && $0.text == "颈锥" })
    }

    @Test(
        arguments: [
            ("chest", "chest", 0), ("chest", "ches", 1), ("chest", "chset", 1), ("chest", "cheast", 1),
            ("chest", "crest", 1),
            ("abdomen", "abdomne", 1), ("abc", "xyz", nil), ("a", "abcd", nil),
        ] as [(String, String, Int?)])
    func `a typing error is one insertion, deletion, substitution or swap`(one: String, other: String, distance: Int?) {
        #expect(
            typingDistance(one.unicodeScalars.map(\.value), other.unicodeScalars.map(\.value), limit: 1) == distance)
    }

    @Test func `one typing error in an English name is never read as another item`() throws {
        var generator = HostileTextTests.Generator(state: 7)
        var answered = 0
        var tried = 0
        for item in try ImagingCatalogue.bundled().items {
            var letters = Array(item.name.en)
            let places = letters.indices.dropLast().filter { letters[$0].isLetter && letters[$0 + 1].isLetter }
            guard let place = places.randomElement(using: &generator) else { continue }
            letters.swapAt(place, place + 1)
            tried += 1
            let found = matcher.match(study(item.dicomModalities[0], String(letters))).codes
            answered += found == [item.code] ? 1 : 0
            // A slip inside a side or a view may leave only a part of it; what it may never do is name another part.
            for code in found where code != item.code {
                #expect(ImagingCatalogue.sameParts(code, item.code), "\(String(letters)): \(code)")
            }
        }
        print("names with two letters swapped: \(answered) of \(tried) answered")
        #expect(Double(answered) / Double(tried) > 0.8)
    }
}

extension ImagingCatalogue {
    fileprivate static func sameParts(_ one: ItemCode, _ other: ItemCode) -> Bool {
        guard let catalogue = try? ImagingCatalogue.bundled() else { return false }
        return catalogue[one]?.anatomy == catalogue[other]?.anatomy
    }
}
