import DICOMCore
import Foundation
import Testing

@testable import Assessment

private func evidence(
    _ rule: CompletenessRuleName, _ series: [SeriesContent]
) throws -> Completeness.Evidence? {
    try Assessor.sample().completeness(of: .sample(series)).evidence.first { $0.rule == rule }
}

/// Passes over the same places, one after the other.
private func passes(
    _ count: Int, of places: Int = 20, announced: Int? = nil, first: Int = 1
) -> [SampleSlice] {
    (0..<count).flatMap { pass -> [SampleSlice] in
        var header: Header = [.temporalPositionIdentifier: "\(pass + first)"]
        if let announced { header[.numberOfTemporalPositions] = "\(announced)" }
        return SampleStack.regular(places, spacing: 4, header: header)
    }.renumbered()
}

@Suite struct DuplicatePositionTests {
    private func found(_ slices: [SampleSlice], modality: String = "CT") throws -> Completeness.Evidence? {
        try evidence(.duplicatePosition, [slices.series(modality: modality)])
    }

    @Test func `a slice with its neighbour's position is a duplicate, and its own place a gap`() throws {
        for wrong in [1, 9, 26] {
            var slices = SampleStack.regular(28, spacing: 5)
            slices[wrong].position = slices[wrong + 1].position
            let completeness = try Assessor.sample().completeness(of: .sample([slices.series()]))
            #expect(completeness.verdict == .incomplete)
            #expect(completeness.evidence.prefix(2).map(\.rule).contains(.duplicatePosition))
            #expect(completeness.evidence.contains { $0.rule == .sliceGap && $0.verdict == .incomplete })
        }
    }

    @Test func `a slice that came twice is named`() throws {
        let whole = SampleStack.regular(28, spacing: 5)
        let copy = try found(whole + [whole[11]])
        #expect(copy?.verdict == .incomplete)
        #expect(copy?.missing == ["slice in whose place instance 12 came twice, if any"])
        var numbered = whole[11]
        numbered.number = 29
        #expect(
            try found(whole + [numbered])?.missing == ["slice of one of instance 12 and 29, both at 155.0 mm"])
    }

    @Test func `a count that was reached says that a copy stands for nothing else`() throws {
        let whole = SampleStack.regular(28, spacing: 5, header: [.numberOfSeriesRelatedInstances: "28"])
        let twice = (whole + [whole[11]]).with([.acquisitionTime: "101500"])
        let all = try Assessor.sample().completeness(of: .sample([twice.series()]))
        #expect(all.verdict == .complete)
        let one = try Assessor.sample().completeness(of: .sample([twice.without(5).series()]))
        #expect(one.verdict == .incomplete)
        #expect(one.decidedBy == .announcedCount)
    }

    @Test func `phases, echoes, directions and overlaps are no duplicates`() throws {
        let stack = SampleStack.regular(20, spacing: 4)
        for tag in [
            DICOMCore.Tag.temporalPositionIdentifier, .echoNumbers, .diffusionBValue, .acquisitionNumber, .triggerTime,
            .convolutionKernel, .diffusionGradientOrientation,
        ] {
            let series = (stack.with([tag: "1"]) + stack.with([tag: "2"])).renumbered()
            #expect(try found(series, modality: "MR") == nil, "\(tag)")
        }
        #expect(try found((stack + stack).renumbered(), modality: "MR") == nil)
        #expect(try found((stack + Array(stack[8..<14])).renumbered()) == nil)
        let next = SampleStack.regular(20, spacing: 4).map { slice in
            var slice = slice
            slice.position.z += 18 * 4
            return slice
        }
        #expect(
            try found((stack.with([.acquisitionNumber: "1"]) + next.with([.acquisitionNumber: "2"])).renumbered())
                == nil)
    }

    @Test func `a slice that was scanned again is no duplicate`() throws {
        var slices = SampleStack.regular(20, spacing: 5).enumerated().map { index, slice in
            var slice = slice
            slice.header[.acquisitionTime] = String(format: "1015%02d", index)
            return slice
        }
        var again = slices[7]
        again.number = 21
        again.header[.acquisitionTime] = "102200"
        slices.append(again)
        #expect(try found(slices) == nil)
    }
}

@Suite struct TemporalPositionsTests {
    @Test func `as many alike as announced are complete`() throws {
        let all = try Assessor.sample().completeness(of: .sample([passes(6, announced: 6).series(modality: "MR")]))
        #expect(all.verdict == .complete)
        #expect(all.decidedBy == .temporalPositions)
        #expect(try evidence(.temporalPositions, [passes(6).series(modality: "MR")])?.verdict == .unknown)
    }

    @Test func `any image lost from any pass is missed`() throws {
        let whole = passes(5, of: 12, announced: 5)
        for lost in whole.indices {
            let found = try evidence(.temporalPositions, [whole.without(lost).series(modality: "MR")])
            #expect(found?.verdict == .incomplete, "\(lost)")
            #expect(found?.missing.first?.hasPrefix("1 of 12 images of temporal position \(lost / 12 + 1)") == true)
        }
    }

    @Test func `a lost pass is named`() throws {
        for first in [0, 1] {
            let whole = passes(6, of: 10, announced: 6, first: first)
            for lost in 0..<6 {
                let rest = Array(whole[..<(lost * 10)] + whole[((lost + 1) * 10)...])
                let found = try evidence(.temporalPositions, [rest.series(modality: "MR")])
                // A series that begins with pass 1 may count from it.
                guard first + lost > 0 else { continue }
                #expect(found?.missing == ["temporal position \(first + lost) (10 images)"], "\(first) \(lost)")
            }
        }
    }

    @Test func `a pass in a series of its own is no loss`() throws {
        let series = try (0..<4).map { pass in
            try Array(passes(4, announced: 4)[(pass * 20)..<((pass + 1) * 20)]).series(pass + 1, modality: "MR")
        }
        #expect(try Assessor.sample().completeness(of: .sample(series)).verdict == .unknown)
    }

    @Test func `passes planned to differ are no loss`() throws {
        let long = SampleStack.regular(60, spacing: 4, header: [.temporalPositionIdentifier: "1"])
        let short = Array(long[20..<40]).with([.temporalPositionIdentifier: "2"])
        #expect(try evidence(.temporalPositions, [(long + short).renumbered().series()])?.verdict == .unknown)
    }

    @Test func `each place of a gated cine holds the announced phases`() throws {
        let whole = (0..<25).flatMap { phase in
            SampleStack.regular(8, spacing: 8, header: [.cardiacNumberOfImages: "25", .triggerTime: "\(phase * 33)"])
        }.renumbered()
        #expect(try evidence(.temporalPositions, [whole.series(modality: "MR")])?.verdict == .complete)
        for lost in [0, 77, 199] {
            let found = try evidence(.temporalPositions, [whole.without(lost).series(modality: "MR")])
            #expect(found?.verdict == .incomplete)
            #expect(found?.missing.first?.hasPrefix("1 of 25 images") == true)
        }
    }
}

@Suite struct FrameCountTests {
    private func found(_ header: Header, held: Int? = nil) throws -> Completeness.Evidence? {
        var series = try SeriesContent.sample(modality: "XA", numbers: [1], attributes: header)
        series.instances[0].heldFrameCount = held
        return try evidence(.frameCount, [series])
    }

    @Test func `a vector longer than the number of frames names the rest`() throws {
        let times = ["0"] + Array(repeating: "66.6", count: 19)
        let header: Header = [
            .numberOfFrames: "18", .frameTimeVector: times.joined(separator: "\\"),
            .frameIncrementPointer: "(0018,1065)",
        ]
        #expect(try found(header)?.missing == ["frames 19 to 20 of instance 1"])
        #expect(try found(header.merging([.numberOfFrames: "20"]) { $1 }) == nil)
    }

    @Test func `a vector that begins with 0 has a time for each frame, one of intervals has one less`() throws {
        func times(_ values: [String]) -> Header {
            [
                .numberOfFrames: "20", .frameTimeVector: values.joined(separator: "\\"),
                .frameIncrementPointer: "(0018,1065)",
            ]
        }
        let intervals = Array(repeating: "66.6", count: 19)
        #expect(try found(times(intervals)) == nil)
        #expect(try found(times(["0"] + intervals.dropLast(3)))?.missing == ["times of frames 18 to 20 of instance 1"])
        #expect(try found(times(["0"] + intervals.dropLast()))?.missing == ["times of frame 20 of instance 1"])
        let stale = times(["0", "66.6"]).merging([.frameIncrementPointer: "(0018,1063)"]) { $1 }
        #expect(try found(stale) == nil)
    }

    @Test func `slices that nuclear medicine points to count as frames`() throws {
        let header: Header = [
            .numberOfFrames: "3", .sliceVector: "1\\2\\3\\4", .frameIncrementPointer: "(0054,0080)",
        ]
        #expect(try found(header)?.missing == ["frame 4 of instance 1"])
        #expect(try found(header.merging([.frameIncrementPointer: "(0018,1063)"]) { $1 }) == nil)
    }

    @Test func `frames that the pixel data lack are missing`() throws {
        #expect(try found([.numberOfFrames: "30"], held: 28)?.missing == ["frames 29 to 30 of instance 1"])
        #expect(try found([.numberOfFrames: "30"], held: 30) == nil)
        #expect(try found([.numberOfFrames: "30"]) == nil)
        #expect(try found([:], held: 0) == nil)
    }

    @Test func `a functional group too many is a frame too few`() throws {
        var series = try SeriesContent.sample(modality: "MR", numbers: [1], attributes: [.numberOfFrames: "8"])
        series.instances[0].functionalGroups = { FunctionalGroups(frames: Array(repeating: .init(), count: 10)) }
        #expect(try evidence(.frameCount, [series])?.missing == ["frames 9 to 10 of instance 1"])
    }

    @Test func `a mask frame beyond the last is missing`() throws {
        var series = try SeriesContent.sample(modality: "XA", numbers: [1], attributes: [.numberOfFrames: "12"])
        series.instances[0].attributes.set(
            .maskSubtractionSequence, to: [AttributeSet(values: [.maskFrameNumbers: ["13"]])])
        #expect(try evidence(.frameCount, [series])?.missing == ["frame 13 of instance 1"])
        series.instances[0].attributes.set(
            .maskSubtractionSequence, to: [AttributeSet(values: [.maskFrameNumbers: ["1"]])])
        #expect(try evidence(.frameCount, [series]) == nil)
    }

    @Test(arguments: ["0", "-4", "99999999999999999999", "nan", ""])
    func `an absurd number of frames says nothing`(count: String) throws {
        #expect(try found([.numberOfFrames: count, .frameTimeVector: "0\\1\\2"]) == nil)
    }
}

@Suite struct FurtherCountTests {
    @Test func `a part of a concatenation that lacks is named`() throws {
        func part(_ number: Int) -> Header {
            [
                .concatenationUID: "1.2.9", .inConcatenationNumber: "\(number)", .inConcatenationTotalNumber: "4",
                .numberOfFrames: "100",
            ]
        }
        let instances = try [1, 2, 4].map { try InstanceContent.sample("1.2.3.1.\($0)", attributes: part($0)) }
        let series = try SeriesContent(
            seriesInstanceUID: SeriesInstanceUID("1.2.3.1"), modality: "MR", instances: instances)
        #expect(try evidence(.announcedCount, [series])?.missing == ["concatenation part 3"])
    }

    @Test func `series that were announced and did not come are missing`() throws {
        let series = try SeriesContent.sample(numbers: [1, 2, 3], attributes: [.numberOfStudyRelatedSeries: "3"])
        #expect(try evidence(.announcedCount, [series])?.missing == ["2 series"])
    }

    @Test func `a PET volume has its slices in each time slice`() throws {
        let header: Header = [.numberOfSlices: "10", .numberOfTimeSlices: "3", .seriesType: "DYNAMIC\\IMAGE"]
        let whole = (0..<3).flatMap { time in
            SampleStack.regular(10, spacing: 3, header: header).enumerated().map { index, slice in
                var slice = slice
                slice.header[.imageIndex] = "\(time * 10 + index + 1)"
                return slice
            }
        }.renumbered()
        #expect(try evidence(.announcedCount, [whole.series(modality: "PT")])?.verdict == .complete)
        #expect(try evidence(.announcedCount, [whole.without(29).series(modality: "PT")])?.missing == ["image 30"])
    }

    @Test func `a count of thin slices is not asked of the thick ones of the same acquisition`() throws {
        let shared: Header = [.imagesInAcquisition: "12", .acquisitionNumber: "1"]
        let thin = try SeriesContent.sample(
            1, numbers: Array(1...12), attributes: shared.merging([.sliceThickness: "1"]) { $1 })
        let thick = try SeriesContent.sample(
            2, numbers: Array(1...3), attributes: shared.merging([.sliceThickness: "5"]) { $1 })
        #expect(try Assessor.sample().completeness(of: .sample([thin, thick])).verdict == .unknown)
        let found = try Assessor.sample().completeness(of: .sample([thick]))
        #expect(found.verdict == .incomplete)
    }
}

@Suite struct NumbersAndPlacesTests {
    @Test func `a number left out between neighbours of an even stack is no loss`() throws {
        let slices = SampleStack.regular(20, spacing: 5).enumerated().map { index, slice in
            var slice = slice
            slice.number = index < 8 ? index + 1 : index + 2
            return slice
        }
        #expect(try Assessor.sample().completeness(of: .sample([slices.series()])).verdict == .unknown)
    }

    @Test func `a number left out between two stacks is a loss`() throws {
        let slices =
            (SampleStack.regular(20, spacing: 5, header: [.echoNumbers: "1"])
            + SampleStack.regular(20, spacing: 5, header: [.echoNumbers: "2"])).renumbered()
        let found = try Assessor.sample().completeness(of: .sample([slices.without(19).series(modality: "MR")]))
        #expect(found.verdict == .incomplete)
        #expect(found.decidedBy == .instanceNumberGap)
        #expect(found.evidence.first?.missing == ["instance 20"])
    }
}
