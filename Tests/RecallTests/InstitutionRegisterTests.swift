import DICOMCore
import Testing

@testable import Recall

@Suite struct InstitutionRegisterTests {
    private let register = InstitutionRegister(
        [
            .init(
                Institution(id: "first", name: "市第一医院", issuer: "FIRST"), names: ["First Hospital"],
                aeTitles: [try! AETitle("PACS")]),
            .init(Institution(id: "town", name: "镇卫生院"), aeTitles: [try! AETitle("TOWN")]),
        ], own: "town")

    @Test(
        arguments: [
            ("FIRST  HOSPITAL", nil, "first"), ("ｆｉｒｓｔ hospital", nil, "first"), ("市第一医院", "TOWN", "first"),
            ("", "TOWN", "town"), ("", "PACS", "first"), ("Third Hospital", "PACS", nil), ("", "CT9", nil),
            ("", nil, nil),
        ] as [(String, String?, String?)])
    func `what a study says outranks where it came from`(name: String, title: String?, id: String?) throws {
        let sender = try title.map { try AETitle($0) }
        #expect(register.institution(named: name, from: sender)?.id == id)
    }

    @Test func `an institution's issuer stands in for a missing one, and none for an unknown one`() throws {
        #expect(register.issuer(for: "first hospital", from: nil) == "FIRST")
        #expect(register.issuer(for: "", from: try AETitle("PACS")) == "FIRST")
        #expect(register.issuer(for: "镇卫生院", from: nil) == nil)
        #expect(register.issuer(for: "Third Hospital", from: try AETitle("PACS")) == nil)
    }

    @Test func `the own institution is one of the register`() {
        #expect(register.own?.id == "town")
        #expect(InstitutionRegister([], own: "town").own == nil)
    }
}
