import TestImages
import Testing

@testable import DICOMImaging

@Suite struct ResonanceFiguresTests {
    private func figures(_ phantom: Phantom) -> ResonanceFigures? {
        let frame = GrayFrame(
            rows: phantom.rows, columns: phantom.columns, values: phantom.stored().map { Int32($0) },
            scale: GrayScale(range: 0...65_535))
        return ResonanceFigures(frame, histogram: frame.histogram())
    }

    @Test(arguments: [20.0, 40, 60])
    func `noise is measured in the object and beside it`(noise: Double) throws {
        let measured = try #require(figures(.head().magnitude(noise)))
        #expect(abs(try #require(measured.objectNoise) - noise) < 0.2 * noise)
        #expect(abs(try #require(measured.backgroundNoise) - noise) < 0.35 * noise)
        #expect(try #require(measured.objectStructure) < 1.5)
    }

    @Test func `structure shows as structure where there is hardly noise`() throws {
        let measured = try #require(figures(.head().magnitude(3)))
        #expect(try #require(measured.objectStructure) > 1.6)
    }

    @Test func `a masked background has no noise`() throws {
        var phantom = Phantom.head().magnitude(10)
        for (index, value) in Phantom.head().values.enumerated() where value == 0 { phantom.values[index] = 0 }
        #expect(try #require(figures(phantom)).backgroundNoise == nil)
    }

    @Test func `pure noise has no coherent object`() throws {
        let uniform = Phantom(rows: 128, columns: 128) { _, _ in 0 }.magnitude(60)
        #expect(try #require(figures(uniform)).coherence < 0.65)
        #expect(try #require(figures(.head().magnitude(10))).coherence > 0.9)
    }

    @Test(arguments: [0.05, 0.1, 0.2])
    func `a ghost half a field away is measured along its direction alone`(share: Double) throws {
        let down = try #require(figures(.head().ghosted(share, down: 64, across: 0).magnitude(4)))
        let across = try #require(figures(.head().ghosted(share, down: 0, across: 64).magnitude(4)))
        #expect(abs(try #require(across.rowGhosts.half) - share) < 0.35 * share + 0.01)
        #expect(min(try #require(across.edges.left), try #require(across.edges.right)) > 0.5 * share)
        #expect(try #require(down.edges.left) < 0.03)
        #expect(try #require(down.edges.top) > 0.5 * share)
    }

    @Test func `a ghost a quarter of a field away to both sides is measured`() throws {
        let ghosted = Phantom.head().ghosted(0.1, down: 32, across: 0).ghosted(0.1, down: -32 + 128, across: 0)
        let measured = try #require(figures(ghosted.magnitude(4)))
        #expect(try #require(measured.columnGhosts.quarter) > 0.05)
    }

    @Test func `a picture without ghosts has none`() throws {
        let measured = try #require(figures(.head().magnitude(8)))
        let levels = [measured.edges.top, measured.edges.bottom, measured.edges.left, measured.edges.right]
        for level in levels.compactMap(\.self) { #expect(level < 0.05) }
        #expect(abs(try #require(measured.columnGhosts.half ?? measured.rowGhosts.half)) < 0.02)
    }

    @Test func `a frame of one value and a tiny one have no figures`() {
        #expect(figures(Phantom(rows: 64, columns: 64) { _, _ in 7 }) == nil)
        #expect(figures(Phantom(rows: 16, columns: 16) { row, _ in Double(row) }) == nil)
    }
}
