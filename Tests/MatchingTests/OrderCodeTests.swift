import Catalogue
import Testing

@testable import Matching

/// Codes that order entry writes together from short parts.
@Suite struct OrderCodeTests {
    private let codes = OrderCodes([
        .init(code: "CT", role: .opening, modalities: ["CT"], words: "CT"),
        .init(code: "CTA", role: .opening, modalities: ["CTA"], words: "CT angiography"),
        .init(code: "XR", role: .opening, modalities: ["XR"], words: "X-ray"),
        .init(code: "HD", role: .region, words: "head"), .init(code: "ABD", role: .region, words: "abdomen"),
        .init(code: "ANK", role: .region, words: "ankle"), .init(code: "NK", role: .region, words: "neck"),
        .init(code: "AP", role: .detail, modalities: ["XR"], words: "AP"),
        .init(code: "AP", role: .region, modalities: ["CT"], words: "abdomen and pelvis"),
        .init(code: "WO", role: .detail, words: "without contrast"), .init(code: "LT", role: .detail, words: "left"),
    ])

    private func words(_ code: String) -> String? {
        codes.words(of: FoldedText(code).scalars).map { words in
            String(String.UnicodeScalarView(words.compactMap(Unicode.Scalar.init)))
        }
    }

    @Test(arguments: [
        ("CTHDWO", "ct head without contrast"), ("XRANKLTAP", "x-ray ankle left ap"),
        ("CTAPWO", "ct abdomen and pelvis without contrast"), ("ABDWO", "abdomen without contrast"),
    ])
    func `a code is its parts, as its opening means them`(code: String, meaning: String) {
        #expect(words(code) == meaning)
    }

    @Test(arguments: ["CTHDXX", "HD", "WOHD", "CT", "", "HDABD"])
    func `what is not made of parts altogether is no code`(code: String) { #expect(words(code) == nil) }

    @Test func `a code that parts two ways is not read`() { #expect(words("CTANKWO") == nil) }

    @Test func `a part of the body shortened in a text is read where none is named`() {
        #expect(matcher.match(study("CT", "CT HD W/O")).codes.map(\.value) == ["B020ZYZZZ"])
        #expect(matcher.match(study("CT", "CT CHEST W/O HD")).codes.map(\.value) == ["BW23ZYZZZ"])
    }
}
