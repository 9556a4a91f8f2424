import DICOMCore

/// `announced-count`: counts the sender wrote into the objects, against what arrived.
///
/// Images in Acquisition (0020,1002) counts per acquisition, Number of Series Related Instances (0020,1209) per series,
/// Number of Study Related Instances (0020,1208) and Series (0020,1206) per study, In-concatenation Total Number (0020,9163)
/// the parts of one multi-frame object, and in PET Number of Slices (0054,0081) the places of a volume. Fewer announced than
/// received is no loss, but such a count is doubtful and overrules nothing. An instance that came twice counts once.
struct AnnouncedCount: CompletenessRule {
    let name = CompletenessRuleName.announcedCount
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        var result: [Completeness.Evidence] = []
        if let announced = greatest(.numberOfStudyRelatedInstances, in: study.instances) {
            let copies = study.series.reduce(0) { $0 + $1.copyCount }
            result.append(
                judge(study.instances, copies: copies, announced: announced, tag: .numberOfStudyRelatedInstances))
        }
        if let piece = seriesCount(of: study) { result.append(piece) }
        let acquisitions = Acquisitions(study)
        for series in study.series {
            if let announced = greatest(.numberOfSeriesRelatedInstances, in: series.instances) {
                result.append(
                    judge(
                        series.instances, copies: series.copyCount, announced: announced,
                        tag: .numberOfSeriesRelatedInstances, series: series.seriesInstanceUID))
            }
            result += evidence(of: series, among: acquisitions)
            result += concatenations(of: series)
            result += PETCount(series).map { [volume(of: series, $0)] } ?? []
        }
        return result
    }

    /// Series that lack. As many as announced is no proof that each is whole.
    private func seriesCount(of study: StudyContent) -> Completeness.Evidence? {
        guard let announced = greatest(.numberOfStudyRelatedSeries, in: study.instances), announced > study.series.count
        else { return nil }
        return Completeness.Evidence(
            rule: name, verdict: .incomplete,
            detail: "\(Tag.numberOfStudyRelatedSeries): \(announced) announced, \(study.series.count) received",
            missing: ["\(announced - study.series.count) series"])
    }

    /// One piece for all acquisitions of a series: a loss in any of them, or complete when each reached its count.
    private func evidence(of series: SeriesContent, among acquisitions: Acquisitions) -> [Completeness.Evidence] {
        let own = acquisitions.all.filter { $0.seriesInstanceUID == series.seriesInstanceUID }
        let lacking = own.filter(acquisitions.isLacking)
        if !lacking.isEmpty {
            return lacking.map { acquisition in
                guard acquisition.isInFrames else {
                    return judge(
                        acquisition.instances, copies: acquisition.copyCount, announced: acquisition.announced ?? 0,
                        tag: .imagesInAcquisition, series: series.seriesInstanceUID)
                }
                let announced = acquisition.announced ?? 0
                return Completeness.Evidence(
                    rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete,
                    detail:
                        "\(Tag.imagesInAcquisition): \(announced) announced, \(acquisition.received) frames received",
                    missing: ["\(announced - acquisition.received) frames"])
            }
        }
        guard !own.isEmpty, own.allSatisfy({ $0.announced != nil }),
            !own.contains(where: acquisitions.isOfAnother)
        else { return [] }
        let announced = own.compactMap(\.announced).reduce(0, +)
        let received = own.map(\.received).reduce(0, +)
        return [
            Completeness.Evidence(
                rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .complete,
                detail:
                    "\(Tag.imagesInAcquisition): \(announced) announced in \(own.count) acquisition(s), all received",
                confidence: received > announced ? AnnouncedCount.doubtful : nil)
        ]
    }

    private func judge(
        _ instances: [InstanceContent], copies: Int, announced: Int, tag: Tag, series: SeriesInstanceUID? = nil
    ) -> Completeness.Evidence {
        let received = instances.count - copies
        let twice = copies > 0 ? ", \(copies) of them twice" : ""
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series, verdict: received < announced ? .incomplete : .complete,
            detail: "\(tag): \(announced) announced, \(received) received\(twice)",
            missing: missing(in: instances, received: received, announced: announced),
            confidence: received > announced ? AnnouncedCount.doubtful : nil)
    }

    /// A count that is smaller than what came was written before all was made.
    private static let doubtful = 0.7

    /// Names the numbers not received when the received ones are among 1…`announced`, else only how many lack.
    private func missing(in instances: [InstanceContent], received: Int, announced: Int) -> [String] {
        let lackCount = announced - received
        guard lackCount > 0 else { return [] }
        let numbers = Set(instances.compactMap(\.instanceNumber))
        let isNumbered = numbers.count == received && numbers.allSatisfy { (1...announced).contains($0) }
        guard isNumbered, lackCount <= missingLimit else { return ["\(lackCount) instances"] }
        return (1...announced).filter { !numbers.contains($0) }.map { "instance \($0)" }
    }

    private func concatenations(of series: SeriesContent) -> [Completeness.Evidence] {
        Concatenation.all(in: series).compactMap { concatenation in
            let missing = concatenation.missingParts
            let total = concatenation.total.map { " of \($0)" } ?? ""
            let detail = "\(Tag.inConcatenationTotalNumber): \(concatenation.parts.count)\(total) parts received"
            if missing.isEmpty {
                return Completeness.Evidence(
                    rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .unknown,
                    detail: detail + (concatenation.total == nil ? ", the total is not told" : ""))
            }
            return Completeness.Evidence(
                rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete, detail: detail,
                missing: missing.prefix(missingLimit).map { "concatenation part \($0)" })
        }
    }

    private func volume(of series: SeriesContent, _ count: PETCount) -> Completeness.Evidence {
        Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID,
            verdict: count.received < count.announced ? .incomplete : .complete,
            detail: "\(Tag.numberOfSlices): \(count.announced) announced, \(count.received) received",
            missing: count.missing(limit: missingLimit),
            confidence: count.received > count.announced ? AnnouncedCount.doubtful : nil)
    }

    private func greatest(_ tag: Tag, in instances: [InstanceContent]) -> Int? {
        instances.compactMap { $0.attributes.integer(tag) }.filter { $0 > 0 && $0 < 1_000_000 }.max()
    }
}
