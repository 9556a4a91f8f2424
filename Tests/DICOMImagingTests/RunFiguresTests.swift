import Foundation
import TestImages
import Testing

@testable import DICOMImaging

@Suite struct RunFiguresTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private func run(_ frames: [Phantom], mask: Int? = 0) throws -> RunFigures? {
        let path = try Phantom.file(frames).write(in: folder.url)
        var request = ImageRequest(measures: .run)
        request.mask = mask
        return try ImageFigures(file: path, request).run
    }

    private func frames(right: Double = 0, down: Double = 0, noise: Double = 4) -> [Phantom] {
        [0.0, 40, 120, 120, 60].enumerated().map { index, vessel in
            Phantom.angiogram(vessel: vessel, right: index == 0 ? 0 : right, down: index == 0 ? 0 : down)
                .noisy(noise, seed: UInt64(index + 1))
        }
    }

    @Test(arguments: [(0.0, 0.0), (1, 0), (0, -2), (2.5, 1.5), (-5, 3), (12, -8)])
    func `movement is measured to a part of a pixel`(right: Double, down: Double) throws {
        let run = try #require(try run(frames(right: right, down: down)))
        #expect(run.comparisons.count == 4)
        for comparison in run.comparisons {
            let shift = try #require(comparison.shift)
            #expect(abs(shift.right - right) < 0.3)
            #expect(abs(shift.down - down) < 0.3)
        }
    }

    @Test func `contrast shows as lower values and not as movement`() throws {
        let run = try #require(try run(frames()))
        let full = try #require(run.comparisons.first { $0.frame == 2 })
        #expect(full.lowerFraction > 0.02)
        #expect(full.higherFraction < 0.002)
        #expect(try #require(full.shift).distance < 0.3)
    }

    @Test func `a mask with contrast shows as higher values of the first frame`() throws {
        let run = try #require(try run(frames(), mask: 2))
        #expect(try #require(run.comparisons.first).higherFraction > 0.02)
    }

    @Test func `frames without anything to follow have no movement`() throws {
        let flat = (1...4).map { Phantom(rows: 256, columns: 256) { _, _ in 500 }.noisy(5, seed: $0) }
        let run = try #require(try run(flat))
        #expect(run.comparisons.allSatisfy { $0.shift == nil })
    }

    @Test(arguments: [nil, 9, -1]) func `without a mask that exists there is no run`(mask: Int?) throws {
        #expect(try run(frames(), mask: mask) == nil)
    }

    @Test func `a single frame is no run`() throws {
        #expect(try run([.angiogram()]) == nil)
    }
}
