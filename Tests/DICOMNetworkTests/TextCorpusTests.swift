import DICOMCore
import Testing

@testable import DICOMNetwork

/// How often text is read as it was written, by what it is in, what it declares and how much of it there is.
@Suite struct TextCorpusTests {
    enum Evidence: String, CaseIterable {
        case name, description, both
    }

    struct Score {
        var count = 0
        var right = 0
        var states: [TextState: Int] = [:]
        var takenAs: [String: Int] = [:]
        var wrong: [String] = []
        /// Wrong ones that were said to be certain.
        var wronglyCertain = 0

        var rate: Double { count == 0 ? 1 : Double(right) / Double(count) }
    }

    /// Reads every name, every description, or each name with a description, in one encoding under one declaration.
    static func score(
        _ language: TextCorpus.Language, _ encoding: TextEncoding, declared: [String], _ evidence: Evidence,
        learned: TextEncoding? = nil
    ) -> Score {
        let datasets: [[String]] =
            switch evidence {
            case .name: language.names.map { [$0] }
            case .description: language.descriptions.map { [$0] }
            case .both:
                language.names.enumerated().map { [$1, language.descriptions[$0 % language.descriptions.count]] }
            }
        var score = Score()
        for texts in datasets where texts.contains(where: { !$0.utf8.allSatisfy { $0 < 0x80 } }) {
            let raw = texts.compactMap { TextCorpus.encode($0, encoding) }.map { RawText(bytes: $0, kind: .names) }
            guard raw.count == texts.count else { continue }
            let waiting = raw.filter { !RawText.isPlain($0.bytes) }
            let repair = TextRepair(
                DeclaredCharacterSet(declared), sender: .init(learned: learned), converter: TextConverter())
            let result = repair.resolve(waiting)
            let expected = zip(texts, raw).filter { !RawText.isPlain($1.bytes) }.map(\.0)
            score.count += 1
            score.states[result.origin.state, default: 0] += 1
            score.takenAs[result.origin.encoding?.rawValue ?? "as declared", default: 0] += 1
            if result.texts.map(\.composed) == expected {
                score.right += 1
            } else {
                if result.origin.state == .repaired { score.wronglyCertain += 1 }
                score.wrong.append("\(expected) → \(result.texts)")
            }
        }
        return score
    }

    struct Row: Sendable {
        let language: TextCorpus.Language
        let encoding: TextEncoding
        let declared: [String]
        var learned: TextEncoding?
        /// Least rates for names, descriptions and both.
        let least: [Double]
    }

    static let rows: [Row] = [
        Row(language: TextCorpus.chinese, encoding: .gb18030, declared: ["ISO_IR 100"], least: [0.95, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .gb18030, declared: [], least: [0.95, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .gb18030, declared: ["", "ISO 2022 IR 58"], least: [0.99, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .gb18030, declared: ["ISO_IR 192"], least: [0.95, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .gb18030, declared: ["GB18030"], least: [1, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .utf8, declared: ["ISO_IR 100"], least: [1, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .utf8, declared: [], least: [1, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .utf8, declared: ["GB18030"], least: [0.95, 1, 1]),
        Row(language: TextCorpus.chinese, encoding: .utf8, declared: ["ISO_IR 192"], least: [1, 1, 1]),
        Row(language: TextCorpus.traditional, encoding: .big5, declared: ["ISO_IR 100"], least: [0.65, 0.9, 0.95]),
        Row(language: TextCorpus.traditional, encoding: .big5, declared: [], least: [0.8, 0.9, 0.95]),
        Row(language: TextCorpus.traditional, encoding: .gb18030, declared: ["ISO_IR 100"], least: [0.9, 0.9, 0.95]),
        Row(language: TextCorpus.vietnamese, encoding: .windows1258, declared: ["ISO_IR 100"], least: [0.9, 1, 1]),
        Row(language: TextCorpus.vietnamese, encoding: .windows1258, declared: [], least: [0.9, 1, 1]),
        Row(language: TextCorpus.vietnamese, encoding: .tcvn3, declared: ["ISO_IR 100"], least: [0.85, 1, 1]),
        Row(language: TextCorpus.vietnamese, encoding: .tcvn3, declared: [], least: [0.9, 1, 1]),
        Row(language: TextCorpus.vietnamese, encoding: .utf8, declared: ["ISO_IR 100"], least: [1, 1, 1]),
        Row(language: TextCorpus.vietnamese, encoding: .utf8, declared: [], least: [1, 1, 1]),
        Row(language: TextCorpus.western, encoding: .windows1252, declared: ["ISO_IR 100"], least: [1, 1, 1]),
        Row(language: TextCorpus.western, encoding: .windows1252, declared: [], least: [0.95, 0.95, 0.98]),
        Row(language: TextCorpus.western, encoding: .utf8, declared: ["ISO_IR 100"], least: [1, 1, 1]),
        Row(language: TextCorpus.western, encoding: .utf8, declared: ["ISO_IR 192"], least: [1, 1, 1]),
        Row(
            language: TextCorpus.chinese, encoding: .gb18030, declared: ["ISO_IR 100"], learned: .gb18030,
            least: [0.99, 1, 1]),
        Row(
            language: TextCorpus.traditional, encoding: .big5, declared: ["ISO_IR 100"], learned: .big5,
            least: [0.9, 1, 1]),
        Row(
            language: TextCorpus.vietnamese, encoding: .tcvn3, declared: ["ISO_IR 100"], learned: .tcvn3,
            least: [0.9, 1, 1]),
        Row(
            language: TextCorpus.vietnamese, encoding: .windows1258, declared: ["ISO_IR 100"], learned: .windows1258,
            least: [0.9, 1, 1]),
        Row(
            language: TextCorpus.western, encoding: .windows1252, declared: ["ISO_IR 100"], learned: .gb18030,
            least: [0.9, 0.9, 0.9]),
        Row(
            language: TextCorpus.japanese, encoding: .shiftJIS, declared: ["", "ISO 2022 IR 87"], least: [0.85, 1, 1]),
        Row(language: TextCorpus.japanese, encoding: .shiftJIS, declared: ["ISO_IR 100"], least: [0.5, 0.5, 0.8]),
        Row(language: TextCorpus.japanese, encoding: .utf8, declared: ["ISO_IR 192"], least: [1, 1, 1]),
    ]

    @Test func `text is read as it was written, whatever it declares`() {
        print("language  in            declared              evidence     read  of  right  as")
        for row in Self.rows {
            for (evidence, least) in zip(Evidence.allCases, row.least) {
                let score = Self.score(
                    row.language, row.encoding, declared: row.declared, evidence, learned: row.learned)
                let declared = row.declared.isEmpty ? "nothing" : row.declared.joined(separator: "\\")
                let taken = score.takenAs.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
                let states = score.states.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                print(
                    Self.cells([
                        (row.language.name, 10), (row.encoding.rawValue, 14),
                        (declared + (row.learned == nil ? "" : " learned"), 22), (evidence.rawValue, 12),
                    ])
                        + "\(score.right)/\(score.count)  \(Int(score.rate * 1000))‰  "
                        + (taken + states).joined(separator: ", "))
                for wrong in score.wrong.prefix(12) { print("    " + wrong) }
                #expect(
                    score.wronglyCertain == 0, "\(row.language.name) in \(row.encoding) under \(declared): \(evidence)")
                #expect(score.rate >= least, "\(row.language.name) in \(row.encoding) under \(declared): \(evidence)")
            }
        }
    }

    private static func cells(_ cells: [(String, Int)]) -> String {
        cells.map { $0 + String(repeating: " ", count: max(1, $1 - $0.count)) }.joined()
    }
}
