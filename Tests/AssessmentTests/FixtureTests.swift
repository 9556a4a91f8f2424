import Catalogue
import DICOMCore
import Foundation
import Testing

@testable import Assessment

/// One study of Fixtures/manifest.json, as far as assessment is concerned.
struct FixtureStudy: Decodable, Sendable, CustomTestStringConvertible {
    struct Expected: Decodable, Sendable {
        struct Verdict: Decodable, Sendable {
            let verdict: String
            let rule: String?
        }

        let code: String?
        let completeness: Verdict
        let quality: Verdict
    }

    let folder: String
    let studyInstanceUID: String
    let expected: Expected

    var testDescription: String { folder }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures")

    static func all() throws -> [FixtureStudy] {
        struct Manifest: Decodable { let studies: [FixtureStudy] }
        let bytes = try Data(contentsOf: root.appending(path: "manifest.json"))
        return try JSONDecoder().decode(Manifest.self, from: bytes).studies
    }

    /// The study's files as content, received at noon of the sample day, matched to the item it shows.
    func content() throws -> StudyContent {
        let place = FixtureStudy.root.appending(path: folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: place.path).sorted()
        let instances = try names.filter { $0.hasSuffix(".dcm") }.map { name in
            try #require(try InstanceContent(reading: place.appending(path: name).path))
        }
        let grouped = Dictionary(grouping: instances) { $0.attributes[.seriesInstanceUID] ?? "" }
        let series = try grouped.sorted { $0.key < $1.key }.map { uid, instances in
            try SeriesContent(
                seriesInstanceUID: SeriesInstanceUID(uid), modality: instances[0].attributes[.modality],
                instances: instances)
        }
        return try StudyContent(
            studyInstanceUID: StudyInstanceUID(studyInstanceUID), receivedAt: noon, series: series,
            item: expected.code.map(catalogueItem))
    }
}

@Suite struct FixtureTests {
    @Test(arguments: try FixtureStudy.all())
    func `each fixture study gets the verdicts it was made for`(study: FixtureStudy) throws {
        let (completeness, quality) = try Assessor.sample().assess(study.content())
        #expect(completeness.verdict.rawValue == study.expected.completeness.verdict)
        #expect(quality.verdict.rawValue == study.expected.quality.verdict)
        if let rule = study.expected.completeness.rule { #expect(completeness.evidence.first?.rule.rawValue == rule) }
        if let rule = study.expected.quality.rule { #expect(quality.findings.first?.rule.rawValue == rule) }
    }
}
