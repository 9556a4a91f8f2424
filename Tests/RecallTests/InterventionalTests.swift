import Archive
import Catalogue
import DICOMCore
import Foundation
import TestCatalogues
import Testing

@testable import Recall

@Suite struct InterventionalTests {
    @Test(arguments: [
        ("Wang^Jianguo=王^建国", "王建国", true), ("王^建国", "王建国", true), ("Wang^Jianguo", "王^建国", false),
        ("WANG^JIANGUO", "Wang Jianguo", true), ("王 建国", "王建国", true), ("Ｗａｎｇ^Ｊｉ", "wang ji", true),
        ("Nguyễn^Văn An", "NGUYỄN VĂN AN", true), ("Nguyễn^Văn An", "Nguyen Van An", false),
        ("Wang^Jianguo==ワン", "wang^jianguo", true), ("Li^Na=李^娜", "Li^Na=李^纳", false),
    ])
    func `one name is told from another by how it is written`(left: String, right: String, isOne: Bool) throws {
        let (left, right) = (try #require(OperatorName(left)), try #require(OperatorName(right)))
        #expect((left == right) == isOne)
    }

    @Test(arguments: ["", "^", "=", "--", "  "]) func `what has no letter names nobody`(value: String) {
        #expect(OperatorName(value) == nil)
    }

    private let shelf: StudyShelf

    init() throws { shelf = try StudyShelf() }

    private func volumes(_ change: (inout InterventionalVolumes.Scope) -> Void = { _ in }) throws
        -> InterventionalVolumes
    {
        var scope = InterventionalVolumes.Scope(range: ReportRange(firstDate: "20260101", lastDate: "20261231"))
        change(&scope)
        return try InterventionalVolumes(
            in: scope, index: shelf.index, library: Bundled.library, requirements: .bundled())
    }

    private func finding(_ volumes: InterventionalVolumes, _ id: String) throws -> InterventionalVolumes.Finding {
        try #require(volumes.findings.first { $0.requirement.id == id })
    }

    private func fill() throws {
        let list = "cn-interventional-2019"
        try shelf.perform(1, ["\(list)/G4-01", "\(list)/P3-06"], by: ["Li^Na=李^娜", "Wu^Bo"])
        try shelf.perform(2, ["\(list)/P3-07"], by: ["李娜"])
        try shelf.perform(3, ["\(list)/P4-08", "vietnam-25qd-byt-2014/266"], by: ["Li^Na"])
        try shelf.perform(4, ["vietnam-25qd-byt-2014/266"], by: [])
        try shelf.perform(5, ["\(list)/G4-01"], by: [])
        try shelf.perform(6, ["\(list)/G4-01"], by: ["李娜"], date: "20250301")
        try shelf.perform(7, [], by: ["Wu^Bo"], operating: true)
        try shelf.perform(8, ["\(list)/G3-01"], by: ["Wu^Bo"], institution: "Second", operating: true)
    }

    @Test func `cases are counted by institution, year, level and domain`() throws {
        try fill()
        let years = try volumes().years
        #expect(years.map(\.institution) == ["First Hospital", "Second"])
        let first = try #require(years.first)
        #expect(first.year == "2026" && first.studies == 6)
        #expect((first.total.cases, first.total.level3, first.total.level4) == (4, 1, 3))
        #expect(first.domains[.general]?.cases == 2 && first.domains[.general]?.level4 == 2)
        #expect(first.domains[.peripheral]?.cases == 3 && first.domains[.peripheral]?.level4 == 1)
        #expect(first.vietnamese == 2 && first.withoutOperator == 1)
        #expect(first.techniques == ["G4-01": 2, "P3-06": 1, "P3-07": 1, "P4-08": 1])
    }

    @Test func `names in other scripts stay apart and are said`() throws {
        try fill()
        let operators = try volumes().operators
        let found = operators.filter { $0.institution == "First Hospital" }
        #expect(found.map(\.name) == ["李 娜", "Li Na", "Wu Bo"])
        #expect(found.map(\.firstTotal.cases) == [2, 1, 0])
        #expect(found[1].mayBe == ["李 娜"] && found[0].mayBe == ["Li Na"])
        #expect(found[2].assisting.level4 == 1)
        let one = try volumes { $0.name = "Li^Na" }.operators
        #expect(Set(one.map(\.name)) == ["李 娜", "Li Na"])
    }

    @Test func `requirements are held against figures, the rest needs outside data`() throws {
        try fill()
        let volumes = try volumes { $0.institution = "First Hospital" }
        let total = try finding(volumes, "RG-061")
        #expect(total.value == 2 && total.state == .notReached && total.year == "2026")
        #expect(try finding(volumes, "RP-064").value == 1)
        #expect(try finding(volumes, "RP-063").value == 3)
        let share = try #require(try finding(volumes, "RG-063").value)
        #expect(abs(share - 100.0 / 32) < 1e-9)
        #expect(try finding(volumes, "RG-010").state == .reached)
        #expect(try finding(volumes, "RG-060").state == .needsOutsideData)
        #expect(try finding(volumes, "RG-019").state == .notReached)
        // Over all years, the first-named operator with most cases.
        #expect(try finding(volumes, "RG-026").value == 2)
        #expect(try finding(volumes, "RG-026").name == "李娜")
        #expect(try finding(volumes, "RG-051").value == 1)
        let told = Set(volumes.findings.map(\.requirement.id))
        #expect(told.count == 142)
    }

    @Test func `thresholds of both norms are the numbers of the text`() throws {
        let all = try [InterventionalRequirement].bundled()
        func threshold(_ id: String) -> String? { all.first { $0.id == id }?.threshold }
        #expect(
            ["RG-061", "RG-062", "RG-063", "RP-063", "RP-064"].map(threshold) == ["2000", "500", "60", "800", "300"])
        #expect(["RG-026", "RG-027", "RP-026", "RP-027"].map(threshold) == ["500", "200", "800", "200"])
        #expect(all.count { $0.answerable == .yes } == 8 && all.count { $0.answerable == .no } == 98)
    }

    @Test func `an index without angiography has no figures and says what is needed`() throws {
        let volumes = try volumes()
        #expect(volumes.years.isEmpty && volumes.operators.isEmpty)
        #expect(volumes.findings.allSatisfy { $0.state == .needsOutsideData })
    }
}

extension [InterventionalRequirement] {
    fileprivate static func bundled() throws -> [InterventionalRequirement] {
        try InterventionalRequirement.bundled()
    }
}
