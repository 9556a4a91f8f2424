import Catalogue
import Foundation
import Testing

@testable import Matching

/// Procedures of the labelled development sets, counted as score.py counts: right means at least one right number and
/// no wrong one, or silence where nothing applies.
@Suite struct ProcedureEvalTests {
    struct Label: Decodable {
        struct Item: Decodable {
            let domain: String
            let level: Int
            let item: Int

            var id: String { "\(domain.prefix(1).uppercased())\(level)-\(item)" }
        }
        /// A list, or a word such as NONE that stands for an empty one.
        struct List<Member: Decodable>: Decodable {
            let members: [Member]

            init(from decoder: any Decoder) throws {
                members = (try? decoder.singleValueContainer().decode([Member].self)) ?? []
            }
        }
        private enum CodingKeys: String, CodingKey {
            case vietnam = "vn_no"
            case vietnamAlso = "vn_also"
            case vietnamMayBeSilent = "vn_none_ok"
            case isVietnamScored = "vn_scored"
            case china = "cn_items"
            case chinaAlso = "cn_also"
            case isChinaScored = "cn_scored"
        }

        let vietnam: List<Int>?
        let vietnamAlso: List<Int>?
        let vietnamMayBeSilent: Bool?
        let isVietnamScored: Bool?
        let china: List<Item>?
        let chinaAlso: List<Item>?
        let isChinaScored: Bool?
    }

    struct Row: Decodable { let gold: Label }

    struct Tally: CustomStringConvertible {
        var rows = 0
        var right = 0
        var none = 0
        var falseAnswers = 0

        var accuracy: Double { Double(right) / Double(max(1, rows)) }
        var falseRate: Double { Double(falseAnswers) / Double(max(1, none)) }
        var description: String {
            func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
            return "rows \(rows), right \(percent(accuracy)), false on NONE \(percent(falseRate))"
        }

        mutating func add(_ found: Set<String>, gold: Set<String>, also: Set<String>, mayBeSilent: Bool) {
            rows += 1
            if gold.isEmpty {
                none += 1
                if found.isSubset(of: also) { right += 1 } else { falseAnswers += 1 }
            } else if found.isEmpty {
                right += mayBeSilent ? 1 : 0
            } else if found.isSubset(of: gold.union(also)) {
                right += 1
            }
        }
    }

    @Test(
        .enabled(if: EvalTests.folder != nil, "the labelled sets are not present; PRIORD_EVAL names their folder"),
        arguments: ["interventional_dev", "vi_hospital_dev"])
    func `procedures are named as well as measured`(set: String) throws {
        let file = try #require(EvalTests.folder).appendingPathComponent("\(set).jsonl")
        let namer = try ProcedureTests.namer.get()
        var vietnam = Tally()
        var china = Tally()
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let data = Data(line.utf8)
            let naming = namer.name(try JSONDecoder().decode(StudyDescriptor.self, from: data), on: nil)
            let gold = try JSONDecoder().decode(Row.self, from: data).gold
            if let numbers = gold.vietnam, gold.isVietnamScored != false {
                vietnam.add(
                    Set(naming.procedures.filter { $0.domain == nil }.map { String($0.number) }),
                    gold: Set(numbers.members.map(String.init)),
                    also: Set((gold.vietnamAlso?.members ?? []).map(String.init)),
                    mayBeSilent: gold.vietnamMayBeSilent ?? false)
            }
            if let items = gold.china, gold.isChinaScored != false {
                let found = naming.procedures.compactMap { match in
                    match.domain.map { domain in
                        "\(domain.rawValue.prefix(1).uppercased())\(match.surgicalLevel ?? 0)-\(match.number)"
                    }
                }
                china.add(
                    Set(found), gold: Set(items.members.map(\.id)),
                    also: Set((gold.chinaAlso?.members ?? []).map(\.id)), mayBeSilent: false)
            }
        }
        print("\(set) vn_no: \(vietnam); cn_items: \(china)")
        for tally in [vietnam, china] where tally.rows > 0 {
            #expect(tally.accuracy >= 0.97)
            #expect(tally.falseRate <= 0.03)
        }
    }
}
