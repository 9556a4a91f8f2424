import DICOMCore
import Foundation
import Testing

@testable import Recall

@Suite struct FixturePriorsTests {
    private struct Manifest: Decodable {
        struct Study: Decodable {
            struct Expected: Decodable {
                struct Verdict: Decodable { let verdict: String }
                let code: String?
                let completeness: Verdict
                let quality: Verdict
                let priors: [String]
            }

            let studyInstanceUID: String
            let studyDate: String
            let institution: String
            let issuer: String
            let patientID: String
            let expected: Expected
        }

        let studies: [Study]
    }

    @Test func `each fixture study has the priors of its item that it was made to have, best first`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/manifest.json")
        let studies = try JSONDecoder().decode(Manifest.self, from: Data(contentsOf: file)).studies
        let shelf = try StudyShelf()
        for (number, study) in studies.enumerated() {
            try shelf.add(number) {
                ($0.patientID, $0.issuer, $0.date) = (study.patientID, study.issuer, study.studyDate)
                ($0.birthDate, $0.institution, $0.code) = ("", study.institution, study.expected.code)
                ($0.completeness, $0.quality) = (study.expected.completeness.verdict, study.expected.quality.verdict)
            }
        }
        for (number, study) in studies.enumerated() {
            let same = try shelf.answer(number).priors.filter { $0.relation == .same }
            let found = same.compactMap { prior in
                Int(prior.studyInstanceUID.value.dropFirst(4)).map { studies[$0].studyInstanceUID }
            }
            #expect(found == study.expected.priors, "\(study.studyInstanceUID)")
        }
    }
}
