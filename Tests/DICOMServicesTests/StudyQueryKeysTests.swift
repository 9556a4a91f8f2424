import DICOMCore
import Foundation
import Testing

@testable import Archive
@testable import DICOMServices

/// Swift Testing has a `Tag` too.
typealias AttributeTag = DICOMCore.Tag

@Suite struct StudyQueryKeysTests {
    private static func keys(_ values: [AttributeTag: String]) throws -> StudyQueryKeys {
        try StudyQueryKeys(AttributeSet(values: values.mapValues { $0.components(separatedBy: "\\") }))
    }

    private static func study(_ change: (inout PatientRecord, inout StudyRecord) -> Void = { _, _ in }) throws
        -> StudySummary
    {
        var patient = PatientRecord(
            patientID: "P1", issuer: "HOSPITAL", name: "Wang^Xiaomei", birthDate: "19800102", sex: "F")
        var study = StudyRecord(
            date: "20260914", time: "093015.25", accessionNumber: "A1", studyID: "S-17", description: "胸部正侧位",
            referringPhysicianName: "Li^Na", institution: "湖滨医院")
        change(&patient, &study)
        return StudySummary(
            studyInstanceUID: try StudyInstanceUID("1.2.3"), patient: patient, study: study, modalities: ["CT", "SR"],
            sourceAETitle: nil, seriesCount: 2, instanceCount: 40, byteCount: 1, state: .settled,
            firstInstanceAt: .distantPast, lastInstanceAt: .distantPast, settledAt: nil, identityDiffers: false,
            isAwaitingAssessment: false, assessmentVersion: 1, match: nil, completeness: "", quality: "")
    }

    @Test(
        arguments: [
            ("20260914", "20260914", "20260914"), ("20260901-20260930", "20260901", "20260930"),
            ("20260901-", "20260901", nil), ("-20260930", nil, "20260930"), ("2026.09.14", "20260914", "20260914"),
        ] as [(String, String?, String?)])
    func `a study date is a day or a range`(text: String, first: String?, last: String?) throws {
        let filter = try Self.keys([.studyDate: text]).filter
        #expect(filter.firstDate == first)
        #expect(filter.lastDate == last)
    }

    @Test(arguments: ["yesterday", "2026", "-", "20260914-today", "20260101-20260201-20260301"])
    func `what is no date is a fault`(text: String) {
        #expect(throws: StudyQueryKeys.Fault.date(text)) { try Self.keys([.studyDate: text]) }
        #expect(throws: StudyQueryKeys.Fault.date(text)) { try Self.keys([.patientBirthDate: text]) }
    }

    @Test func `nothing can match a range that ends before it begins, or UIDs that are none`() throws {
        #expect(try Self.keys([.studyDate: "20261231-20260101"]).isImpossible)
        #expect(try Self.keys([.studyInstanceUID: "not a uid"]).isImpossible)
        #expect(try !Self.keys([.studyInstanceUID: ""]).isImpossible)
        let mixed = try Self.keys([.studyInstanceUID: "1.2.3\\not a uid"])
        #expect(try !mixed.isImpossible && mixed.filter.studyInstanceUIDs == [StudyInstanceUID("1.2.3")])
    }

    private static let matches: [(key: [AttributeTag: String], isMatch: Bool)] = [
        ([.studyTime: "093015"], true),
        ([.studyTime: "0930"], true),
        ([.studyTime: "09:30-10:00"], true),
        ([.studyTime: "100000-"], false),
        ([.studyTime: "-093015.3"], true),
        ([.studyTime: "-093015.1"], false),
        ([.studyID: "S-17"], true),
        ([.studyID: "s-17"], false),
        ([.studyID: "S-*"], true),
        ([.patientSex: "F"], true),
        ([.patientSex: "M"], false),
        ([.patientBirthDate: "19800102"], true),
        ([.patientBirthDate: "19800103-"], false),
        ([.studyDescription: "*正侧位"], true),
        ([.studyDescription: "胸部?侧位"], true),
        ([.studyDescription: "胸部"], false),
        ([.referringPhysicianName: "li^*"], true),
        ([.institutionName: "湖滨*"], true),
        ([.institutionName: "*滨"], false),
        ([.modalitiesInStudy: "C?"], true),
        ([.modalitiesInStudy: "M?"], false),
        ([.modalitiesInStudy: "M?\\SR"], true),
        ([.studyID: "*", .studyDescription: ""], true),
    ]

    @Test(arguments: matches)
    func `keys that the index does not decide are matched`(key: [AttributeTag: String], isMatch: Bool) throws {
        #expect(try Self.keys(key).matches(Self.study()) == isMatch)
    }

    @Test func `a study without a time is in no range of times`() throws {
        let timeless = try Self.study { $1.time = "" }
        #expect(try !Self.keys([.studyTime: "-235959"]).matches(timeless))
        #expect(try Self.keys([.studyTime: ""]).matches(timeless))
    }

    @Test func `a response holds what was asked for and where the study can be had`() throws {
        let keys = try Self.keys([.patientName: "", .modalitiesInStudy: "", .numberOfStudyRelatedInstances: ""])
        let response = keys.response(for: try Self.study(), from: .priord)
        #expect(response[.patientName] == "Wang^Xiaomei")
        #expect(response.strings(.modalitiesInStudy) == ["CT", "SR"])
        #expect(response[.numberOfStudyRelatedInstances] == "40")
        #expect(response[.queryRetrieveLevel] == "STUDY")
        #expect(response[.studyInstanceUID] == "1.2.3")
        #expect(response[.retrieveAETitle] == "PRIORD")
        #expect(!response.contains(.patientID))
    }

    @Test func `keys that are not supported are noticed`() throws {
        #expect(
            try !Self.keys([.patientID: "", .queryRetrieveLevel: "STUDY", .retrieveAETitle: ""]).hasUnsupportedKeys)
        #expect(try Self.keys([.rows: ""]).hasUnsupportedKeys)
    }

    @Test(arguments: [
        ("*", "", true), ("", "anything", true), ("a*b", "ab", true), ("a*b", "axxb", true), ("a*b", "axxbc", false),
        ("a?b", "ab", false), ("a?b", "a张b", true), ("*a*a*", "banana", true), ("***", "x", true), ("a", "", false),
    ])
    func `wildcards mean what PS3.4 C.2.2.2.4 says`(pattern: String, text: String, isMatch: Bool) {
        #expect(WildcardPattern(pattern).matches(text) == isMatch)
    }

    @Test func `a pattern full of wildcards takes no time to fail`() {
        let pattern = WildcardPattern(String(repeating: "*a", count: 500) + "b")
        let start = ContinuousClock.now
        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}
