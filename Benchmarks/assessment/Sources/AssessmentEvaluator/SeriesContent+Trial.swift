import Assessment
import DICOMCore
import DICOMNetwork

// Series as a trial of removals changes them: in memory, headers alone.

extension SeriesContent {
    /// Without announced counts, so that positions and numbers alone can tell.
    var withoutCounts: SeriesContent {
        changed { attributes in
            for tag in [Tag.imagesInAcquisition, .numberOfSeriesRelatedInstances, .numberOfStudyRelatedInstances] {
                attributes.set(tag, to: [String]())
            }
        }
    }

    private func changed(_ change: (inout AttributeSet) -> Void) -> SeriesContent {
        var series = self
        for index in series.instances.indices { change(&series.instances[index].attributes) }
        return series
    }

    /// Without some slices. `isClosed`: the others are numbered as if they had never been.
    func removing(_ gone: [TrialStack.Member], isClosed: Bool) -> SeriesContent {
        var series = self
        let frames = Dictionary(grouping: gone.filter { $0.frame != nil }, by: \.instance)
        for (index, lost) in frames {
            series.instances[index].removeFrames(Set(lost.compactMap(\.frame)), isClosed: isClosed)
        }
        let objects = Set(gone.filter { $0.frame == nil }.map(\.instance))
        guard !objects.isEmpty else { return series }
        let numbers = instances.compactMap { $0.attributes.integer(.instanceNumber) }.sorted()
        series.instances = instances.indices.filter { !objects.contains($0) }.map { instances[$0] }
        guard isClosed, numbers.count == instances.count else { return series }
        let order = series.instances.indices.sorted {
            series.instances[$0].attributes.integer(.instanceNumber) ?? 0
                < series.instances[$1].attributes.integer(.instanceNumber) ?? 0
        }
        for (rank, index) in order.enumerated() {
            series.instances[index].attributes[.instanceNumber] = "\(numbers[rank])"
        }
        return series
    }

    /// Objects numbered anew in this order.
    func numbered(_ order: [TrialStack.Member], step: Int = 1) -> SeriesContent {
        var series = self
        for (rank, member) in order.enumerated() where member.frame == nil {
            series.instances[member.instance].attributes[.instanceNumber] = "\(1 + rank * step)"
        }
        return series
    }

    /// Every place moved along the slices' normal by up to `share` of the narrowest distance.
    func shaken(_ stack: TrialStack, by share: Double, _ random: inout SplitMix) -> SeriesContent {
        var series = self
        let reach = share * (stack.distances.min() ?? 0)
        for members in stack.members {
            let shift = Double.random(in: -reach...reach, using: &random)
            for member in members where member.frame == nil {
                series.instances[member.instance].attributes.move(by: shift)
            }
        }
        return series
    }
}

extension InstanceContent {
    fileprivate mutating func removeFrames(_ gone: Set<Int>, isClosed: Bool) {
        guard var groups = functionalGroups() else { return }
        let lost = groups.frames.indices.filter(gone.contains).compactMap { groups.frames[$0].inStackPosition }
        groups.frames = groups.frames.indices.filter { !gone.contains($0) }.map { groups.frames[$0] }
        if isClosed {
            for index in groups.frames.indices {
                groups.frames[index].inStackPosition = groups.frames[index].inStackPosition.map { number in
                    number - lost.count { $0 < number }
                }
            }
        }
        attributes[.numberOfFrames] = "\(groups.frames.count)"
        functionalGroups = { [groups] in groups }
    }
}

extension AttributeSet {
    fileprivate mutating func move(by distance: Double) {
        guard let cosines = decimals(.imageOrientationPatient), cosines.count == 6,
            let position = decimals(.imagePositionPatient), position.count == 3
        else { return }
        let normal = [
            cosines[1] * cosines[5] - cosines[2] * cosines[4], cosines[2] * cosines[3] - cosines[0] * cosines[5],
            cosines[0] * cosines[4] - cosines[1] * cosines[3],
        ]
        set(.imagePositionPatient, to: zip(position, normal).map { "\((($0 + distance * $1) * 1e4).rounded() / 1e4)" })
    }
}
