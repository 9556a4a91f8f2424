import Catalogue
import Testing

@testable import Matching

@Suite struct HostileTextTests {
    func reason(_ text: String) -> AbstentionReason? {
        guard case .unmapped(let reason, _) = matcher.match(study("DX", text)) else { return nil }
        return reason
    }

    @Test(arguments: ["", " ", "\t\r\n", "\u{200B}"])
    func `nothing to read is not answered`(text: String) { #expect(reason(text) == .noDescription) }

    @Test(arguments: [
        "胸部正位\u{0}", "\u{1B}$)A胸部正位", "胸部\u{FFFD}正位", "左\u{202E}膝正侧位", "\u{2066}左膝正侧位\u{2069}",
        String(repeating: "胸部正位", count: 16_384),
    ])
    func `text that cannot be trusted is not answered`(text: String) { #expect(reason(text) == .unreadableText) }

    @Test(arguments: ["🩻🩻🩻", "123456", "....", "+++---", "ﷺ", "𝕏𝕪𝕫", "e\u{301}\u{301}\u{301}\u{301}"])
    func `text without a region is not answered`(text: String) { #expect(reason(text) != nil) }

    /// SplitMix64, so that a failure repeats.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    @Test func `random words in random order never crash and are answered in bounded time`() throws {
        var generator = Generator(state: 2021)
        let terms = try Lexicon.bundled().terms.map(\.text)
        let noise = ["\u{0}", "🩻", "\u{202E}", "+", "/", "(", ")", ",", "-", " ", "１", "đ", "\u{301}", "W", "é"]
        let clock = ContinuousClock()
        let start = clock.now
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                text += Bool.random(using: &generator) ? terms.randomElement(using: &generator) ?? "" : " "
                text += noise.dropFirst(3).randomElement(using: &generator) ?? ""
            }
            if Int.random(in: 0..<8, using: &generator) == 0 { text += noise.randomElement(using: &generator) ?? "" }
            let modality = ["DX", "CT", "MR", "MG", "", "??"].randomElement(using: &generator) ?? ""
            var one = study(modality, text)
            one.seriesDescriptions = (0..<4).compactMap { _ in terms.randomElement(using: &generator) }
            one.laterality = ["L", "R", "", "X"].randomElement(using: &generator) ?? ""
            for code in matcher.match(one).codes { #expect(matcher.catalogue[code] != nil) }
        }
        #expect(start.duration(to: clock.now) < .seconds(60))
    }

    @Test func `the same study is answered the same every time`() throws {
        let items = try ImagingCatalogue.bundled().items
        for item in items.prefix(40) {
            let one = study(item.dicomModalities[0], item.name.en)
            #expect(matcher.match(one) == matcher.match(one))
        }
    }
}
