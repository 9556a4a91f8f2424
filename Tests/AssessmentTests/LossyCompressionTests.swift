import DICOMCore
import DICOMImaging
import TestImages
import Testing

@testable import Assessment

@Suite struct LossyCompressionTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func findings(
        _ attributes: [Header], syntax: String = "1.2.840.10008.1.2.1", codestream: [UInt8]? = nil,
        modality: String = "CT", ratio: Double = 1, sopClass: String = "1.2.840.10008.5.1.4.1.1.2"
    ) throws -> [Quality.Finding] {
        var file = TestImage().file
        if let codestream {
            file.transferSyntax = syntax
            file.pixels = .fragments([codestream])
        }
        let path = try file.write(in: folder.url)
        let instances = try attributes.enumerated().map { index, header in
            var instance = try InstanceContent.sample(
                "1.2.3.1.\(index)", sopClass: sopClass,
                attributes: header.merging([.instanceNumber: "\(index)"]) { $1 },
                file: path)
            instance.transferSyntaxUID = try TransferSyntaxUID(syntax)
            return instance
        }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: modality, instances: instances)
        return try Assessor.sample { $0.lossy.ratio = ratio }.quality(of: .sample([series]))
            .findings(of: .lossyCompression)
    }

    private let j2k = "1.2.840.10008.1.2.4.91"

    /// A main header with COD, the wavelet as given (1 is reversible).
    private func jpeg2000(transform: UInt8) -> [UInt8] {
        [0xFF, 0x4F, 0xFF, 0x51, 0, 4, 0, 0, 0xFF, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, transform, 0xFF, 0x93]
    }

    /// A frame and a scan header of one component.
    private func jpegLS(near: UInt8) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 12, 0, 16, 0, 16, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, near, 0, 0]
    }

    @Test func `what was never compressed with loss is nothing to say`() throws {
        #expect(try findings([[:]]).isEmpty)
        #expect(try findings([[.lossyImageCompression: "00"]]).isEmpty)
        #expect(try findings([[.lossyImageCompression: "00", .lossyImageCompressionRatio: "2.5"]]).isEmpty)
    }

    @Test(arguments: [("12.2", 12.2), ("2\\8", 8), ("", nil), ("1", nil), ("abc", nil)] as [(String, Double?)])
    func `what the header says was lost stays lost, at any ratio`(ratio: String, value: Double?) throws {
        let found = try findings([[.lossyImageCompression: "01", .lossyImageCompressionRatio: ratio]])
        #expect(found.map(\.severity) == [.review])
        #expect(found.first?.value == value && found.first?.unit == "to 1")
    }

    @Test func `a lossy codestream is raised although the header denies it, with the ratio of the bytes`() throws {
        let header: Header = [.lossyImageCompression: "00", .rows: "16", .columns: "16"]
        let found = try findings([header], syntax: j2k, codestream: jpeg2000(transform: 0))
        #expect(found.map(\.severity) == [.review])
        #expect(found.first?.value == 21.3)
        #expect(found.first?.detail == "the image: encoded with loss although the header says without")
    }

    @Test func `a JPEG 2000 or JPEG-LS codestream without loss is none`() throws {
        #expect(try findings([[:]], syntax: j2k, codestream: jpeg2000(transform: 1)).isEmpty)
        let nearLossless = "1.2.840.10008.1.2.4.81"
        #expect(try findings([[:]], syntax: nearLossless, codestream: jpegLS(near: 0)).isEmpty)
        #expect(try findings([[:]], syntax: nearLossless, codestream: jpegLS(near: 2)).map(\.severity) == [.review])
    }

    @Test(arguments: ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.102"])
    func `a syntax that cannot be without loss is raised`(syntax: String) throws {
        #expect(try findings([[:]], syntax: syntax).map(\.severity) == [.review])
    }

    @Test func `a written ratio far below that of the bytes is not believed`() throws {
        let header: Header = [.lossyImageCompression: "01", .lossyImageCompressionRatio: "2"]
        #expect(try findings([header], syntax: j2k, codestream: jpeg2000(transform: 0)).first?.value == 21.3)
    }

    @Test func `a lossy method without the flag is raised, a contradiction noted`() throws {
        let method: Header = [.lossyImageCompressionMethod: "ISO_10918_1"]
        #expect(try findings([method]).map(\.severity) == [.review])
        #expect(try findings([method.merging([.lossyImageCompression: "00"]) { $1 }]).map(\.severity) == [.info])
        #expect(try findings([[.lossyImageCompressionRatio: "7"]]).map(\.severity) == [.info])
        #expect(try findings([[.lossyImageCompressionMethod: "ISO_15444_1"]]).isEmpty)
    }

    @Test func `one lossy image among many is named`() throws {
        let found = try findings([[:], [.lossyImageCompression: "01"], [:]])
        #expect(found.count == 1 && found.first?.sopInstanceUID?.value == "1.2.3.1.1")
        #expect(found.first?.detail.hasPrefix("1 of 3 images") == true)
        let all = try findings([[.lossyImageCompression: "01"], [.lossyImageCompression: "01"]])
        #expect(all.count == 1 && all.first?.detail.hasPrefix("all 2 images") == true)
    }

    @Test func `a lossy page beside images is normal`() throws {
        let page: Header = [.lossyImageCompression: "01", .samplesPerPixel: "3"]
        #expect(try findings([[:], page]).isEmpty)
        #expect(try findings([page], modality: "US").map(\.severity) == [.review])
        let capture = "1.2.840.10008.5.1.4.1.1.7"
        #expect(try findings([[.lossyImageCompression: "01"]], sopClass: capture).isEmpty)
    }

    @Test func `a site may tolerate a ratio`() throws {
        let header: Header = [.lossyImageCompression: "01", .lossyImageCompressionRatio: "8"]
        #expect(try findings([header], ratio: 10).map(\.severity) == [.info])
        #expect(try findings([header], ratio: 5).map(\.severity) == [.review])
        #expect(try findings([[.lossyImageCompression: "01"]], ratio: 10).map(\.severity) == [.review])
    }

    @Test func `an endoscopic image is no screen capture`() throws {
        let endoscopy = try InstanceContent.sample(sopClass: "1.2.840.10008.5.1.4.1.1.77.1.1")
        #expect(!endoscopy.isCapture)
        #expect(try InstanceContent.sample(sopClass: "1.2.840.10008.5.1.4.1.1.7.4").isCapture)
    }
}
