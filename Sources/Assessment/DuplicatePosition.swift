import DICOMCore
import Foundation

/// `duplicate-position`: two images of one stack lie in the same place, where every other place holds one.
///
/// Two images that differ in number cannot both be where they say: one has its neighbour's position, and its own place is
/// empty. Two of the same number are one slice sent twice, or another sent in its place; that is the weaker evidence, and a
/// count of the sender's that was reached overrules it. Phases, echoes, directions, overlapping passes and slices that were
/// scanned again are no duplicates; neither is a stack all of whose places hold several.
struct DuplicatePosition: CompletenessRule {
    let name = CompletenessRuleName.duplicatePosition
    let parameters: SliceGapParameters
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        study.series.compactMap { evidence(of: $0, study.stacks(of: $0, parameters).stacks) }
    }

    private func evidence(of series: SeriesContent, _ stacks: [SliceStack]) -> Completeness.Evidence? {
        let pairs = stacks.flatMap { stack in stack.duplicates.map { (stack: stack, pair: $0) } }
        guard !pairs.isEmpty else { return nil }
        let isGapped = pairs.contains { !$0.stack.spacing.gaps.isEmpty }
        let areCopies = pairs.allSatisfy(\.pair.isCopy)
        let told = pairs.prefix(3).map { $0.pair.description }.joined(separator: "; ")
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete,
            detail: "\(pairs.count) place(s) hold two images where the others hold one: \(told)",
            missing: pairs.prefix(missingLimit).map(\.pair.missing),
            confidence: isGapped ? 0.95 : areCopies ? 0.6 : 0.85)
    }
}

/// Images of one place.
private struct CrowdedPlace: CustomStringConvertible {
    let offset: Double
    let numbers: [Int?]
    let isCopy: Bool

    private var named: String {
        Set(numbers).sorted { ($0 ?? .min) < ($1 ?? .min) }.map { $0.map(String.init) ?? "none" }
            .joined(separator: " and ")
    }

    var description: String { "instance \(named) at \(SliceStack.millimetres(offset))" }

    var missing: String {
        isCopy
            ? "slice in whose place instance \(named) came twice, if any"
            : "slice of one of instance \(named), both at \(SliceStack.millimetres(offset))"
    }
}

extension SliceStack {
    /// More crowded places than this share of a stack are how it was scanned.
    private static let crowdedShare = 0.3

    fileprivate var duplicates: [CrowdedPlace] {
        guard usualCount == 1, places.count >= 3, !crowded.isEmpty,
            Double(crowded.count) <= max(1, SliceStack.crowdedShare * Double(places.count)), !isOverlap
        else { return [] }
        return crowded.compactMap { place in
            let images = members[place].map { slices[$0] }
            if spacing.gaps.isEmpty, isScannedAgain(images) { return nil }
            return CrowdedPlace(
                offset: places[place], numbers: images.map(\.number), isCopy: Set(images.map(\.number)).count == 1)
        }
    }

    /// Three and more crowded places in a row: one pass reaches into the next.
    private var isOverlap: Bool {
        zip(crowded, crowded.dropFirst(2)).contains { $1 - $0 == 2 }
    }

    /// Whether one was taken much later than it takes from slice to slice: it was repeated for a reason.
    private func isScannedAgain(_ images: [Slice]) -> Bool {
        let times = images.compactMap(\.time)
        guard times.count == images.count, Set(images.map(\.number)).count == images.count,
            let first = times.min(), let last = times.max()
        else { return false }
        let steps = zip(members, members.dropFirst()).compactMap { one, next -> Double? in
            guard let before = slices[one[0]].time, let after = slices[next[0]].time else { return nil }
            return abs(after - before)
        }.sorted()
        guard !steps.isEmpty else { return false }
        return last - first > max(10, 5 * steps[steps.count * 9 / 10])
    }
}
