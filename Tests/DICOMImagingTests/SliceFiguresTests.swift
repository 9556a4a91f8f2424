import TestImages
import Testing

@testable import DICOMImaging

@Suite struct SliceFiguresTests {
    private func figures(
        _ phantom: Phantom, offset: Double = 0, padding: ClosedRange<Int32>? = nil
    ) -> SliceFigures? {
        let frame = GrayFrame(
            rows: phantom.rows, columns: phantom.columns, values: phantom.values.map { Int32(($0 + 1024).rounded()) },
            scale: GrayScale(range: -32_768...32_767, padding: padding, rescale: (1, -1024 + offset)))
        return SliceFigures(frame)
    }

    @Test(arguments: [4.0, 10, 30, 60])
    func `air measures what it is in any noise`(noise: Double) throws {
        let air = try #require(figures(.chest().noisy(noise))?.airLevel)
        #expect(abs(air + 1000) < 10)
    }

    @Test(arguments: [-300.0, -80, -55, 55, 80, 500, 1024])
    func `an offset of the scale is the offset of the air`(offset: Double) throws {
        let air = try #require(figures(.chest().noisy(12), offset: offset)?.airLevel)
        #expect(abs(air + 1000 - offset) < 10)
    }

    @Test func `foam and lung are not taken for air`() throws {
        let air = try #require(figures(.chest().noisy(8))?.airLevel)
        #expect(air < -985)
    }

    @Test(arguments: [8.0, 25])
    func `a field of view within the chest shows no air`(noise: Double) {
        #expect(figures(Phantom.chest(zoom: 2.6).noisy(noise))?.airLevel == nil)
    }

    @Test(arguments: [-860.0, -820])
    func `lung at the corners of a field of view within the chest is not taken for air`(lung: Double) {
        var phantom = Phantom.chest(zoom: 2.6)
        var random = WhiteNoise(seed: 5)
        // A piece of lung as large as a cell differs from the next.
        let pieces = (0..<32 * 32).map { _ in 22 * random.next() }
        for index in phantom.values.indices {
            let (row, column) = (index / 256, index % 256)
            let isLung = row < 100 && abs(column - 128) > 60
            phantom.values[index] = isLung ? lung + pieces[row / 8 * 32 + column / 8] : 40
        }
        #expect(figures(phantom.noisy(14))?.airLevel == nil)
    }

    @Test func `the share of the frame that is air is told`() throws {
        let half = Phantom(rows: 128, columns: 128) { _, column in column < 64 ? -1000 : 40 }
        #expect(abs(try #require(figures(half.noisy(8))).airShare - 0.5) < 0.02)
        #expect(figures(Phantom.chest(zoom: 2.6).noisy(8))?.airShare == 0)
    }

    @Test(arguments: [-2000.0, -3024])
    func `the fill around the circle is not taken for air`(fill: Double) throws {
        var phantom = Phantom.chest().noisy(10)
        for index in phantom.values.indices {
            let (row, column) = (index / 256 - 128, index % 256 - 128)
            if row * row + column * column > 128 * 128 { phantom.values[index] = fill }
        }
        let measured = try #require(figures(phantom))
        #expect(abs(try #require(measured.airLevel) + 1000) < 10)
        #expect(measured.fillLevel == fill)
    }

    @Test func `clipped air is fill and no measurement`() throws {
        var phantom = Phantom.chest().noisy(6)
        phantom.values = phantom.values.map { $0 < -900 ? -1024 : $0 }
        let measured = try #require(figures(phantom))
        #expect(measured.airLevel == nil)
        #expect(measured.fillLevel == -1024)
    }

    @Test(arguments: [5.0, 15, 40, 90])
    func `noise is measured in the tissue`(noise: Double) throws {
        let measured = try #require(figures(.chest().noisy(noise))?.noise)
        #expect(abs(measured - noise) < 0.3 * noise)
    }

    @Test func `metal does not change noise and air`() throws {
        var phantom = Phantom.chest().noisy(10)
        for row in 118..<126 { for column in 100..<108 { phantom.values[row * 256 + column] = 3071 } }
        let measured = try #require(figures(phantom))
        #expect(abs(try #require(measured.airLevel) + 1000) < 10)
        #expect(try #require(measured.noise) < 13)
    }

    @Test func `padding is left out`() throws {
        var phantom = Phantom.chest().noisy(10)
        for index in 0..<(256 * 60) { phantom.values[index] = -1024 }
        #expect(try #require(figures(phantom, padding: 0...0)).fillLevel == nil)
    }

    @Test func `a slice of air alone tells nothing of noise and calibration`() throws {
        let measured = try #require(figures(Phantom(rows: 128, columns: 128) { _, _ in -1000 }.noisy(30)))
        #expect(measured.airLevel == nil)
        #expect(measured.noise == nil)
    }

    @Test func `values that are no linear measure, and tiny frames, have no figures`() {
        let values = [Int32](repeating: 5, count: 128 * 128)
        let table = GrayScale.Table(first: 0, entries: [1, 2])
        let mapped = GrayFrame(
            rows: 128, columns: 128, values: values, scale: GrayScale(range: 0...255, table: table))
        let reversed = GrayFrame(
            rows: 128, columns: 128, values: values, scale: GrayScale(range: 0...255, rescale: (-1, 0)))
        let tiny = GrayFrame(
            rows: 8, columns: 8, values: [Int32](repeating: 5, count: 64), scale: GrayScale(range: 0...255))
        #expect(SliceFigures(mapped) == nil)
        #expect(SliceFigures(reversed) == nil)
        #expect(SliceFigures(tiny) == nil)
    }

    @Test func `the greatest values possible are no crash`() {
        let frame = GrayFrame(
            rows: 64, columns: 64, values: (0..<4096).map { $0 % 2 == 0 ? .min : .max },
            scale: GrayScale(range: .min ... .max, rescale: (1e300, 1e300)))
        _ = SliceFigures(frame)
    }
}
