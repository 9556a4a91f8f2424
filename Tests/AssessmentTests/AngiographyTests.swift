import DICOMCore
import DICOMImaging
import Foundation
import TestImages
import Testing

@testable import Assessment

/// Angiography: times of frames, mask, movement.
@Suite struct AngiographyTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// The findings on a run with these headers; without pixels unless frames are given.
    private func findings(
        _ headers: Header, mask: Header? = [.maskOperation: "AVG_SUB", .maskFrameNumbers: "1"],
        frames: [Phantom]? = nil, modality: String = "XA"
    ) throws -> [QualityRuleName: Quality.Severity] {
        let attributes: Header = [.numberOfFrames: "\(frames?.count ?? 12)", .frameTime: "250"]
        var instance = try InstanceContent.sample(
            sopClass: "1.2.840.10008.5.1.4.1.1.12.1", attributes: attributes.merging(headers) { $1 },
            file: frames.map { try Phantom.file($0).write(in: folder.url) })
        if let mask {
            let values = mask.mapValues { $0.split(separator: "\\").map(String.init) }
            instance.attributes.set(.maskSubtractionSequence, to: [AttributeSet(values: values)])
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.9"), modality: modality, instances: [instance])
        let quality = try Assessor.sample { $0.qualityRules = [.frameTiming, .maskFrame, .motion] }
            .quality(of: .sample([series]))
        return Dictionary(quality.findings.map { ($0.rule, $0.severity) }) { first, _ in first }
    }

    private func vector(_ steps: [Double]) -> String { steps.map { "\($0)" }.joined(separator: "\\") }

    @Test(arguments: [
        [DICOMCore.Tag.cineRate: "4"], [.cineRate: "6"], [.frameTime: "33.3", .cineRate: "30"], [.frameTime: "2000"],
        [.frameTime: "250", .actualFrameDuration: "60"],
    ])
    func `times that agree are no finding`(headers: Header) throws {
        #expect(try findings(headers) == [:])
    }

    @Test(arguments: [
        [DICOMCore.Tag.frameTime: "250", .cineRate: "15"], [.frameTime: "0"], [.frameTime: "-250"],
        [.frameTime: "soon"],
        [.frameTime: "1"], [.frameTime: "90000"], [.frameTime: "250", .actualFrameDuration: "900"], [.frameTime: ""],
    ])
    func `times that contradict each other or no system has are raised`(headers: Header) throws {
        #expect(try findings(headers) == [.frameTiming: .review])
    }

    @Test func `a programme that changes its rate or waits after the mask is no finding`() throws {
        let even = [0.0] + [Double](repeating: 250, count: 11)
        var paused = even
        paused[1] = 3000
        let slower = [0.0] + [Double](repeating: 250, count: 5) + [Double](repeating: 1000, count: 6)
        let jittered = [0.0] + (0..<11).map { 250 + Double($0 % 3) * 40 }
        for steps in [even, paused, slower, jittered] {
            #expect(try findings([.frameTimeVector: vector(steps), .frameTime: "", .cineRate: "4"]) == [:])
        }
    }

    @Test func `a pause within even steps, a step backwards and a wrong count are raised`() throws {
        var pause = [0.0] + [Double](repeating: 250, count: 11)
        pause[6] = 500
        var backwards = [0.0] + [Double](repeating: 250, count: 11)
        backwards[6] = -250
        for steps in [pause, backwards, [0, 250, 250]] {
            #expect(try findings([.frameTimeVector: vector(steps), .frameTime: ""]) == [.frameTiming: .review])
        }
    }

    @Test func `single frames and other modalities are left alone`() throws {
        #expect(try findings([.numberOfFrames: "1", .frameTime: "0"]) == [:])
        #expect(try findings([.frameTime: "0"], modality: "US") == [:])
    }

    @Test(arguments: [
        [DICOMCore.Tag.maskOperation: "AVG_SUB"], [.maskOperation: "AVG_SUB", .maskFrameNumbers: "13"],
        [.maskOperation: "AVG_SUB", .maskFrameNumbers: "0"],
        [.maskOperation: "AVG_SUB", .maskFrameNumbers: "1", .applicableFrameRange: "2\\20"],
        [.maskOperation: "AVG_SUB", .maskFrameNumbers: "1", .applicableFrameRange: "9\\2"],
    ])
    func `a mask that the run does not have is raised`(mask: Header) throws {
        #expect(try findings([:], mask: mask) == [.maskFrame: .review])
    }

    @Test(arguments: [
        [DICOMCore.Tag.maskOperation: "AVG_SUB", .maskFrameNumbers: "1\\2", .applicableFrameRange: "3\\12"],
        [.maskOperation: "TID"], [.maskOperation: "NONE"],
    ])
    func `a mask that the run has is no finding`(mask: Header) throws {
        #expect(try findings([:], mask: mask) == [:])
    }

    @Test func `only a run that is to be subtracted needs a mask`() throws {
        #expect(try findings([.recommendedViewingMode: "SUB"], mask: nil) == [.maskFrame: .review])
        #expect(try findings([.seriesDescription: "DSA carotid"], mask: nil) == [.maskFrame: .info])
        #expect(try findings([.seriesDescription: "Coro 15 F/S"], mask: nil) == [:])
        let subtracted: Header = [.imageType: "DERIVED\\PRIMARY\\SUBTRACTED", .recommendedViewingMode: "SUB"]
        #expect(try findings(subtracted, mask: nil) == [:])
    }

    private func run(right: Double = 0, down: Double = 0, from first: Int = 1) -> [Phantom] {
        [0.0, 20, 90, 120, 120, 60].enumerated().map { index, vessel in
            Phantom.angiogram(
                vessel: vessel, right: index < first ? 0 : right, down: index < first ? 0 : down
            ).noisy(4, seed: UInt64(index + 1))
        }
    }

    @Test(arguments: [(0.0, 0.0), (0.5, 0), (0.3, -0.8)])
    func `a run that hardly moves is no finding`(right: Double, down: Double) throws {
        #expect(try findings([:], frames: run(right: right, down: down)) == [:])
    }

    @Test(arguments: [(2.0, 0.0, Quality.Severity.review), (-1.5, 1.5, .review), (0, 8, .fail)])
    func `a run that moved against its mask is raised`(
        right: Double, down: Double, severity: Quality.Severity
    ) throws {
        #expect(try findings([:], frames: run(right: right, down: down)) == [.motion: severity])
    }

    @Test func `what the header shifts back is no movement`() throws {
        let mask: Header = [.maskOperation: "AVG_SUB", .maskFrameNumbers: "1", .maskSubPixelShift: "2\\3"]
        #expect(try findings([:], mask: mask, frames: run(right: 3, down: 2)) == [:])
    }

    @Test func `a breath in one frame is no movement of the run`() throws {
        #expect(try findings([:], frames: run(right: 6, from: 5)) == [:])
    }

    @Test func `a mask full of contrast is raised`() throws {
        let mask: Header = [.maskOperation: "AVG_SUB", .maskFrameNumbers: "4"]
        #expect(try findings([:], mask: mask, frames: run()) == [.maskFrame: .review])
        let early: Header = [.maskOperation: "AVG_SUB", .maskFrameNumbers: "1"]
        #expect(try findings([:], mask: early, frames: run()) == [:])
    }
}
