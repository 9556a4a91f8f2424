import DICOMCore
import Foundation
import Glibc
import Logging
import TestImages
import Testing

@testable import DICOMImaging

/// The three Transfer Syntaxes objects are written in, with the option of DCMTK's tools.
enum Target: String, CaseIterable, CustomTestStringConvertible {
    case implicitLittleEndian = "1.2.840.10008.1.2"
    case explicitLittleEndian = "1.2.840.10008.1.2.1"
    case explicitBigEndian = "1.2.840.10008.1.2.2"

    var transferSyntax: TransferSyntaxUID { get throws { try TransferSyntaxUID(rawValue) } }
    var option: String {
        switch self {
        case .implicitLittleEndian: "+ti"
        case .explicitLittleEndian: "+te"
        case .explicitBigEndian: "+tb"
        }
    }
    var testDescription: String { option }
}

/// Converts in this process, as the worker does.
struct Conversions {
    let folder: TestFolder

    init() throws { folder = try TestFolder() }

    /// - Returns: path of the converted file.
    func convert(_ path: String, to target: Target, byteLimit: UInt64? = nil) throws -> String {
        let input = open(path, O_RDONLY | O_CLOEXEC)
        let result = folder.url.appending(path: UUID().uuidString).path
        let output = open(result, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        defer {
            close(input)
            close(output)
        }
        var conversion = ObjectConversion(transferSyntax: try target.transferSyntax)
        if let byteLimit { conversion.byteLimit = byteLimit }
        let written = try conversion.run(from: input, to: output)
        #expect(try FileManager.default.attributesOfItem(atPath: result)[.size] as? UInt64 == written)
        return result
    }

    func convert(_ file: Part10File, to target: Target) throws -> String {
        try convert(file.write(in: folder.url), to: target)
    }

    /// - Returns: nil where the tool refuses.
    func run(_ tool: String, _ arguments: [String]) throws -> String? {
        let result = folder.url.appending(path: UUID().uuidString).path
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/\(tool)")
        process.arguments = arguments + [result]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? result : nil
    }

    static func frames(_ path: String) throws -> [[Int32]] {
        var reader = try PixelReader(file: path)
        var frames: [[Int32]] = []
        for index in 0..<reader.description.framesAnnounced { frames.append(try reader.frame(index)) }
        return frames
    }

    /// What comes after the File Meta Information.
    static func dataSet(_ path: String) throws -> Data {
        let bytes = try Data(contentsOf: URL(filePath: path))
        let length = bytes[140..<144].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        return bytes.dropFirst(144 + length)
    }
}

@Suite struct ObjectConversionTests {
    private static let hasTools = FileManager.default.fileExists(atPath: "/usr/bin/dcmconv")

    @Test(arguments: Target.allCases) func `values are the same in each Transfer Syntax`(target: Target) throws {
        let bench = try Conversions()
        var image = TestImage()
        image.frames = 3
        image.isSigned = true
        image.value = { frame, row, column in frame * 100 + row * 20 - column * 30 }
        let stored = try image.file.write(in: bench.folder.url)
        let converted = try bench.convert(stored, to: target)
        #expect(try Conversions.frames(converted) == Conversions.frames(stored))
        let reader = try PixelReader(file: converted)
        #expect(reader.description.transferSyntaxUID == target.rawValue && !reader.description.isEncapsulated)
    }

    @Test(arguments: Target.allCases) func `fragments become the cells they code`(target: Target) throws {
        let bench = try Conversions()
        var image = TestImage()
        image.frames = 2
        // Bits above those stored are an overlay of old objects, and stay.
        image.value = { frame, row, column in 0x9000 + frame * 300 + row * 16 + column }
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([image.rleFrame(0), image.rleFrame(1)])
        let converted = try bench.convert(file, to: target)
        let expected = target == .explicitBigEndian ? image.cells.swapped : image.cells
        #expect(try Array(Data(contentsOf: URL(filePath: converted)).suffix(expected.count)) == expected)
    }

    @Test(arguments: Target.allCases) func `an icon is decoded with its image`(target: Target) throws {
        let bench = try Conversions()
        let image = TestImage()
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([image.rleFrame(0)])
        // The image's own elements once more, as the Item of an Icon Image Sequence (0088,0200) before its Pixel Data.
        let bytes = file.bytes()
        let first = try #require(bytes.firstRange(of: [0x28, 0x00, 0x02, 0x00]))
        let pixels = try #require(bytes.firstRange(of: [0xE0, 0x7F, 0x10, 0x00]))
        let undefined = [UInt8](repeating: 0xFF, count: 4)
        let icon: [UInt8] =
            [0x88, 0x00, 0x00, 0x02] + Array("SQ".utf8) + [0, 0] + undefined + [0xFE, 0xFF, 0x00, 0xE0] + undefined
            + bytes[first.lowerBound...] + [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
        let path = bench.folder.url.appending(path: "icon").path
        try Data(bytes[..<pixels.lowerBound] + icon + bytes[pixels.lowerBound...]).write(to: URL(filePath: path))
        let converted = try [UInt8](Data(contentsOf: URL(filePath: bench.convert(path, to: target))))
        let cells = target == .explicitBigEndian ? image.cells.swapped : image.cells
        #expect(converted.ranges(of: cells).count == 2 && converted.ranges(of: undefined).isEmpty)
    }

    @Test func `frames that are missing are not made up`() throws {
        let bench = try Conversions()
        var image = TestImage()
        image.frames = 2
        var file = image.file
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([image.rleFrame(0)])
        #expect(throws: PixelError.self) { try bench.convert(file, to: .explicitLittleEndian) }
        var cut = image.file
        cut.announcedPixelByteCount = 4000
        #expect(throws: PixelError.self) { try bench.convert(cut, to: .implicitLittleEndian) }
    }

    @Test func `what is not decoded here is unsupported`() throws {
        let bench = try Conversions()
        var video = TestImage().file
        video.transferSyntax = "1.2.840.10008.1.2.4.102"
        video.pixels = .fragments([[1, 2, 3, 4]])
        #expect(throws: PixelError.unsupported(detail: "transfer syntax 1.2.840.10008.1.2.4.102")) {
            try bench.convert(video, to: .explicitLittleEndian)
        }
    }

    @Test func `an object without pixels is converted`() throws {
        let bench = try Conversions()
        var file = Part10File()
        file.set(.studyDescription, "LO", "report")
        let there = try bench.convert(file, to: .explicitBigEndian)
        let back = try bench.convert(there, to: .explicitLittleEndian)
        let original = try file.write(in: bench.folder.url)
        #expect(try Conversions.dataSet(back) == Conversions.dataSet(original))
    }

    @Test func `no more is written than may be`() throws {
        let bench = try Conversions()
        let path = try TestImage().file.write(in: bench.folder.url)
        #expect(throws: PixelError.tooLarge(detail: "the object is larger uncompressed than may be written")) {
            try bench.convert(path, to: .explicitLittleEndian, byteLimit: 700)
        }
    }

    @Test func `pixels longer than a value can be are too large`() throws {
        let bench = try Conversions()
        var image = TestImage()
        image.rows = 128
        image.columns = 128
        var file = image.file
        file.set(.numberOfFrames, "IS", "200000")
        file.transferSyntax = "1.2.840.10008.1.2.5"
        file.pixels = .fragments([image.rleFrame(0)] + [[UInt8]](repeating: [0, 0], count: 199_999))
        #expect(throws: PixelError.tooLarge(detail: "uncompressed pixels of 6553600000 bytes")) {
            try bench.convert(file, to: .explicitLittleEndian)
        }
    }

    /// Byte for byte what DCMTK's tools make, but for the VR of narrow cells and of wide ones that the sender called OB.
    @Test(.enabled(if: RealFiles.folder != nil && hasTools), arguments: Target.allCases)
    func `real files become what DCMTK makes of them`(target: Target) throws {
        let bench = try Conversions()
        var compared = 0
        for path in RealFiles.paths(
            in: "ts-small", "mr-compressed", "ct-priors", "geometry-faults", "cr", "charset", "mr-uih-dti-17")
        {
            guard let syntax = try? PixelReader(file: path).description.transferSyntaxUID,
                let tool = Self.tool(for: syntax),
                let theirs = try bench.run(tool, [target.option, path]),
                let ours = try? bench.convert(path, to: target)
            else { continue }
            compared += 1
            let (own, reference) = (try Conversions.dataSet(ours), try Conversions.dataSet(theirs))
            #expect(own.count == reference.count, "\(path)")
            let different = zip(own, reference).count { $0 != $1 }
            if different == 0 { continue }
            #expect(different == 1 || target == .explicitBigEndian, "\(path)")
            #expect(own.prefix(300) == reference.prefix(300), "\(path)")
            #expect(try Conversions.frames(ours) == Conversions.frames(path), "\(path)")
        }
        #expect(compared > 40)
    }

    /// DCMTK has none for JPEG 2000.
    private static func tool(for transferSyntax: String) -> String? {
        switch transferSyntax {
        case "1.2.840.10008.1.2.5": return "dcmdrle"
        case "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81": return "dcmdjpls"
        case "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70":
            return "dcmdjpeg"
        case _ where transferSyntax.hasPrefix("1.2.840.10008.1.2.4."): return nil
        default: return "dcmconv"
        }
    }

    @Test(.enabled(if: RealFiles.folder != nil), arguments: Target.allCases)
    func `JPEG 2000 becomes the values that it decodes to`(target: Target) throws {
        let bench = try Conversions()
        for name in ["MR_small_jp2klossless.dcm", "JPEG2000.dcm", "emri_small_jpeg_2k_lossless.dcm"] {
            let path = try #require(RealFiles.folder).appending(path: "ts-small/\(name)").path
            #expect(try Conversions.frames(bench.convert(path, to: target)) == Conversions.frames(path))
        }
        let folder = try #require(RealFiles.folder).appending(path: "ts-small")
        let lossless = try Conversions.frames(
            bench.convert(folder.appending(path: "MR_small_jp2klossless.dcm").path, to: target))
        #expect(try lossless == Conversions.frames(folder.appending(path: "MR_small.dcm").path))
    }

    @Test(.enabled(if: RealFiles.folder != nil)) func `damaged files are an error or an object`() throws {
        let bench = try Conversions()
        var random = RealFileTests.SplitMix(state: 23)
        for path in RealFiles.paths(in: "ts-small") {
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
            guard bytes.count > 1000, bytes.count < 200_000 else { continue }
            for _ in 0..<6 {
                var damaged = bytes
                if random.next() % 4 == 0 { damaged.removeLast(Int(random.next() % UInt64(bytes.count - 400))) }
                for _ in 0..<4 { damaged[Int(random.next() % UInt64(damaged.count))] = UInt8(random.next() % 256) }
                let url = bench.folder.url.appending(path: "damaged.dcm")
                try Data(damaged).write(to: url)
                guard let converted = try? bench.convert(url.path, to: .explicitLittleEndian) else { continue }
                _ = try? PixelReader(file: converted)
            }
        }
    }
}

extension [UInt8] {
    fileprivate var swapped: [UInt8] {
        stride(from: 0, to: count, by: 2).flatMap { [self[$0 + 1], self[$0]] }
    }
}
