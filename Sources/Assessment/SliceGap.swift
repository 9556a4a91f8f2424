import DICOMCore
import Foundation

/// `slice-gap`: places inside a stack where slices lack, seen from Image Position (Patient) along the normal of Image
/// Orientation (Patient), never from Spacing Between Slices (0018,0088).
///
/// A stack without a gap is `unknown`, not complete: a slice lost at its end leaves none. What counts as a stack is told in
/// ``SliceStacks``, what as a gap in ``StackSpacing``.
struct SliceGap: CompletenessRule {
    let name = CompletenessRuleName.sliceGap
    let parameters: SliceGapParameters
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        study.series.compactMap { evidence(of: $0, found: study.stacks(of: $0, parameters)) }
    }

    private func evidence(of series: SeriesContent, found: SliceStacks) -> Completeness.Evidence? {
        let stacks = found.stacks.filter { $0.places.count > 1 }
        guard !stacks.isEmpty else { return nil }
        let lost = stacks.reduce(0) { $0 + $1.lostCount }
        guard lost > 0 else { return unknown(series, whole(stacks)) }

        let unplaced = Set(found.unplaced.map(\.instanceNumber))
        if unplaced.count >= lost {
            return unknown(
                series, "\(lost) slice position(s) lack, and \(found.unplaced.count) image(s) tell no usable position")
        }
        let broken = stacks.filter { $0.lostCount > 0 }
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete,
            detail: broken.prefix(4).map(\.lossDetail).joined(separator: "; ")
                + (broken.count > 4 ? "; \(broken.count - 4) more stacks" : ""),
            missing: Array(broken.flatMap(\.missing).prefix(missingLimit)),
            confidence: broken.map(\.lossConfidence).max())
    }

    private func unknown(_ series: SeriesContent, _ detail: String) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .unknown, detail: detail)
    }

    private func whole(_ stacks: [SliceStack]) -> String {
        let told = stacks.prefix(3).map(\.wholeDetail).joined(separator: "; ")
        let rest = stacks.count > 3 ? "; \(stacks.count - 3) more stacks" : ""
        return told + rest + ": no gap; slices lost at an end leave none"
    }
}

extension SliceStack {
    var lostCount: Int {
        spacing.gaps.reduce(0) { $0 + $1.lostCount } + thinned.reduce(0) { $0 + $1.lost }
    }

    /// `slice at 716.2 mm (instance 5)`, ascending by place.
    fileprivate var missing: [String] {
        let gaps = spacing.gaps.flatMap { gap in
            gap.lostOffsets.enumerated().map { index, offset in
                let number = gap.lostNumbers.indices.contains(index) ? " (instance \(gap.lostNumbers[index]))" : ""
                return (offset, "slice at \(SliceStack.millimetres(offset))\(number)\(suffix)")
            }
        }
        let thin = thinned.map { thin in
            let count = usualCount - thin.lost
            return (
                places[thin.place],
                "\(thin.lost) of \(usualCount) images at \(SliceStack.millimetres(places[thin.place])) (\(count) received)"
                    + suffix
            )
        }
        return (gaps + thin).sorted { $0.0 < $1.0 }.map(\.1)
    }

    fileprivate var lossDetail: String {
        let expected = places.count + spacing.gaps.reduce(0) { $0 + $1.lostCount }
        let numbers = Set(spacing.gaps.map(\.numbers))
        let witness =
            numbers == [.agree]
            ? ", the instance numbers skip too" : numbers.contains(.contradict) ? ", the instance numbers run on" : ""
        return "\(range): \(expected) places expected, \(places.count) received\(witness)\(suffix)"
    }

    /// Surest where the numbers skip too; in doubt where they run on.
    fileprivate var lossConfidence: Double {
        let numbers = Set(spacing.gaps.map(\.numbers))
        return numbers.contains(.agree) ? 0.97 : numbers.contains(.silent) ? 0.9 : numbers.isEmpty ? 0.85 : 0.75
    }

    fileprivate var wholeDetail: String { "\(places.count) places \(range)\(suffix)" }

    private var range: String {
        guard let first = places.first, let last = places.last, let distance = spacing.spacing else { return "" }
        let distances = zip(places, places.dropFirst()).map { $1 - $0 }
        let isUneven = lostCount == 0 && distances.contains { abs($0 - distance) > 0.2 * distance }
        let apart = "\(isUneven ? "mostly " : "")\(SliceStack.millimetres(distance)) apart"
        return "from \(SliceStack.millimetres(first)) to \(SliceStack.millimetres(last)), \(apart)"
    }

    private var suffix: String { labels.isEmpty ? "" : ", \(labels.joined(separator: ", "))" }

    static func millimetres(_ value: Double) -> String { String(format: "%.1f mm", value == 0 ? 0 : value) }
}
