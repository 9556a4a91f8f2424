/// Decides for each distance of a stack whether slices lack in it.
struct GapJudge {
    let steps: Steps
    let thresholds: SliceGapParameters
    /// Distances per number step.
    private let units: [Double]
    /// Median of the units on either side of each distance; nil at an end.
    private let left: [Double?]
    private let right: [Double?]
    /// How far the stack runs aside per millimetre along its normal (gantry tilt).
    private let shear: SIMD2<Double>
    /// How much distances scatter about their neighbours, as a fraction of them.
    private let noise: Double

    init(steps: Steps, thresholds: SliceGapParameters) {
        self.steps = steps
        self.thresholds = thresholds
        let units = steps.distances.indices.map(steps.unit)
        self.units = units
        let window = thresholds.window
        left = units.indices.map { $0 == 0 ? nil : steps.median(of: units[max(0, $0 - window)..<$0]) }
        right = units.indices.map {
            $0 == units.count - 1 ? nil : steps.median(of: units[($0 + 1)..<min(units.count, $0 + 1 + window)])
        }
        let aside = steps.distances.indices.map { index in
            (steps.slices[index + 1].inPlane - steps.slices[index].inPlane) / steps.distances[index]
        }
        shear = SIMD2(steps.median(of: aside.map(\.x)), steps.median(of: aside.map(\.y)))
        let (left, right) = (left, right)
        noise = steps.median(
            of: units.indices.map { index in
                let near = [left[index], right[index]].compactMap(\.self).map { abs(units[index] - $0) / $0 }
                return near.min() ?? 0
            })
    }

    func gaps() -> [StackSpacing.Gap] {
        let numbered = units.indices.compactMap(gapByNumbers)
        let isSettled = Set(numbered.map(\.index))
        var alone = units.indices.filter { !isSettled.contains($0) }.compactMap(gapByPositions)
        // Gaps that the numbers contradict, all over the stack, are how it was planned.
        if alone.count(where: { $0.gap.numbers == .contradict }) > max(4, units.count / 10) {
            alone.removeAll { $0.gap.numbers == .contradict }
        }
        if !isRegular(without: isSettled.union(alone.map(\.index))) { alone = [] }
        return (numbered + alone).sorted { $0.index < $1.index }.map(\.gap)
    }

    private typealias Found = (index: Int, gap: StackSpacing.Gap)

    /// Numbers skip, and the distance is as much wider as they skip.
    private func gapByNumbers(_ index: Int) -> Found? {
        guard let multiple = steps.multiples[index], multiple > 1, !isPlannedRun(index),
            let (low, high) = range(index)
        else { return nil }
        let tolerance = 0.3 + 2 * noise / Double(multiple)
        guard units[index] > low * (1 - tolerance), units[index] < high * (1 + tolerance),
            steps.distances[index] > low * 1.4
        else { return nil }
        return (index, gap(index, lost: multiple - 1, .agree))
    }

    /// Four and more equal skips in a row are no loss: the numbers mean something else there.
    private func isPlannedRun(_ index: Int) -> Bool {
        func isSame(_ other: Int) -> Bool { steps.multiples[other] == steps.multiples[index] }
        var first = index
        while first > 0, index - first < 4, isSame(first - 1) { first -= 1 }
        var last = index
        while last < units.count - 1, last - index < 4, isSame(last + 1) { last += 1 }
        return last - first >= 3
    }

    private func gapByPositions(_ index: Int) -> Found? {
        let isAgainstNumbers = steps.multiples[index].map { $0 == 1 } ?? steps.areNumbersWhole
        let least = isAgainstNumbers ? thresholds.leastDistancesAgainstNumbers : thresholds.leastDistances
        guard units.count >= least, let (low, high) = range(index), steps.distances[index] >= high * thresholds.least,
            !isZone(index), isCollinear(index)
        else { return nil }
        if isAgainstNumbers, isBetweenAcquisitions(index) || noise > 0.15 { return nil }

        let isEven = high - low <= 0.2 * high
        // Between two zones, only one slice at the border can be told from a shift of the border.
        let whole = isEven ? (low + high) / 2 : low + high
        let multiple = shift(index) / whole
        let lost: Int
        if isEven {
            guard let places = Int(exactly: multiple.rounded()) else { return nil }
            lost = places - 1
            // Where positions stray, so do their sums.
            let tolerance = (isAgainstNumbers ? 0.6 : 1) * thresholds.wholeTolerance + noise
            guard abs(multiple - multiple.rounded()) <= tolerance else { return nil }
        } else {
            guard !isAgainstNumbers, abs(multiple - 1) <= 0.15 else { return nil }
            lost = 1
        }
        guard lost >= 1, lost <= (isAgainstNumbers ? thresholds.mostLostAgainstNumbers : thresholds.mostLost),
            isWithinOneStack(index, lost: lost)
        else { return nil }
        return (index, gap(index, lost: lost, isAgainstNumbers ? .contradict : .silent))
    }

    private func gap(_ index: Int, lost: Int, _ numbers: StackSpacing.Numbers) -> StackSpacing.Gap {
        StackSpacing.Gap(
            lower: steps.slices[index].offset, upper: steps.slices[index + 1].offset, lostCount: lost, numbers: numbers,
            lostNumbers: numbers == .agree ? steps.lostNumbers(index) : [])
    }

    /// The smaller and the larger of the distances usual on both sides.
    private func range(_ index: Int) -> (Double, Double)? {
        let near = [left[index], right[index]].compactMap(\.self)
        guard let low = near.min(), let high = near.max(), low > 0 else { return nil }
        return (low, high)
    }

    /// Whether neighbours are as wide: a zone of its own spacing. Two slices lost with one between them are none, unless at an
    /// end, where the zone may go on.
    private func isZone(_ index: Int) -> Bool {
        func isSame(_ other: Int) -> Bool { abs(units[other] / units[index] - 1) < 0.15 }
        var first = index
        while first > 0, index - first < 3, isSame(first - 1) { first -= 1 }
        var last = index
        while last < units.count - 1, last - index < 3, isSame(last + 1) { last += 1 }
        let length = last - first + 1
        return length > 2 || length == 2 && (first == 0 || last == units.count - 1)
    }

    /// A stack goes on beyond a lost slice in the line it came; another stack begins elsewhere.
    private func isCollinear(_ index: Int) -> Bool {
        let aside = steps.slices[index + 1].inPlane - steps.slices[index].inPlane
        let strayed = aside - shear * steps.distances[index]
        let limit = 0.5 + 0.05 * steps.distances[index]
        return abs(strayed.x) <= limit && abs(strayed.y) <= limit
    }

    /// Whether one acquisition ends here and another begins, in a stack made of few: each was planned for itself.
    private func isBetweenAcquisitions(_ index: Int) -> Bool {
        func changes(_ index: Int) -> Bool { steps.slices[index].acquisition != steps.slices[index + 1].acquisition }
        return changes(index) && units.indices.count(where: changes) <= 2
    }

    /// A space as wide as several slices is that between stacks, unless slices enough beside it make one stack of them.
    private func isWithinOneStack(_ index: Int, lost: Int) -> Bool {
        guard lost > 1 else { return true }
        let wide = units.indices.filter { other in
            guard let (_, high) = range(other) else { return false }
            return steps.distances[other] > 2.5 * high
        }
        let borders = [-1] + wide + [units.count]
        let longest = zip(borders, borders.dropFirst()).map { $1 - $0 }.max() ?? 0
        return wide.count <= 2 && longest >= 8 && lost <= longest
    }

    /// The distance across a gap as the slices on both sides together see it, so that one that strays does not decide.
    private func shift(_ index: Int) -> Double {
        func anchor(from start: Int, by direction: Int, spacing: Double?) -> Double {
            let origin = steps.slices[start].offset
            guard let spacing else { return origin }
            var seen = [origin]
            var place = start
            while seen.count < 4 {
                let distance = direction < 0 ? place - 1 : place
                guard units.indices.contains(distance), steps.distances[distance] < 1.4 * spacing else { break }
                place += direction
                seen.append(steps.slices[place].offset - Double(direction * seen.count) * spacing)
            }
            return seen.reduce(0, +) / Double(seen.count)
        }
        return anchor(from: index + 1, by: 1, spacing: right[index])
            - anchor(from: index, by: -1, spacing: left[index])
    }

    /// Whether the distances that are no gaps are mostly like the next of them, so that one which is not means something.
    private func isRegular(without gaps: Set<Int>) -> Bool {
        let rest = units.indices.filter { !gaps.contains($0) }.map { units[$0] }
        guard rest.count >= 2, gaps.count * 2 <= rest.count || gaps.count == 1 else { return false }
        let regular = rest.indices.count { index in
            [index - 1, index + 1].contains { other in
                rest.indices.contains(other) && abs(rest[other] / rest[index] - 1) <= thresholds.regularTolerance
            }
        }
        return rest.count < 6 ? regular == rest.count : Double(regular) >= Double(rest.count) * thresholds.regularShare
    }
}
