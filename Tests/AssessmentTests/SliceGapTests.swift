import DICOMCore
import Foundation
import Testing

@testable import Assessment

/// What `slice-gap` says of one series.
private func gaps(_ slices: [SampleSlice], modality: String = "CT") throws -> Completeness.Evidence? {
    let rule = SliceGap(parameters: SliceGapParameters(), missingLimit: 100)
    return try rule.evidence(in: .sample([slices.series(modality: modality)])).first
}

/// How the slices of a stack may be numbered.
enum Numbering: CaseIterable {
    case upwards, fromZero, downwards, evenly, interleaved, absent

    func apply(_ slices: [SampleSlice]) -> [SampleSlice] {
        let count = slices.count
        return slices.enumerated().map { index, slice in
            var slice = slice
            switch self {
            case .upwards: slice.number = index + 1
            case .fromZero: slice.number = index
            case .downwards: slice.number = count - index
            case .evenly: slice.number = 2 * index + 3
            case .interleaved: slice.number = index % 2 == 0 ? index / 2 + 1 : (count + 1) / 2 + index / 2 + 1
            case .absent: slice.number = nil
            }
            return slice
        }
    }
}

@Suite struct SliceGapTests {
    @Test(arguments: [
        SampleStack.axial, SampleStack.sagittal, SampleStack.coronal, SampleStack.oblique(17),
        SampleStack.oblique(-25, 8),
    ])
    func `any one slice lost inside a regular stack is found and its place named`(orientation: [Double]) throws {
        let numberings = orientation == SampleStack.axial ? Numbering.allCases : [.upwards, .absent]
        for numbering in numberings {
            // Of five slices numbered in turns, the fourth may be the last one sent.
            let counts = [(5, 5.0), (6, 8.0), (12, 3.3), (28, 5.0), (60, 0.625)]
            for (count, spacing) in counts where numbering != .interleaved || count > 7 {
                let whole = numbering.apply(SampleStack.regular(count, spacing: spacing, orientation: orientation))
                #expect(try gaps(whole)?.verdict == .unknown)
                for lost in 1..<(count - 1) {
                    let found = try #require(try gaps(whole.without(lost).shuffled()))
                    #expect(found.verdict == .incomplete, "\(numbering) \(count) \(spacing) \(lost)")
                    #expect(found.missing.count == 1)
                }
            }
        }
    }

    @Test func `the place and the number are named`() throws {
        let found = try gaps(SampleStack.regular(28, spacing: 5).without(4))
        #expect(found?.missing == ["slice at 120.0 mm (instance 5)"])
        #expect(
            found?.detail
                == "from 100.0 mm to 235.0 mm, 5.0 mm apart: 28 places expected, 27 received, the instance numbers skip too"
        )
    }

    @Test func `a stack of two spacings is not said to have one`() throws {
        let stack = SampleStack(distances: [5, 5, 5, 5, 5, 5, 10, 10, 10]).slices
        let detail = try gaps(stack)?.detail
        #expect(detail?.hasPrefix("10 places from 100.0 mm to 160.0 mm, mostly 5.0 mm apart: no gap") == true)
    }

    @Test func `a lost slice is found though the rest were numbered anew`() throws {
        for count in [8, 28, 300] {
            let whole = SampleStack.regular(count, spacing: 1.25)
            for lost in Set([1, 2, count / 2, count - 3, count - 2]) {
                #expect(try gaps(whole.without(lost).renumbered())?.verdict == .incomplete, "\(count) \(lost)")
            }
        }
    }

    @Test func `stacks are told in the order of their first slices, on every run`() throws {
        let frames = (1...12).map { "1.2.9.\($0)" }
        let series = try frames.flatMap { frame in
            SampleStack.regular(8, spacing: 5, header: [.frameOfReferenceUID: frame]).without(3)
        }.series(modality: "CT")
        let order = SliceStacks(series).stacks.map { $0.slices[0].frame.frameOfReferenceUID }
        #expect(order == frames)
    }

    @Test func `slices in more directions than a stack has make none, not a part of one`() throws {
        let slices = (0..<300).map { index in
            SampleSlice(
                position: SIMD3(0, 0, Double(index)),
                orientation: SampleStack.oblique(3 * Double(index % 60), 3 * Double(index / 60)),
                number: index)
        }
        #expect(SliceStacks(try slices.series(modality: "MR")).stacks.isEmpty)
    }

    @Test func `several lost slices are all named`() throws {
        let lost = [3, 9, 10, 11, 20]
        let slices = SampleStack.regular(28, spacing: 5).enumerated().filter { !lost.contains($0.offset) }.map(
            \.element)
        let found = try gaps(slices)
        #expect(found?.missing == lost.map { "slice at \(100 + 5 * $0).0 mm (instance \($0 + 1))" })
    }

    @Test func `a block lost from the middle is found by the numbers and without them`() throws {
        let whole = SampleStack.regular(40, spacing: 3)
        let slices = Array(whole[..<14] + whole[24...])
        #expect(try gaps(slices)?.missing.count == 10)
        #expect(try gaps(Numbering.absent.apply(slices))?.missing.count == 10)
    }

    @Test func `three slices of four tell of the fourth by their numbers`() throws {
        #expect(try gaps(SampleStack.regular(4, spacing: 5).without(1))?.missing == ["slice at 105.0 mm (instance 2)"])
    }

    @Test func `two slices tell of one between by number and nominal spacing`() throws {
        let whole = SampleStack.regular(3, spacing: 5, header: [.sliceThickness: "5"])
        #expect(try gaps(whole.without(1))?.missing == ["slice at 105.0 mm (instance 2)"])
        #expect(try gaps(whole.without(2))?.verdict == .unknown)
    }

    @Test func `a stack with one slice lost in one of its zones is incomplete`() throws {
        for border in [3.0, 4.5, 6.0] {
            let whole = SampleStack(
                distances: Array(repeating: 3, count: 9) + [border] + Array(repeating: 6, count: 9)
            ).slices
            #expect(try gaps(whole)?.verdict == .unknown)
            for lost in 1..<(whole.count - 1) {
                #expect(try gaps(whole.without(lost))?.verdict == .incomplete, "\(border) \(lost)")
            }
        }
    }

    @Test func `an image without a usable place excuses a gap`() throws {
        var slices = SampleStack.regular(28, spacing: 5)
        slices[7].position.z = .nan
        let found = try gaps(slices)
        #expect(found?.verdict == .unknown)
        #expect(found?.detail.contains("no usable position") == true)
    }

    @Test func `one slice lost of one echo, phase or b-value is found`() throws {
        for tag in [DICOMCore.Tag.echoNumbers, .temporalPositionIdentifier, .diffusionBValue, .acquisitionNumber] {
            let whole = (1...3).flatMap { value in SampleStack.regular(20, spacing: 4, header: [tag: "\(value)"]) }
                .renumbered()
            #expect(try gaps(whole, modality: "MR")?.verdict == .unknown)
            for lost in [5, 27, 51] {
                let found = try gaps(whole.without(lost), modality: "MR")
                #expect(found?.verdict == .incomplete, "\(tag) \(lost)")
                #expect(found?.missing.count == 1)
            }
        }
    }

    @Test func `one image lost of a place that should hold several alike is found`() throws {
        let whole = (0..<6).flatMap { _ in SampleStack.regular(20, spacing: 4) }.renumbered()
        #expect(try gaps(whole, modality: "MR")?.verdict == .unknown)
        let found = try gaps(whole.without(49), modality: "MR")
        #expect(found?.verdict == .incomplete)
        #expect(found?.missing.count == 1)
    }

    @Test func `ten thousand slices in two hundred phases take bounded time`() throws {
        var whole = (0..<200).flatMap { phase in
            SampleStack.regular(50, spacing: 3, header: [.temporalPositionIdentifier: "\(phase + 1)"])
        }.renumbered()
        whole.remove(at: 5_025)
        let series = try whole.series(modality: "MR")
        let start = ContinuousClock.now
        let stacks = SliceStacks(series)
        #expect(stacks.stacks.reduce(0) { $0 + $1.lostCount } == 1)
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}

/// Series that are whole and look otherwise.
@Suite struct SliceGapCleanTests {
    private func expectNoGap(_ slices: [SampleSlice], modality: String = "CT", _ note: String = "") throws {
        #expect(try gaps(slices, modality: modality)?.verdict != .incomplete, "\(note)")
    }

    @Test func `mixed spacing is none`() throws {
        for (first, second) in [(3.0, 6.0), (6.0, 3.0), (2.5, 5.0), (5.0, 10.0), (1.0, 4.0)] {
            for border in [first, second, (first + second) / 2] {
                for (count, other) in [(10, 10), (4, 20), (20, 3), (12, 5)] {
                    let distances =
                        Array(repeating: first, count: count) + [border] + Array(repeating: second, count: other)
                    for numbering in Numbering.allCases {
                        try expectNoGap(
                            numbering.apply(SampleStack(distances: distances).slices),
                            "\(first) \(second) \(border) \(count) \(other) \(numbering)")
                    }
                }
            }
        }
    }

    @Test func `discs scanned with stacks of their own are none`() throws {
        // L3/4, L4/5, L5/S1: parallel, and each with its own angle.
        for angles in [[0.0, 0, 0], [8, 17, 26], [0, 0.4, 0.9]] {
            for jump in [12.0, 15, 20] {
                var slices: [SampleSlice] = []
                for (disc, angle) in angles.enumerated() {
                    var stack = SampleStack(
                        orientation: SampleStack.oblique(angle), distances: Array(repeating: 3, count: 4))
                    stack.origin.z += Double(disc) * (12 + jump)
                    slices += stack.slices
                }
                for numbering in Numbering.allCases {
                    try expectNoGap(numbering.apply(slices), "\(angles) \(jump) \(numbering)")
                }
            }
        }
    }

    @Test func `interleaved stacks are none`() throws {
        for shift in [0.5, 1.0, 2.0, 2.5] {
            let stacks = [SampleStack.regular(14, spacing: 5), SampleStack.regular(14, spacing: 5)]
            let second = stacks[1].map { slice in
                var slice = slice
                slice.position.z += shift
                return slice
            }
            let both = stacks[0] + second
            try expectNoGap(both.renumbered(), "one after the other \(shift)")
            try expectNoGap(zip(stacks[0], second).flatMap { [$0, $1] }.renumbered(), "in turn \(shift)")
            try expectNoGap(Numbering.absent.apply(both), "no numbers \(shift)")
            let told = stacks[0].with([.acquisitionNumber: "1"]) + second.with([.acquisitionNumber: "2"])
            try expectNoGap(told.renumbered(), "told \(shift)")
        }
    }

    @Test func `a tilted gantry is none`() throws {
        for degrees in stride(from: -30.0, through: 30, by: 5) {
            var stack = SampleStack(
                orientation: SampleStack.oblique(degrees), distances: Array(repeating: 4.5, count: 27))
            stack.shear = SIMD2(0, tan(degrees * .pi / 180))
            try expectNoGap(stack.slices)
            #expect(try gaps(stack.slices.without(11))?.missing.count == 1)
        }
    }

    @Test func `localizers, captures, tiled and turning pictures are none`() throws {
        let scouts = SampleStack(distances: [40, 120]).slices.with([.imageType: "ORIGINAL\\PRIMARY\\LOCALIZER"])
        try expectNoGap(scouts)
        let threePlanes = [SampleStack.axial, SampleStack.sagittal, SampleStack.coronal].flatMap {
            SampleStack(orientation: $0, distances: [10, 10]).slices
        }.renumbered()
        try expectNoGap(threePlanes, modality: "MR")
        let mosaics = (0..<30).flatMap { _ in SampleStack(distances: []).slices }
            .with([.imageType: "ORIGINAL\\PRIMARY\\M\\MOSAIC"]).renumbered()
        #expect(try gaps(mosaics, modality: "MR") == nil)
        let turning = (0..<36).flatMap { step in
            SampleStack(orientation: SampleStack.oblique(0, Double(step) * 10), distances: []).slices
        }.renumbered()
        try expectNoGap(turning)
        #expect(try gaps(SampleStack.regular(20, spacing: 5).without(5), modality: "US") == nil)
    }

    @Test func `phases of different reach are none`() throws {
        let plain = SampleStack.regular(60, spacing: 5, header: [.acquisitionNumber: "1"])
        let arterial = Array(plain[10..<35]).with([.acquisitionNumber: "2"])
        try expectNoGap((plain + arterial).renumbered())
        try expectNoGap(Numbering.absent.apply(plain + arterial))
        try expectNoGap((plain + arterial).with([.acquisitionNumber: "1"]).renumbered())
    }

    @Test func `overlapping acquisitions are none`() throws {
        for overlap in 1...4 {
            for shift in [0.0, 0.3, 2.5] {
                let first = SampleStack.regular(20, spacing: 5, header: [.acquisitionNumber: "1"])
                let second = SampleStack.regular(20, spacing: 5, header: [.acquisitionNumber: "2"]).map { slice in
                    var slice = slice
                    slice.position.z += 5 * Double(20 - overlap) + shift
                    return slice
                }
                try expectNoGap((first + second).renumbered(), "\(overlap) \(shift)")
            }
        }
    }

    @Test func `jitter is none`() throws {
        var generator = SeededGenerator(7)
        for spacing in [0.625, 1, 1.25, 2.5, 5, 10] {
            for amount in [0.01, 0.05, 0.1, 0.3] {
                for numbering in Numbering.allCases {
                    let slices = numbering.apply(SampleStack.regular(80, spacing: spacing))
                    try expectNoGap(slices.jittered(amount, &generator), "\(spacing) \(amount) \(numbering)")
                }
            }
        }
    }

    @Test func `a few pictures picked by hand are none`() throws {
        var generator = SeededGenerator(11)
        for _ in 0..<300 {
            let count = Int.random(in: 2...8, using: &generator)
            let places = (0..<count).map { _ in Double(Int.random(in: 0...60, using: &generator)) * 5 }
            let slices = places.map { place in
                SampleSlice(position: SIMD3(0, 0, place), orientation: SampleStack.axial)
            }
            try expectNoGap(slices.renumbered(), "\(places)")
        }
    }

    @Test(arguments: ["nan", "inf", "1e300", "", "0\\0", "a\\b\\c"])
    func `absurd positions are no stack`(position: String) throws {
        let series = try SeriesContent.sample(
            numbers: Array(1...20),
            attributes: [.imagePositionPatient: position, .imageOrientationPatient: "1\\0\\0\\0\\1\\0"])
        #expect(SliceStacks(series).stacks.isEmpty)
        #expect(SliceStacks(series).unplaced.count == 20)
    }

    @Test(arguments: ["0\\0\\0\\0\\0\\0", "1\\0\\0\\1\\0\\0", "nan\\0\\0\\0\\1\\0", "1\\0\\0", "9\\9\\9\\9\\9\\9"])
    func `absurd orientations are no stack`(orientation: String) throws {
        let series = try SeriesContent.sample(
            numbers: Array(1...20),
            attributes: [.imagePositionPatient: "0\\0\\5", .imageOrientationPatient: orientation])
        #expect(SliceStacks(series).stacks.isEmpty)
    }
}

/// Multi-frame objects, whose frames lie where their functional groups say.
@Suite struct FrameStackTests {
    private func series(_ offsets: [Double], _ change: (Int, inout FunctionalGroups.Frame) -> Void = { _, _ in }) throws
        -> SeriesContent
    {
        let frames = offsets.enumerated().map { index, offset in
            var frame = FunctionalGroups.Frame()
            frame.position = [0, 0, offset]
            frame.orientation = [1, 0, 0, 0, 1, 0]
            change(index, &frame)
            return frame
        }
        var series = try SeriesContent.sample(
            modality: "MR", numbers: [1], attributes: [.numberOfFrames: "\(offsets.count)"])
        series.instances[0].functionalGroups = { FunctionalGroups(frames: frames) }
        return series
    }

    private func found(_ series: SeriesContent) throws -> Completeness.Evidence? {
        try Assessor.sample().completeness(of: .sample([series])).evidence.first { $0.rule == .sliceGap }
    }

    @Test func `a place that lacks among the frames is found`() throws {
        let places = (0..<24).map { Double($0) * 3 }
        #expect(try found(series(places))?.verdict == .unknown)
        #expect(try found(series(places.filter { $0 != 30 }))?.missing == ["slice at 30.0 mm"])
    }

    @Test func `frames of several b-values, echoes, phases and stacks are told apart`() throws {
        let places = (0..<3).flatMap { _ in (0..<20).map { Double($0) * 3 } }
        let changes: [(Int, inout FunctionalGroups.Frame) -> Void] = [
            { $1.bValue = Double($0 / 20) * 500 }, { $1.echoTime = Double($0 / 20 + 1) * 10 },
            { $1.temporalPosition = $0 / 20 + 1 }, { $1.stackID = "\($0 / 20)" },
        ]
        for change in changes {
            #expect(try found(series(places, change))?.verdict == .unknown)
        }
    }

    @Test func `absurd places are no stack`() throws {
        #expect(try found(series([.nan, .infinity, 1e300, 0])) == nil)
    }
}

@Suite struct NumberOrderTests {
    @Test func `numbers in another order than the places are no witness`() throws {
        // Sorted as text: 1, 10, 11, …, 19, 2, 20, …
        let order = (1...27).map(String.init).sorted().compactMap { Int($0) }
        let slices = zip(SampleStack.regular(27, spacing: 5), order).map { slice, number in
            var slice = slice
            slice.number = number
            return slice
        }
        #expect(try gaps(slices)?.verdict == .unknown)
        let uneven = SampleStack(distances: (1..<27).map { $0 % 5 == 3 ? 2.5 : $0 % 7 == 5 ? 7.5 : 5 }).slices
        #expect(
            try gaps(
                zip(uneven, slices).map {
                    SampleSlice(position: $0.position, orientation: $0.orientation, number: $1.number)
                })?.verdict == .unknown)
    }
}
