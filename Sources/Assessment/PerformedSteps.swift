import DICOMCore

/// `mpps`: what the modality says it made in its Performed Procedure Steps (PS3.4 F.7), against what arrived. The strongest
/// evidence there is, for no one else knows.
///
/// A completed step is complete when every instance it names is here; more than it names is no loss. It vouches for the
/// series that ended steps name, and for the study where these are all there is: a workstation may have added others, and
/// nobody counted them. A step that was broken off says that what it names was made, never that the exam is whole. A step
/// in progress, or one that names nothing, says nothing, and while one is in progress the others vouch for no more than
/// their series.
struct PerformedSteps: CompletenessRule {
    let name = CompletenessRuleName.mpps
    let missingLimit: Int

    func evidence(in study: StudyContent) -> [Completeness.Evidence] {
        let covered = covered(in: study)
        return study.testimony.steps.flatMap { evidence(of: $0, in: study, covered) }
    }

    /// Series of which all that ended steps name is here; nil when these are the whole study.
    private func covered(in study: StudyContent) -> Set<SeriesInstanceUID>? {
        let steps = study.testimony.steps
        let named = steps.filter { $0.status != .inProgress }.flatMap(\.series).filter { series in
            !series.instances.isEmpty && series.instances.allSatisfy { $0.holder != nil }
        }
        // One that a step in progress names as well may yet grow.
        let growing = Set(steps.filter { $0.status == .inProgress }.flatMap { $0.series.map(\.seriesInstanceUID) })
        let covered = Set(named.map(\.seriesInstanceUID)).subtracting(growing)
        let isAll = study.series.allSatisfy { series in
            covered.contains(series.seriesInstanceUID) || !series.instances.contains(where: \.isImage)
        }
        return isAll && !study.testimony.isInProgress ? nil : covered
    }

    private func evidence(
        of step: StudyTestimony.Step, in study: StudyContent, _ covered: Set<SeriesInstanceUID>?
    ) -> [Completeness.Evidence] {
        guard step.status != .inProgress else {
            return [unknown("step \(step.uid) is still in progress")]
        }
        let series = step.series.filter { isOwn($0, of: step, in: study) }
        let named = series.reduce(0) { $0 + $1.instances.count }
        let losses = series.compactMap(loss)
        if !losses.isEmpty { return losses }
        guard !step.series.contains(where: { isAstray($0, of: step) }) else {
            return [unknown("step \(step.uid) for \(step.studyCount) studies names series that are in none of them")]
        }
        guard named > 0 else { return [unknown("step \(step.uid) ended and names no instance")] }
        guard step.status == .completed else {
            return [unknown("step \(step.uid) was broken off; the \(named) instances it names are here")]
        }
        var whole = Completeness.Evidence(
            rule: name, verdict: .complete,
            detail: "step \(step.uid): \(named) instances in \(series.count) series, all received")
        whole.covers = covered
        return [whole]
    }

    /// Whether a performed series is to be looked for here. A step for several studies does not say whose its series are.
    private func isOwn(
        _ series: StudyTestimony.Step.Series, of step: StudyTestimony.Step, in study: StudyContent
    ) -> Bool {
        step.studyCount == 1 || series.instances.contains { $0.holder == study.studyInstanceUID }
    }

    /// Whether nothing tells which study a series belongs to.
    private func isAstray(_ series: StudyTestimony.Step.Series, of step: StudyTestimony.Step) -> Bool {
        step.studyCount > 1 && !series.instances.isEmpty && series.instances.allSatisfy { $0.holder == nil }
    }

    private func loss(of series: StudyTestimony.Step.Series) -> Completeness.Evidence? {
        let missing = series.instances.filter { $0.holder == nil }
        guard !missing.isEmpty else { return nil }
        return Completeness.Evidence(
            rule: name, seriesInstanceUID: series.seriesInstanceUID, verdict: .incomplete,
            detail: "the modality made \(series.instances.count) instances, \(missing.count) of them are not here",
            missing: missing.prefix(missingLimit).map { "instance \($0.sopInstanceUID)" })
    }

    private func unknown(_ detail: String) -> Completeness.Evidence {
        Completeness.Evidence(rule: name, verdict: .unknown, detail: detail)
    }
}
