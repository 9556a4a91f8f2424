import DICOMCore

/// `commitment-list`: instances that the sender wants to be told are kept (PS3.4 J), against those that are. It would not
/// ask for what it had not made.
///
/// A list that is here in full and holds every image says that the sender has no more to send. It outweighs no loss that
/// another rule sees, since many modalities list only what they sent with success. Instances of a list that spans
/// several studies cannot be told to belong to one, so those that are missing are nobody's loss.
struct CommitmentLists: CompletenessRule {
    let name = CompletenessRuleName.commitmentList
    let missingLimit: Int

    /// That a list which is here in full was of everything: our judgement, and too little to outweigh a loss.
    private static let wholeConfidence = 0.75

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        let lists = study.testimony.commitmentLists
        let findings = lists.compactMap { finding(in: $0, of: study) }
        if !findings.isEmpty { return findings }
        let listed = Set(lists.flatMap(\.instances).map(\.sopInstanceUID))
        let images = study.instances.filter(\.isImage)
        guard !images.isEmpty, images.allSatisfy({ listed.contains($0.sopInstanceUID) }) else { return [] }
        return [
            Completeness.Evidence(
                rule: name, verdict: .complete,
                detail: "the sender asked to keep \(listed.count) instances, every image among them; all are here",
                confidence: CommitmentLists.wholeConfidence)
        ]
    }

    private func finding(
        in list: StudyTestimony.CommitmentList, of study: StudyContent
    ) -> Completeness.Evidence? {
        let missing = list.instances.filter { $0.holder == nil }
        guard !missing.isEmpty else { return nil }
        let detail =
            "\(list.peer) asked to keep \(list.instances.count) instances, \(missing.count) of them are not here"
        guard list.instances.allSatisfy({ $0.holder == nil || $0.holder == study.studyInstanceUID }) else {
            return Completeness.Evidence(
                rule: name, verdict: .unknown, detail: detail + "; they may be of other studies")
        }
        return Completeness.Evidence(
            rule: name, verdict: .incomplete, detail: detail,
            missing: missing.prefix(missingLimit).map { "instance \($0.sopInstanceUID)" })
    }
}
