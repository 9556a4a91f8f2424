import Catalogue
import DICOMCore
import Testing

@testable import Matching

@Suite struct StudyNamerTests {
    static let namer = Result { try StudyNamer.bundled() }

    @Test func `a chest radiograph is named in Zhejiang's list on any day`() throws {
        let namer = try Self.namer.get()
        let study = StudyDescriptor(modality: "DX", studyDescription: "胸部正侧位")
        for day in [nil, CalendarDay(dicom: "20151231"), CalendarDay(dicom: "20261121")] {
            let naming = namer.name(study, on: day)
            #expect(naming.outcome.codes.map(\.value) == ["BW03ZZZ8B"])
            #expect(naming.catalogue?.value == "zhejiang-imaging-2021")
            #expect(naming.item?.name.zh == "胸部正侧位")
        }
    }

    @Test func `a CT of the brain is the same procedure in Vietnam's list`() throws {
        let naming = try Self.namer.get().name(
            StudyDescriptor(modality: "CT", studyDescription: "头颅CT平扫"), on: nil)
        #expect(naming.others.contains(OtherMatch(catalogue: "vietnam-25qd-byt-2014", no: 29)))
    }

    @Test func `a matcher of the day explains what the namer answers`() throws {
        let namer = try Self.namer.get()
        let study = StudyDescriptor(modality: "CT", studyDescription: "CT chest")
        let day = CalendarDay(dicom: "20261121")
        #expect(try #require(namer.matcher(on: day)).explain(study).outcome == namer.name(study, on: day).outcome)
    }
}
