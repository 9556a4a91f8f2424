import Archive
import DICOMCore
import Recall
import Testing

@testable import Sources

@Suite struct StudyMergeTests {
    private func study(_ change: (inout SourceStudy) -> Void = { _ in }) throws -> SourceStudy {
        var study = SourceStudy(
            try StudyInstanceUID("1.2.3"),
            patient: PatientRecord(
                patientID: "P1", issuer: "CITY", name: "Wang^Xiaomei=王^小梅", birthDate: "19700101", sex: "F"),
            study: StudyRecord(date: "20260901", description: "胸部CT平扫"), modalities: ["CT"])
        study.instanceCount = 12
        change(&study)
        return study
    }

    private func differences(_ change: (inout SourceStudy) -> Void) throws -> [FactDifference] {
        var merge = StudyMerge()
        merge.add(try study(), from: "")
        merge.add(try study(change), from: "hub")
        return merge.differences
    }

    @Test func `the same facts, or some left out, or written otherwise, are no difference`() throws {
        #expect(try differences { _ in }.isEmpty)
        #expect(try differences { $0.patient.name = "王^小梅" }.isEmpty)
        #expect(try differences { $0.patient.name = "WANG XIAOMEI" }.isEmpty)
        #expect(try differences { $0.patient.issuer = "" }.isEmpty)
        #expect(try differences { $0.study.date = "2026.09.01" }.isEmpty)
        #expect(try differences { $0.study.description = "胸部ct 平扫" }.isEmpty)
        #expect(
            try differences {
                $0.patient = PatientRecord()
                $0.study = StudyRecord()
                $0.instanceCount = nil
            }.isEmpty)
    }

    @Test(arguments: FactDifference.Fact.allCases)
    func `each fact that is told differently is shown as each tells it`(fact: FactDifference.Fact) throws {
        let found = try differences { study in
            switch fact {
            case .patientID: study.patient.patientID = "P2"
            case .patientName: study.patient.name = "Li^Na"
            case .birthDate: study.patient.birthDate = "19700110"
            case .sex: study.patient.sex = "M"
            case .studyDate: study.study.date = "20260902"
            case .description: study.study.description = "头颅CT"
            case .instanceCount: study.instanceCount = 13
            }
        }
        #expect(found.map(\.fact) == [fact])
        #expect(found.first?.told.map(\.source) == ["", "hub"])
    }

    @Test func `one Patient ID of two issuers is a difference`() throws {
        let found = try differences { $0.patient.issuer = "OTHER" }
        #expect(found.first?.told.map(\.value) == ["P1 (CITY)", "P1 (OTHER)"])
    }

    @Test func `who assesses stands for the study, else who comes first`() throws {
        var merge = StudyMerge()
        merge.add(try study(), from: "a")
        #expect(merge.best?.source == "a")
        merge.add(
            try study { $0.assessed = SourceStudy.Assessed(match: nil, completeness: "complete", quality: "pass") },
            from: "b")
        #expect(merge.best?.source == "b")
    }
}
