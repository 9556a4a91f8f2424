import Testing

@testable import DICOMImaging

@Suite struct OrderStatisticTests {
    @Test(arguments: [
        [3.5], [2, 1], [1, 1, 1, 1], [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5], [2, 9, 2, 9, 2, 9, 2],
        [-1, 7, 0, -3, 7, 7, 2, 100],
    ])
    func `every rank has the value that sorting puts there`(values: [Double]) {
        for rank in values.indices {
            var unsorted = values
            #expect(unsorted.element(ofRank: rank) == values.sorted()[rank])
            #expect(unsorted.sorted() == values.sorted())
        }
    }

    @Test func `ranks of many values are those of the sorted ones`() {
        var state: UInt32 = 7
        let values = (0..<10_007).map { _ -> Float in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(state >> 20)
        }
        let sorted = values.sorted()
        for rank in [0, 1, 50, 5003, 9999, 10_006] {
            var unsorted = values
            #expect(unsorted.element(ofRank: rank) == sorted[rank])
        }
    }
}
