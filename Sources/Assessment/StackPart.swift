/// Slices of one direction, laid out along their common normal, and the ways to divide them.
struct StackPart {
    /// Ascending along the normal, then by number.
    private let slices: [Slice]
    private let offsets: [Double]
    private let inPlane: [SIMD2<Double>]
    private let nominalSpacing: Double?
    private let thresholds: SliceGapParameters
    private let places: [Double]
    private let members: [[Int]]

    init(_ slices: [Slice], along plane: SlicePlane, _ nominalSpacing: Double?, _ thresholds: SliceGapParameters) {
        let normal = plane.normal
        let laid = slices.map { (slice: $0, offset: SlicePlane.dot($0.plane.position, normal)) }
            .sorted { ($0.offset, $0.slice.number ?? 0) < ($1.offset, $1.slice.number ?? 0) }
        self.init(
            slices: laid.map(\.slice), offsets: laid.map(\.offset),
            inPlane: laid.map { laid in
                let position = laid.slice.plane.position
                return SIMD2(SlicePlane.dot(position, plane.row), SlicePlane.dot(position, plane.column))
            }, nominalSpacing, thresholds)
    }

    private init(
        slices: [Slice], offsets: [Double], inPlane: [SIMD2<Double>], _ nominalSpacing: Double?,
        _ thresholds: SliceGapParameters
    ) {
        (self.slices, self.offsets, self.inPlane) = (slices, offsets, inPlane)
        (self.nominalSpacing, self.thresholds) = (nominalSpacing, thresholds)
        let distances = zip(offsets, offsets.dropFirst()).map { $1 - $0 }.filter { $0 > StackPart.samePlace }
        let median = distances.isEmpty ? 0 : distances.sorted()[distances.count / 2]
        let tolerance = max(StackPart.samePlace, min(0.04 * median, 0.5))
        var members: [[Int]] = []
        for index in slices.indices {
            if let first = members.last?.first, offsets[index] - offsets[first] <= tolerance {
                members[members.count - 1].append(index)
            } else {
                members.append([index])
            }
        }
        self.members = members
        places = members.map { offsets[$0[0]] }
    }

    /// Rounding of positions, millimetres.
    private static let samePlace = 0.01

    private func part(_ indices: [Int]) -> StackPart {
        StackPart(
            slices: indices.map { slices[$0] }, offsets: indices.map { offsets[$0] },
            inPlane: indices.map { inPlane[$0] }, nominalSpacing, thresholds)
    }

    func stack(_ labels: [String]) -> SliceStack {
        var counts: [Int: Int] = [:]
        for member in members { counts[member.count, default: 0] += 1 }
        let usual = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
        let stacked = members.map { member in
            let first = slices[member[0]]
            // Where places hold several images, numbers tell nothing of the places.
            return StackedSlice(
                offset: offsets[member[0]], inPlane: inPlane[member[0]], number: usual == 1 ? first.number : nil,
                acquisition: first.acquisition)
        }
        return SliceStack(
            slices: slices, places: places, members: members,
            spacing: StackSpacing(stacked, nominalSpacing: nominalSpacing, thresholds: thresholds), labels: labels,
            crowded: usual == 1 ? members.indices.filter { members[$0].count > 1 } : [],
            thinned: usual > 1 ? thinned(usual) : [], usualCount: usual)
    }

    /// Places with fewer images than most, one or two in a row, between places with as many as most. Longer rows and the ends
    /// are how far a phase reached.
    private func thinned(_ usual: Int) -> [(place: Int, lost: Int)] {
        var found: [(place: Int, lost: Int)] = []
        var index = 0
        while index < members.count {
            guard members[index].count < usual else {
                index += 1
                continue
            }
            let end = members[index...].firstIndex { $0.count >= usual } ?? members.count
            if index > 0, end < members.count, end - index <= 2 {
                found += (index..<end).map { ($0, usual - members[$0].count) }
            }
            index = end
        }
        return found.count > max(2, members.count / 5) ? [] : found
    }

    /// Divided by one label. Values that only follow one another along the normal stay together, so that a border between two
    /// acquisitions hides no gap. Nil when the label does not divide, or into more than places are held.
    func lanes(byLabel label: Int) -> [(StackPart, String)]? {
        let groups = Dictionary(grouping: slices.indices) { slices[$0].labels[label] }
        guard groups.count > 1 else { return nil }
        let kind = Slice.labelNames[label]
        let lanes = disjoint(groups.map { (name: $0.key, indices: $0.value) })
        guard isPlausible(lanes.map(\.indices), leastCount: kind.isDecisive ? 1 : 2) else { return nil }
        return lanes.map { lane in
            (part(lane.indices), lane.names.count == 1 ? "\(kind.name) \(lane.names[0] ?? "none")" : kind.name)
        }
    }

    /// Puts groups that do not overlap one behind the other.
    private func disjoint(_ groups: [(name: String?, indices: [Int])]) -> [(names: [String?], indices: [Int])] {
        let sorted = groups.sorted { ($0.indices[0], $0.indices.count) < ($1.indices[0], $1.indices.count) }
        var lanes: [(names: [String?], indices: [Int])] = []
        for group in sorted {
            let lane = lanes.firstIndex { lane in
                offsets[group.indices[0]] - offsets[lane.indices[lane.indices.count - 1]] > StackPart.samePlace
            }
            if let lane {
                lanes[lane].names.append(group.name)
                lanes[lane].indices += group.indices
            } else {
                lanes.append(([group.name], group.indices))
            }
            // More lanes than any reading of the series needs.
            guard lanes.count <= laneLimit else { return lanes }
        }
        return lanes
    }

    private var laneLimit: Int { max(members.map(\.count).max() ?? 1, 4) }

    private func isPlausible(_ lanes: [[Int]], leastCount: Int) -> Bool {
        lanes.count > 1 && lanes.count <= laneLimit && lanes.allSatisfy { $0.count >= leastCount }
    }

    /// Stacks put between one another with nothing in the headers to tell them by: distances repeat with a period of up to
    /// four. A lost slice breaks the period only where it is.
    func interleaved() -> [(StackPart, String)]? {
        guard members.allSatisfy({ $0.count == 1 }), places.count >= 8 else { return nil }
        for period in 2...4 {
            let strides = zip(places, places.dropFirst(period)).map { $1 - $0 }
            let stride = strides.sorted()[strides.count / 2]
            let even = strides.count { abs($0 - stride) <= 0.05 * stride }
            guard stride > 0, Double(even) >= 0.6 * Double(strides.count) else { continue }
            if let lanes = residues(modulo: stride, count: period) { return lanes }
        }
        return nil
    }

    /// Divided by where in a stride of `stride` mm each place lies, when that makes exactly `count` narrow groups.
    private func residues(modulo stride: Double, count: Int) -> [(StackPart, String)]? {
        let sorted = places.indices.map { index in
            let rest = (places[index] - places[0]).truncatingRemainder(dividingBy: stride) / stride
            return (rest: rest > 0.95 ? rest - 1 : rest, index: index)
        }.sorted { $0.rest < $1.rest }
        var groups: [[Int]] = []
        var end = -Double.infinity
        for (rest, index) in sorted {
            if rest - end > 0.1 { groups.append([]) }
            groups[groups.count - 1].append(index)
            end = rest
        }
        guard groups.count == count, isPlausible(groups, leastCount: 3) else { return nil }
        return groups.enumerated().map { (part($1.sorted()), "set \($0 + 1) of \(count)") }
    }

    /// Divided where, in the order of the numbers, the positions turn back: one pass over the body after another.
    func rounds() -> [(StackPart, String)]? {
        guard slices.allSatisfy({ $0.number != nil }) else { return nil }
        let order = slices.indices.sorted { (slices[$0].number ?? 0, $0) < (slices[$1].number ?? 0, $1) }
        var rounds: [[Int]] = []
        var direction = 0.0
        for index in order {
            guard let last = rounds.last?.last else {
                rounds.append([index])
                continue
            }
            let step = offsets[index] - offsets[last]
            if direction * step < 0 {
                rounds.append([index])
                direction = 0
            } else {
                rounds[rounds.count - 1].append(index)
                if abs(step) > StackPart.samePlace { direction = step }
            }
        }
        guard isPlausible(rounds, leastCount: 3) else { return nil }
        let lanes = disjoint(rounds.enumerated().map { ("\($0 + 1)", $1.sorted()) })
        guard lanes.count > 1 else { return nil }
        return lanes.map { (part($0.indices), "pass " + $0.names.compactMap(\.self).joined(separator: "+")) }
    }
}
