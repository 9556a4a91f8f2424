import Catalogue
import Foundation
import Testing

@testable import Matching

/// The labelled development sets, where they are present: beside the checkout or where PRIORD_EVAL says.
@Suite struct EvalTests {
    struct Thresholds: Sendable {
        let accuracy: Double
        let wrong: Double
        let falseAnswers: Double
    }

    struct Gold: Decodable {
        struct Label: Decodable {
            let code: String
            let also: [String]
        }
        let gold: Label
    }

    static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["PRIORD_EVAL"].map { URL(fileURLWithPath: $0) }
        let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = named ?? package.deletingLastPathComponent().appendingPathComponent("shared/eval")
        return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
    }()

    @Test(
        .enabled(if: folder != nil, "the labelled sets are not present; PRIORD_EVAL names their folder"),
        arguments: [
            ("zh_hospital_dev", Thresholds(accuracy: 0.98, wrong: 0.005, falseAnswers: 0.02)),
            ("en_clinical_dev", Thresholds(accuracy: 0.98, wrong: 0.01, falseAnswers: 0.03)),
            ("vi_hospital_dev", Thresholds(accuracy: 0.99, wrong: 0.01, falseAnswers: 0.03)),
            ("interventional_dev", Thresholds(accuracy: 0.98, wrong: 0, falseAnswers: 0.02)),
            ("idc_dev", Thresholds(accuracy: 0.94, wrong: 0.015, falseAnswers: 0.03)),
        ])
    func `the labelled sets are answered as well as measured`(set: String, thresholds: Thresholds) throws {
        let file = try #require(Self.folder).appendingPathComponent("\(set).jsonl")
        let tally = try Tally(lines: String(contentsOf: file, encoding: .utf8).split(separator: "\n"))
        print("\(set): \(tally)")
        #expect(tally.accuracy >= thresholds.accuracy)
        #expect(tally.wrongRate <= thresholds.wrong)
        #expect(tally.falseRate <= thresholds.falseAnswers)
    }

    /// The counts of score.py: right means the code, an accepted other one, or silence on a row without a code.
    struct Tally: CustomStringConvertible {
        var rows = 0
        var coded = 0
        var right = 0
        var wrong = 0
        var falseAnswers = 0
        /// By tenth of confidence: answers and right answers.
        var reliability: [Int: (answers: Int, right: Int)] = [:]

        var accuracy: Double { Double(right) / Double(rows) }
        var wrongRate: Double { coded == 0 ? 0 : Double(wrong) / Double(coded) }
        var falseRate: Double { rows == coded ? 0 : Double(falseAnswers) / Double(rows - coded) }

        init(lines: [Substring]) throws {
            let decoder = JSONDecoder()
            for line in lines {
                let data = Data(line.utf8)
                try add(
                    decoder.decode(StudyDescriptor.self, from: data), decoder.decode(Gold.self, from: data).gold)
            }
        }

        private static func codes(_ text: String) -> Set<String> {
            text == "NONE" ? [] : Set(text.split(separator: "+").map(String.init))
        }

        private mutating func add(_ study: StudyDescriptor, _ label: Gold.Label) {
            let outcome = matcher.match(study)
            let answer = Set(outcome.codes.map(\.value))
            let gold = Self.codes(label.code)
            let also = label.also.map(Self.codes)
            let isRight = answer == gold || (!answer.isEmpty && also.contains(answer))
            let isPartial =
                !answer.isEmpty && ([gold] + also).contains { $0.count > 1 && answer.isStrictSubset(of: $0) }
            rows += 1
            coded += gold.isEmpty ? 0 : 1
            right += isRight ? 1 : 0
            if !isRight, !isPartial, !answer.isEmpty {
                if gold.isEmpty { falseAnswers += 1 } else { wrong += 1 }
            }
            guard case .matched(let match, _) = outcome else { return }
            reliability[Int(match.confidence * 10), default: (0, 0)].answers += 1
            reliability[Int(match.confidence * 10), default: (0, 0)].right += isRight ? 1 : 0
        }

        var description: String {
            func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
            let table = reliability.sorted { $0.key < $1.key }
                .map { "\(Double($0.key) / 10)+: \($0.value.right)/\($0.value.answers)" }.joined(separator: ", ")
            return "rows \(rows), acc@1 \(percent(accuracy)), wrong \(percent(wrongRate)), "
                + "false \(percent(falseRate)); right by confidence \(table)"
        }
    }
}
