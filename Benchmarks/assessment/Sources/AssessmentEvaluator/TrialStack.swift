import Assessment
import DICOMCore
import DICOMNetwork

/// A direction of a series as a trial of removals sees it: places along the normal and the images that lie there, told from
/// positions alone, by other means than the rules'.
struct TrialStack {
    /// A slice: an object, or a frame of one.
    struct Member {
        /// Index of the instance in its series.
        var instance: Int
        /// Index of the frame; nil for an object of one.
        var frame: Int?
        /// Instance Number, or In-Stack Position Number of a frame.
        var number: Int?
    }

    /// Millimetres along the normal, ascending, each once.
    private(set) var places: [Double] = []
    /// What lies at each place.
    private(set) var members: [[Member]] = []

    var distances: [Double] { zip(places, places.dropFirst()).map { $1 - $0 } }
    var usualCount: Int { members.map(\.count).sorted()[members.count / 2] }
    /// Whether every place holds as many images as every other.
    var isEven: Bool { members.allSatisfy { $0.count == members[0].count } }

    /// Directions of at least ``leastPlaces`` places.
    static func stacks(of series: SeriesContent) -> [TrialStack] {
        var laid: [[Int]: [(offset: Double, member: Member)]] = [:]
        func lay(_ position: [Double], _ orientation: [Double], _ member: Member) {
            guard position.count == 3, orientation.count == 6 else { return }
            let key = orientation.map { Int(($0 * 50).rounded()) }
            laid[key, default: []].append((offset(position, along: orientation), member))
        }
        for (index, instance) in series.instances.enumerated() {
            let attributes = instance.attributes
            guard !attributes.strings(.imageType).contains("LOCALIZER") else { continue }
            if attributes.integer(.numberOfFrames) ?? 1 > 1 {
                for (number, frame) in (instance.functionalGroups()?.frames ?? []).enumerated() {
                    lay(
                        frame.position, frame.orientation,
                        Member(instance: index, frame: number, number: frame.inStackPosition))
                }
            } else {
                lay(
                    attributes.decimals(.imagePositionPatient) ?? [],
                    attributes.decimals(.imageOrientationPatient) ?? [],
                    Member(instance: index, number: attributes.integer(.instanceNumber)))
            }
        }
        return laid.values.map(TrialStack.init).filter { $0.places.count >= leastPlaces }
            .sorted { ($0.places.count, $0.places[0]) > ($1.places.count, $1.places[0]) }
    }

    private static let leastPlaces = 8

    private init(_ laid: [(offset: Double, member: Member)]) {
        let sorted = laid.sorted { ($0.offset, $0.member.number ?? 0) < ($1.offset, $1.member.number ?? 0) }
        let steps = zip(sorted, sorted.dropFirst()).map { $1.offset - $0.offset }.filter { $0 > 0.01 }.sorted()
        let tolerance = steps.isEmpty ? 0.01 : min(0.5, max(0.01, 0.04 * steps[steps.count / 2]))
        for one in sorted {
            if let last = places.last, one.offset - last <= tolerance {
                members[members.count - 1].append(one.member)
            } else {
                places.append(one.offset)
                members.append([one.member])
            }
        }
    }

    /// Along the normal that points to the left, the back or the head.
    private static func offset(_ position: [Double], along cosines: [Double]) -> Double {
        let (row, column) = (Array(cosines[0..<3]), Array(cosines[3..<6]))
        let normal = [
            row[1] * column[2] - row[2] * column[1], row[2] * column[0] - row[0] * column[2],
            row[0] * column[1] - row[1] * column[0],
        ]
        let largest = normal.max { abs($0) < abs($1) } ?? 0
        return zip(normal, position).reduce(0) { $0 + $1.0 * $1.1 } * (largest < 0 ? -1 : 1)
    }

    /// Whether a place is inside a stack: slices on both sides, none of them so far away that another stack begins.
    func isInside(_ place: Int) -> Bool {
        guard place > 0, place < places.count - 1 else { return false }
        let steps = distances
        func usual(_ range: Range<Int>) -> Double {
            let near = steps[range.clamped(to: steps.indices)].sorted()
            return near[near.count / 2]
        }
        return steps[place - 1] < 2.5 * usual(place - 4..<place + 4)
            && steps[place] < 2.5 * usual(place - 4..<place + 4)
    }

    /// Whether what is left without `gone` is a stack that somebody may have planned so: the new distance is that of its
    /// neighbours on one side, as where a zone of thick slices begins. Then only the numbers could tell.
    func isPlannedWithout(_ gone: ClosedRange<Int>) -> Bool {
        let new = places[gone.upperBound + 1] - places[gone.lowerBound - 1]
        let steps = distances
        let beside = [gone.lowerBound - 2, gone.upperBound + 1].filter(steps.indices.contains).map { steps[$0] }
        return beside.contains { abs($0 / new - 1) < 0.15 }
    }

    /// Whether the first and the last three distances are alike, so that what lies between is no cut through a zone.
    func isRegular(_ range: ClosedRange<Int>) -> Bool {
        let steps = Array(distances[range.lowerBound..<range.upperBound])
        return [steps.prefix(3), steps.suffix(3)].allSatisfy { near in
            near.count == 3 && (near.max() ?? 0) < 1.15 * (near.min() ?? 0)
        }
    }
}
