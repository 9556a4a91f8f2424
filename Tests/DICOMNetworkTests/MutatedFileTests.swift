import DICOMCore
import Foundation
import Testing

@testable import DICOMNetwork

/// Fixture files with bytes changed at random, from fixed seeds.
@Suite struct MutatedFileTests {
    /// The random numbers of SplitMix64, the same on every run.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Changes that hurt parsers: a bit, a byte, a length of all ones, a piece cut out, a piece repeated, an end cut off.
    static func mutated(_ file: [UInt8], by random: inout Seeded) -> [UInt8] {
        var bytes = file
        for _ in 0..<Int.random(in: 1...6, using: &random) where bytes.count > 200 {
            // Headers are where the structure is.
            let at = Int.random(in: 0..<min(bytes.count - 16, 8192), using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 2: bytes.replaceSubrange(at..<at + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
            case 3: bytes.removeSubrange(at..<at + Int.random(in: 1...16, using: &random))
            case 4: bytes.insert(contentsOf: bytes[at..<at + 16], at: at)
            default: bytes.removeLast(Int.random(in: 1...(bytes.count - 150), using: &random))
            }
        }
        return bytes
    }

    @Test(arguments: ObjectHeaderTests.fixtures)
    func `a mutated file is read or refused, and memory stays flat`(path: String) throws {
        try DICOMLibrary.prepare()
        let file = try Array(Data(contentsOf: URL(filePath: path)).prefix(100_000))
        let copy = FileManager.default.temporaryDirectory.appending(path: "mutated-\(UUID().uuidString).dcm")
        defer { try? FileManager.default.removeItem(at: copy) }
        var random = Seeded(state: UInt64(file.count))
        let before = residentByteCount
        for _ in 0..<200 {
            try Data(MutatedFileTests.mutated(file, by: &random)).write(to: copy)
            do throws(DataSetError) {
                let header = try ObjectHeader(path: copy.path)
                #expect(header.dataSetOffset <= header.byteCount)
            } catch {
                #expect(!"\(error)".isEmpty)
            }
        }
        #expect(residentByteCount < before + 200_000_000)
    }

    @Test func `random bytes are no data set or a harmless one`() {
        for seed in 0..<300 {
            var random = Seeded(state: UInt64(seed))
            let bytes = (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) }
            for encoding in [ElementEncoding.implicitLittleEndian, .explicitLittleEndian, .explicitBigEndian] {
                var source = MemoryBytes(bytes: bytes)
                let structure = try? DataSetStructure(of: &source, encoding: encoding)
                #expect(structure.map { $0.headerByteCount <= bytes.count } ?? true)
            }
        }
    }

    /// Resident memory of this process, bytes.
    private var residentByteCount: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return pages.flatMap { $0.count > 1 ? Int($0[1]) : nil }.map { $0 * 4096 } ?? 0
    }
}
