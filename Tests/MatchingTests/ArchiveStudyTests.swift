import Foundation
import Testing

@testable import Matching

/// The studies of Studies/archives.tsv, with body part and series as archives send them. No codes mean that none may be
/// given.
struct ArchiveStudy: Sendable, CustomTestStringConvertible {
    let study: StudyDescriptor
    let codes: Set<String>

    var testDescription: String {
        "\(study.modality) \(study.studyDescription) (\(study.seriesDescriptions.joined(separator: "; ")))"
    }

    static let all: [ArchiveStudy] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Studies/archives.tsv")
        let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return ArchiveStudy(
                study: StudyDescriptor(
                    modality: cells[0], studyDescription: cells[1],
                    seriesDescriptions: cells[3].split(separator: ";").map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }, bodyPart: cells[2]),
                codes: Set(cells[4].split(separator: "+").map(String.init)))
        }
    }()
}

@Suite struct ArchiveStudyTests {
    @Test func `there are studies to read`() { #expect(ArchiveStudy.all.count > 150) }

    @Test(arguments: ArchiveStudy.all)
    func `body part and series tell what the description leaves open`(given: ArchiveStudy) {
        let outcome = matcher.match(given.study)
        #expect(Set(outcome.codes.map(\.value)) == given.codes, "\(outcome)")
    }
}
