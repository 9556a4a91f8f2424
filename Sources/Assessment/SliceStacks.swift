import DICOMCore

// How a series becomes stacks. Slices that face the same way in one Frame of Reference are laid out along their normal.
// If they stand there evenly, that is one stack, whatever else the headers say. If places are held twice or gaps remain,
// the labels by which a series may hold several images of one place (echo, b-value, phase, acquisition …) are tried, and
// the one that explains most is taken; then each part is looked at in the same way. So a gap counts only if it is one
// under the kindest reading of the series, and parts that only follow one another along the normal stay one stack.

/// One stack of a series: slices of one direction that belong together.
struct SliceStack {
    /// Ascending along the normal.
    let slices: [Slice]
    /// Places along the normal, millimetres, ascending, each once.
    let places: [Double]
    /// For each place the indices in ``slices`` of what lies there, ascending by number.
    let members: [[Int]]
    let spacing: StackSpacing
    /// What sets it apart from the other stacks of its direction: `echo 2`, `temporal position 3`.
    let labels: [String]

    /// Places that hold more than the usual number of images.
    let crowded: [Int]
    /// Places inside the stack that hold fewer than the usual number, and how many lack there.
    let thinned: [(place: Int, lost: Int)]
    /// How many images most places hold.
    let usualCount: Int

    /// What is left to explain; 0 for a stack that is whole as far as positions tell.
    var faultCount: Int { spacing.gaps.count + crowded.count + thinned.count + (usualCount > 1 ? places.count : 0) }
}

/// The stacks of one series.
struct SliceStacks {
    let stacks: [SliceStack]
    /// Images that belong to stacks and tell no usable place.
    let unplaced: [InstanceContent]

    /// Directions of a stack or several; a series of more is none (radial slices, a turning projection).
    private static let directionLimit = 256

    /// - Complexity: O(*n* log *n*) in the images of the series, for each label tried.
    init(_ series: SeriesContent, thresholds: SliceGapParameters = SliceGapParameters()) {
        guard series.isSliced else {
            (stacks, unplaced) = ([], [])
            return
        }
        let images = series.instances.filter(SliceStacks.isSlice)
        var slices: [Slice] = []
        var unplaced: [InstanceContent] = []
        for image in images {
            if image.attributes.integer(.numberOfFrames) ?? 1 > 1 {
                slices += Slice.frames(of: image)
            } else if let slice = Slice(image) {
                slices.append(slice)
            } else {
                unplaced.append(image)
            }
        }
        if slices.isEmpty {
            slices = SliceStacks.byLocation(unplaced)
            if !slices.isEmpty { unplaced = [] }
        }
        self.unplaced = unplaced
        let nominal = SliceStacks.nominalSpacing(images)
        stacks = SliceStacks.directions(slices).flatMap { direction in
            SliceStacks.divided(
                StackPart(direction.slices, along: direction.plane, nominal, thresholds), labels: [],
                untried: Set(Slice.labelNames.indices))
        }
    }

    /// Images that lie one beside the other: no scout, no page, no tiled picture of many slices, no single frame out of time.
    private static func isSlice(_ image: InstanceContent) -> Bool {
        guard image.isImage, !image.isLocalizer, !image.isCapture, !image.isSegmentation else { return false }
        let kinds = image.imageType.map { $0.uppercased() }
        return !kinds.contains { ["MOSAIC", "VFRAME", "PROJECTION IMAGE", "MIP"].contains($0) }
    }

    /// Older objects tell only Slice Location (0020,1041); taken where all of them do.
    private static func byLocation(_ images: [InstanceContent]) -> [Slice] {
        let placed = images.compactMap { image -> Slice? in
            guard let location = image.attributes.decimal(.sliceLocation),
                let plane = SlicePlane(position: [0, 0, location], orientation: [1, 0, 0, 0, 1, 0])
            else { return nil }
            return Slice(image, plane: plane)
        }
        return placed.count == images.count ? placed : []
    }

    /// Spacing Between Slices (0018,0088) where there is one, else Slice Thickness (0018,0050).
    private static func nominalSpacing(_ images: [InstanceContent]) -> Double? {
        images.first.flatMap { $0.attributes.decimal(.spacingBetweenSlices) ?? $0.attributes.decimal(.sliceThickness) }
    }

    private struct Direction {
        let plane: SlicePlane
        var slices: [Slice]
    }

    /// In the order of their first slices.
    private static func directions(_ slices: [Slice]) -> [Direction] {
        var groups: [[Slice]] = []
        var places: [Slice.FrameKey: Int] = [:]
        for slice in slices {
            let place = places[slice.frame] ?? groups.count
            places[slice.frame] = place
            if place == groups.count { groups.append([slice]) } else { groups[place].append(slice) }
        }
        return groups.flatMap { group -> [Direction] in
            var found: [Direction] = []
            var last = 0
            for slice in group {
                if found.indices.contains(last), found[last].plane.isParallel(to: slice.plane) {
                    found[last].slices.append(slice)
                } else if let index = found.firstIndex(where: { $0.plane.isParallel(to: slice.plane) }) {
                    found[index].slices.append(slice)
                    last = index
                } else {
                    guard found.count < directionLimit else { return [] }
                    found.append(Direction(plane: slice.plane, slices: [slice]))
                    last = found.count - 1
                }
            }
            return found
        }
    }

    /// Divides a part until nothing is left to explain or no label explains more.
    private static func divided(_ part: StackPart, labels: [String], untried: Set<Int>) -> [SliceStack] {
        let whole = part.stack(labels)
        guard whole.faultCount > 0 else { return [whole] }
        var best: (parts: [(StackPart, String)], label: Int?, faultCount: Int)?
        func consider(_ lanes: [(StackPart, String)]?, _ label: Int?) {
            guard let lanes, !isOneStackInTurns(lanes, of: whole) else { return }
            let faultCount = lanes.reduce(0) { $0 + $1.0.stack([]).faultCount }
            if faultCount < (best?.faultCount ?? whole.faultCount) { best = (lanes, label, faultCount) }
        }
        for label in untried.sorted() where best?.faultCount != 0 { consider(part.lanes(byLabel: label), label) }
        if best?.faultCount != 0 { consider(part.interleaved(), nil) }
        if best?.faultCount != 0 { consider(part.rounds(), nil) }
        guard let best else { return [whole] }
        let left = best.label.map { untried.subtracting([$0]) } ?? untried
        return best.parts.flatMap { lane, name in divided(lane, labels: labels + [name], untried: left) }
    }

    /// Whether the lanes are every second, third … slice of one even stack: the order it was scanned in, not stacks.
    ///
    /// The narrowest lane tells the step: in one that lacks a slice, few as they are, the spacing is not to be trusted.
    private static func isOneStackInTurns(_ lanes: [(StackPart, String)], of whole: SliceStack) -> Bool {
        let spacings = lanes.compactMap { $0.0.stack([]).spacing.spacing }
        guard spacings.count == lanes.count, let narrowest = spacings.min() else { return false }
        let step = narrowest / Double(lanes.count)
        let distances = zip(whole.places, whole.places.dropFirst()).map { $1 - $0 }
        return distances.count { abs($0 - step) <= evenTolerance * step } * 2 >= distances.count
    }

    /// How far distances of one stack differ from their usual one: positions that stray by a tenth make a fifth.
    private static let evenTolerance = 0.25
}
