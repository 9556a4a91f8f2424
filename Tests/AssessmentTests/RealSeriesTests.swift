import DICOMCore
import DICOMImaging
import DICOMNetwork
import Foundation
import TestImages
import Testing

@testable import Assessment

/// Whole series from scanners of several makers: nothing is wrong with them.
@Suite(.enabled(if: RealFiles.folder != nil))
struct RealSeriesTests {
    @Test(arguments: ["ct-philips-head-28", "mr-siemens-sag-35", "mr-uih-dti-17", "mr-hitachi-iso2022-87", "cr"])
    func `a real series raises no alarm`(folder: String) throws {
        let instances = try RealFiles.paths(in: folder).compactMap { path -> (String, InstanceContent)? in
            let header = try ObjectHeader(path: path)
            guard let uid = header.attributes[.sopInstanceUID] else { return nil }
            let content = try InstanceContent(
                sopInstanceUID: SOPInstanceUID(uid),
                sopClassUID: SOPClassUID(#require(header.attributes[.sopClassUID])),
                transferSyntaxUID: TransferSyntaxUID(header.meta.transferSyntaxUID), attributes: header.attributes
            ) { (request) throws(PixelError) in try ImageFigures(file: path, request) }
            return (header.attributes[.seriesInstanceUID] ?? "", content)
        }
        let series = try Dictionary(grouping: instances, by: \.0).map { uid, members in
            try SeriesContent(
                seriesInstanceUID: SeriesInstanceUID(uid), modality: members[0].1.attributes[.modality],
                instances: members.map(\.1))
        }
        // Dates were shifted or removed when the files were made public.
        let assessor = try Assessor.sample { $0.qualityRules.remove(.examDate) }
        let (completeness, quality) = try assessor.assess(.sample(series))
        #expect(completeness.verdict == .unknown)
        #expect(quality == Quality(verdict: .pass, findings: []))
    }
}
