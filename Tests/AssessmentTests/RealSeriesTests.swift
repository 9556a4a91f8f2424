import DICOMCore
import Foundation
import TestImages
import Testing

@testable import Assessment

/// Whole series from scanners of several makers: nothing is wrong with them.
@Suite(.enabled(if: RealFiles.folder != nil))
struct RealSeriesTests {
    @Test(arguments: ["ct-philips-head-28", "mr-siemens-sag-35", "mr-uih-dti-17", "mr-hitachi-iso2022-87", "cr"])
    func `a real series raises no alarm`(folder: String) throws {
        let study = try RealSeriesTests.study(in: folder)
        // Dates and names were changed or removed when the files were made public.
        let assessor = try Assessor.sample { $0.qualityRules.subtract([.examDate, .identity]) }
        let (completeness, quality) = try assessor.assess(study)
        #expect(completeness.verdict == .unknown)
        #expect(quality.verdict == .pass)
        #expect(quality.findings == [])
    }

    @Test(arguments: ["ct-philips-head-28", "mr-siemens-sag-35", "mr-hitachi-iso2022-87"])
    func `any slice taken out of a real series is missed`(folder: String) throws {
        let study = try RealSeriesTests.study(in: folder)
        let assessor = try Assessor.sample()
        for (index, series) in study.series.enumerated() where series.instances.count > 3 {
            let order = series.instances.sorted { ($0.instanceNumber ?? 0) < ($1.instanceNumber ?? 0) }
            for lost in 1..<(order.count - 1) {
                var rest = study
                rest.series[index].instances = order
                rest.series[index].instances.remove(at: lost)
                let found = assessor.completeness(of: rest)
                #expect(found.verdict == .incomplete, "\(lost)")
                #expect(found.evidence.first?.rule == .sliceGap, "\(lost)")
                #expect(found.evidence.first?.missing.count == 1, "\(lost)")
            }
        }
    }

    static func study(in folder: String) throws -> StudyContent {
        let instances = try RealFiles.paths(in: folder).compactMap { path in
            try InstanceContent(reading: path).map { ($0.attributes[.seriesInstanceUID] ?? "", $0) }
        }
        let series = try Dictionary(grouping: instances, by: \.0).map { uid, members in
            try SeriesContent(
                seriesInstanceUID: SeriesInstanceUID(uid), modality: members[0].1.attributes[.modality],
                instances: members.map(\.1))
        }
        return try .sample(series)
    }
}
