import DICOMCore

/// One slice of a stack as far as gaps are concerned.
struct StackedSlice: Equatable {
    /// Along the normal of the stack, millimetres.
    var offset: Double
    /// Across it, millimetres.
    var inPlane: SIMD2<Double> = .zero
    /// Instance Number (0020,0013), or the place within the stack where the object tells it.
    var number: Int?
    /// Acquisition Number (0020,0012).
    var acquisition: Int?
}

/// The distances in one stack, and which of them are too wide for a stack that is whole.
///
/// A gap is wide compared with its own neighbourhood on either side, so that a change of spacing, jitter and tilt are none.
/// Where the Instance Numbers follow the positions they are heard as a second witness: numbers that lack where positions do
/// settle it, numbers that run on through a gap make it doubtful, and where in doubt there is no gap.
struct StackSpacing {
    /// What the Instance Numbers say of a gap.
    enum Numbers: Equatable {
        case agree, silent, contradict
    }

    struct Gap: Equatable {
        /// Offsets of the slices on both sides.
        let lower: Double
        let upper: Double
        let lostCount: Int
        let numbers: Numbers
        /// The numbers that lack, when they agree, in the order of the positions.
        let lostNumbers: [Int]

        /// Where the lost slices lie, ascending.
        var lostOffsets: [Double] {
            (1...lostCount).map { lower + (upper - lower) * Double($0) / Double(lostCount + 1) }
        }
    }

    let gaps: [Gap]
    /// The median distance of neighbours, millimetres; nil for fewer than two slices.
    let spacing: Double?

    /// - Parameters:
    ///   - slices: ascending by offset, no two at the same.
    ///   - nominalSpacing: what the header gives as distance; only heard where two slices are all there is.
    init(_ slices: [StackedSlice], nominalSpacing: Double? = nil, thresholds: SliceGapParameters = SliceGapParameters())
    {
        let steps = Steps(slices)
        spacing = steps.distances.isEmpty ? nil : steps.median(of: steps.distances)
        guard steps.distances.count > 1 else {
            gaps = steps.onlyGap(nominalSpacing, thresholds).map { [$0] } ?? []
            return
        }
        let judge = GapJudge(steps: steps, thresholds: thresholds)
        gaps = judge.gaps()
    }
}

/// The distances between neighbours of a stack, and the steps of their numbers.
struct Steps {
    let slices: [StackedSlice]
    let distances: [Double]
    /// How many of the stack's usual number steps lie between two neighbours; nil where numbers do not tell.
    let multiples: [Int?]
    /// The usual step of the numbers along the stack; 0 when there is none.
    let step: Int
    /// Whether the numbers, in whatever order, leave none out.
    let areNumbersWhole: Bool

    init(_ slices: [StackedSlice]) {
        self.slices = slices
        let pairs = zip(slices, slices.dropFirst())
        distances = pairs.map { $1.offset - $0.offset }
        let numberSteps = pairs.map { lower, upper -> Int? in
            guard let first = lower.number, let second = upper.number else { return nil }
            let (difference, isOverflow) = second.subtractingReportingOverflow(first)
            return isOverflow || difference.magnitude > 1_000_000 ? nil : difference
        }
        step = Steps.usual(numberSteps.compactMap(\.self))
        let numbers = Set(slices.compactMap(\.number))
        let extent = (numbers.max() ?? 0).subtractingReportingOverflow(numbers.min() ?? 0)
        areNumbersWhole = numbers.count == slices.count && !extent.overflow && extent.partialValue == slices.count - 1
        let step = step
        // Numbers that skip what stands elsewhere in the stack skip nothing: their order is not that of the places.
        let multiples = zip(numberSteps, slices).map { number, slice -> Int? in
            guard let number, let first = slice.number, step != 0, number % step == 0 else { return nil }
            let multiple = number / step
            let isSkipped = (1..<max(1, min(multiple, Steps.longestSkip))).allSatisfy {
                !numbers.contains(first + $0 * step)
            }
            return (1...Steps.longestSkip).contains(multiple) && isSkipped ? multiple : nil
        }
        let followers = multiples.count { $0 != nil }
        self.multiples =
            Double(followers) >= 0.9 * Double(max(distances.count, 1))
            ? multiples : [Int?](repeating: nil, count: distances.count)
    }

    /// Numbers left out in a row that are still a hole, and not another group.
    private static let longestSkip = 10_000

    /// The commonest step; of equally common ones the smallest.
    private static func usual(_ steps: [Int]) -> Int {
        var counts: [Int: Int] = [:]
        for step in steps where step != 0 { counts[step, default: 0] += 1 }
        return counts.max { ($0.value, -abs($0.key), $0.key) < ($1.value, -abs($1.key), $1.key) }?.key ?? 0
    }

    /// Distance per number step: what the distance would be with nothing lost.
    func unit(_ index: Int) -> Double { distances[index] / Double(multiples[index] ?? 1) }

    func median(of values: some Sequence<Double>) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The numbers between slices `index` and `index + 1`.
    func lostNumbers(_ index: Int) -> [Int] {
        guard let multiple = multiples[index], multiple > 1, let first = slices[index].number else { return [] }
        return (1..<multiple).map { first + $0 * step }
    }

    /// Two slices alone: a gap only when their numbers skip and the header's distance says the same.
    func onlyGap(_ nominal: Double?, _ thresholds: SliceGapParameters) -> StackSpacing.Gap? {
        guard let nominal, nominal > 0, slices.count == 2, let first = slices[0].number, let second = slices[1].number
        else { return nil }
        let (difference, isOverflow) = second.subtractingReportingOverflow(first)
        let multiple = difference.magnitude
        guard !isOverflow, multiple > 1, multiple <= 100, abs(distances[0] / Double(multiple) / nominal - 1) < 0.1
        else { return nil }
        let direction = difference < 0 ? -1 : 1
        return StackSpacing.Gap(
            lower: slices[0].offset, upper: slices[1].offset, lostCount: Int(multiple) - 1, numbers: .agree,
            lostNumbers: (1..<Int(multiple)).map { first + $0 * direction })
    }
}
