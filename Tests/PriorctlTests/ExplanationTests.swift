import Catalogue
import Matching
import Testing

@testable import priorctl

/// What `map --explain` says, in the language asked for.
@Suite struct ExplanationTests {
    private func report(_ text: String, _ modality: String, _ language: Language) throws -> String {
        let explanation = try Matcher.bundled().explain(StudyDescriptor(modality: modality, studyDescription: text))
        return MapReport(
            explanation: explanation, outcome: explanation.outcome, procedures: [],
            library: try .bundled(lexicon: .bundled()), isExplained: true,
            presentation: Presentation(language),
            words: ExplanationWords(language: language, catalogue: try .bundled(), lexicon: try .bundled())
        ).text
    }

    @Test(arguments: [
        (Language.chinese, ["胸部正侧位", "部位 胸部 ← 检查描述 \"胸部\"", "投照位", "考虑过的项目", "项目为", "✗"]),
        (.english, ["region chest ← Study Description \"胸部\"", "Considered and why they lost", "the item is"]),
        (.vietnamese, ["vùng ", "← mô tả ca chụp \"胸部\"", "Các mục đã xét và lý do loại", "danh mục là"]),
    ])
    func `axes, their words and why the losers lost are told in the language asked for`(
        language: Language, phrases: [String]
    ) throws {
        let text = try report("胸部正侧位", "DX", language)
        #expect(text.contains("BW03ZZZ8B"))
        for phrase in phrases { #expect(text.contains(phrase), "\(phrase) is not in:\n\(text)") }
    }

    @Test func `a missing side is told as silence and not as contradiction`() throws {
        let text = try report("膝关节正侧位", "DX", .english)
        #expect(text.contains("? side: the item is left, the study does not say (the side is not stated)"), "\(text)")
    }

    @Test func `words that were not understood are named`() throws {
        #expect(try report("胸部正侧位 blorf", "DX", .chinese).contains("未能理解: \"blorf\""))
    }

    @Test(arguments: Language.allCases)
    func `every axis, source and reason has words of its own`(language: Language) throws {
        let words = ExplanationWords(language: language, catalogue: try .bundled(), lexicon: try .bundled())
        #expect(Set(AbstentionReason.allCases.map(words.reason)).count == AbstentionReason.allCases.count)
        #expect(Set(Doubts.names.map { words.doubt($0.doubt) }).count == Doubts.names.count)
        #expect(Set(Evidence.Axis.allCases.map(words.axis)).count == Evidence.Axis.allCases.count)
    }
}
