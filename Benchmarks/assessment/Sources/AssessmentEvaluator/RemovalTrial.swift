import Assessment
import DICOMCore
import DICOMNetwork

/// Takes interior slices out of the stacks of a study, at every place, and counts how often completeness sees that they lack,
/// how many, and where. Beside it as many clean ones: shorter scans, other numberings, shaken positions. Headers alone.
struct RemovalTrial: Encodable {
    /// How slices were taken: one by one, in a row, two apart; and whether the numbers of the others were closed up.
    private(set) var removals: [String: Tally] = [:]
    /// Clean variations, and how many raised something.
    private(set) var controls: [String: Tally] = [:]
    /// What was not seen, or raised for nothing; the first few.
    private(set) var notes: [String] = []
    /// Removals that leave what somebody may have planned so, with closed-up numbers; not judged.
    private(set) var undecidableCount = 0

    struct Tally: Encodable {
        var count = 0
        var raised = 0
        /// Removals of which as many were named as taken, and of which all places were.
        var counted = 0
        var placed = 0
    }

    private static let noteLimit = 12
    private let assessor: Assessor
    private let study: StudyContent
    private var random = SplitMix(state: 1)

    private enum CodingKeys: CodingKey { case removals, controls, notes, undecidableCount }

    init(_ study: StudyContent, _ assessor: Assessor) {
        self.assessor = assessor
        self.study = study
        for series in study.series where ["CT", "MR", "PT"].contains(series.modality) {
            let bare = series.withoutCounts
            for stack in TrialStack.stacks(of: bare) {
                removeEach(of: stack, in: bare)
                vary(stack, in: bare)
            }
        }
    }

    // Losses ----------------------------------------------------------------------------------------------------------

    private mutating func removeEach(of stack: TrialStack, in series: SeriesContent) {
        let usual = stack.usualCount
        for place in stack.places.indices where stack.isInside(place) && stack.members[place].count == usual {
            for index in stack.members[place].indices {
                remove(
                    [(place, index)], "one", stack, series,
                    isPlanned: usual == 1 && stack.isPlannedWithout(place...place))
            }
            guard usual == 1, stack.places.count >= 12 else { continue }
            let end = place + 1 + place % 3
            if end < stack.places.count - 1, (place...end).allSatisfy(stack.isInside),
                stack.isRegular(place - 1...end + 1)
            {
                remove(
                    (place...end).map { ($0, 0) }, "in a row", stack, series,
                    isPlanned: stack.isPlannedWithout(place...end))
            }
            let other = place + 3 + place % 5
            if other < stack.places.count - 1, stack.isInside(other) {
                let isPlanned = stack.isPlannedWithout(place...place) || stack.isPlannedWithout(other...other)
                remove([(place, 0), (other, 0)], "two apart", stack, series, isPlanned: isPlanned)
            }
        }
    }

    private mutating func remove(
        _ gone: [(place: Int, index: Int)], _ name: String, _ stack: TrialStack, _ series: SeriesContent,
        isPlanned: Bool
    ) {
        let members = gone.map { stack.members[$0.place][$0.index] }
        for isClosed in [false, true] {
            if isClosed, isPlanned {
                undecidableCount += 1
                continue
            }
            let evidence = self.evidence(of: series.removing(members, isClosed: isClosed))
            let named = evidence.lossNames
            let tolerance = 0.3 * (stack.distances.min() ?? 1)
            let isPlaced = gone.allSatisfy { lost in
                named.contains { name in
                    name.place.map { abs($0 - stack.places[lost.place]) <= max(0.06, tolerance) } ?? false
                }
            }
            let key = name + (isClosed ? ", numbers closed up" : "")
            removals[key, default: Tally()].count += 1
            if evidence.isIncomplete { removals[key, default: Tally()].raised += 1 }
            if named.reduce(0, { $0 + $1.count }) == gone.count { removals[key, default: Tally()].counted += 1 }
            if isPlaced { removals[key, default: Tally()].placed += 1 }
            if !evidence.isIncomplete {
                note(
                    "missed, \(key): \(gone.map { "place \($0.place)" }.joined(separator: ", ")) of \(stack.places.count)"
                )
            }
        }
    }

    // Clean variations ------------------------------------------------------------------------------------------------

    private mutating func vary(_ stack: TrialStack, in series: SeriesContent) {
        judge(series, "as it is")
        let whole = 0...stack.places.count - 1
        for place in stack.places.indices.dropFirst(7) {
            cut(0...place, "shorter at the end", stack, series)
        }
        for place in stack.places.indices.dropLast(7) {
            cut(place...whole.upperBound, "shorter at the start", stack, series)
        }
        for _ in 0..<8 where stack.isRegular(whole) {
            judge(series.shaken(stack, by: 0.08, &random), "shaken by up to 8 %")
        }
        guard stack.usualCount == 1, stack.isEven else { return }
        let order = stack.members.map { $0[0] }
        judge(series.numbered(order.reversed()), "numbered from the other end")
        judge(
            series.numbered(order.enumerated().sorted { ($0.0 % 2, $0.0) < ($1.0 % 2, $1.0) }.map(\.1)),
            "numbered in turns")
        judge(series.numbered(order, step: 10), "numbered in tens")
        let steps = stack.distances
        guard stack.places.count >= 20, (steps.max() ?? 0) < 1.1 * (steps.min() ?? 0) else { return }
        for step in 2...3 {
            for start in 0..<step {
                let gone = order.indices.filter { $0 % step != start }.map { order[$0] }
                judge(series.removing(gone, isClosed: start % 2 == 0), "every second or third slice alone")
            }
        }
    }

    private mutating func cut(_ range: ClosedRange<Int>, _ name: String, _ stack: TrialStack, _ series: SeriesContent) {
        guard range.count < stack.places.count, stack.isRegular(range) else { return }
        let gone = stack.members.indices.filter { !range.contains($0) }.flatMap { stack.members[$0] }
        judge(series.removing(gone, isClosed: true), name)
    }

    private mutating func judge(_ series: SeriesContent, _ name: String) {
        let evidence = self.evidence(of: series)
        controls[name, default: Tally()].count += 1
        guard evidence.isIncomplete else { return }
        controls[name, default: Tally()].raised += 1
        let said = evidence.evidence.filter { $0.verdict == .incomplete }.map { "\($0.rule.rawValue): \($0.detail)" }
        note("false alarm, \(name): \(said.joined(separator: "; "))")
    }

    private mutating func note(_ text: String) {
        if notes.count < RemovalTrial.noteLimit { notes.append(text) }
    }

    private func evidence(of series: SeriesContent) -> Completeness {
        assessor.completeness(
            of: StudyContent(studyInstanceUID: study.studyInstanceUID, receivedAt: study.receivedAt, series: [series]))
    }
}

extension Completeness {
    fileprivate var isIncomplete: Bool { verdict == .incomplete }

    /// What the gaps name: how many images lack at which place, millimetres.
    fileprivate var lossNames: [(count: Int, place: Double?)] {
        evidence.filter { $0.rule == .sliceGap && $0.verdict == .incomplete }.flatMap(\.missing).map { text in
            let place = text.firstMatch(of: /at (-?[0-9.]+) mm/).flatMap { Double($0.1) }
            let count = text.prefixMatch(of: /([0-9]+) of/).flatMap { Int($0.1) } ?? 1
            return (count, place)
        }
    }
}

/// The same numbers on every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
