import Catalogue
import TestCatalogues
import Testing

@testable import Recall

@Suite struct ExamRelationTests {
    private static let items = Result { try ImagingCatalogue.bundled() }
    private static let lists = Result {
        [try ProcedureCatalogue.bundled(), try ProcedureCatalogue.bundledTechniques()]
    }
    private static let judge = RelationJudge(coverage: Bundled.coverage)

    private func item(_ number: Int) throws -> ExamContent {
        ExamContent(try #require(Self.items.get().items.first { $0.number == number }))
    }

    private func kind(_ prior: Int, _ current: Int) throws -> ExamRelation.Kind {
        try Self.judge.relation(of: item(prior), to: item(current)).kind
    }

    /// Numbers of Zhejiang's list: the prior, the item in question, the relation.
    @Test(
        arguments: [
            // Radiographs: projections, sides, postures.
            (66, 67, .contains), (67, 66, .part), (67, 67, .same), (65, 68, .related), (66, 65, .related),
            (5, 6, .contains), (6, 5, .part), (6, 8, .related), (5, 8, .related),
            (27, 28, .contains), (29, 27, .part), (28, 29, .related),
            (1, 2, .related), (46, 53, .contains), (60, 46, .part), (62, 63, .part), (11, 13, .related),
            (10, 13, .related), (12, 13, .related), (14, 20, .related), (34, 36, .related), (30, 31, .related),
            // CT: contrast, extent, thin sections, dose.
            (72, 71, .contains), (71, 72, .part), (71, 80, .contains), (72, 81, .contains), (72, 80, .contains),
            (71, 81, .related), (80, 71, .part), (81, 74, .contains), (72, 74, .contains), (71, 78, .contains),
            (81, 84, .contains), (82, 83, .part), (71, 76, .contains), (138, 137, .contains), (137, 134, .contains),
            (134, 137, .part), (137, 135, .related), (135, 134, .contains), (134, 135, .part), (137, 136, .related),
            (94, 93, .contains), (93, 94, .part), (75, 123, .contains), (75, 89, .contains), (73, 76, .related),
            (119, 120, .part), (117, 119, .contains), (112, 111, .contains), (140, 120, .related), (139, 138, .related),
            (97, 103, .related), (119, 107, .none), (137, 119, .none), (80, 85, .none),
            // MR: sequences, dynamics, dedicated protocols.
            (164, 163, .contains), (163, 164, .part), (165, 163, .contains), (168, 161, .contains),
            (168, 160, .contains),
            (161, 168, .part), (143, 142, .contains), (143, 144, .contains), (154, 153, .contains),
            (154, 155, .related),
            (163, 160, .related), (165, 169, .related), (152, 175, .contains), (178, 152, .part), (162, 163, .related),
            (147, 146, .related), (145, 151, .related), (141, 143, .related), (170, 172, .related),
            (171, 170, .contains),
            // Across modalities nothing stands in for anything.
            (119, 163, .related), (67, 137, .related), (64, 139, .related), (45, 119, .related), (53, 127, .related),
            (127, 176, .related), (13, 91, .related), (152, 75, .related), (180, 27, .related), (67, 119, .none),
        ] as [(Int, Int, ExamRelation.Kind)])
    func `an item is to another what its axes say`(prior: Int, current: Int, expected: ExamRelation.Kind) throws {
        #expect(try kind(prior, current) == expected)
    }

    @Test func `the relation of every pair of every list is the inverse of the reverse one`() throws {
        let judge = Self.judge
        let all = try everything()
        for (index, one) in all.enumerated() {
            #expect(judge.relation(of: one.contents, to: one.contents).kind == one.ownKind)
            for other in all[..<index] {
                let there = judge.relation(of: one.contents, to: other.contents).kind
                let back = judge.relation(of: other.contents, to: one.contents).kind
                #expect(there.inverse == back, "\(one.name) to \(other.name)")
            }
        }
    }

    @Test func `what contains contains what that contains`() throws {
        let judge = Self.judge
        let contents = try Self.items.get().items.map { ExamContent($0) }
        let inner = contents.map { one in contents.filter { judge.relation(of: one, to: $0).kind >= .contains } }
        for (one, shown) in zip(contents, inner) {
            for part in shown {
                guard let index = contents.firstIndex(of: part) else { continue }
                for deeper in inner[index] { #expect(judge.relation(of: one, to: deeper).kind >= .contains) }
            }
        }
    }

    @Test func `no two items of one list are the same`() throws {
        let judge = Self.judge
        let items = try Self.items.get().items
        for one in items {
            for other in items where other.number < one.number {
                #expect(
                    judge.relation(of: ExamContent(one), to: ExamContent(other)).kind != .same,
                    "\(one.name.en) and \(other.name.en)")
            }
        }
    }

    @Test func `a procedure is the same as the item it names, and less where it leaves the side open`() throws {
        let judge = Self.judge
        let vietnam = try #require(Self.lists.get().first)
        let catalogue = try Self.items.get()
        func kind(_ number: String, _ item: Int) throws -> ExamRelation.Kind {
            let procedure = try #require(vietnam[number])
            return judge.relation(
                of: ExamContent.alternatives(of: procedure, in: [catalogue]), to: [try self.item(item)]
            ).kind
        }
        #expect(try kind("29", 119) == .same)
        #expect(try kind("30", 119) == .contains)
        #expect(try kind("49", 80) == .same || kind("49", 80) == .contains)
        #expect(try kind("49", 81) == .part)
        #expect(try kind("83", 170) == .related)
        #expect(try kind("62", 91) == .contains)
    }

    @Test func `differences say what the prior has more and what it lacks`() throws {
        let judge = Self.judge
        let chest = try judge.relation(of: item(66), to: item(67))
        #expect(chest.differences == [.moreShown(["LAT"])])
        let abdomen = try judge.relation(of: item(80), to: item(72))
        #expect(abdomen.kind == .part)
        #expect(abdomen.differences.contains(.fewerShown(["POST"])))
        #expect(
            try judge.relation(of: item(6), to: item(8)).differences == [.moreSides([.right]), .fewerSides([.left])])
        #expect(try judge.relation(of: item(119), to: item(163)).differences.first == .modality("CT", "MR"))
    }

    private struct Entry {
        let name: String
        let contents: [ExamContent]
        /// One that may be several things is not known to be the same as itself.
        let ownKind: ExamRelation.Kind
    }

    private func everything() throws -> [Entry] {
        let catalogue = try Self.items.get()
        var all = catalogue.items.map {
            Entry(name: $0.name.en, contents: [ExamContent($0)], ownKind: .same)
        }
        for list in try Self.lists.get() {
            for procedure in list.procedures {
                let contents = ExamContent.alternatives(of: procedure, in: [catalogue])
                let judge = Self.judge
                all.append(
                    Entry(
                        name: procedure.name.en, contents: contents,
                        ownKind: contents.count == 1 ? .same : judge.relation(of: contents, to: contents).kind))
            }
        }
        return all
    }
}
