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

    /// Of 2026, asked for after that year.
    private func volumes(
        institutions: InstitutionRegister = InstitutionRegister(), today: String = "20270105",
        _ change: (inout InterventionalVolumes.Scope) -> Void = { _ in }
    ) throws -> InterventionalVolumes {
        var scope = InterventionalVolumes.Scope(range: ReportRange(firstDate: "20260101", lastDate: "20261231"))
        change(&scope)
        return try InterventionalVolumes(
            in: scope, index: shelf.index, library: Bundled.library, requirements: .bundled(),
            institutions: institutions, today: #require(CalendarDay(dicom: today)))
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
        // No CT or MR is here; that there is none no index can say.
        #expect(try finding(volumes, "RG-019").state == .needsOutsideData)
        #expect(try finding(volumes, "RG-019").value == nil)
        #expect(try finding(volumes, "RG-051").value == 1)
        #expect(total.isProxy)
        #expect(try !finding(volumes, "RG-062").isProxy)
        let told = Set(volumes.findings.map(\.requirement.id))
        #expect(told.count == 142)
    }

    @Test func `what one physician must have done is judged of each, over all years`() throws {
        try fill()
        let volumes = try volumes { $0.institution = "First Hospital" }
        func found(_ id: String, _ volumes: InterventionalVolumes) -> [String: Double] {
            let own = volumes.findings.filter { $0.requirement.id == id }
            return Dictionary(own.map { ($0.name ?? "", $0.value ?? -1) }) { first, _ in first }
        }
        #expect(found("RG-026", volumes) == ["李娜": 2])
        #expect(found("RP-026", volumes) == ["李娜": 2, "Li Na": 1])
        // Of these of level 3: the same people, whose own cases they are.
        #expect(found("RP-027", volumes) == ["李娜": 2, "Li Na": 0])
        let one = try self.volumes {
            $0.institution = "First Hospital"
            $0.name = "Wu^Bo"
        }
        #expect(found("RP-026", one) == ["": -1] && found("RG-051", one) == ["Wu Bo": 1])
    }

    @Test func `what was due when the norms were issued needs outside data`() throws {
        try fill()
        let volumes = try volumes()
        for id in ["RG-054", "RG-056", "RG-057", "RP-054", "RP-056", "RP-057"] {
            #expect(try finding(volumes, id).state == .needsOutsideData)
        }
    }

    @Test func `a year that is not over, or not wholly asked for, is not failed`() throws {
        try fill()
        #expect(try finding(volumes(), "RG-061").state == .notReached)
        #expect(try finding(volumes(today: "20261231"), "RG-061").state == .partOfYear)
        #expect(try finding(volumes(today: "20261231"), "RG-061").value == 2)
        let half = try volumes { $0.range = ReportRange(firstDate: "20260102", lastDate: "20261231") }
        #expect(try finding(half, "RG-061").state == .partOfYear)
        #expect(try finding(volumes(today: "20261231"), "RG-010").state == .reached)
    }

    @Test func `a study of a year to come is one without a date`() throws {
        try fill()
        try shelf.perform(9, ["cn-interventional-2019/G4-01"], by: ["李娜"], date: "29990101")
        let volumes = try volumes {
            $0.range = ReportRange()
            $0.institution = "First Hospital"
        }
        #expect(volumes.years.map(\.year) == ["", "2025", "2026"])
        #expect(volumes.findings.allSatisfy { $0.year != "2999" })
        let years = volumes.findings.first { $0.requirement.id == "RG-024" && $0.name == "李娜" }
        #expect(years?.value == 1)
    }

    @Test func `institutions are put together by the register, whatever they are called`() throws {
        let list = "cn-interventional-2019"
        try shelf.perform(1, ["\(list)/G4-01"], by: [], institution: "First Hospital")
        try shelf.perform(2, ["\(list)/G4-01"], by: [], institution: "first  hospital")
        try shelf.perform(3, ["\(list)/G4-01"], by: [], institution: "市第一医院")
        try shelf.perform(4, ["\(list)/G4-01"], by: [], institution: "Second")
        let register = InstitutionRegister([
            .init(Institution(id: "first", name: "市第一医院"), names: ["First Hospital"])
        ])
        let all = try volumes(institutions: register)
        #expect(all.years.map(\.institution) == ["Second", "first"])
        #expect(all.years.map(\.studies) == [1, 3])
        for name in ["first", "FIRST HOSPITAL", "市第一医院"] {
            #expect(try volumes(institutions: register) { $0.institution = name }.years.map(\.studies) == [3])
        }
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
