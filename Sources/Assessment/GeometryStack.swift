import DICOMCore

/// An image of a stack, with what must be the same throughout it.
struct PlacedImage {
    let instance: InstanceContent
    let plane: SlicePlane
    let rows: Int
    let columns: Int
    let spacing: [Double]
    let frameOfReferenceUID: String?
    let sliceLocation: Double?
    let tilt: Double?

    init?(_ instance: InstanceContent) {
        let attributes = instance.attributes
        guard let plane = ImageGeometry(attributes).plane, let rows = attributes.integer(.rows),
            let columns = attributes.integer(.columns)
        else { return nil }
        self.instance = instance
        self.plane = plane
        self.rows = rows
        self.columns = columns
        spacing = attributes.decimals(.pixelSpacing) ?? []
        frameOfReferenceUID = attributes[.frameOfReferenceUID]
        sliceLocation = attributes.decimal(.sliceLocation)
        tilt = attributes.decimal(.gantryDetectorTilt)
    }

    fileprivate var matrix: [Int] { [rows, columns] }

    /// In steps of half a micrometre: vendors print more digits than they mean.
    fileprivate var roundedSpacing: [Double] { spacing.map { ($0 * 2000).rounded() } }
}

/// The one stack that most images of a series form, and the images that stand in its row and do not fit it.
///
/// Only what would fill a place of the stack counts as its member: a scout, another reconstruction or a repeated
/// acquisition in the same series has geometry of its own by right.
struct GeometryStack {
    /// What most images have in common, at least two thirds of the series and five places.
    let regular: [PlacedImage]
    /// Members with another orientation, matrix, spacing, Frame of Reference, or a place beside the row.
    let turned: [PlacedImage]
    let resized: [PlacedImage]
    let rescaled: [PlacedImage]
    let otherwiseFramed: [PlacedImage]
    let shifted: [(image: PlacedImage, distance: Double)]
    /// Along ``axis``, of ``regular``, ascending, each once.
    let places: [Double]
    let axis: SIMD3<Double>
    /// Unit vector from one image to the next.
    let step: SIMD3<Double>

    /// - Parameter shift: how far from the row of the others an image lies beside it, millimetres.
    /// - Returns: nil where no such stack can be told.
    init?(_ images: [PlacedImage], shift: Double) {
        guard images.count >= GeometryStack.leastCount,
            let facing = GeometryStack.largestDirection(images), facing.count * 3 >= images.count * 2,
            let matrix = mode(facing.map(\.matrix)), let spacing = mode(facing.map(\.roundedSpacing)),
            let frame = mode(facing.map { $0.frameOfReferenceUID ?? "" })
        else { return nil }
        let alike = facing.filter {
            $0.matrix == matrix && $0.roundedSpacing == spacing && ($0.frameOfReferenceUID ?? "") == frame
        }
        guard alike.count * 3 >= images.count * 2, let row = StackRow(alike.map(\.plane)) else { return nil }
        let onRow = alike.filter { row.distance(to: $0.plane.position) <= shift }
        guard onRow.count * 3 >= images.count * 2, let row = StackRow(onRow.map(\.plane)) else { return nil }
        regular = onRow
        places = row.places
        axis = row.axis
        step = row.step
        let facingUIDs = Set(facing.map(\.instance.sopInstanceUID))
        let members = images.filter { row.hasPlace(for: $0.plane.position) }
        let parallel = members.filter { facingUIDs.contains($0.instance.sopInstanceUID) }
        turned = members.filter {
            !facingUIDs.contains($0.instance.sopInstanceUID) && row.distance(to: $0.plane.position) <= shift
        }
        resized = parallel.filter { $0.matrix != matrix }
        rescaled = parallel.filter { $0.matrix == matrix && $0.roundedSpacing != spacing }
        otherwiseFramed = parallel.filter { ($0.frameOfReferenceUID ?? "") != frame }
        shifted = parallel.compactMap { image in
            let distance = row.distance(to: image.plane.position)
            return image.matrix == matrix && image.roundedSpacing == spacing && distance > shift
                ? (image, distance) : nil
        }
    }

    private static let leastCount = 5

    /// The images that face the same way, most of them.
    private static func largestDirection(_ images: [PlacedImage]) -> [PlacedImage]? {
        var rest = images
        var largest: [PlacedImage]?
        // A direction that two thirds share is among the first few.
        for _ in 0..<3 {
            guard let first = rest.first else { break }
            let same = images.filter { $0.plane.isParallel(to: first.plane) }
            if same.count > largest?.count ?? 0 { largest = same }
            rest.removeAll { $0.plane.isParallel(to: first.plane) }
        }
        return largest
    }
}

/// The straight line on which the first pixels of a stack lie.
private struct StackRow {
    let axis: SIMD3<Double>
    let places: [Double]
    let step: SIMD3<Double>
    private let counts: [Int]
    private let usualCount: Int
    private let spacing: Double
    private let origin: SIMD3<Double>

    init?(_ planes: [SlicePlane]) {
        guard let first = planes.first else { return nil }
        let axis = first.normal
        let positions = planes.map { ($0.position, SlicePlane.dot($0.position, axis)) }.sorted { $0.1 < $1.1 }
        var groups: [(place: Double, members: [SIMD3<Double>])] = []
        for (position, place) in positions {
            if let last = groups.last, place - last.place < StackRow.samePlace {
                groups[groups.count - 1].members.append(position)
            } else {
                groups.append((place, [position]))
            }
        }
        guard groups.count >= 5 else { return nil }
        let steps = zip(groups, groups.dropFirst()).map { $1.place - $0.place }
        let half = groups.count / 2
        // Far pairs, so that jitter of neighbours does not turn the line; the median, so that strays do not.
        let slopes = (0..<(groups.count - half)).map { index -> SIMD3<Double> in
            let (near, far) = (groups[index], groups[index + half])
            return (far.members[0] - near.members[0]) / (far.place - near.place)
        }
        let direction = SIMD3(median(slopes.map(\.x)), median(slopes.map(\.y)), median(slopes.map(\.z)))
        let length = SlicePlane.dot(direction, direction).squareRoot()
        guard length > 0, let usualCount = mode(groups.map(\.members.count)) else { return nil }
        let offsets = groups.map { $0.members[0] - direction * $0.place }
        origin = SIMD3(median(offsets.map(\.x)), median(offsets.map(\.y)), median(offsets.map(\.z)))
        step = direction / length
        self.axis = axis
        self.usualCount = usualCount
        places = groups.map(\.place)
        counts = groups.map(\.members.count)
        spacing = median(steps)
    }

    /// How far a point lies beside the line, millimetres.
    func distance(to position: SIMD3<Double>) -> Double {
        let away = position - origin
        let beside = away - step * SlicePlane.dot(away, step)
        return SlicePlane.dot(beside, beside).squareRoot()
    }

    /// Whether an image at `position` would be the one that lacks in the stack, or its next.
    func hasPlace(for position: SIMD3<Double>) -> Bool {
        let place = SlicePlane.dot(position, axis)
        guard let first = places.first, let last = places.last, place > first - 1.6 * spacing,
            place < last + 1.6 * spacing
        else { return false }
        let next = places.partitioningIndex { $0 >= place }
        let neighbours = [next - 1, next].filter(places.indices.contains)
        guard let nearest = neighbours.min(by: { abs(places[$0] - place) < abs(places[$1] - place) }) else {
            return false
        }
        let distance = abs(places[nearest] - place)
        if distance >= 0.4 * spacing { return true }
        return usualCount > 1 && distance < 0.25 * spacing && counts[nearest] == usualCount - 1
    }

    /// Nearer than this two images are of one place, millimetres.
    private static let samePlace = 0.05
}

/// The middle value, or of an even number the lower of the two; 0 of none.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
}

/// The most frequent value; of equally frequent ones that which comes first.
func mode<Value: Hashable>(_ values: [Value]) -> Value? {
    var counts: [Value: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let most = counts.values.max()
    return values.first { counts[$0] == most }
}

extension Array {
    /// The first index whose element is `true`, of an array that is first all `false`, then all `true`.
    fileprivate func partitioningIndex(_ isTrue: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isTrue(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
