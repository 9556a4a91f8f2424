public import DICOMCore
public import Foundation

// TestImages makes small Part-10 files for tests, byte by byte, without the code under test.

/// A Part-10 file in Explicit VR Little Endian, or with fragments under another transfer syntax.
public struct Part10File {
    public enum Pixels {
        case none
        case uncompressed([UInt8])
        /// Without an offset table when `offsets` is empty (PS3.5 A.4).
        case fragments([[UInt8]], offsets: [UInt32] = [])
    }

    public var transferSyntax: String
    public var pixels: Pixels
    /// The length written for uncompressed pixels, when it is to lie.
    public var announcedPixelByteCount: UInt32?
    private var elements: [Tag: [UInt8]] = [:]

    public init(transferSyntax: String = "1.2.840.10008.1.2.1", pixels: Pixels = .none) {
        self.transferSyntax = transferSyntax
        self.pixels = pixels
    }

    public mutating func set(_ tag: Tag, _ vr: String, _ text: String) {
        let padding: UInt8 = vr == "UI" ? 0 : 0x20
        set(tag, vr, bytes: Array(text.utf8) + (text.utf8.count % 2 == 0 ? [] : [padding]))
    }

    /// Text in any encoding, padded to an even length.
    public mutating func set(_ tag: Tag, _ vr: String, text: [UInt8]) {
        set(tag, vr, bytes: text + (text.count % 2 == 0 ? [] : [0x20]))
    }

    public mutating func set(_ tag: Tag, _ number: Int) {
        set(tag, "US", bytes: littleEndian(UInt16(truncatingIfNeeded: number)))
    }

    /// VR US.
    public mutating func set(_ tag: Tag, shorts: [UInt16]) {
        set(tag, "US", bytes: shorts.flatMap(littleEndian))
    }

    /// VR UL.
    public mutating func set(_ tag: Tag, longs: [UInt32]) {
        set(tag, "UL", bytes: longs.flatMap(littleEndian))
    }

    /// VR FD.
    public mutating func set(_ tag: Tag, doubles: [Double]) {
        set(tag, "FD", bytes: doubles.flatMap { littleEndian($0.bitPattern) })
    }

    /// A Sequence; of each Item its elements count.
    public mutating func set(_ tag: Tag, items: [Part10File]) {
        let content = items.flatMap { item -> [UInt8] in
            let bytes = item.ordered()
            return [0xFE, 0xFF, 0x00, 0xE0] + littleEndian(UInt32(bytes.count)) + bytes
        }
        elements[tag] = head(tag, "SQ") + [0, 0] + littleEndian(UInt32(content.count)) + content
    }

    private mutating func set(_ tag: Tag, _ vr: String, bytes: [UInt8]) {
        elements[tag] = head(tag, vr) + littleEndian(UInt16(bytes.count)) + bytes
    }

    public func bytes() -> [UInt8] {
        var meta = Part10File()
        meta.set(.mediaStorageSOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.7")
        meta.set(.mediaStorageSOPInstanceUID, "UI", "1.2.3")
        meta.set(.transferSyntaxUID, "UI", transferSyntax)
        let metaBytes = meta.ordered()
        let groupLength =
            head(Tag(0x0002, 0x0000), "UL") + littleEndian(UInt16(4)) + littleEndian(UInt32(metaBytes.count))
        return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + groupLength + metaBytes + ordered()
            + pixelBytes()
    }

    /// Writes the file into `folder` under a name of its own and returns its path.
    public func write(in folder: URL) throws -> String {
        let url = folder.appending(path: UUID().uuidString + ".dcm")
        try Data(bytes()).write(to: url)
        return url.path
    }

    private func ordered() -> [UInt8] { elements.sorted { $0.key < $1.key }.flatMap(\.value) }

    private func pixelBytes() -> [UInt8] {
        switch pixels {
        case .none: return []
        case .uncompressed(let bytes):
            let byteCount = announcedPixelByteCount ?? UInt32(bytes.count + bytes.count % 2)
            return head(.pixelData, "OW") + [0, 0] + littleEndian(byteCount) + bytes
                + [UInt8](repeating: 0, count: bytes.count % 2)
        case .fragments(let fragments, let offsets):
            let table = item(offsets.flatMap(littleEndian))
            let end: [UInt8] = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]
            return head(.pixelData, "OB") + [0, 0] + littleEndian(UInt32.max) + table + fragments.flatMap(item) + end
        }
    }

    private func item(_ bytes: [UInt8]) -> [UInt8] {
        let even = bytes + [UInt8](repeating: 0, count: bytes.count % 2)
        return [0xFE, 0xFF, 0x00, 0xE0] + littleEndian(UInt32(even.count)) + even
    }

    private func head(_ tag: Tag, _ vr: String) -> [UInt8] {
        littleEndian(tag.group) + littleEndian(tag.element) + Array(vr.utf8)
    }

    private func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian, Array.init)
    }
}

/// A grey image for tests; its samples are 16 bits wide.
public struct TestImage {
    public var rows = 16
    public var columns = 16
    public var frames = 1
    public var bitsStored = 12
    public var isSigned = false
    /// The stored value of a pixel.
    public var value: (_ frame: Int, _ row: Int, _ column: Int) -> Int = { $0 * 100 + $1 * 50 + $2 }

    public init() {}

    /// The cells, row by row, frame by frame.
    public var cells: [UInt8] {
        var bytes: [UInt8] = []
        for frame in 0..<frames {
            for row in 0..<rows {
                for column in 0..<columns {
                    let cell = UInt16(truncatingIfNeeded: value(frame, row, column))
                    bytes += [UInt8(truncatingIfNeeded: cell), UInt8(truncatingIfNeeded: cell >> 8)]
                }
            }
        }
        return bytes
    }

    public var file: Part10File {
        var file = Part10File(pixels: .uncompressed(cells))
        file.set(.samplesPerPixel, 1)
        file.set(.photometricInterpretation, "CS", "MONOCHROME2")
        file.set(.numberOfFrames, "IS", String(frames))
        file.set(.rows, rows)
        file.set(.columns, columns)
        file.set(.bitsAllocated, 16)
        file.set(.bitsStored, bitsStored)
        file.set(.highBit, bitsStored - 1)
        file.set(.pixelRepresentation, isSigned ? 1 : 0)
        return file
    }

    /// One RLE frame of 16-bit samples, every byte spelled out (PS3.5 Annex G).
    public func rleFrame(_ frame: Int) -> [UInt8] {
        let frameCells = cells[(frame * rows * columns * 2)..<((frame + 1) * rows * columns * 2)]
        let low = frameCells.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        let high = frameCells.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        let segments = [high, low].map { bytes -> [UInt8] in
            let code = stride(from: 0, to: bytes.count, by: 128).flatMap { start -> [UInt8] in
                let run = bytes[start..<min(start + 128, bytes.count)]
                return [UInt8(run.count - 1)] + run
            }
            return code + [UInt8](repeating: 0x80, count: code.count % 2)
        }
        var header: [UInt32] = [2, 64, 64 + UInt32(segments[0].count)]
        header += [UInt32](repeating: 0, count: 16 - header.count)
        return header.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) } + segments.flatMap { $0 }
    }
}

/// A folder of its own for one test, removed with the value.
public final class TestFolder: Sendable {
    public let url: URL

    public init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "priord-test-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}

/// The real files beside the repository, where they are present (`PRIORD_REAL_DICOM` or `../shared/dicom`).
public enum RealFiles {
    public static let folder: URL? = {
        let named = ProcessInfo.processInfo.environment["PRIORD_REAL_DICOM"].map { URL(filePath: $0) }
        let beside = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/dicom")
        return [named, beside].compactMap(\.self).first { FileManager.default.fileExists(atPath: $0.path) }
    }()

    /// Paths of the files under `names`, ascending; empty when the folder is not there.
    public static func paths(in names: String...) -> [String] {
        guard let folder else { return [] }
        return names.flatMap { name -> [String] in
            let place = folder.appending(path: name)
            let files = (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
            return files.sorted().filter { !$0.hasSuffix(".md") }.map { place.appending(path: $0).path }
        }
    }
}
