import DICOMCore
import DICOMImaging
import Foundation
import TestImages
import Testing

@testable import Assessment

@Suite struct PixelQualityTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func quality(
        _ files: [Part10File], modality: String = "CT", sopClass: String = "1.2.840.10008.5.1.4.1.1.2",
        attributes: Header = [:]
    ) throws -> Quality {
        let instances = try files.enumerated().map { index, file in
            try InstanceContent.sample(
                "1.2.3.1.\(index)", sopClass: sopClass,
                attributes: attributes.merging([.instanceNumber: "\(index + 1)"]) { $1 },
                file: file.write(in: folder.url))
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: instances)
        return try Assessor.sample().quality(of: .sample([series]))
    }

    private func blank(_ value: Int = 100) -> Part10File {
        var image = TestImage()
        image.value = { _, _, _ in value }
        return image.file
    }

    @Test func `a plain image passes with nothing to say`() throws {
        #expect(try quality([TestImage().file]) == Quality(verdict: .pass, findings: []))
    }

    @Test func `pixel data that ends early fails with both lengths`() throws {
        var file = TestImage().file
        file.pixels = .uncompressed(Array(TestImage().cells.prefix(300)))
        let finding = try #require(quality([file]).findings.first)
        #expect(finding.rule == .pixelData && finding.severity == .fail && finding.unit == "bytes")
        #expect(finding.value == 300 && finding.threshold == 512)
    }

    /// A run of `count` RLE frames, of which these lack their end.
    private func run(_ count: Int, damaged: Int...) -> Part10File {
        let image = TestImage()
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.set(.numberOfFrames, "IS", "\(count)")
        let code = image.rleFrame(0)
        file.pixels = .fragments((0..<count).map { damaged.contains($0) ? Array(code.dropLast(40)) : code })
        return file
    }

    @Test func `one broken frame inside a run fails, and is named`() throws {
        #expect(try quality([run(60)]).findings == [])
        for frame in [0, 1, 31, 58, 59] {
            let found = try quality([run(60, damaged: frame)])
            #expect(found.verdict == .fail)
            #expect(found.findings.first?.rule == .pixelData)
            #expect(found.findings.first?.detail.hasPrefix("frame \(frame): ") == true)
        }
        let several = try #require(quality([run(60, damaged: 50, 7, 33)]).findings.first)
        #expect(several.detail.hasPrefix("frame 7: "))
        #expect(several.detail.hasSuffix("; so are 2 more, of 60 of 60 frames decoded"))
    }

    @Test func `how many frames of a very long run were decoded is noted`() throws {
        let path = try run(60).write(in: folder.url)
        var instance = try InstanceContent.sample("1.2.3.1.1")
        instance.measure = { (request) throws(PixelError) in
            var request = request
            request.checkedSampleLimit = 256 * 20
            return try ImageFigures(file: path, request)
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "XA", instances: [instance])
        let found = try Assessor.sample { $0.qualityRules = [.pixelData] }.quality(of: .sample([series]))
        #expect(found.verdict == .pass)
        #expect(found.findings.map(\.severity) == [.info])
        #expect(found.findings.first?.value == 25)
        #expect(found.findings.first?.threshold == 60)
    }

    @Test func `too few Rows fail, for the rest of the picture is lost`() throws {
        var file = TestImage().file
        file.set(.rows, 12)
        #expect(try quality([file]).verdict == .fail)
    }

    @Test(arguments: [(0, 16), (16, 0), (65_535, 65_535)])
    func `zero and absurd dimensions fail`(rows: Int, columns: Int) throws {
        var file = TestImage().file
        file.set(.rows, rows)
        file.set(.columns, columns)
        let found = try quality([file])
        #expect(found.verdict == .fail && found.findings.first?.rule == .pixelData)
    }

    @Test func `frames that lack in a compressed object fail`() throws {
        let image = TestImage()
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.set(.numberOfFrames, "IS", "3")
        file.pixels = .fragments([image.rleFrame(0), image.rleFrame(0)])
        let finding = try #require(quality([file]).findings.first)
        #expect(finding.value == 2 && finding.threshold == 3 && finding.unit == "frames")
    }

    @Test func `a codestream that does not decode fails`() throws {
        var file = TestImage().file
        file.transferSyntax = "1.2.840.10008.1.2.4.70"
        file.pixels = .fragments([[0xFF, 0xD8, 0, 0, 0, 0]])
        #expect(try quality([file]).verdict == .fail)
    }

    @Test func `an image class without pixels fails`() throws {
        #expect(try quality([Part10File()]).verdict == .fail)
    }

    @Test func `what is not decoded here is noted and not assessed`() throws {
        var file = TestImage().file
        file.transferSyntax = "1.2.840.10008.1.2.4.102"
        file.pixels = .fragments([[0, 1, 2, 3]])
        let found = try quality([file])
        #expect(found.verdict == .notAssessed)
        #expect(found.findings.map(\.severity) == [.info])
    }

    @Test func `a radiograph of one value is blank`() throws {
        let finding = try #require(quality([blank()], modality: "DX").findings.first)
        #expect(finding.rule == .blankImage && finding.severity == .fail && finding.value == 0)
    }

    @Test func `a radiograph of hardly any values is for review`() throws {
        var image = TestImage()
        image.bitsStored = 14
        image.value = { _, row, column in 8000 + (row + column) % 20 }
        #expect(try quality([image.file], modality: "DX").verdict == .review)
    }

    @Test func `a mark on a blank image does not make a picture`() throws {
        var image = TestImage()
        image.rows = 64
        image.columns = 64
        image.value = { _, row, column in row == 0 && column < 3 ? 4000 : 7 }
        #expect(try quality([image.file], modality: "DX").verdict == .fail)
    }

    @Test func `padding is no picture`() throws {
        var image = TestImage()
        image.isSigned = true
        image.bitsStored = 16
        image.value = { _, row, _ in row < 8 ? -2000 : 40 }
        #expect(try quality([image.file]).verdict == .pass)
        var file = image.file
        file.set(.pixelPaddingValue, 63_536)
        #expect(try quality([file]).verdict == .fail)
    }

    @Test func `an empty slice inside a stack fails, at its end it is only noted`() throws {
        var files = Array(repeating: TestImage().file, count: 10)
        files[5] = blank()
        #expect(try quality(files).verdict == .fail)
        files[5] = TestImage().file
        files[9] = blank()
        let found = try quality(files)
        #expect(found.verdict == .pass && found.findings.map(\.severity) == [.info])
    }

    /// 64 × 64 pixels of a picture, `kept` of them, and 0.
    private func cut(after kept: Int) -> Part10File {
        var image = TestImage()
        image.rows = 64
        image.columns = 64
        image.value = { _, row, column in row * 64 + column < kept ? 900 + (row * 31 + column * 17) % 97 : 0 }
        return image.file
    }

    @Test(arguments: ["CT", "MR", "DX", "XA"])
    func `a picture that breaks off within a row fails, of any kind`(modality: String) throws {
        let found = try quality([cut(after: 30 * 64 + 20)], modality: modality).findings
        #expect(found.contains { $0.rule == .blankImage && $0.severity == .fail })
        let whole = try quality([cut(after: 30 * 64)], modality: modality).findings
        #expect(!whole.contains { $0.rule == .blankImage })
    }

    @Test func `a slice that ends with a row before the others do is for review`() throws {
        var files = Array(repeating: cut(after: 4096), count: 6)
        #expect(try quality(files).findings.isEmpty)
        files[2] = cut(after: 32 * 64)
        #expect(try quality(files).findings.map(\.rule) == [.blankImage])
        // All end there: a field of view.
        #expect(try quality(Array(repeating: cut(after: 32 * 64), count: 6)).findings.isEmpty)
    }

    @Test func `an empty frame in the middle of a run is for review`() throws {
        var image = TestImage()
        image.frames = 5
        image.value = { frame, row, column in frame == 2 ? 0 : row * 50 + column }
        #expect(try quality([image.file], modality: "XA").verdict == .review)
    }

    @Test func `an empty computed map is only noted, an empty dose plane not even that`() throws {
        let map = try quality([blank()], modality: "MR", attributes: [.imageType: "DERIVED\\SECONDARY\\ADC"])
        #expect(map.verdict == .pass && map.findings.map(\.severity) == [.info])
        #expect(try quality([blank()], modality: "RTDOSE").findings.isEmpty)
    }

    @Test func `a bit mask has only two values and is no blank image`() throws {
        var file = TestImage().file
        file.set(.bitsAllocated, 1)
        file.set(.bitsStored, 1)
        file.set(.highBit, 0)
        file.pixels = .uncompressed(Array(repeating: 0xF0, count: 32))
        #expect(try quality([file]).verdict == .pass)
    }

    @Test func `of a thousand frames a few are decoded`() throws {
        #expect(ImageRequest(frameLimit: 5).frames(of: 1000) == [0, 249, 499, 749, 999])
        #expect(ImageRequest(frameLimit: 5).frames(of: 3) == [0, 1, 2])
        #expect(ImageRequest(frameLimit: 5).frames(of: 0) == [0])
    }

    @Test func `the list of findings is bounded and says how many more there are`() throws {
        let instances = try (0..<150).map { try InstanceContent.sample("1.2.3.1.\($0)") }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "CT", instances: instances)
        let found = try Assessor.sample().quality(of: .sample([series]))
        #expect(found.findings.count == 101)
        #expect(found.findings.last?.detail == "50 more findings of this rule are not listed")
    }
}

@Suite struct SecondaryCaptureTests {
    private let capture = "1.2.840.10008.5.1.4.1.1.7"

    private func findings(_ instances: [InstanceContent], modality: String = "CT") throws -> [Quality.Finding] {
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: instances)
        return try Assessor.sample { $0.qualityRules = [.secondaryCapture] }.quality(of: .sample([series])).findings
    }

    @Test func `nothing but screens fails`() throws {
        #expect(try findings([.sample(sopClass: capture)]).map(\.severity) == [.fail])
        #expect(
            try findings([.sample(attributes: [.imageType: "DERIVED\\SECONDARY\\SCREEN SAVE"])]).map(\.severity) == [
                .fail
            ])
    }

    @Test func `a dose page beside real images is normal`() throws {
        #expect(try findings([.sample("1.1"), .sample("1.2", sopClass: capture)]).isEmpty)
    }

    @Test func `a digitised film and an old ultrasound are for review`() throws {
        #expect(
            try findings([.sample(sopClass: capture, attributes: [.conversionType: "DF"])]).map(\.severity) == [.review]
        )
        #expect(try findings([.sample(sopClass: capture)], modality: "US").map(\.severity) == [.review])
    }

    @Test func `a report alone is no capture`() throws {
        var report = try InstanceContent.sample(sopClass: "1.2.840.10008.5.1.4.1.1.88.11")
        report.attributes = AttributeSet()
        #expect(try findings([report], modality: "SR").isEmpty)
    }
}

@Suite struct ExamDateTests {
    private func findings(
        _ attributes: Header, _ change: (inout ExamDateParameters) -> Void = { _ in }
    ) throws -> [Quality.Finding] {
        let study = try StudyContent.sample([.sample(numbers: [1], attributes: attributes)])
        return try Assessor.sample {
            $0.qualityRules = [.examDate]
            change(&$0.exam)
        }.quality(of: study).findings
    }

    @Test func `a date before receipt is right`() throws {
        #expect(try findings([.studyDate: "20261121", .studyTime: "115959"]).isEmpty)
    }

    @Test func `a date days ahead fails`() throws {
        #expect(try findings([.studyDate: "20261125"]).map(\.severity) == [.fail])
    }

    @Test func `in an unknown zone the afternoon may be right already`() throws {
        #expect(try findings([.studyDate: "20261122", .studyTime: "013000"]).isEmpty)
        #expect(try findings([.studyDate: "20261122", .studyTime: "033000"]).map(\.severity) == [.fail])
    }

    @Test func `in a known zone only the clock's skew is allowed`() throws {
        let inChina: (inout ExamDateParameters) -> Void = { $0.timeZone = TimeZone(secondsFromGMT: 8 * 3600) }
        #expect(try findings([.studyDate: "20261121", .studyTime: "201000"], inChina).isEmpty)
        #expect(try findings([.studyDate: "20261121", .studyTime: "202000"], inChina).map(\.severity) == [.fail])
    }

    @Test func `the object's own zone goes before the site's`() throws {
        let found = try findings([.studyDate: "20261121", .studyTime: "140000", .timezoneOffsetFromUTC: "+0000"]) {
            $0.timeZone = TimeZone(secondsFromGMT: 8 * 3600)
        }
        #expect(found.first?.value == 2 && found.first?.unit == "hours")
    }

    @Test func `a date before birth fails, on the day of birth it is right`() throws {
        let found = try findings([.studyDate: "20200101", .patientBirthDate: "20200103"])
        #expect(found.first?.severity == .fail && found.first?.value == -2)
        #expect(try findings([.studyDate: "20200101", .patientBirthDate: "20200101"]).isEmpty)
    }

    @Test(arguments: ["", "20261301", "20260230", "yesterday", "2026"])
    func `a missing or impossible date is for review`(date: String) throws {
        #expect(try findings([.studyDate: date]).map(\.severity) == [.review])
    }
}

@Suite struct QualityEncodingTests {
    @Test func `it encodes as priorctl study prints it`() throws {
        let quality = try Quality(
            verdict: .fail,
            findings: [
                Quality.Finding(
                    rule: .blankImage, severity: .fail, seriesInstanceUID: SeriesInstanceUID("1.2"),
                    sopInstanceUID: SOPInstanceUID("1.2.3"), value: 0.5, threshold: 4, unit: "stored values",
                    detail: "d")
            ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = try String(decoding: encoder.encode(quality), as: UTF8.self)
        #expect(
            text == """
                {"findings":[{"detail":"d","rule":"blank-image","seriesInstanceUID":"1.2","severity":"fail",\
                "sopInstanceUID":"1.2.3","threshold":4,"unit":"stored values","value":0.5}],"measures":[],\
                "verdict":"fail"}
                """)
    }
}
