import DICOMCore

/// `temporal-positions`: the passes of a dynamic series, each of which holds as many slices as the others.
///
/// Passes are told by Temporal Position Identifier (0020,0100); Number of Temporal Positions (0020,0105) says how many there
/// are. All of them alike and as many as announced is as good as a count, for a lost slice would have to be lost from each.
/// A gated cine is held against Cardiac Number of Images (0018,1090) in each place.
struct TemporalPositions: CompletenessRule {
    let name = CompletenessRuleName.temporalPositions
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        study.series.compactMap { series in
            let images = series.instances.filter { $0.isImage && !$0.isLocalizer && !$0.isCapture && !$0.isComputed }
            return passes(images, of: series) ?? cine(images, of: series)
        }
    }

    private func passes(_ images: [InstanceContent], of series: SeriesContent) -> Completeness.Evidence? {
        let told = images.filter { $0.attributes.integer(.temporalPositionIdentifier) != nil }
        // A series of one pass is one of several series; one with untold images among the told is something else.
        let passes = Dictionary(grouping: told) { $0.attributes.integer(.temporalPositionIdentifier) ?? 0 }
        guard passes.count > 1, told.count == images.count else { return undivided(images, of: series) }
        let numbers = passes.keys.sorted()
        let announced = announcedCount(images)
        let usual = Self.usual(passes.values.map(\.count))
        guard let usual else {
            return evidence(series, .unknown, "\(passes.count) temporal positions of different sizes")
        }
        let short = numbers.filter { passes[$0]?.count ?? 0 < usual }
        var missing = short.map { number in
            let lack = usual - (passes[number]?.count ?? 0)
            let places = Self.lackingPlaces(passes, number).map { " at \($0)" } ?? ""
            return "\(lack) of \(usual) images of temporal position \(number)\(places)"
        }
        missing += Self.absent(numbers, announced: announced).map { "temporal position \($0) (\(usual) images)" }
        let counted = announced.map { "\(passes.count) of \($0)" } ?? "\(passes.count)"
        guard missing.isEmpty else {
            return evidence(
                series, .incomplete,
                "\(counted) temporal positions received, \(short.count) of them short of \(usual) images", missing)
        }
        let detail = "\(counted) temporal positions received, \(usual) images each"
        return evidence(series, announced == passes.count ? .complete : .unknown, detail)
    }

    /// The size most passes have; nil when there is none, for then they were planned to differ.
    private static func usual(_ counts: [Int]) -> Int? {
        var times: [Int: Int] = [:]
        for count in counts { times[count, default: 0] += 1 }
        guard let usual = times.max(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key else { return nil }
        let alike = times[usual] ?? 0
        let isNear = counts.allSatisfy { $0 <= usual && 2 * $0 >= usual }
        return 5 * alike >= 3 * counts.count || alike * 2 >= counts.count && isNear ? usual : nil
    }

    /// Numbers that are announced and not here, whether counted from 1 or from 0.
    private static func absent(_ numbers: [Int], announced: Int?) -> [Int] {
        guard let announced, let first = numbers.first, let last = numbers.last, announced > numbers.count else {
            return []
        }
        let start = first == 0 ? 0 : 1
        guard first >= start, last < start + announced else { return [] }
        let here = Set(numbers)
        return (start..<(start + announced)).filter { !here.contains($0) }
    }

    /// Places most other passes hold an image in and this one does not; nil when positions do not tell.
    private static func lackingPlaces(_ passes: [Int: [InstanceContent]], _ number: Int) -> String? {
        func places(_ images: [InstanceContent]) -> Set<[String]> {
            Set(images.map { $0.attributes.strings(.imagePositionPatient) }.filter { $0.count == 3 })
        }
        let own = places(passes[number] ?? [])
        let others = passes.filter { $0.key != number }.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }
        guard let whole = others.map({ places($0.value) }), own.isSubset(of: whole), !own.isEmpty else { return nil }
        let lacking = whole.subtracting(own).map { "(\($0.joined(separator: ", ")))" }.sorted()
        return (1...5).contains(lacking.count) ? lacking.joined(separator: " ") : nil
    }

    /// A dynamic series whose images do not say which pass they belong to: every place holds as many images as there are
    /// passes. Silent where no place does, since each pass may be a series.
    private func undivided(_ images: [InstanceContent], of series: SeriesContent) -> Completeness.Evidence? {
        guard let announced = announcedCount(images) else { return nil }
        return counted(images, of: series, announced: announced, of: "temporal positions")
    }

    private func cine(_ images: [InstanceContent], of series: SeriesContent) -> Completeness.Evidence? {
        let announced = images.compactMap { $0.attributes.integer(.cardiacNumberOfImages) }.max()
        guard let announced, (2...10_000).contains(announced) else { return nil }
        return counted(images, of: series, announced: announced, of: "cardiac phases")
    }

    /// Holds the images of each place against their number; some place must hold as many for it to mean them.
    private func counted(
        _ images: [InstanceContent], of series: SeriesContent, announced: Int, of what: String
    ) -> Completeness.Evidence? {
        let groups = Dictionary(grouping: images) { image in
            image.attributes.strings(.imagePositionPatient) + image.attributes.strings(.imageOrientationPatient)
        }
        guard !groups.keys.contains([]), groups.values.contains(where: { $0.count == announced }),
            groups.values.allSatisfy({ $0.count <= announced })
        else { return nil }
        let short = groups.filter { $0.value.count < announced }
        // Where many places hold fewer, they were meant to.
        guard short.count * 4 <= groups.count || short.count == 1 else { return nil }
        guard !short.isEmpty else {
            return evidence(series, .complete, "\(announced) \(what) in each of \(groups.count) places")
        }
        let missing = short.sorted { $0.key.joined() < $1.key.joined() }.map { place, images in
            "\(announced - images.count) of \(announced) images at (\(place.prefix(3).joined(separator: ", ")))"
        }
        return evidence(
            series, .incomplete,
            "\(announced) \(what) announced; \(short.count) of \(groups.count) places hold fewer images",
            missing)
    }

    private func announcedCount(_ images: [InstanceContent]) -> Int? {
        let announced = images.compactMap { $0.attributes.integer(.numberOfTemporalPositions) }.max()
        return announced.flatMap { (2...100_000).contains($0) ? $0 : nil }
    }

    private func evidence(
        _ series: SeriesContent, _ verdict: Completeness.Verdict, _ detail: String, _ missing: [String] = []
    ) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: verdict, detail: detail,
            missing: Array(missing.prefix(missingLimit)))
    }
}
