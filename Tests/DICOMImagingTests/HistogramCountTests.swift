import Testing

@testable import DICOMImaging

@Suite struct HistogramCountTests {
    /// Counted the slow way.
    private func counts(_ values: [Int32], _ padding: ClosedRange<Int32>?) -> [Int32: Int] {
        Dictionary(grouping: values.filter { padding?.contains($0) != true }) { $0 }.mapValues(\.count)
    }

    @Test(
        arguments: [
            ([5], nil), ([-3, -3, -3], nil), ([1, 2, 2, 9, 9, 9, 1], nil), ([0, 1000, 0, 65_535, 7], nil),
            ([-2000, 4, 4, -2000, 5, 6, -2000], -2000 ... -2000), ([100, 1, 99, 2, 101, 50], 99...101),
            ([Int32.max, Int32.max], nil), ([Int32.min, Int32.min + 1], nil),
        ] as [([Int32], ClosedRange<Int32>?)])
    func `each value is counted once and padding is not`(values: [Int32], padding: ClosedRange<Int32>?) {
        let histogram = Histogram(values.span, padding: padding)
        let counts = counts(values, padding)
        #expect(histogram.binWidth == 1)
        #expect(histogram.minimum == counts.keys.min())
        #expect(histogram.maximum == counts.keys.max())
        #expect(histogram.sampleCount == counts.values.reduce(0, +))
        #expect(histogram.paddingCount == values.count - histogram.sampleCount)
        #expect(histogram.bins.reduce(0, +) == histogram.sampleCount)
        for (value, count) in counts { #expect(histogram.bins[Int(value) - Int(histogram.minimum)] == count) }
    }

    @Test func `values of any 32 bits share bins`() {
        let histogram = Histogram([Int32.min, -1, 0, 1, Int32.max].span)
        #expect(histogram.binWidth == 65_536)
        #expect(histogram.bins.count == Histogram.binLimit)
        #expect(histogram.bins.first == 1)
        #expect(histogram.bins.last == 1)
        #expect(histogram.bins.reduce(0, +) == 5)
    }

    @Test(arguments: [[], [3, 3, 3]] as [[Int32]])
    func `a frame of nothing or of padding alone counts nothing`(values: [Int32]) {
        let histogram = Histogram(values.span, padding: 3...3)
        #expect(histogram.bins.isEmpty)
        #expect(histogram.sampleCount == 0)
        #expect(histogram.paddingCount == values.count)
    }
}
