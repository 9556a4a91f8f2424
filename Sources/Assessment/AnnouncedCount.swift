import DICOMCore

/// `announced-count`: counts the sender wrote into the objects, against what arrived.
///
/// Images in Acquisition (0020,1002) counts per acquisition, Number of Series Related Instances (0020,1209) per series
/// and Number of Study Related Instances (0020,1208) per study. Fewer announced than received is no loss.
struct AnnouncedCount: CompletenessRule {
    let name = CompletenessRuleName.announcedCount
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        var result: [Completeness.Evidence] = []
        if let announced = greatest(.numberOfStudyRelatedInstances, in: study.instances) {
            result.append(judge(study.instances, announced: announced, tag: .numberOfStudyRelatedInstances))
        }
        let acquisitions = Acquisition.all(in: study)
        for series in study.series {
            if let announced = greatest(.numberOfSeriesRelatedInstances, in: series.instances) {
                result.append(
                    judge(
                        series.instances, announced: announced, tag: .numberOfSeriesRelatedInstances,
                        series: series.seriesInstanceUID))
            }
            result += evidence(of: series, among: acquisitions)
        }
        return result
    }

    /// One piece for all acquisitions of a series: a loss in any of them, or complete when each reached its count.
    private func evidence(of series: SeriesContent, among all: [Acquisition]) -> [Completeness.Evidence] {
        let own = all.filter { $0.seriesInstanceUID == series.seriesInstanceUID }
        let lacking = own.filter { $0.isLacking(among: all) }
        if !lacking.isEmpty {
            return lacking.map { acquisition in
                judge(
                    acquisition.instances, announced: acquisition.announced ?? 0, tag: .imagesInAcquisition,
                    series: series.seriesInstanceUID)
            }
        }
        guard !own.isEmpty, own.allSatisfy({ $0.announced != nil }) else { return [] }
        let announced = own.compactMap(\.announced).reduce(0, +)
        return [
            Completeness.Evidence(
                rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .complete,
                detail:
                    "\(Tag.imagesInAcquisition): \(announced) announced in \(own.count) acquisition(s), all received")
        ]
    }

    private func judge(
        _ instances: [InstanceContent], announced: Int, tag: Tag, series: SeriesInstanceUID? = nil
    ) -> Completeness.Evidence {
        let received = instances.count
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series, verdict: received < announced ? .incomplete : .complete,
            detail: "\(tag): \(announced) announced, \(received) received",
            missing: missing(in: instances, announced: announced))
    }

    /// Names the numbers not received when the received ones are among 1…`announced`, else only how many lack.
    private func missing(in instances: [InstanceContent], announced: Int) -> [String] {
        let lackCount = announced - instances.count
        guard lackCount > 0 else { return [] }
        let numbers = Set(instances.compactMap(\.instanceNumber))
        let isNumbered = numbers.count == instances.count && numbers.allSatisfy { (1...announced).contains($0) }
        guard isNumbered, lackCount <= missingLimit else { return ["\(lackCount) instances"] }
        return (1...announced).filter { !numbers.contains($0) }.map { "instance \($0)" }
    }

    private func greatest(_ tag: Tag, in instances: [InstanceContent]) -> Int? {
        instances.compactMap { $0.attributes.integer(tag) }.filter { $0 > 0 && $0 < 1_000_000 }.max()
    }
}

/// The instances of one series that share an Acquisition Number (0020,0012).
private struct Acquisition {
    let seriesInstanceUID: SeriesInstanceUID
    let number: Int?
    let instances: [InstanceContent]
    /// Images in Acquisition, the largest that one of them announces.
    let announced: Int?

    /// Instances, or frames when those are more: enhanced objects hold an acquisition in one instance.
    var received: Int {
        let frames = instances.map { max(1, $0.attributes.integer(.numberOfFrames) ?? 1) }
        return max(instances.count, frames.reduce(0) { $0.addingReportingOverflow($1).partialValue })
    }

    /// Whether images lack. Some senders spread an acquisition over several series and announce its total in each:
    /// series of one acquisition that add up to the total, none of which reaches it alone, lack nothing.
    func isLacking(among all: [Acquisition]) -> Bool {
        guard let announced, received < announced else { return false }
        let fellows = all.filter { $0.number == number && $0.announced == announced }
        if fellows.contains(where: { $0.received >= announced }) { return true }
        return fellows.map(\.received).reduce(0, +) != announced
    }

    /// Derived images repeat the count of the acquisition they were made from, so they are left out.
    static func all(in study: StudyContent) -> [Acquisition] {
        study.series.flatMap { series in
            let images = series.instances.filter { $0.isImage && !$0.isDerived && !$0.isCapture }
            let groups = Dictionary(grouping: images) { $0.attributes.integer(.acquisitionNumber) }
            return groups.sorted { ($0.key ?? .min) < ($1.key ?? .min) }.map { number, instances in
                let counts = instances.compactMap { $0.attributes.integer(.imagesInAcquisition) }
                return Acquisition(
                    seriesInstanceUID: series.seriesInstanceUID, number: number, instances: instances,
                    announced: counts.filter { $0 > 0 && $0 < 1_000_000 }.max())
            }
        }
    }
}
