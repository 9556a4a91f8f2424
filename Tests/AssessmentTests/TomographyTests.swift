import Catalogue
import DICOMCore
import DICOMImaging
import Foundation
import TestImages
import Testing

@testable import Assessment

/// CT: calibration, noise, thickness and reach of slices.
@Suite struct TomographyTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Slices of a chest phantom that measure as told.
    private func slices(
        noise: Double = 12, offset: Double = 0, zoom: Double = 1, count: Int = 3, of picture: Phantom? = nil,
        headers: Header = [:]
    ) throws -> SeriesContent {
        let instances = try (0..<count).map { index in
            let phantom = (picture ?? .chest(zoom: zoom)).noisy(noise, seed: UInt64(index + 1))
            var file = Phantom.file([phantom], isSigned: true)
            file.set(.rescaleSlope, "DS", "1")
            file.set(.rescaleIntercept, "DS", String(offset))
            let attributes: Header = [
                .imageType: "ORIGINAL\\PRIMARY\\AXIAL", .sliceThickness: "5", .convolutionKernel: "STANDARD",
                .instanceNumber: "\(index + 1)", .rescaleIntercept: String(offset),
            ]
            return try InstanceContent.sample(
                "1.2.3.9.\(index)", attributes: attributes.merging(headers) { $1 },
                file: file.write(in: folder.url))
        }
        return try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.9"), modality: "CT", instances: instances)
    }

    private func quality(_ series: SeriesContent..., item: String? = nil) throws -> Quality {
        try Assessor.sample().quality(of: .sample(series, item: item.map(catalogueItem)))
    }

    private func severity(_ rule: QualityRuleName, _ quality: Quality) -> Quality.Severity? {
        quality.findings.first { $0.rule == rule }?.severity
    }

    // Calibration

    @Test(arguments: [-25.0, 0, 25]) func `air near -1000 is no finding`(offset: Double) throws {
        #expect(try severity(.hounsfieldCalibration, quality(slices(offset: offset))) == nil)
    }

    @Test(arguments: [(-80.0, Quality.Severity.review), (-55, .review), (55, .review), (80, .review), (1024, .fail)])
    func `air beyond 50 HU off is raised`(offset: Double, severity expected: Quality.Severity) throws {
        let found = try quality(slices(offset: offset))
        #expect(severity(.hounsfieldCalibration, found) == expected)
        let value = try #require(found.findings.first { $0.rule == .hounsfieldCalibration }?.value)
        #expect(abs(value + 1000 - offset) < 12)
    }

    @Test(arguments: [
        [DICOMCore.Tag.imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"], [.imageType: "DERIVED\\PRIMARY\\PERFUSION\\RCBF"],
        [.imageType: "DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE"], [.rescaleType: "PCT"],
        [.manufacturerModelName: "ProMax 3D Mid"], [.imageType: "DERIVED\\PRIMARY\\AXIAL\\IODINE"],
    ])
    func `images that are not in Hounsfield units are left alone`(headers: Header) throws {
        #expect(try severity(.hounsfieldCalibration, quality(slices(offset: 300, headers: headers))) == nil)
    }

    @Test func `slices without air say nothing`() throws {
        #expect(try severity(.hounsfieldCalibration, quality(slices(offset: 80, zoom: 2.6))) == nil)
    }

    @Test func `gas in a field of view within the body is no air around the patient`() throws {
        let gas = Phantom(rows: 256, columns: 256) { row, column in
            let (down, across) = (Double(row - 90), Double(column - 150))
            return down * down + across * across < 32 * 32 ? -930 : 40
        }
        for spacing in ["0.6\\0.6", "1.5\\1.5"] {
            let series = try slices(offset: 0, of: gas, headers: [.pixelSpacing: spacing, .rows: "256"])
            let isTold = try severity(.hounsfieldCalibration, quality(series)) != nil
            // It fills 4 %: in the field of a whole trunk that is air.
            #expect(isTold == (spacing == "1.5\\1.5"))
        }
    }

    @Test func `air that fills a small field is told from gas`() throws {
        let series = try slices(offset: 80, headers: [.pixelSpacing: "0.8\\0.8", .rows: "256"])
        #expect(try severity(.hounsfieldCalibration, quality(series)) == .review)
    }

    @Test func `the level of the air and the noise are kept`() throws {
        let measures = try quality(slices()).measures
        let air = try #require(measures.first { $0.rule == .hounsfieldCalibration })
        let noise = try #require(measures.first { $0.rule == .noise })
        #expect(abs(air.value + 1000) < 10)
        #expect(abs(noise.value - 12) < 4)
        #expect([air.unit, noise.unit] == ["HU", "HU"])
    }

    // Noise

    @Test(arguments: [(5.0, "5", "STANDARD"), (20, "5", "B30f"), (45, "1", "FC17"), (60, "1", "BONE"), (70, "1", "YC")])
    func `noise that slice and kernel explain is no finding`(noise: Double, thickness: String, kernel: String) throws {
        let series = try slices(noise: noise, headers: [.sliceThickness: thickness, .convolutionKernel: kernel])
        #expect(try severity(.noise, quality(series)) == nil)
    }

    @Test(arguments: [(45.0, "5", "STANDARD"), (60, "2.5", "Br40d\\3"), (90, "1", "FC17")])
    func `more noise than that is raised`(noise: Double, thickness: String, kernel: String) throws {
        let series = try slices(noise: noise, headers: [.sliceThickness: thickness, .convolutionKernel: kernel])
        #expect(try severity(.noise, quality(series)) == .review)
    }

    @Test func `a head is held to less, a low dose to more`() throws {
        #expect(try severity(.noise, quality(slices(noise: 18, headers: [.bodyPartExamined: "HEAD"]))) == .review)
        #expect(try severity(.noise, quality(slices(noise: 18))) == nil)
        #expect(try severity(.noise, quality(slices(noise: 38))) == .review)
        #expect(try severity(.noise, quality(slices(noise: 38), item: "BB24ZDZZZ")) == nil)
    }

    @Test(arguments: [
        ("STANDARD", ReconstructionKernel.smooth), ("BONEPLUS", .sharp), ("B70f", .sharp), ("Hr40f\\3", .smooth),
        ("FC51", .sharp), ("FC18", .smooth), ("YA", .sharp), ("UB", .smooth), ("B_SHARP_C", .sharp), ("?", nil),
    ])
    func `kernels are known by their makers' names`(name: String, expected: ReconstructionKernel?) {
        #expect(ReconstructionKernel(name) == expected)
    }

    // Thickness

    /// A stack of slices without pixels.
    private func stack(
        _ number: Int = 1, thickness: Double, spacing: Double? = nil, count: Int, headers: Header = [:]
    ) throws -> SeriesContent {
        let instances = try (0..<count).map { index in
            try InstanceContent.sample(
                "1.2.3.\(number).\(index)",
                attributes: [
                    .imageType: "ORIGINAL\\PRIMARY\\AXIAL", .instanceNumber: "\(index + 1)", .rows: "512",
                    .columns: "512", .pixelSpacing: "0.7\\0.7", .sliceThickness: "\(thickness)",
                    .imageOrientationPatient: "1\\0\\0\\0\\1\\0",
                    .imagePositionPatient: "0\\0\\\(Double(index) * (spacing ?? thickness))",
                ].merging(headers) { $1 })
        }
        return try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.\(number)"), modality: "CT", instances: instances)
    }

    private let thinForearm = "BP2JZUZZZ"
    private let fineLung = "BB24ZBZZZ"

    @Test(arguments: [0.5, 1, 1.25]) func `thin slices satisfy a thin item`(thickness: Double) throws {
        let series = try stack(thickness: thickness, count: Int(250 / thickness))
        #expect(try severity(.sliceThickness, quality(series, item: thinForearm)) == nil)
    }

    @Test(arguments: [(2.0, Quality.Severity.info), (2.5, .review), (5, .review)])
    func `thick slices do not`(thickness: Double, severity expected: Quality.Severity) throws {
        let series = try stack(thickness: thickness, count: Int(250 / thickness))
        #expect(try severity(.sliceThickness, quality(series, item: thinForearm)) == expected)
    }

    @Test func `a thick stack beside a thin one is no finding, a thin piece beside a thick stack is`() throws {
        let thick = try stack(2, thickness: 5, count: 50)
        #expect(
            try severity(.sliceThickness, quality(thick, stack(thickness: 1, count: 240), item: thinForearm)) == nil)
        #expect(
            try severity(.sliceThickness, quality(thick, stack(thickness: 1, count: 40), item: thinForearm)) == .review)
    }

    @Test func `high resolution may sample, thin slices for 3D may not`() throws {
        let sampled = try stack(thickness: 1, spacing: 10, count: 26)
        #expect(try severity(.sliceThickness, quality(sampled, item: fineLung)) == nil)
        #expect(try severity(.sliceThickness, quality(sampled, item: thinForearm)) == .review)
    }

    @Test func `an item that asks for no thin slices may have thick ones`() throws {
        #expect(try severity(.sliceThickness, quality(stack(thickness: 5, count: 60), item: "BW23ZYZZZ")) == nil)
    }

    // Coverage

    private let chest = "BW23ZYZZZ"

    @Test(arguments: [(5.0, 60), (1, 300), (10, 21)])
    func `a chest of usual length is covered`(thickness: Double, count: Int) throws {
        #expect(try severity(.coverage, quality(stack(thickness: thickness, count: count), item: chest)) == nil)
    }

    @Test(arguments: [(30, Quality.Severity.review), (16, .fail)])
    func `half a chest is not covered`(count: Int, severity expected: Quality.Severity) throws {
        #expect(try severity(.coverage, quality(stack(thickness: 5, count: count), item: chest)) == expected)
    }

    @Test func `passes over one slab again and again are perfusion`() throws {
        let passes = try (1...6).map { pass in
            try stack(pass, thickness: 5, count: 16, headers: [.temporalPositionIdentifier: "\(pass)"])
        }
        var series = try stack(1, thickness: 5, count: 0)
        series.instances = passes.flatMap(\.instances)
        #expect(try severity(.coverage, quality(series, item: chest)) == nil)
    }

    @Test func `two scans that meet cover together what neither does`() throws {
        var upper = try stack(1, thickness: 5, count: 25)
        for index in upper.instances.indices {
            upper.instances[index].attributes.set(.imagePositionPatient, to: ["0", "0", "\(120 + index * 5)"])
        }
        #expect(try severity(.coverage, quality(upper, stack(2, thickness: 5, count: 25), item: chest)) == nil)
    }

    @Test(arguments: [
        [DICOMCore.Tag.patientAge: "003Y"], [.patientAge: "018M"], [.patientBirthDate: "20240101"],
        [.pixelSpacing: "0.35\\0.35", .patientBirthDate: ""],
    ])
    func `a child's chest is shorter`(headers: Header) throws {
        #expect(try severity(.coverage, quality(stack(thickness: 5, count: 24, headers: headers), item: chest)) == nil)
    }

    @Test func `a few slices, and a study of no item, say nothing`() throws {
        #expect(try severity(.coverage, quality(stack(thickness: 5, count: 3), item: chest)) == nil)
        #expect(try severity(.coverage, quality(stack(thickness: 5, count: 10))) == nil)
    }

    @Test func `half a head is not covered in CT nor in MR`() throws {
        #expect(try severity(.coverage, quality(stack(thickness: 5, count: 28), item: "B020ZYZZZ")) == nil)
        #expect(try severity(.coverage, quality(stack(thickness: 5, count: 14), item: "B020ZYZZZ")) == .review)
        var half = try stack(thickness: 5, count: 14)
        var whole = try stack(2, thickness: 5, count: 24)
        half.modality = "MR"
        whole.modality = "MR"
        #expect(try severity(.coverage, quality(half, item: "B030ZYZZZ")) == .review)
        #expect(try severity(.coverage, quality(half, whole, item: "B030ZYZZZ")) == nil)
    }
}
