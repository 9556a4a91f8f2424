import DICOMCore

/// The instances of one series that share an Acquisition Number (0020,0012).
struct Acquisition {
    let seriesInstanceUID: SeriesInstanceUID
    let number: Int?
    let instances: [InstanceContent]
    /// Images in Acquisition (0020,1002), the largest that one of them announces.
    let announced: Int?
    /// Instances that are here already under another UID.
    let copyCount: Int
    /// Instances, or frames when those are more: enhanced objects hold an acquisition in one instance.
    let received: Int
    /// Whether ``received`` counts frames.
    let isInFrames: Bool
    fileprivate let thickness: Double?

    init(_ instances: [InstanceContent], number: Int?, of seriesInstanceUID: SeriesInstanceUID) {
        self.seriesInstanceUID = seriesInstanceUID
        self.number = number
        self.instances = instances
        let counts = instances.compactMap { $0.attributes.integer(.imagesInAcquisition) }
        announced = counts.filter { $0 > 0 && $0 < 1_000_000 }.max()
        copyCount = SeriesContent.copyCount(of: instances)
        let frames = instances.map { max(1, $0.attributes.integer(.numberOfFrames) ?? 1) }
        let frameCount = frames.reduce(0) { $0.addingReportingOverflow($1).partialValue }
        isInFrames = frameCount > instances.count
        received = isInFrames ? frameCount : instances.count - copyCount
        thickness = instances.lazy.compactMap { $0.attributes.decimal(.sliceThickness) }.first
    }
}

/// The acquisitions of a study, and which of them may share what one announces.
struct Acquisitions {
    let all: [Acquisition]
    private let fellows: [Announcement: [Acquisition]]

    private struct Announcement: Hashable {
        let number: Int?
        let announced: Int?

        init(_ acquisition: Acquisition) { (number, announced) = (acquisition.number, acquisition.announced) }
    }

    /// Derived images repeat the count of the acquisition they were made from, so they are left out.
    init(_ study: StudyContent) {
        all = study.series.flatMap { series in
            let images = series.instances.filter { $0.isImage && !$0.isDerived && !$0.isCapture }
            let groups = Dictionary(grouping: images) { $0.attributes.integer(.acquisitionNumber) }
            return groups.sorted { ($0.key ?? .min) < ($1.key ?? .min) }.map { number, instances in
                Acquisition(instances, number: number, of: series.seriesInstanceUID)
            }
        }
        fellows = Dictionary(grouping: all, by: Announcement.init)
    }

    /// Whether images lack. Some senders spread an acquisition over several series and announce its total in each:
    /// series of one acquisition that add up to the total, none of which reaches it alone, lack nothing.
    func isLacking(_ acquisition: Acquisition) -> Bool {
        guard let announced = acquisition.announced, acquisition.received < announced, !isOfAnother(acquisition) else {
            return false
        }
        let fellows = fellows(of: acquisition)
        if fellows.contains(where: { $0.received >= announced }) { return true }
        return fellows.map(\.received).reduce(0, +) != announced
    }

    /// Whether the count belongs to another reconstruction: one of other thickness reached it, and thick slices of the same
    /// acquisition are fewer.
    func isOfAnother(_ acquisition: Acquisition) -> Bool {
        guard let announced = acquisition.announced, acquisition.received < announced,
            let thickness = acquisition.thickness
        else { return false }
        return fellows(of: acquisition).contains { other in
            guard other.received >= announced, let its = other.thickness else { return false }
            return abs(its - thickness) > 0.01
        }
    }

    private func fellows(of acquisition: Acquisition) -> [Acquisition] { fellows[Announcement(acquisition)] ?? [] }
}

extension SeriesContent {
    /// Instances that are in the series already under another UID: the same number, place, time and kind.
    var copyCount: Int { SeriesContent.copyCount(of: instances) }

    static func copyCount(of instances: [InstanceContent]) -> Int {
        var seen: Set<[String]> = []
        return instances.count { instance in
            let attributes = instance.attributes
            let place = attributes.strings(.imagePositionPatient)
            // Without a number and a place, two may be alike and different.
            guard instance.isImage, place.count == 3, let number = attributes[.instanceNumber],
                let time = attributes[.acquisitionTime] ?? attributes[.contentTime]
            else { return false }
            let single: [Tag] = [
                .acquisitionNumber, .temporalPositionIdentifier, .echoNumbers, .echoTime, .triggerTime,
                .diffusionBValue,
            ]
            let told = single.map { attributes[$0] ?? "" }
            let kind = instance.imageType + attributes.strings(.imageOrientationPatient)
            return !seen.insert([number, time] + place + told + kind).inserted
        }
    }
}
