import DICOMCore

/// `instance-number-gap`: holes in the Instance Numbers (0020,0013) of a series. Weak, for numbers need not be
/// contiguous; a series without a hole is `unknown`, because a lost end leaves none.
///
/// No alarm for numbers that begin anywhere, for a constant step (1, 3, 5), for steps that repeat (1, 2, 5, 6, 9, 10),
/// for holes another acquisition or a localizer of the series fills, for repeated numbers, for a jump wider than
/// the series is long, by which senders set groups apart, and where the slices on both sides of a hole are neighbours in an
/// even stack, so that there is no room for one between them.
struct InstanceNumberGap: CompletenessRule {
    let name = CompletenessRuleName.instanceNumberGap
    let missingLimit: Int

    /// Fewer numbers show no step.
    static let leastCount = 3

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        study.series.compactMap { evidence(of: $0, in: study) }
    }

    private func evidence(of series: SeriesContent, in study: StudyContent) -> Completeness.Evidence? {
        let images = series.instances.filter { $0.isImage && !$0.isLocalizer && !$0.isCapture }
        let numbers = images.compactMap(\.instanceNumber)
        guard numbers.count == images.count, images.count >= InstanceNumberGap.leastCount else { return nil }
        guard Set(numbers).count == numbers.count else {
            return unknown(series, "instance numbers repeat")
        }
        let taken = Set(series.instances.compactMap(\.instanceNumber))
        let groups = Dictionary(grouping: images) { $0.attributes.integer(.acquisitionNumber) }
        let found = Set(groups.values.flatMap { InstanceNumberGap.holes(in: $0.compactMap(\.instanceNumber)) })
            .subtracting(taken)
        let holes =
            found.isEmpty
            ? [] : found.subtracting(InstanceNumberGap.numbersWithoutRoom(in: study.stacks(of: series).stacks)).sorted()
        guard let first = numbers.min(), let last = numbers.max() else { return nil }
        guard !holes.isEmpty else {
            return unknown(
                series, "\(numbers.count) numbers from \(first) to \(last) without a hole; the end is not known")
        }
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete,
            detail: "\(holes.count) numbers lack between \(first) and \(last), \(numbers.count) received",
            missing: holes.prefix(missingLimit).map { "instance \($0)" })
    }

    private func unknown(_ series: SeriesContent, _ detail: String) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .unknown, detail: detail)
    }

    /// The numbers that lack between the smallest and the largest, by the commonest step.
    static func holes(in numbers: [Int]) -> [Int] {
        let sorted = numbers.sorted()
        guard sorted.count >= leastCount else { return [] }
        let steps = zip(sorted, sorted.dropFirst()).map { $1.subtractingReportingOverflow($0).partialValue }
        guard let step = commonest(steps), step > 0, !isPeriodic(steps) else { return [] }
        var holes: [Int] = []
        for (number, width) in zip(sorted, steps) where width > step && width % step == 0 {
            guard width / step - 1 <= sorted.count else { continue }
            holes += stride(from: number + step, to: number + width, by: step)
        }
        return holes
    }

    /// Numbers left out between neighbours of stacks that are otherwise numbered one by one and have no gap there.
    private static func numbersWithoutRoom(in stacks: [SliceStack]) -> Set<Int> {
        var result: Set<Int> = []
        for stack in stacks where stack.usualCount == 1 && stack.places.count > leastCount {
            let numbers = stack.members.map { stack.slices[$0[0]].number }
            let steps = zip(numbers, numbers.dropFirst()).map { first, second -> Int? in
                guard let first, let second else { return nil }
                let (step, isOverflow) = second.subtractingReportingOverflow(first)
                return isOverflow ? nil : step
            }
            let single = steps.count { $0.map { abs($0 == .min ? 0 : $0) == 1 } ?? false }
            guard let spacing = stack.spacing.spacing, single * 2 > steps.count else { continue }
            for (index, step) in steps.enumerated() {
                guard let step, let first = numbers[index], let second = numbers[index + 1],
                    (2...1000).contains(step.magnitude),
                    stack.places[index + 1] - stack.places[index] < 1.4 * spacing
                else { continue }
                result.formUnion((min(first, second) + 1)..<max(first, second))
            }
        }
        return result
    }

    /// The most frequent step; of equally frequent ones the smallest.
    private static func commonest(_ steps: [Int]) -> Int? {
        let counts = Dictionary(grouping: steps, by: \.self).mapValues(\.count)
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// Whether the steps repeat with some period, at least twice through: then they are by design.
    private static func isPeriodic(_ steps: [Int]) -> Bool {
        guard let longest = [steps.count / 2, 16].min(), longest >= 1 else { return false }
        return (1...longest).contains { period in
            zip(steps, steps.dropFirst(period)).allSatisfy { $0 == $1 }
        }
    }
}
