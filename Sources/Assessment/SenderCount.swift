import DICOMCore

/// `sender-count`: what the sending system says it has, against what arrived (C-FIND, PS3.4 C.4.1; counts (0020,1209) and
/// (0020,1208)).
///
/// Instances the sender lists and we lack are named. It is no loss when the sender has fewer than we: devices delete what
/// they have sent. No alarm for objects that are no images, for a series of screen captures that did not come at all, and
/// none where the sender names every instance otherwise than we received it: then a router between us gives UIDs of its own.
struct SenderCount: CompletenessRule {
    let name = CompletenessRuleName.senderCount
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        study.testimony.senderAnswers.flatMap { answer in
            answer.series.isEmpty
                ? [count(answer, of: study)].compactMap(\.self) : list(answer, of: study)
        }
    }

    // MARK: - At SERIES and IMAGE level

    private func list(_ answer: SenderAnswer, of study: StudyContent) -> [Completeness.Evidence] {
        let received = Set(study.instances.map(\.sopInstanceUID))
        guard answer.knows(received) || !study.instances.contains(where: \.isImage) else { return [] }
        let pieces = answer.series.filter { !$0.isAccompanying }.compactMap { series in
            series.instances == nil
                ? count(series, of: answer, in: study) : compare(series, of: answer, with: received, in: study)
        }
        guard !pieces.isEmpty, pieces.allSatisfy({ $0.verdict == .complete }), coversAll(pieces, of: study) else {
            return pieces
        }
        let total = answer.series.reduce(0) { $0 + ($1.instances == nil ? $1.instanceCount ?? 0 : $1.images.count) }
        return [
            Completeness.Evidence(
                rule: name, verdict: .complete,
                detail: "\(answer.aeTitle) has \(total) images in \(pieces.count) series, all received")
        ]
    }

    private func compare(
        _ series: SenderAnswer.Series, of answer: SenderAnswer, with received: Set<SOPInstanceUID>,
        in study: StudyContent
    ) -> Completeness.Evidence? {
        let listed = series.expected(beside: received)
        let own = images(of: series.seriesInstanceUID, in: study)
        let lacking = listed.filter { !received.contains($0.sopInstanceUID) }
        guard !listed.isEmpty, own.isEmpty || lacking.count < listed.count else { return nil }
        guard !lacking.isEmpty else {
            // Instances that the sender has no more tell that it deletes, so that it may have deleted others too.
            let names = Set(listed.map(\.sopInstanceUID))
            guard answer.isOf(study), own.allSatisfy({ names.contains($0.sopInstanceUID) }) else { return nil }
            return Completeness.Evidence(
                rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .complete,
                detail: "\(answer.aeTitle) has \(listed.count) images, all received")
        }
        let sorted = lacking.sorted {
            ($0.instanceNumber ?? .max, $0.sopInstanceUID) < ($1.instanceNumber ?? .max, $1.sopInstanceUID)
        }
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete,
            detail: "\(answer.aeTitle) has \(listed.count) images, \(lacking.count) of them not received",
            missing: sorted.prefix(missingLimit).map(\.nameForReader))
    }

    private func count(
        _ series: SenderAnswer.Series, of answer: SenderAnswer, in study: StudyContent
    ) -> Completeness.Evidence? {
        guard let announced = series.instanceCount else { return nil }
        let own = study.series.first { $0.seriesInstanceUID == series.seriesInstanceUID }?.instances.count ?? 0
        return judge(announced, received: own, by: answer, series: series.seriesInstanceUID, of: study)
    }

    // MARK: - At STUDY level

    private func count(_ answer: SenderAnswer, of study: StudyContent) -> Completeness.Evidence? {
        guard let announced = answer.instanceCount else { return nil }
        // A report or presentation state that was made at the sender may be all that we lack.
        let own = Set(study.series.compactMap { $0.modality?.uppercased() })
        let others = answer.modalities.filter { !own.contains($0.uppercased()) }
        if announced > study.instances.count, others.contains(where: SenderAnswer.isAccompanying) { return nil }
        return judge(announced, received: study.instances.count, by: answer, series: nil, of: study)
    }

    /// A count says less than a list: what is not an image is counted too.
    private func judge(
        _ announced: Int, received: Int, by answer: SenderAnswer, series: SeriesInstanceUID?, of study: StudyContent
    ) -> Completeness.Evidence? {
        let lackCount = announced - received
        guard lackCount > 0 || lackCount == 0 && answer.isOf(study) else { return nil }
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series, verdict: lackCount > 0 ? .incomplete : .complete,
            detail: "\(answer.aeTitle) has \(announced) instances, \(received) received",
            missing: lackCount > 0 ? ["\(lackCount) instances"] : [],
            confidence: series == nil ? SenderCount.studyCountConfidence : SenderCount.seriesCountConfidence)
    }

    private static let seriesCountConfidence = 0.93
    private static let studyCountConfidence = 0.85

    // MARK: -

    private func images(of series: SeriesInstanceUID, in study: StudyContent) -> [InstanceContent] {
        study.series.first { $0.seriesInstanceUID == series }?.instances.filter(\.isImage) ?? []
    }

    /// Whether every series of ours with images is among the pieces.
    private func coversAll(_ pieces: [Completeness.Evidence], of study: StudyContent) -> Bool {
        let series = study.series.filter { $0.instances.contains(where: \.isImage) }
        return series.allSatisfy { one in pieces.contains { $0.seriesInstanceUID == one.seriesInstanceUID } }
    }
}

extension SenderAnswer {
    /// Whether it was given of the study as it is now, and not before the newest instance came.
    fileprivate func isOf(_ study: StudyContent) -> Bool { askedAt >= study.receivedAt }
}

extension SenderAnswer.Instance {
    fileprivate var nameForReader: String {
        instanceNumber.map { "instance \($0) (\(sopInstanceUID))" } ?? "\(sopInstanceUID)"
    }
}
