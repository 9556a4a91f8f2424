import Archive
import DICOMCore
import Testing

@testable import Delivery

@Suite struct RetrieveScopeTests {
    private static func scope(
        _ level: String, in model: InformationModel = .studyRoot, isRelational: Bool = false, patient: String? = nil,
        studies: [String] = [], series: [String] = [], instances: [String] = []
    ) throws -> RetrieveScope {
        var keys = AttributeSet()
        keys[.queryRetrieveLevel] = level
        if let patient { keys.set(.patientID, to: patient.split(separator: "\\").map(String.init)) }
        keys.set(.studyInstanceUID, to: studies)
        keys.set(.seriesInstanceUID, to: series)
        keys.set(.sopInstanceUID, to: instances)
        return try RetrieveScope(keys, in: model, isRelational: isRelational)
    }

    @Test func `a level may name several, those above it one`() throws {
        #expect(
            try Self.scope("STUDY", studies: ["1.2", "1.3"]).selection
                == InstanceSelection(studies: [StudyInstanceUID("1.2"), StudyInstanceUID("1.3")]))
        let image = try Self.scope("IMAGE", studies: ["1.2"], series: ["1.2.3"], instances: ["1.4", "1.5"])
        #expect(image.level == .image)
        #expect(image.selection.instances.map(\.value) == ["1.4", "1.5"])
        #expect(throws: RetrieveScope.Fault.severalValues(.study)) {
            _ = try Self.scope("SERIES", studies: ["1.2", "1.3"], series: ["1.2.3"])
        }
    }

    @Test func `the patient root asks for the patient, the study root does not`() throws {
        #expect(try Self.scope("PATIENT", in: .patientRoot, patient: "P1").selection.patientID == "P1")
        #expect(throws: RetrieveScope.Fault.level) { _ = try Self.scope("PATIENT", patient: "P1") }
        #expect(throws: RetrieveScope.Fault.missingKey(.patient)) {
            _ = try Self.scope("STUDY", in: .patientRoot, studies: ["1.2"])
        }
        #expect(try Self.scope("STUDY", patient: "P9", studies: ["1.2"]).selection.patientID == nil)
        #expect(throws: RetrieveScope.Fault.severalValues(.patient)) {
            _ = try Self.scope("PATIENT", in: .patientRoot, patient: "P1\\P2")
        }
        #expect(throws: RetrieveScope.Fault.wildcard(.patient)) {
            _ = try Self.scope("PATIENT", in: .patientRoot, patient: "*")
        }
    }

    @Test func `keys above the level are left out only where that was negotiated`() throws {
        #expect(throws: RetrieveScope.Fault.missingKey(.study)) { _ = try Self.scope("SERIES", series: ["1.2.3"]) }
        #expect(try Self.scope("SERIES", isRelational: true, series: ["1.2.3"]).selection.studies.isEmpty)
        #expect(
            try Self.scope("IMAGE", in: .patientRoot, isRelational: true, instances: ["1.4"]).selection
                == InstanceSelection(instances: [SOPInstanceUID("1.4")]))
        #expect(throws: RetrieveScope.Fault.missingKey(.image)) { _ = try Self.scope("IMAGE", isRelational: true) }
    }

    @Test(arguments: ["", "WORKLIST", "study"])
    func `a level that does not exist is refused`(level: String) {
        #expect(throws: RetrieveScope.Fault.level) { _ = try Self.scope(level, studies: ["1.2"]) }
    }

    @Test(arguments: ["*", "1.2.?", "1..2", "../1", "1.2.3-4"])
    func `what is no UID is refused`(uid: String) {
        #expect(throws: RetrieveScope.Fault.malformedUID(.study)) { _ = try Self.scope("STUDY", studies: [uid]) }
    }

    @Test func `a key below the level is refused rather than overlooked`() {
        #expect(throws: RetrieveScope.Fault.keyBelowLevel(.series)) {
            _ = try Self.scope("STUDY", studies: ["1.2"], series: ["1.2.3"])
        }
    }
}
