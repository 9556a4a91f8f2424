import Testing

@testable import DICOMImaging

@Suite struct PixelTurnsTests {
    @Test func `assessments leave a process to the others`() {
        var turns = PixelTurns<String>(limit: 3, assessmentLimit: 2)
        let begun = [
            turns.begin(.assessment, else: "a1"), turns.begin(.assessment, else: "a2"),
            turns.begin(.assessment, else: "a3"), turns.begin(.view, else: "v1"), turns.begin(.view, else: "v2"),
        ]
        #expect(begun == [true, true, false, true, false])
        // What the viewers leave is not the assessments' either.
        let next = [turns.end(.view), turns.end(.view), turns.end(.assessment), turns.end(.assessment)]
        #expect(next == ["v2", nil, "a3", nil])
    }

    @Test func `who waits goes by purpose, then in the order of coming`() {
        var turns = PixelTurns<String>(limit: 1, assessmentLimit: 1)
        let waiting: [(purpose: PixelPurpose, name: String)] = [
            (.assessment, "a"), (.forwarding, "f"), (.view, "v1"), (.retrieval, "r"), (.view, "v2"),
        ]
        let isFirst = turns.begin(.assessment, else: "")
        let begun = waiting.map { turns.begin($0.purpose, else: $0.name) }
        #expect(isFirst && begun == [false, false, false, false, false])
        var order: [String] = []
        var purpose = PixelPurpose.assessment
        while let next = turns.end(purpose) {
            order.append(next)
            purpose = waiting.first { $0.name == next }?.purpose ?? purpose
        }
        let isFree = turns.begin(.forwarding, else: "")
        #expect(order == ["v1", "v2", "r", "f", "a"] && isFree)
    }
}
