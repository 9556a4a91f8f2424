import DICOMCore
import Foundation
import TestImages
import Testing

@testable import DICOMImaging

@Suite struct PixelReaderTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func values(of file: Part10File, frame: Int = 0, byteLimit: UInt64 = 1 << 20) throws -> [Int32] {
        var reader = try PixelReader(file: file.write(in: folder.url), frameByteLimit: byteLimit)
        return try reader.frame(frame)
    }

    @Test func `the header describes what the file holds`() throws {
        var image = TestImage()
        image.frames = 3
        let description = try PixelReader(file: image.file.write(in: folder.url)).description
        #expect(description.rows == 16 && description.columns == 16)
        #expect(description.framesAnnounced == 3 && description.framesPresent == 3)
        #expect(description.expectedByteCount == 1536 && description.presentByteCount == 1536)
        #expect(description.photometricInterpretation == "MONOCHROME2")
        #expect(description.transferSyntaxUID == "1.2.840.10008.1.2.1")
    }

    @Test func `stored values come back frame by frame`() throws {
        var image = TestImage()
        image.frames = 2
        #expect(try values(of: image.file, frame: 1)[17] == 100 + 50 + 1)
    }

    @Test func `signed values are extended from Bits Stored`() throws {
        var image = TestImage()
        image.isSigned = true
        image.value = { _, row, column in (row * 16 + column - 128) & 0xFFF }
        let values = try values(of: image.file)
        #expect(values.first == -128 && values.last == 127)
    }

    @Test func `bits outside Bits Stored are dropped`() throws {
        var image = TestImage()
        image.value = { _, _, column in 0xF000 | column }
        #expect(try values(of: image.file).prefix(3) == [0, 1, 2])
    }

    @Test func `single bits run on across frames`() throws {
        var file = TestImage().file
        file.set(.rows, 3)
        file.set(.columns, 3)
        file.set(.numberOfFrames, "IS", "2")
        file.set(.bitsAllocated, 1)
        file.set(.bitsStored, 1)
        file.pixels = .uncompressed([0b0000_0001, 0b0000_0010, 0])
        #expect(try values(of: file, frame: 0) == [1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try values(of: file, frame: 1) == [1, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `planes become pixels`() throws {
        var file = TestImage().file
        file.set(.rows, 1)
        file.set(.columns, 2)
        file.set(.samplesPerPixel, 3)
        file.set(Tag(0x0028, 0x0006), 1)
        file.set(.bitsAllocated, 8)
        file.set(.bitsStored, 8)
        file.set(.highBit, 7)
        file.pixels = .uncompressed([1, 2, 3, 4, 5, 6])
        #expect(try values(of: file) == [1, 3, 5, 2, 4, 6])
    }

    @Test func `shared chroma is expanded`() throws {
        var file = TestImage().file
        file.set(.rows, 1)
        file.set(.columns, 2)
        file.set(.samplesPerPixel, 3)
        file.set(.photometricInterpretation, "CS", "YBR_FULL_422")
        file.set(.bitsAllocated, 8)
        file.set(.bitsStored, 8)
        file.set(.highBit, 7)
        file.pixels = .uncompressed([10, 20, 128, 130])
        #expect(try values(of: file) == [10, 128, 130, 20, 128, 130])
    }

    @Test func `RLE frames decode to what was coded`() throws {
        var image = TestImage()
        image.frames = 2
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([image.rleFrame(0), image.rleFrame(1)])
        #expect(try values(of: file, frame: 1) == values(of: image.file, frame: 1))
    }

    @Test func `fragments of a frame are found by the offset table`() throws {
        let image = TestImage()
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.4.70"
        file.set(.numberOfFrames, "IS", "2")
        file.pixels = .fragments([[1, 2], [3, 4], [5, 6]], offsets: [0, 20])
        #expect(try PixelReader(file: file.write(in: folder.url)).description.framesPresent == 2)
    }
}

@Suite struct BrokenPixelTests {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func error(_ file: Part10File, frame: Int = 0, byteLimit: UInt64 = 1 << 20) throws -> PixelError? {
        let path = try file.write(in: folder.url)
        do {
            var reader = try PixelReader(file: path, frameByteLimit: byteLimit)
            _ = try reader.frame(frame)
            return nil
        } catch {
            return error
        }
    }

    private func isCorrupt(_ error: PixelError?) -> Bool {
        if case .corrupt = error { true } else { false }
    }

    @Test func `no file and no DICOM file are told apart`() throws {
        #expect(throws: PixelError.self) { _ = try PixelReader(file: folder.url.appending(path: "none").path) }
        let path = folder.url.appending(path: "text.dcm").path
        try Data(repeating: 0x41, count: 4096).write(to: URL(filePath: path))
        do {
            _ = try PixelReader(file: path)
            Issue.record("text was taken for DICOM")
        } catch {
            #expect(isCorrupt(error) || error == .absent)
        }
    }

    @Test func `an object without Pixel Data says so`() throws {
        #expect(try error(Part10File()) == .absent)
    }

    @Test func `pixels that end early are corrupt, whole frames before them are not`() throws {
        var image = TestImage()
        image.frames = 2
        var file = image.file
        file.pixels = .uncompressed(Array(image.cells.prefix(1000)))
        file.announcedPixelByteCount = 1024
        #expect(try error(file, frame: 0) == nil)
        #expect(try isCorrupt(error(file, frame: 1)))
        #expect(try error(file, frame: 2) == .noSuchFrame(2))
    }

    @Test func `a length of gigabytes allocates nothing`() throws {
        var file = TestImage().file
        file.announcedPixelByteCount = 0xFFFF_FFF0
        file.set(.rows, 65_535)
        file.set(.columns, 65_535)
        #expect(try isCorrupt(error(file, byteLimit: .max)))
        let tooLarge = try error(file)
        guard case .tooLarge = tooLarge else { throw Failure(tooLarge) }
    }

    struct Failure: Error {
        let error: PixelError?
        init(_ error: PixelError?) { self.error = error }
    }

    @Test(arguments: [(0, 16, 12), (16, 0, 12), (16, 16, 0), (16, 16, 17)])
    func `impossible dimensions are corrupt`(rows: Int, columns: Int, bitsStored: Int) throws {
        var file = TestImage().file
        file.set(.rows, rows)
        file.set(.columns, columns)
        file.set(.bitsStored, bitsStored)
        #expect(try isCorrupt(error(file)))
    }

    @Test(arguments: [
        "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.110", "1.2.3.4",
    ])
    func `video, HTJ2K, JPEG XL and unknown syntaxes are unsupported, not corrupt`(syntax: String) throws {
        var file = TestImage().file
        file.transferSyntax = syntax
        file.pixels = .fragments([[0, 1, 2, 3]])
        let unsupported = try error(file)
        guard case .unsupported = unsupported else { throw Failure(unsupported) }
    }

    @Test(arguments: [
        "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90",
    ])
    func `nonsense in a codestream is corrupt`(syntax: String) throws {
        var file = TestImage().file
        file.transferSyntax = syntax
        for bytes: [UInt8] in [[], [0xFF, 0xD8], [0xFF, 0x4F, 0xFF, 0x51, 0, 0], Array(repeating: 0xFF, count: 300)] {
            file.pixels = .fragments([bytes])
            #expect(try isCorrupt(error(file)))
        }
        file.pixels = .fragments([])
        #expect(try isCorrupt(error(file)))
    }

    /// Lossless JPEG (ISO 10918-1 H) of 16 × 16 pixels of 12 bits, all in the middle of their range: a bit of 0 a pixel.
    private func losslessJPEG(dataByteCount: Int) -> Part10File {
        let head: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF, 0xC3, 0, 11, 12, 0, 16, 0, 16, 1, 1, 0x11, 0],
            [0xFF, 0xC4, 0, 21, 0, 1, 1] + Array(repeating: 0, count: 14) + [0, 1],
            [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 0, 0],
        ]
        var file = TestImage().file
        file.transferSyntax = "1.2.840.10008.1.2.4.70"
        file.pixels = .fragments([head.flatMap(\.self) + Array(repeating: 0, count: dataByteCount) + [0xFF, 0xD9]])
        return file
    }

    /// A run of `count` frames of which these end early.
    private func run(_ count: Int, damaged: Int...) -> Part10File {
        var file = losslessJPEG(dataByteCount: 32)
        file.set(.numberOfFrames, "IS", "\(count)")
        let codes = [32, 10].map { losslessJPEG(dataByteCount: $0).pixels }
        guard case .fragments(let whole, _) = codes[0], case .fragments(let short, _) = codes[1] else { return file }
        file.pixels = .fragments((0..<count).flatMap { damaged.contains($0) ? short : whole })
        return file
    }

    private func check(_ file: Part10File, _ change: (inout ImageRequest) -> Void = { _ in }) throws -> FrameCheck? {
        let folder = try TestFolder()
        var request = ImageRequest(measures: .everyFrame)
        change(&request)
        let figures = try ImageFigures(file: file.write(in: folder.url), request)
        #expect(figures.frames.count <= 5)
        return figures.check
    }

    @Test func `one broken frame inside a long run is found`() throws {
        let found = try #require(try check(run(100, damaged: 38)))
        #expect(found.frameCount == 100 && found.decodedCount == 100)
        #expect(found.faultCount == 1 && found.firstFault?.frame == 38)
        #expect(isCorrupt(found.firstFault?.error))
        #expect(try check(run(100, damaged: 98, 3, 24))?.firstFault?.frame == 3)
        #expect(try check(run(100))?.faultCount == 0)
    }

    @Test func `frames are decoded as far as samples and time allow`() throws {
        let some = try #require(try check(run(100)) { $0.checkedSampleLimit = 256 * 20 })
        #expect(some.decodedCount == 25 && some.frameCount == 100)
        #expect(try check(run(100)) { $0.checkSeconds = 0 }?.decodedCount == 5)
    }

    @Test func `one image, an uncompressed run and a video are not looked at again`() throws {
        #expect(try check(losslessJPEG(dataByteCount: 32)) == nil)
        var image = TestImage()
        image.frames = 20
        #expect(try check(image.file) == nil)
        var video = run(20)
        video.transferSyntax = "1.2.840.10008.1.2.4.102"
        #expect(try check(video) == nil)
    }

    @Test(arguments: [0, 10, 31]) func `a JPEG whose codes end early is corrupt, marked end or not`(kept: Int) throws {
        #expect(try isCorrupt(error(losslessJPEG(dataByteCount: kept))))
    }

    @Test func `a whole JPEG decodes, bytes between it and its end too`() throws {
        #expect(try error(losslessJPEG(dataByteCount: 32)) == nil)
        #expect(try error(losslessJPEG(dataByteCount: 36)) == nil)
    }

    @Test func `RLE segments that end early or lie outside are corrupt`() throws {
        let image = TestImage()
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([Array(image.rleFrame(0).dropLast(40))])
        #expect(try isCorrupt(error(file)))
        var outside = image.rleFrame(0)
        outside[9] = 0xFF
        file.pixels = .fragments([outside])
        #expect(try isCorrupt(error(file)))
    }
}

@Suite struct RealFileTests {
    @Test func `every real file decodes or says why not`() throws {
        for path in RealFiles.paths(in: "ts-small", "mr-compressed", "ct-priors", "geometry-faults", "cr", "pynetdicom")
        {
            do {
                var reader = try PixelReader(file: path)
                let description = reader.description
                for frame in Set([0, max(0, description.framesAnnounced - 1)]) {
                    let count = try reader.frame(frame).count
                    #expect(count == description.rows * description.columns * description.samplesPerPixel)
                }
            } catch is PixelError {}
        }
    }

    /// Sums that pydicom 3.0.2 gives for the same frames.
    @Test(
        .enabled(if: RealFiles.folder != nil),
        arguments: [
            ("ts-small/MR_small_RLE.dcm", 2_125_338), ("ts-small/MR_small_jp2klossless.dcm", 2_125_338),
            ("ts-small/MR_small_jpeg_ls_lossless.dcm", 2_125_338), ("ts-small/MR_small_bigendian.dcm", 2_125_338),
            ("ts-small/JPEG-LL.dcm", 3_596_452), ("ts-small/JPEG2000.dcm", 3_527_976),
            ("ts-small/ExplVR_BigEnd.dcm", 2_470_716), ("ts-small/liver_1frame.dcm", 36_233),
            ("ts-small/image_dfl.dcm", 33_322_688), ("ts-small/emri_small_RLE.dcm", 590_962),
        ])
    func `each coding decodes to the same values as in pydicom`(name: String, sum: Int) throws {
        var reader = try PixelReader(file: #require(RealFiles.folder).appending(path: name).path)
        let found = try reader.frame(0).reduce(0) { $0 + Int($1) }
        #expect(found == sum)
    }

    @Test(arguments: ["ts-small/image_dfl.dcm", "ts-small/MR_small_RLE.dcm", "ts-small/MR_small.dcm"])
    func `a file may be removed once it is open`(name: String) throws {
        guard let original = RealFiles.folder?.appending(path: name) else { return }
        let folder = try TestFolder()
        let copy = folder.url.appending(path: "copy.dcm")
        try FileManager.default.copyItem(at: original, to: copy)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: copy.path)
        var reader = try PixelReader(file: copy.path)
        try FileManager.default.removeItem(at: copy)
        let first = try reader.frame(0)
        #expect(try reader.frame(0) == first)
    }

    @Test func `no damage to a real file crashes a decoder`() throws {
        let folder = try TestFolder()
        var random = SplitMix(state: 7)
        for path in RealFiles.paths(in: "ts-small") {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
            guard bytes.count > 1000, bytes.count < 300_000 else { continue }
            for _ in 0..<8 {
                var damaged = bytes
                if random.next() % 4 == 0 { damaged.removeLast(Int(random.next() % UInt64(bytes.count - 400))) }
                for _ in 0..<4 { damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(random.next() % 256) }
                let url = folder.url.appending(path: "damaged.dcm")
                try Data(damaged).write(to: url)
                _ = try? ImageFigures(file: url.path, ImageRequest(frameByteLimit: 64 << 20))
            }
        }
    }

    /// A fixed sequence, so that a failure can be repeated.
    struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }
}

@Suite struct HistogramTests {
    private func histogram(_ values: [Int32], padding: ClosedRange<Int32>? = nil) -> Histogram {
        Histogram(values.span, padding: padding)
    }

    @Test func `padding is counted apart`() {
        let found = histogram([-2000, -2000, 1, 3, 3], padding: -2000 ... -2000)
        #expect(found.sampleCount == 3 && found.paddingCount == 2)
        #expect(found.minimum == 1 && found.maximum == 3 && found.bins == [1, 0, 2])
        #expect(FrameStatistics(found).distinctValueCount == 2 && FrameStatistics(found).maximumCount == 2)
    }

    @Test func `nothing but padding counts nothing`() {
        let found = histogram([7, 7], padding: 7...7)
        #expect(found.sampleCount == 0 && found.bins.isEmpty && found.quantile(0.5) == 0)
        #expect(FrameStatistics(found).quantile(0.5) == 0 && FrameStatistics(found).minimumCount == 0)
    }

    @Test func `a quantile is the value that so many do not exceed`() {
        let found = histogram(Array(1...100))
        #expect(found.quantile(0.5) == 50 && found.quantile(1) == 100 && found.quantile(0) == 1)
        let statistics = FrameStatistics(found)
        #expect(statistics.quantile(0.5) == 50 && statistics.quantile(1) == 100 && statistics.quantile(0) == 1)
    }

    @Test func `the widest range fits the histogram`() {
        let found = histogram([.min, 0, .max])
        #expect(found.bins.count <= 65_536 && FrameStatistics(found).distinctValueCount == 3)
        #expect(found.bins.reduce(0, +) == 3)
    }
}

@Suite struct GrayFrameTests {
    @Test(
        .enabled(if: RealFiles.folder != nil),
        arguments: [
            ("ts-small/MR_small.dcm", false, 1.0, 0.0), ("ct-priors/19010108-078.dcm", false, 1.0, -1024.0),
        ])
    func `the header's scale is read`(name: String, isInverted: Bool, slope: Double, intercept: Double) throws {
        let scale = try PixelReader(file: #require(RealFiles.folder).appending(path: name).path).description.scale
        #expect(scale.isInverted == isInverted && scale.slope == slope && scale.intercept == intercept)
    }

    @Test(.enabled(if: RealFiles.folder != nil)) func `a Modality LUT stands instead of slope and intercept`() throws {
        let path = try #require(RealFiles.folder).appending(path: "cr/CR-ModalitySequenceLUT.dcm").path
        let scale = try PixelReader(file: path).description.scale
        let table = try #require(scale.table)
        #expect(table.entries.count > 255)
        #expect(scale.modalityValue(table.first) == Double(table.entries[0]))
        #expect(scale.modalityValue(.max) == table.entries.last.map(Double.init))
    }

    private func scale(_ fill: (inout Part10File) -> Void) throws -> GrayScale {
        let folder = try TestFolder()
        var file = TestImage().file
        fill(&file)
        return try PixelReader(file: file.write(in: folder.url)).description.scale
    }

    private func table(first: UInt16, _ entries: [UInt16]) -> Part10File {
        var item = Part10File()
        item.set(DICOMCore.Tag(0x0028, 0x3002), shorts: [UInt16(truncatingIfNeeded: entries.count), first, 16])
        item.set(DICOMCore.Tag(0x0028, 0x3006), shorts: entries)
        return item
    }

    @Test func `a VOI LUT spreads the values between its flat ends`() throws {
        let sequence = DICOMCore.Tag(0x0028, 0x3010)
        let ramp = (0..<400).map { UInt16($0 * 100) }
        #expect(try scale { $0.set(sequence, items: [table(first: 1000, ramp)]) }.voiWidth == 393)
        let flat = [UInt16](repeating: 0, count: 1000) + ramp + [UInt16](repeating: 39_900, count: 600)
        #expect(try scale { $0.set(sequence, items: [table(first: 0, flat)]) }.voiWidth == 393)
        let falling = Array(flat.reversed())
        #expect(try scale { $0.set(sequence, items: [table(first: 0, falling)]) }.voiWidth == 393)
        #expect(try scale { _ in }.voiWidth == nil)
        #expect(try scale { $0.set(sequence, items: []) }.voiWidth == nil)
        // No data: as wide as announced.
        var item = Part10File()
        item.set(DICOMCore.Tag(0x0028, 0x3002), shorts: [0, 0, 16])
        #expect(try scale { $0.set(sequence, items: [item]) }.voiWidth == 65_536)
        #expect(try scale { $0.set(sequence, items: [Part10File()]) }.voiWidth == nil)
    }

    @Test(arguments: [
        ("MONOCHROME1", "INVERSE", true), ("MONOCHROME2", "IDENTITY", false), ("MONOCHROME2", "INVERSE", true),
        ("MONOCHROME1", "", true), ("MONOCHROME2", "", false),
    ])
    func `Presentation LUT Shape inverts, once`(interpretation: String, shape: String, isInverted: Bool) throws {
        let found = try scale {
            $0.set(.photometricInterpretation, "CS", interpretation)
            if !shape.isEmpty { $0.set(DICOMCore.Tag(0x2050, 0x0020), "CS", shape) }
        }
        #expect(found.isInverted == isInverted)
    }

    @Test func `of colour the luminance is measured`() {
        let values: [Int32] = [255, 255, 255, 0, 0, 0, 255, 0, 0]
        #expect(GrayFrame.luminance(values, samplesPerPixel: 3, isLuminanceFirst: false) == [255, 0, 76])
        #expect(GrayFrame.luminance(values, samplesPerPixel: 3, isLuminanceFirst: true) == [255, 0, 255])
    }
}
