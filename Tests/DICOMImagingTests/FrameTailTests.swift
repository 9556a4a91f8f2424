import Testing

@testable import DICOMImaging

@Suite struct FrameTailTests {
    /// 40 rows of 50 pixels, noise but for what comes after `kept` pixels.
    private func tail(after kept: Int, value: (Int) -> Int32 = { Int32(100 + ($0 * 37) % 61) }) -> FrameTail {
        let values = (0..<2000).map { $0 < kept ? value($0) : 0 }
        return FrameTail(
            GrayFrame(
                rows: 40, columns: 50, values: values,
                scale: GrayScale(range: 0...4095, padding: nil, rescale: (1, 0))))
    }

    @Test(arguments: [1025, 1003, 1045, 60, 1910]) func `what breaks off within a row is broken`(kept: Int) {
        #expect(tail(after: kept).isBroken)
    }

    @Test func `what ends with a row is not broken, and wide`() {
        let tail = tail(after: 1000)
        #expect(!tail.isBroken && tail.fraction == 0.5 && tail.width == 1)
    }

    @Test func `a round field and a masked background are not broken`() {
        for radius in [12, 15, 19] {
            let tail = tail(after: 2000) { index in
                let (row, column) = (index / 50 - 20, index % 50 - 25)
                return row * row + column * column < radius * radius ? Int32(50 + index % 7) : 0
            }
            #expect(!tail.isBroken && tail.width < 0.4)
        }
    }

    @Test func `a whole frame has no tail, and a frame of one value is all tail`() {
        #expect(tail(after: 2000).fraction == 0)
        #expect(tail(after: 0).fraction == 1 && !tail(after: 0).isBroken)
    }
}
