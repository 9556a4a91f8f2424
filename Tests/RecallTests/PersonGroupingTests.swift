import Testing

@testable import Recall

@Suite struct PersonGroupingTests {
    private func bond(_ one: String, _ other: String, _ weight: Double = 30, decided: Bool = false)
        -> PersonGrouping.Bond
    {
        .init(one: one, other: other, weight: weight, isDecided: decided)
    }

    private func grouping(
        _ members: [String], _ bonds: [PersonGrouping.Bond], apart: Set<PersonGrouping.Pair> = [],
        contradicting: Set<PersonGrouping.Pair> = []
    ) -> PersonGrouping {
        PersonGrouping(members, bonds: bonds, decidedDifferent: apart, contradicts: contradicting.contains)
    }

    @Test func `what hangs together is one person`() {
        let found = grouping(["a", "b", "c", "d"], [bond("a", "b"), bond("c", "b")])
        #expect(found.groups == [["a", "b", "c"], ["d"]] && found.conflicts.isEmpty)
    }

    @Test func `two whom somebody keeps apart are not joined through a third`() {
        let found = grouping(["a", "b", "c"], [bond("a", "c", 40), bond("b", "c", 30)], apart: [.init("a", "b")])
        #expect(found.groups == [["a", "c"], ["b"]] && found.conflicts == [.init("b", "c")])
    }

    @Test func `two that contradict are not joined through a third, unless somebody says so`() {
        let bonds = [bond("a", "c", 40), bond("b", "c", 30)]
        let apart = grouping(["a", "b", "c"], bonds, contradicting: [.init("b", "a")])
        #expect(apart.groups == [["a", "c"], ["b"]] && apart.conflicts == [.init("c", "b")])
        let joined = grouping(
            ["a", "b", "c"], [bond("a", "c", 40), bond("b", "c", 30, decided: true)], contradicting: [.init("a", "b")])
        #expect(joined.groups == [["b", "c"], ["a"]].map { $0.sorted() }.sorted { $0[0] < $1[0] })
        #expect(joined.conflicts == [.init("a", "c")])
        let all = grouping(
            ["a", "b", "c"], [bond("a", "c", decided: true), bond("b", "c", decided: true)],
            contradicting: [.init("a", "b")])
        #expect(all.groups == [["a", "b", "c"]])
    }

    @Test func `the order in which pairs came changes nothing`() {
        let bonds = [
            bond("a", "b", 31), bond("b", "c", 30), bond("c", "d", 30), bond("d", "e", 29), bond("e", "a", 29),
        ]
        let apart: Set<PersonGrouping.Pair> = [.init("a", "d"), .init("b", "e")]
        let expected = grouping(["a", "b", "c", "d", "e"], bonds, apart: apart)
        var random = SplitMix(state: 3)
        for _ in 0..<50 {
            let found = grouping(
                ["a", "b", "c", "d", "e"].shuffled(using: &random), bonds.shuffled(using: &random), apart: apart)
            #expect(found == expected)
        }
        for group in expected.groups {
            #expect(!apart.contains { group.contains($0.one) && group.contains($0.other) })
        }
    }

    @Test func `a number that hundreds have joins no more than a person could have`() {
        let members = (0..<500).map { String(1000 + $0) }
        let found = grouping(members, zip(members, members.dropFirst()).map { bond($0, $1) })
        #expect(found.groups.allSatisfy { $0.count <= PersonGrouping.sizeLimit })
        #expect(!found.conflicts.isEmpty)
    }
}
