import DICOMCore
import DICOMImaging
import Foundation
import TestImages
import Testing

@testable import Assessment

/// What the rules for radiographs raise, of pictures whose content is known.
@Suite struct RadiographTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// Rules that raise something of `picture`.
    private func raised(
        _ picture: TestRadiograph, _ attributes: Header = [:], modality: String = "DX", item: String? = nil
    ) throws -> [QualityRuleName] {
        let instance = try InstanceContent.sample(
            "1.2.3.1.1", sopClass: "1.2.840.10008.5.1.4.1.1.1.1", attributes: attributes,
            file: picture.file.write(in: folder.url))
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: [instance])
        let assessor = try Assessor.sample { parameters in
            parameters.qualityRules = [
                .blankImage, .saturation, .contrastRange, .blur, .noise, .collimation, .exposureIndex,
            ]
        }
        let quality = try assessor.quality(of: .sample([series], item: item.map(catalogueItem)))
        return quality.findings.filter { $0.severity > .info }.map(\.rule)
    }

    @Test(arguments: TestRadiograph.Body.allCases)
    func `a good radiograph raises nothing, whatever its bits and polarity`(body: TestRadiograph.Body) throws {
        for bits in [8, 12, 16] {
            for isInverted in [false, true] {
                var picture = TestRadiograph(body)
                picture.bitsStored = bits
                picture.isInverted = isInverted
                #expect(try raised(picture) == [], "\(bits) bits, inverted: \(isInverted)")
            }
        }
    }

    @Test(arguments: TestRadiograph.Body.allCases)
    func `metal and a lead mark are no saturation`(body: TestRadiograph.Body) throws {
        var picture = TestRadiograph(body)
        picture.hasMetal = true
        picture.hasMark = true
        #expect(try raised(picture) == [])
        picture.isInverted = true
        #expect(try raised(picture) == [])
    }

    @Test func `air beside a limb may be cut off`() throws {
        var picture = TestRadiograph(.limb)
        picture.change = { values, _ in values.map { max($0 - 0.06, 0) } }
        #expect(try raised(picture) == [])
    }

    @Test(arguments: [true, false])
    func `borders of the collimator are found and raise nothing`(isMasked: Bool) throws {
        var picture = TestRadiograph(.limb)
        picture.border = 40
        picture.isMasked = isMasked
        #expect(try raised(picture) == [])
    }

    @Test(arguments: ["-9223372036854775808", "-0x1p63", "-2147483648", "4294967295"])
    func `edges no image can have are no edges, and take nothing down`(edge: String) throws {
        var picture = TestRadiograph(.limb)
        picture.border = 40
        for (shape, tags) in [
            (
                DICOMCore.Tag.collimatorShape,
                [
                    DICOMCore.Tag.collimatorLeftVerticalEdge, .collimatorRightVerticalEdge,
                    .collimatorUpperHorizontalEdge,
                    .collimatorLowerHorizontalEdge,
                ]
            ),
            (
                .shutterShape,
                [
                    .shutterLeftVerticalEdge, .shutterRightVerticalEdge, .shutterUpperHorizontalEdge,
                    .shutterLowerHorizontalEdge,
                ]
            ),
        ] {
            let header: Header = [shape: "RECTANGULAR", tags[0]: "0", tags[1]: "10", tags[2]: edge, tags[3]: edge]
            #expect(try raised(picture, header) == [])
            #expect(try raised(picture, header.merging([tags[3]: "-9223372036854775807"]) { $1 }) == [])
        }
    }

    @Test(arguments: [1.5, 2, 4])
    func `a Gaussian blur is raised`(sigma: Double) throws {
        for body in TestRadiograph.Body.allCases {
            var picture = TestRadiograph(body)
            picture.change = { TestRadiograph.blurred($0, rows: $1.rows, columns: $1.columns, sigma: sigma) }
            #expect(try raised(picture) == [.blur])
        }
    }

    @Test(arguments: [9, 21])
    func `a smear is raised, also when its noise is sharp`(length: Int) throws {
        for keepsNoise in [false, true] {
            var picture = TestRadiograph(.chest)
            picture.change = { values, picture in
                var random = SplitMix(seed: 3)
                return TestRadiograph.smeared(values, rows: picture.rows, columns: picture.columns, length: length)
                    .map { $0 + (keepsNoise ? 0.003 * random.normal() : 0) }
            }
            #expect(try raised(picture).contains(.blur), "noise kept: \(keepsNoise)")
        }
    }

    @Test(arguments: [0.025, 0.08])
    func `grain is raised`(noise: Double) throws {
        var picture = TestRadiograph(.chest)
        picture.noise = noise
        #expect(try raised(picture) == [.noise])
    }

    @Test(arguments: [0.05, 0.14])
    func `a picture in few of its values is raised`(share: Double) throws {
        var picture = TestRadiograph(.chest)
        picture.change = { values, _ in values.map { 0.45 + share * ($0 - 0.4) } }
        #expect(try raised(picture).contains(.contrastRange))
    }

    @Test func `half the contrast is an obese patient's and raises nothing`() throws {
        var picture = TestRadiograph(.chest)
        picture.change = { values, _ in values.map { 0.3 + 0.5 * ($0 - 0.3) } }
        #expect(try raised(picture) == [])
    }

    @Test func `a device that stores 12 bits in cells of 16 raises nothing`() throws {
        var picture = TestRadiograph(.chest)
        picture.bitsStored = 16
        picture.change = { values, _ in values.map { $0 / 16 } }
        #expect(try raised(picture) == [])
        #expect(try raised(picture, [.windowWidth: "4096", .windowCenter: "2048"]) == [])
    }

    @Test func `a VOI LUT that fits the picture stands for a window`() throws {
        var picture = TestRadiograph(.chest)
        picture.bitsStored = 16
        // A tenth of the range, not at its start.
        picture.change = { values, _ in values.map { 0.45 + 0.1 * $0 } }
        func raised(_ table: [UInt16], first: UInt16) throws -> [QualityRuleName] {
            var item = Part10File()
            item.set(DICOMCore.Tag(0x0028, 0x3002), shorts: [UInt16(table.count), first, 12])
            item.set(DICOMCore.Tag(0x0028, 0x3006), shorts: table)
            var file = picture.file
            file.set(DICOMCore.Tag(0x0028, 0x3010), items: [item])
            let instance = try InstanceContent.sample(
                "1.2.3.1.1", sopClass: "1.2.840.10008.5.1.4.1.1.1.1", file: file.write(in: folder.url))
            let series = try SeriesContent(
                seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "DX", instances: [instance])
            let assessor = try Assessor.sample { $0.qualityRules = [.contrastRange] }
            return try assessor.quality(of: .sample([series])).findings.map(\.rule)
        }
        let fitting = (0..<8000).map { UInt16($0 / 2) }
        #expect(try raised(fitting, first: 29_000) == [])
        // One as wide as the range says nothing for the picture.
        #expect(try raised((0..<30_000).map { UInt16($0 / 8) }, first: 0) == [.contrastRange])
    }

    @Test(arguments: [0.25, 0.5])
    func `anatomy cut off at the dense end is raised`(level: Double) throws {
        var picture = TestRadiograph(.chest)
        picture.change = { values, _ in values.map { min($0 / (0.4 + level / 2), 1) } }
        #expect(try raised(picture) == [.saturation])
    }

    @Test func `lungs cut off at the exposed end are raised`() throws {
        var picture = TestRadiograph(.chest)
        picture.change = { values, _ in values.map { max(($0 - 0.25) / 0.75, 0) } }
        #expect(try raised(picture) == [.saturation])
    }

    @Test(arguments: [true, false])
    func `a field that is a small part of the image is raised`(isMasked: Bool) throws {
        var picture = TestRadiograph(.chest)
        picture.border = 78
        picture.isMasked = isMasked
        #expect(try raised(picture) == [.collimation])
    }

    @Test func `a grown-up's chest in a child's field is raised, a child's is not`() throws {
        var picture = TestRadiograph(.chest)
        picture.border = 35
        picture.isMasked = true
        let small: Header = [.bodyPartExamined: "CHEST", .imagerPixelSpacing: "0.6\\0.6", .patientAge: "050Y"]
        #expect(try raised(picture, small) == [.collimation])
        #expect(try raised(picture, small.merging([.patientAge: "004Y"]) { $1 }) == [])
    }

    @Test func `a limb on an open detector is raised, a picture cut to the limb is not`() throws {
        var picture = TestRadiograph(.limb)
        // A third as wide, and air beside it.
        picture.change = { values, picture in
            values.indices.map { index in
                let (row, column) = (index / picture.columns, index % picture.columns)
                let source = (column - picture.columns / 2) * 3 + picture.columns / 2
                let isBody = (0..<picture.columns).contains(source)
                return isBody ? values[row * picture.columns + source] : values[row * picture.columns]
            }
        }
        func found(_ spacing: String, item: String? = "BQ07ZZZ0B") throws -> Bool {
            try raised(picture, [.imagerPixelSpacing: spacing], item: item).contains(.collimation)
        }
        #expect(try found("0.8\\0.8"))
        #expect(try !found("0.3\\0.3"))
        #expect(try !found("0.8\\0.8", item: nil))
    }

    @Test func `a run of frames and a screen are no radiographs`() throws {
        var picture = TestRadiograph(.chest)
        picture.change = { TestRadiograph.blurred($0, rows: $1.rows, columns: $1.columns, sigma: 3) }
        #expect(try raised(picture, modality: "RF") == [])
        #expect(try raised(picture, [.imageType: "DERIVED\\SECONDARY\\SCREEN SAVE"]) == [])
    }

    @Test func `real radiographs raise nothing of this`() throws {
        for path in RealFiles.paths(in: "cr") {
            let figures = try ImageFigures(file: path, ImageRequest(measures: .radiograph))
            let radiograph = try #require(try figures.frames[0].figures.get().radiograph)
            // A panoramic film of teeth: straight borders above and below.
            #expect(radiograph.field.borders.count >= 2)
            #expect(radiograph.low.smoothEnclosed < 0.01 && radiograph.high.smoothEnclosed < 0.01)
        }
    }
}

@Suite struct ExposureIndexTests {
    private func findings(_ attributes: Header, modality: String = "DX") throws -> [Quality.Finding] {
        let series = try SeriesContent.radiographs([attributes], modality: modality)
        return try Assessor.sample { $0.qualityRules = [.exposureIndex] }.quality(of: .sample([series])).findings
    }

    @Test(arguments: [("0", []), ("1.9", []), ("-2.5", [Quality.Severity.info]), ("3.0", [.info])])
    func `within three nothing is raised`(deviation: String, severities: [Quality.Severity]) throws {
        #expect(try findings([.deviationIndex: deviation]).map(\.severity) == severities)
    }

    @Test(arguments: [("3.2", Quality.Severity.review), ("-3.2", .review), ("7", .fail), ("-9", .fail)])
    func `beyond three is raised, beyond six fails`(deviation: String, severity: Quality.Severity) throws {
        let finding = try #require(findings([.deviationIndex: deviation]).first)
        #expect(finding.severity == severity && finding.value == Double(deviation))
    }

    @Test func `without a deviation index it follows from index and target`() throws {
        let finding = try #require(findings([.exposureIndex: "900", .targetExposureIndex: "400"]).first)
        #expect(finding.severity == .review && abs((finding.value ?? 0) - 3.52) < 0.01)
        #expect(try findings([.exposureIndex: "400", .targetExposureIndex: "400"]).isEmpty)
    }

    @Test func `the worse of two that contradict each other counts, and both are named`() throws {
        let finding = try #require(
            findings([.exposureIndex: "2000", .targetExposureIndex: "400", .deviationIndex: "0"]).first)
        #expect(finding.severity == .fail && finding.detail.contains("stated as 0.0"))
    }

    @Test(
        arguments: [
            [.exposureIndex: "148"], [.exposureIndex: "0", .targetExposureIndex: "400"],
            [.exposureIndex: "400", .targetExposureIndex: "0"], [.relativeXRayExposure: "1500"], [.deviationIndex: ""],
        ] as [Header])
    func `what can't be compared says nothing`(attributes: Header) throws {
        #expect(try findings(attributes).isEmpty)
    }

    @Test func `a deviation that no exposure has is noted as a mistake of scales`() throws {
        #expect(try findings([.deviationIndex: "-45"]).map(\.severity) == [.info])
    }

    @Test func `index and deviation are kept for every series`() throws {
        let series = try SeriesContent.radiographs([
            [.exposureIndex: "400", .deviationIndex: "1"], [.exposureIndex: "300", .deviationIndex: "-1"],
            [.exposureIndex: "350", .deviationIndex: "0.5"],
        ])
        let quality = try Assessor.sample { $0.qualityRules = [.exposureIndex] }.quality(of: .sample([series]))
        #expect(quality.measures.map(\.unit) == ["deviation index", "exposure index"])
        #expect(quality.measures.map(\.value) == [0.5, 350])
    }
}

@Suite struct LateralityTests {
    private func findings(_ images: [Header], item: String? = "BQ07ZZZ0B") throws -> [Quality.Finding] {
        let study = try StudyContent.sample([.radiographs(images)], item: item.map(catalogueItem))
        return try Assessor.sample { $0.qualityRules = [.laterality] }.quality(of: study).findings
    }

    @Test(
        arguments: [
            [.imageLaterality: "R"], [.laterality: "R"], [.imageLaterality: "right"], [.imageLaterality: "B"],
            [.imageLaterality: "U", .laterality: "R"],
        ] as [Header])
    func `the side that was asked for is right`(attributes: Header) throws {
        #expect(try findings([attributes, attributes]).isEmpty)
    }

    @Test func `the other side fails, in one image as well`() throws {
        #expect(try findings([[.imageLaterality: "L"]]).map(\.severity) == [.fail])
        #expect(try findings([[.imageLaterality: "R"], [.laterality: "L"]]).map(\.severity) == [.fail])
        #expect(try findings([[.seriesDescription: "LEFT KNEE"]]).map(\.severity) == [.fail])
    }

    @Test(arguments: [[:], [.imageLaterality: ""], [.imageLaterality: "U"], [.imageLaterality: "X"]] as [Header])
    func `no side at all is for review`(attributes: Header) throws {
        #expect(try findings([attributes]).map(\.severity) == [.review])
    }

    @Test func `a side told by the series alone is noted`() throws {
        #expect(try findings([[.seriesDescription: "右膝正位"]]).map(\.severity) == [.info])
    }

    @Test func `attributes that contradict each other are for review`() throws {
        #expect(try findings([[.imageLaterality: "R", .laterality: "L"]]).map(\.severity) == [.review])
        #expect(
            try findings([[.imageLaterality: "R", .seriesDescription: "left knee"]], item: nil).map(\.severity)
                == [.review])
    }

    @Test(
        arguments: [
            [.studyDescription: "Left knee AP/LAT"], [.studyDescription: "左膝关节正侧位"],
            [.studyDescription: "X-quang khớp gối trái"],
            [.requestedProcedureDescription: "LT KNEE 2 VIEWS"], [.studyDescription: "KNEE LEFT, LEFT LATERAL"],
        ] as [Header])
    func `the side of the order is held against the image where no item is known`(order: Header) throws {
        let image: Header = [.imageLaterality: "R"]
        #expect(try findings([order.merging(image) { $1 }], item: nil).map(\.severity) == [.fail])
        #expect(try findings([order.merging([.imageLaterality: "L"]) { $1 }], item: nil).isEmpty)
        // One of two images.
        let pair = [order.merging([.laterality: "L"]) { $1 }, order.merging(image) { $1 }]
        #expect(try findings(pair, item: nil).map(\.severity) == [.fail])
        #expect(
            try findings([order.merging([.seriesDescription: "Right knee"]) { $1 }], item: nil).map(\.severity)
                == [.fail])
    }

    @Test(
        arguments: [
            [.studyDescription: "CHEST LEFT LATERAL"], [.studyDescription: "胸部左侧位"], [.studyDescription: "BOTH KNEES"],
            [.studyDescription: "left and right knee"], [.studyDescription: "ABDOMEN LEFT LATERAL DECUBITUS"],
            [.studyDescription: "LEFT HAND", .requestedProcedureDescription: "RIGHT HAND"], [:],
        ] as [Header])
    func `an order that names no side, or both, contradicts nothing`(order: Header) throws {
        #expect(try findings([order.merging([.imageLaterality: "R"]) { $1 }, order], item: nil).isEmpty)
    }

    @Test func `the other side for comparison is noted, when all of it says so and the side asked for is there`() throws
    {
        let right: Header = [.imageLaterality: "R", .seriesDescription: "Right knee"]
        let left: Header = [.imageLaterality: "L", .seriesDescription: "Left knee"]
        #expect(try findings([right, left]).map(\.severity) == [.info])
        #expect(try findings([left]).map(\.severity) == [.fail])
        let order: Header = [.studyDescription: "RIGHT KNEE"]
        let both = [right, left].map { $0.merging(order) { $1 } }
        #expect(try findings(both, item: nil).map(\.severity) == [.info])
    }

    @Test func `a slice of the other side fails once a series`() throws {
        let order: Header = [.studyDescription: "MRI LEFT KNEE", .laterality: "R"]
        let series = try SeriesContent.sample(modality: "MR", numbers: [1, 2, 3], attributes: order)
        let assessor = try Assessor.sample { $0.qualityRules = [.laterality] }
        #expect(try assessor.quality(of: .sample([series])).findings.map(\.severity) == [.fail])
        let plain = try SeriesContent.sample(
            modality: "MR", numbers: [1, 2, 3], attributes: [.studyDescription: "MRI LEFT KNEE"])
        #expect(try assessor.quality(of: .sample([plain])).findings.isEmpty)
    }

    @Test func `a left lateral view is no left side`() throws {
        #expect(try findings([[.imageLaterality: "R", .seriesDescription: "LEFT LATERAL"]]).isEmpty)
    }

    @Test func `what has no sides needs none`() throws {
        #expect(try findings([[:], [.imageLaterality: "U"]], item: "BW03ZZZ8B").isEmpty)
        #expect(try findings([[:]], item: nil).isEmpty)
    }
}
