import DICOMCore
import Testing

@testable import PriordConfig

@Suite struct InstitutionSectionTests {
    @Test func `institutions are read with their periods, alliances and what stands for them`() throws {
        let config = try load(
            """
            institutions:
              - id: first
                name: 市第一医院
                names: [First Hospital, 市一院]
                ae-titles: [CT1, DR1]
                grade: 3A
                quality-assessed:
                  - {from: 2025-01-01, until: 2025-12-31}
                  - {from: 2026-03-01}
                alliances: [城东医联体, {name: 专科联盟, until: 2026-06-30}]
                issuer: FIRST
                own: on
              - {id: town, name: 镇卫生院, grade: 二级乙等, alliances: 城东医联体}
              - {id: clinic, name: Clinic, grade: ungraded}
              - {id: lab, name: Lab, grade: third-party}
              - {id: other, name: Other}
            """
        ).config
        let first = try #require(config.institutions.first)
        #expect(first.names == ["First Hospital", "市一院"] && first.aeTitles.map(\.value) == ["CT1", "DR1"])
        #expect(first.standing == .graded(HospitalGrade("3A")!) && first.issuer == "FIRST" && first.isOwn)
        #expect(
            first.assessed == [
                DayPeriod(from: CalendarDay(dicom: "20250101"), until: CalendarDay(dicom: "20251231")),
                DayPeriod(from: CalendarDay(dicom: "20260301"), until: nil),
            ])
        #expect(first.memberships.map(\.alliance) == ["城东医联体", "专科联盟"])
        #expect(first.memberships.map(\.period.until) == [nil, CalendarDay(dicom: "20260630")])
        #expect(
            config.institutions.map(\.standing) == [
                .graded(HospitalGrade("3A")!), .graded(HospitalGrade("2B")!), .ungraded, .thirdParty, nil,
            ])
        #expect(config.institutions.dropFirst().allSatisfy { !$0.isOwn && $0.issuer == nil })
        #expect(
            "\(first)"
                == "first: 市第一医院; names First Hospital, 市一院; ae-titles CT1, DR1; grade 3A; quality-assessed "
                + "from 2025-01-01 until 2025-12-31, from 2026-03-01; alliances 城东医联体, 专科联盟 until 2026-06-30; "
                + "issuer FIRST; own on")
    }

    @Test(arguments: [
        ("institutions: [{name: A}]", "institutions[0].id"),
        ("institutions: [{id: a}]", "institutions[0].name"),
        ("institutions: [{id: A B, name: A}]", "institutions[0].id"),
        ("institutions: [{id: a, name: A, colour: red}]", "institutions[0].colour"),
        ("institutions: [{id: a, name: A, grade: 4A}]", "institutions[0].grade"),
        ("institutions: [{id: a, name: A, quality-assessed: 2025}]", "institutions[0].quality-assessed"),
        ("institutions: [{id: a, name: A, quality-assessed: [{}]}]", "institutions[0].quality-assessed[0]"),
        (
            "institutions: [{id: a, name: A, quality-assessed: [{from: 2025-02-29}]}]",
            "institutions[0].quality-assessed[0].from"
        ),
        (
            "institutions: [{id: a, name: A, quality-assessed: [{from: 2025-02-01, until: 2025-01-31}]}]",
            "institutions[0].quality-assessed[0].until"
        ),
        (
            "institutions: [{id: a, name: A, alliances: [{from: 2025-01-01}]}]", "institutions[0].alliances[0].name"
        ),
        (
            "institutions: [{id: a, name: A, alliances: [{name: X, from: 2025-01-01, until: 2024-01-01}]}]",
            "institutions[0].alliances[0].until"
        ),
        ("institutions: [{id: a, name: A, own: maybe}]", "institutions[0].own"),
        ("institutions: [{id: a, name: A}, {id: a, name: B}]", "institutions[1].id"),
        ("institutions: [{id: a, name: City Hospital}, {id: b, name: cityhospital}]", "institutions[1].name"),
        ("institutions: [{id: a, name: A}, {id: b, name: B, names: [C, A]}]", "institutions[1].names[1]"),
        (
            "institutions: [{id: a, name: A, ae-titles: CT1}, {id: b, name: B, ae-titles: [CT2, CT1]}]",
            "institutions[1].ae-titles[1]"
        ),
        ("institutions: [{id: a, name: A, own: on}, {id: b, name: B, own: on}]", "institutions[1].own"),
        (
            """
            institutions:
              - {id: a, name: A, alliances: [城东医疗联合体]}
              - {id: b, name: B, alliances: [城东医疗联合体]}
              - {id: c, name: C, alliances: [城东医疗联台体]}
            """, "institutions[2].alliances[0]"
        ),
    ])
    func `every fault is named with its place`(yaml: String, key: String) throws {
        #expect(try faults(yaml).map(\.key) == [key])
    }

    @Test func `all faults come at once, each with its line`() throws {
        let found = try faults(
            """
            institutions:
              - id: a
                name: A
                grade: 3D
              - id: b
                name: A
                quality-assessed:
                  - from: 2025-06-01
                    until: 2025-05-31
            """)
        #expect(found.map(\.source.line) == [4, 9, 6])
        #expect(found.first.map { "\($0)".hasSuffix("did you mean 3A?") } == true)
    }

    @Test func `a name repeated in one institution is no fault, nor is an alliance of one`() throws {
        let config = try load(
            "institutions: [{id: a, name: A, names: [a, B], alliances: [Alone]}, {id: b, name: C}]"
        ).config
        #expect(config.institutions.count == 2)
    }
}
