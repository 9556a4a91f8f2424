import DICOMCore
import Foundation
import Glibc
import TestImages
import Testing

@testable import DICOMImaging

/// Renders and exports in this process, as the worker does.
private struct Pictures {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    static func picture(_ path: String, _ request: PictureRequest = PictureRequest()) throws -> Picture {
        let input = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(input) }
        return try PictureRenderer(request: request).picture(of: input)
    }

    func written(_ path: String, _ request: PictureRequest) throws -> (WrittenPicture, [UInt8]) {
        try output { input, output in try PictureRenderer(request: request).run(from: input, to: output) }(path)
    }

    func frames(_ path: String, _ frames: [Int], _ encoding: FrameEncoding) throws -> ([UInt64], [UInt8]) {
        try output { input, output in
            try FrameExport(frames: frames, encoding: encoding).run(from: input, to: output)
        }(path)
    }

    private func output<Value>(_ body: @escaping (Int32, Int32) throws -> Value) -> (String) throws -> (Value, [UInt8])
    {
        { path in
            let input = open(path, O_RDONLY | O_CLOEXEC)
            let result = folder.url.appending(path: UUID().uuidString)
            let output = open(result.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            defer {
                close(input)
                close(output)
            }
            return (try body(input, output), try [UInt8](Data(contentsOf: result)))
        }
    }

    /// What DCMTK's renderer makes, as plain samples; nil where it refuses.
    func reference(_ path: String, _ options: [String]) throws -> [UInt8]? {
        let url = folder.url.appending(path: UUID().uuidString)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/dcmj2pnm")
        process.arguments = options + ["+op", path, url.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0, let bytes = try? [UInt8](Data(contentsOf: url)) else { return nil }
        // P5 or P6, comment, columns rows, maximum.
        var lines = 0
        var start = 0
        while lines < 3, start < bytes.count {
            guard let end = bytes[start...].firstIndex(of: 10) else { return nil }
            if bytes[start] != UInt8(ascii: "#") { lines += 1 }
            start = end + 1
        }
        return Array(bytes[start...])
    }
}

@Suite struct PictureTests {
    @Test func `a linear window is that of the standard`() {
        let window = PictureRequest.Window(center: 2048, width: 4096)
        #expect(window.shade(0) == 0 && window.shade(4095) == 1)
        let narrow = PictureRequest.Window(center: 100, width: 1)
        #expect(narrow.shade(99) == 0 && narrow.shade(100) == 1)
        let exact = PictureRequest.Window(center: 127.5, width: 255, function: .linearExact)
        #expect(exact.shade(0) == 0 && exact.shade(255) == 1 && exact.shade(127.5) == 0.5)
        let sigmoid = PictureRequest.Window(center: 10, width: 4, function: .sigmoid)
        #expect(sigmoid.shade(10) == 0.5 && sigmoid.shade(1000) > 0.999)
    }

    @Test func `MONOCHROME1 is shown the other way round`() throws {
        let pictures = try Pictures()
        var file = TestImage().file
        let window = PictureRequest(window: .init(center: 500, width: 1000))
        let plain = try Pictures.picture(file.write(in: pictures.folder.url), window)
        file.set(.photometricInterpretation, "CS", "MONOCHROME1")
        let inverted = try Pictures.picture(file.write(in: pictures.folder.url), window)
        #expect(zip(plain.samples, inverted.samples).allSatisfy { (254...256).contains(Int($0) + Int($1)) })
        #expect(Set(plain.samples).count > 50)
    }

    @Test func `without a window all values there are are shown`() throws {
        let pictures = try Pictures()
        let picture = try Pictures.picture(TestImage().file.write(in: pictures.folder.url))
        #expect(picture.samples.min() == 0 && picture.samples.max() == 255)
        let grey = try #require(picture.grey)
        let width = grey.highest - grey.lowest
        #expect(width > 0)
        #expect(
            grey.window == .init(center: (grey.lowest + grey.highest) / 2, width: width, function: .linearExact))
        let window = PictureRequest.Window(center: 3, width: 7)
        let asked = try pictures.written(
            TestImage().file.write(in: pictures.folder.url), PictureRequest(window: window)
        ).0
        #expect(asked.grey?.window == window)
        #expect(asked.grey?.lowest == grey.lowest && asked.grey?.highest == grey.highest)
    }

    @Test func `a viewport keeps the shape and a region cuts`() throws {
        let pictures = try Pictures()
        var image = TestImage()
        image.rows = 40
        image.columns = 80
        let path = try image.file.write(in: pictures.folder.url)
        for (viewport, columns, rows) in [(20, 20, 10), (200, 200, 100), (1, 1, 1)] {
            let request = PictureRequest(viewport: .init(columns: viewport, rows: viewport))
            let (written, bytes) = try pictures.written(path, request)
            #expect(written.columns == columns && written.rows == rows && written.byteCount == UInt64(bytes.count))
            #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        }
        let part = PictureRequest(region: .init(left: 70, top: -5, columns: 100, rows: 15))
        let (cut, _) = try pictures.written(path, part)
        #expect(cut.columns == 10 && cut.rows == 10)
        for region in [(80, 0, 5, 5), (0, 0, 0, 5), (0, 0, -3, 5), (Int.max, 0, Int.max, 5)] {
            let request = PictureRequest(
                region: .init(left: region.0, top: region.1, columns: region.2, rows: region.3))
            #expect(throws: PixelError.self) { try pictures.written(path, request) }
        }
        for viewport in [0, -1, 100_000] {
            let request = PictureRequest(viewport: .init(columns: viewport, rows: 10))
            #expect(throws: PixelError.self) { try pictures.written(path, request) }
        }
        #expect(throws: PixelError.noSuchFrame(7)) { try pictures.written(path, PictureRequest(frame: 7)) }
    }

    @Test func `a smaller picture is the mean of what it covers`() {
        let picture = Picture(columns: 4, rows: 2, components: 1, samples: [0, 100, 50, 50, 100, 200, 50, 50])
        let small = picture.fitted(to: .init(columns: 2, rows: 2))
        #expect(small.columns == 2 && small.rows == 1 && small.samples == [100, 50])
    }

    @Test func `a JPEG shows what the PNG does`() throws {
        let pictures = try Pictures()
        var image = TestImage()
        image.rows = 64
        image.columns = 64
        image.value = { _, row, column in row * 20 + column * 10 }
        let path = try image.file.write(in: pictures.folder.url)
        let (_, jpeg) = try pictures.written(path, PictureRequest(format: .jpeg(quality: 95)))
        var coded = image.file
        coded.set(.bitsAllocated, 8)
        coded.set(.bitsStored, 8)
        coded.set(.highBit, 7)
        coded.transferSyntax = "1.2.840.10008.1.2.4.50"
        coded.pixels = .fragments([jpeg])
        let decoded = try #require(Conversions.frames(coded.write(in: pictures.folder.url)).first)
        let plain = try Pictures.picture(path).samples
        #expect(zip(decoded, plain).allSatisfy { abs(Int($0) - Int($1)) < 6 })
    }

    @Test func `frames are written as cells or as they are stored`() throws {
        let pictures = try Pictures()
        var image = TestImage()
        image.frames = 3
        var file = image.file
        let cells = image.cells
        let plain = try file.write(in: pictures.folder.url)
        let third = Array(cells[1024...])
        for encoding in [FrameEncoding.decoded, .stored] {
            let (counts, bytes) = try pictures.frames(plain, [2, 0], encoding)
            #expect(counts == [512, 512] && bytes == third + cells[..<512])
        }
        file.transferSyntax = "1.2.840.10008.1.2.5"
        let coded = (0..<3).map(image.rleFrame)
        file.pixels = .fragments(coded)
        let path = try file.write(in: pictures.folder.url)
        #expect(try pictures.frames(path, [2], .decoded).1 == third)
        #expect(try pictures.frames(path, [1, 2], .stored).1 == coded[1] + coded[2])
        for frames in [[3], [0, -1], [Int.max]] {
            #expect(throws: PixelError.self) { try pictures.frames(path, frames, .stored) }
        }
    }

    @Test func `fragments of one frame are put together whatever they code`() throws {
        let pictures = try Pictures()
        var file = TestImage().file
        file.transferSyntax = "1.2.840.10008.1.2.4.201"
        file.pixels = .fragments([[0xFF, 0x4F, 1, 2], [3, 4, 5, 6]])
        let path = try file.write(in: pictures.folder.url)
        #expect(try pictures.frames(path, [0], .stored).1 == [0xFF, 0x4F, 1, 2, 3, 4, 5, 6])
        #expect(throws: PixelError.self) { try pictures.frames(path, [0], .decoded) }
    }

    @Test func `single bits begin anew in each frame`() throws {
        let pictures = try Pictures()
        var image = TestImage()
        image.rows = 3
        image.columns = 3
        image.frames = 2
        var file = image.file
        file.set(.bitsAllocated, 1)
        file.set(.bitsStored, 1)
        file.set(.highBit, 0)
        // Nine ones, then one of every two.
        file.pixels = .uncompressed([0xFF, 0b0101_0101, 0b0000_0010])
        let path = try file.write(in: pictures.folder.url)
        #expect(try pictures.frames(path, [0], .decoded).1 == [0xFF, 0x01])
        #expect(try pictures.frames(path, [1], .decoded).1 == [0b0010_1010, 0x01])
    }

    /// Window 1 of the header, a window of our own, colours.
    @Test(
        .enabled(if: RealFiles.folder != nil && FileManager.default.fileExists(atPath: "/usr/bin/dcmj2pnm")),
        arguments: [
            ("ts-small/CT_small.dcm", ["+Ww", "40", "400"], PictureRequest.Window(center: 40, width: 400)),
            ("ts-small/MR_small.dcm", ["+Wi", "1"], nil), ("ct-priors/19010108-078.dcm", ["+Wi", "1"], nil),
            ("ct-philips-head-28/I10", ["+Wi", "1"], nil), ("mr-siemens-sag-35", ["+Wi", "1"], nil),
            ("ts-small/examples_palette.dcm", [], nil), ("ts-small/SC_rgb_rle_2frame.dcm", [], nil),
            ("ts-small/JPEG-LL.dcm", ["+Wi", "1"], nil),
        ])
    func `pictures are those of DCMTK`(name: String, options: [String], window: PictureRequest.Window?) throws {
        let pictures = try Pictures()
        var path = try #require(RealFiles.folder).appending(path: name).path
        if name == "mr-siemens-sag-35" { path = try #require(RealFiles.paths(in: name).first) }
        guard let reference = try pictures.reference(path, options) else { return }
        let own = try Pictures.picture(path, PictureRequest(window: window)).samples
        #expect(own.count == reference.count)
        let far = zip(own, reference).count { abs(Int($0) - Int($1)) > 2 }
        #expect(far * 1000 <= own.count, "\(far) of \(own.count)")
    }

    @Test(.enabled(if: RealFiles.folder != nil)) func `every real file has a picture or a reason`() throws {
        for path in RealFiles.paths(in: "ts-small", "mr-compressed", "cr", "geometry-faults", "mr-uih-dti-17") {
            do {
                let picture = try Pictures.picture(path)
                #expect(picture.samples.count == picture.columns * picture.rows * picture.components)
            } catch is PixelError {}
        }
    }
}
