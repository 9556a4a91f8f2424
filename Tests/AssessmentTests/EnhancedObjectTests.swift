import Catalogue
import DICOMCore
import Foundation
import TestImages
import Testing

@testable import Assessment

/// One frame of an enhanced object, as its functional groups tell it.
private struct SampleFrame {
    var position = "-100\\-100\\0"
    var orientation = "1\\0\\0\\0\\1\\0"
    var spacing = "0.5\\0.5"
    var thickness = "5"
    var temporalPosition: UInt32?
    var bValue: Double?

    /// Slices of a stack along the body, from 0 upwards.
    static func stack(_ count: Int, spacing: Double = 5, thickness: String = "5") -> [SampleFrame] {
        (0..<count).map { SampleFrame(position: "-100\\-100\\\(Double($0) * spacing)", thickness: thickness) }
    }

    var groups: Part10File {
        func item(_ fill: (inout Part10File) -> Void) -> Part10File {
            var item = Part10File()
            fill(&item)
            return item
        }
        return item { frame in
            frame.set(.planePositionSequence, items: [item { $0.set(.imagePositionPatient, "DS", position) }])
            frame.set(.planeOrientationSequence, items: [item { $0.set(.imageOrientationPatient, "DS", orientation) }])
            let measures = item {
                $0.set(.pixelSpacing, "DS", spacing)
                $0.set(.sliceThickness, "DS", thickness)
            }
            frame.set(.pixelMeasuresSequence, items: [measures])
            if let temporalPosition {
                let content = item { $0.set(.temporalPositionIndex, longs: [temporalPosition]) }
                frame.set(.frameContentSequence, items: [content])
            }
            if let bValue {
                frame.set(.mrDiffusionSequence, items: [item { $0.set(.diffusionBValue, doubles: [bValue]) }])
            }
        }
    }
}

extension [SampleFrame] {
    fileprivate func with(_ change: (inout SampleFrame) -> Void) -> [SampleFrame] {
        map { frame in
            var frame = frame
            change(&frame)
            return frame
        }
    }
}

/// Enhanced CT and MR (PS3.3 A.36, A.38) keep what slices of their own have in the header in functional groups: written
/// into files here, and read from them as the daemon reads.
@Suite struct EnhancedObjectTests {
    private let folder = try? TestFolder()

    private func series(
        _ frames: [SampleFrame], _ number: Int = 1, modality: String = "CT", header: Header = [:],
        sequences: [DICOMCore.Tag: [Part10File]] = [:]
    ) throws -> SeriesContent {
        var image = TestImage()
        (image.rows, image.columns, image.frames) = (8, 8, frames.count)
        var file = image.file
        let isCT = modality == "CT"
        file.set(.sopClassUID, "UI", isCT ? "1.2.840.10008.5.1.4.1.1.2.1" : "1.2.840.10008.5.1.4.1.1.4.1")
        file.set(.sopInstanceUID, "UI", "1.2.3.\(number).1")
        file.set(.modality, "CS", modality)
        file.set(.imageType, "CS", "ORIGINAL\\PRIMARY\\VOLUME\\NONE")
        for (tag, text) in header { file.set(tag, "LO", text) }
        for (tag, items) in sequences { file.set(tag, items: items) }
        file.set(.perFrameFunctionalGroupsSequence, items: frames.map(\.groups))
        let path = try file.write(in: #require(folder).url)
        return try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.\(number)"), modality: modality,
            instances: [#require(try InstanceContent(reading: path))])
    }

    private func findings(
        _ rule: QualityRuleName, _ series: SeriesContent, item: CatalogueItem? = nil
    ) throws -> [Quality.Finding] {
        try Assessor.sample { $0.qualityRules = [rule] }.quality(of: .sample([series], item: item)).findings
    }

    private func evidence(_ rule: CompletenessRuleName, _ series: [SeriesContent], item: String) throws
        -> Completeness.Evidence?
    {
        try Assessor.sample().completeness(of: .sample(series, item: catalogueItem(item))).evidence
            .first { $0.rule == rule }
    }

    @Test func `a plain stack of frames raises nothing`() throws {
        for modality in ["CT", "MR"] {
            #expect(try findings(.inconsistentGeometry, series(SampleFrame.stack(12), modality: modality)).isEmpty)
        }
    }

    @Test(arguments: [
        ("nan\\0\\0", "Image Position (Patient) holds no numbers"),
        ("a\\b\\c", "Image Position (Patient) holds no numbers"),
        ("0\\0", "Image Position (Patient) has 2 values, not 3"),
        ("1e9\\0\\0", "Image Position (Patient) is farther away than a scanner reaches"),
    ])
    func `a frame at a place that is none fails, and is named`(position: String, detail: String) throws {
        var frames = SampleFrame.stack(12)
        frames[6].position = position
        let found = try findings(.inconsistentGeometry, series(frames))
        #expect(found.map(\.severity) == [.fail])
        #expect(found.first?.detail == detail + " in frame 7")
    }

    @Test func `frames of no orientation or no size fail, each fault told once`() throws {
        let frames = SampleFrame.stack(12).with {
            $0.orientation = "1\\0\\0\\1\\0\\0"
            $0.spacing = "0\\0.5"
        }
        let found = try findings(.inconsistentGeometry, series(frames, modality: "MR"))
        #expect(
            found.map(\.detail) == [
                "Image Orientation (Patient) is not two unit vectors at right angles in 12 frames, first in frame 1",
                "Pixel Spacing is not above 0 in 12 frames, first in frame 1",
            ])
    }

    @Test func `what frames leave out is no fault, and a microscope's pixels are fine by right`() throws {
        let silent = SampleFrame.stack(12).with { ($0.position, $0.orientation, $0.spacing) = ("", "", "") }
        #expect(try findings(.inconsistentGeometry, series(silent)).isEmpty)
        let fine = SampleFrame.stack(12).with { $0.spacing = "0.00025\\0.00025" }
        #expect(try findings(.inconsistentGeometry, series(fine, modality: "SM")).isEmpty)
    }

    @Test func `frames cover a region, or do not`() throws {
        let chest = try catalogueItem("BW23ZYZZZ")
        let adult: Header = [.patientAge: "050Y"]
        #expect(try findings(.coverage, series(SampleFrame.stack(70), header: adult), item: chest).isEmpty)
        let short = try findings(.coverage, series(SampleFrame.stack(12), header: adult), item: chest)
        #expect(short.map(\.severity) == [.fail])
        #expect(short.first?.value == 60)
    }

    @Test func `frames are thin, or not thin enough for the item`() throws {
        let item = try #require(
            try ImagingCatalogue.bundled().items.first {
                $0.family == .ct
                    && $0.requiredSeries.contains { $0.contains { $0.split(separator: ":").contains("THIN") } }
            })
        let thin = SampleFrame.stack(300, spacing: 1, thickness: "1")
        #expect(try findings(.sliceThickness, series(thin), item: item).isEmpty)
        let thick = try findings(.sliceThickness, series(SampleFrame.stack(70)), item: item)
        #expect(thick.map(\.value) == [5])
        #expect(thick.map(\.severity) == [.review])
    }

    @Test func `an enhanced dynamic run counts by its passes`() throws {
        let plain = try series(SampleFrame.stack(10), modality: "MR", header: [.seriesDescription: "T1 pre"])
        func dynamic(_ passes: UInt32, isTold: Bool = true) throws -> Completeness.Evidence? {
            let frames = (1...passes).flatMap { pass in
                SampleFrame.stack(10).with { $0.temporalPosition = isTold ? pass : nil }
            }
            let run = try series(frames, 2, modality: "MR", header: [.seriesDescription: "T1 dynamic"])
            return try evidence(.missingPhase, [plain, run], item: "BH325NZ1Z")
        }
        #expect(try dynamic(4)?.verdict == .complete)
        #expect(try dynamic(4, isTold: false)?.verdict == .complete)
        #expect(try dynamic(2)?.missing == ["1 dynamic passes"])
        // Frames that say nothing at all may be all passes.
        var silent = try series(
            SampleFrame.stack(40), 2, modality: "MR", header: [.seriesDescription: "T1 dynamic"])
        silent.instances[0].functionalGroups = { nil }
        #expect(try evidence(.missingPhase, [plain, silent], item: "BH325NZ1Z")?.verdict == .unknown)
    }

    @Test(arguments: [
        ("Oral", Completeness.Verdict.incomplete, "PRE or POST"), ("Intravenous route", .incomplete, "PRE"),
    ])
    func `an enhanced scan tells how its agent was given`(
        route: String, verdict: Completeness.Verdict, missing: String
    ) throws {
        var administration = Part10File()
        administration.set(.codeMeaning, "LO", route)
        var agent = Part10File()
        agent.set(.codeMeaning, "LO", "Iohexol")
        agent.set(.contrastBolusAdministrationRouteSequence, items: [administration])
        let scan = try series(SampleFrame.stack(40), sequences: [.contrastBolusAgentSequence: [agent]])
        let found = try evidence(.missingPhase, [scan], item: "BW2310ZZZ")
        #expect(found?.verdict == verdict)
        #expect(found?.missing == [missing])
    }

    @Test func `an enhanced diffusion run tells its b-values by frame, whatever its name says`() throws {
        func run(_ bValues: [Double?]) throws -> Completeness.Evidence? {
            let frames = bValues.flatMap { bValue in SampleFrame.stack(10).with { $0.bValue = bValue } }
            let run = try series(frames, modality: "MR", header: [.seriesDescription: "DWI b1000"])
            return try evidence(.missingBValue, [run], item: "B030ZMZZZ")
        }
        #expect(try run([0, 1000])?.verdict == .complete)
        #expect(try run([1000])?.missing == ["b < 100"])
        // The name tells the highest, as names do.
        #expect(try run([nil, nil])?.verdict == .unknown)
    }
}
