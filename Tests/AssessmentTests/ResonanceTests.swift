import DICOMCore
import DICOMImaging
import Foundation
import TestImages
import Testing

@testable import Assessment

/// MR: signal to noise, and ghosts.
@Suite struct ResonanceTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func findings(
        _ phantoms: [Phantom], headers: Header = [:]
    ) throws -> [QualityRuleName: Quality.Severity] {
        try Dictionary(quality(phantoms, headers: headers).findings.map { ($0.rule, $0.severity) }) { first, _ in first
        }
    }

    private func quality(_ phantoms: [Phantom], headers: Header) throws -> Quality {
        let instances = try phantoms.enumerated().map { index, phantom in
            let attributes: Header = [
                .imageType: "ORIGINAL\\PRIMARY\\M\\ND", .inPlanePhaseEncodingDirection: "COL",
                .instanceNumber: "\(index + 1)",
            ]
            return try InstanceContent.sample(
                "1.2.3.9.\(index)", sopClass: "1.2.840.10008.5.1.4.1.1.4",
                attributes: attributes.merging(headers) { $1 }, file: Phantom.file([phantom]).write(in: folder.url))
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.9"), modality: "MR", instances: instances)
        return try Assessor.sample().quality(of: .sample([series]))
    }

    private func heads(noise: Double, ghost: Double = 0) -> [Phantom] {
        let head = ghost > 0 ? Phantom.head().ghosted(ghost, down: 64, across: 0) : .head()
        return (1...3).map { head.magnitude(noise, seed: $0) }
    }

    @Test(arguments: [4.0, 15, 30]) func `a readable series is no finding`(noise: Double) throws {
        #expect(try findings(heads(noise: noise)) == [:])
    }

    @Test(arguments: [(70.0, Quality.Severity.review), (140, .fail)])
    func `a signal drowned in noise is raised`(noise: Double, severity: Quality.Severity) throws {
        #expect(try findings(heads(noise: noise)) == [.signalToNoise: severity])
    }

    @Test func `diffusion is allowed more noise`() throws {
        #expect(try findings(heads(noise: 70), headers: [.diffusionBValue: "1000"]) == [:])
    }

    @Test(arguments: [
        "ORIGINAL\\PRIMARY\\LOCALIZER", "DERIVED\\PRIMARY\\ADC", "ORIGINAL\\PRIMARY\\P\\ND",
        "ORIGINAL\\PRIMARY\\M\\UNI", "DERIVED\\SECONDARY\\SUBTRACTION",
    ])
    func `maps, phases, differences and scouts are left alone`(type: String) throws {
        #expect(try findings(heads(noise: 140, ghost: 0.3), headers: [.imageType: type]) == [:])
    }

    @Test func `a masked background hides no noise of the object`() throws {
        let mask = Phantom.head().values.map { $0 > 0 }
        let masked = heads(noise: 70).map { phantom in
            var copy = phantom
            for index in copy.values.indices where !mask[index] { copy.values[index] = 0 }
            return copy
        }
        #expect(try findings(masked) == [.signalToNoise: .review])
    }

    @Test func `numbers without a picture are not judged`() throws {
        let nothing = (1...3).map { seed in
            var noise = WhiteNoise(seed: UInt64(seed))
            return Phantom(rows: 128, columns: 128) { _, _ in abs(noise.next()) * 100 }
        }
        #expect(try findings(nothing)[.signalToNoise] == nil)
    }

    @Test func `the signal to noise of a series is kept`() throws {
        let measure = try #require(try quality(heads(noise: 20), headers: [:]).measures.first)
        #expect(measure.rule == .signalToNoise)
        #expect((15...30).contains(measure.value))
    }

    @Test(arguments: [(0.06, Quality.Severity.review), (0.12, .review), (0.25, .fail)])
    func `a ghost along the phase encoding is raised`(ghost: Double, severity: Quality.Severity) throws {
        #expect(try findings(heads(noise: 6, ghost: ghost)) == [.ghosting: severity])
    }

    @Test func `the same across it, or in an unknown direction, is none`() throws {
        #expect(try findings(heads(noise: 6, ghost: 0.1), headers: [.inPlanePhaseEncodingDirection: "ROW"]) == [:])
        #expect(try findings(heads(noise: 6, ghost: 0.1), headers: [.inPlanePhaseEncodingDirection: ""]) == [:])
    }

    @Test func `echo-planar images have some by nature`() throws {
        #expect(try findings(heads(noise: 6, ghost: 0.05), headers: [.scanningSequence: "EP"]) == [:])
        #expect(try findings(heads(noise: 6, ghost: 0.15), headers: [.scanningSequence: "EP"])[.ghosting] != nil)
    }

    @Test func `one slice with a ghost is not the series`() throws {
        let clean = heads(noise: 6)
        #expect(try findings([clean[0], clean[1], heads(noise: 6, ghost: 0.2)[2]]) == [:])
    }

    @Test func `anatomy that wraps on one side is no ghost`() throws {
        let wrapped = heads(noise: 6).map { phantom in
            Phantom(rows: 128, columns: 128) { row, column in
                phantom.values[row * 128 + column] + (row < 12 && (40..<90).contains(column) ? 250 : 0)
            }
        }
        #expect(try findings(wrapped) == [:])
    }
}
