import DICOMCore
import Delivery
import Testing

@Suite struct QueryLevelTests {
    @Test func `a level is read as the standard spells it, and stands above those it contains`() {
        #expect(QueryLevel(rawValue: "SERIES") == .series)
        #expect(QueryLevel(rawValue: "series") == nil)
        #expect(QueryLevel.allCases == QueryLevel.allCases.sorted())
    }

    @Test func `each information model has its levels, highest first`() {
        #expect(InformationModel.patientRoot.levels.first == .patient)
        #expect(InformationModel.studyRoot.levels == [.study, .series, .image])
        #expect(InformationModel.patientStudyOnly.levels == [.patient, .study])
    }
}
