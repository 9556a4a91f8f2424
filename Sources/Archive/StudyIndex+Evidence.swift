internal import GRDB

/// What says that a Study is whole, so that there is nothing to wait for.
public enum SettlingEvidence: String, Sendable, CaseIterable {
    /// Every step for it ended, and all Instances they name are stored.
    case performedStep
    /// A sender's list for commitment holds every Instance of it, and all Instances of the list are stored.
    case commitment
    /// As many Instances came as every one of them announced (0020,1208).
    case announcedCount
}

extension StudyIndex {
    /// Studies still receiving that are whole by what others, or their own Instances, say; strongest evidence first.
    ///
    /// Evidence closes a Study once: what was said before it was opened again proved incomplete. A list for commitment,
    /// which some modalities send after each Series, closes it three times at most; a count only the first time.
    ///
    /// - Complexity: a few look-ups for each receiving Study; one for each Instance that its steps name when it has as
    ///   many.
    public func wholeStudies(limit: Int = 100) throws(ArchiveError) -> [(study: DueStudy, evidence: SettlingEvidence)] {
        var found: [(study: DueStudy, evidence: SettlingEvidence)] = []
        for evidence in SettlingEvidence.allCases {
            let studies = try due(
                "WHERE state = 0 AND \(Self.condition(evidence)) ORDER BY lastInstanceAt LIMIT ?", [limit])
            for study in studies where !found.contains(where: { $0.study == study }) { found.append((study, evidence)) }
        }
        return found
    }

    private static func condition(_ evidence: SettlingEvidence) -> String {
        let steps =
            "FROM stepStudy JOIN performedStep AS step ON step.id = stepStudy.step WHERE stepStudy.study = study.uid"
        let noneInProgress = "NOT EXISTS (SELECT 1 \(steps) AND step.status = 0)"
        return switch evidence {
        case .performedStep:
            """
            (SELECT sum(step.instanceCount) > 0 AND sum(step.instanceCount) <= study.instanceCount
                AND max(step.changedAt) > ifnull(study.reopenedAt, 0) \(steps)) AND \(noneInProgress)
            AND NOT EXISTS (SELECT 1 FROM stepStudy JOIN performedStep AS step ON step.id = stepStudy.step,
                json_each(step.instances) AS named WHERE stepStudy.study = study.uid
                    AND NOT EXISTS (SELECT 1 FROM instance WHERE instance.uid = named.value))
            """
        case .commitment:
            """
            reopenings < 3 AND EXISTS (SELECT 1 FROM commitmentStudy AS part
                JOIN commitment ON commitment.id = part.commitment
                WHERE part.study = study.uid AND part.held >= study.instanceCount AND commitment.state > 0
                    AND commitment.failureCount = 0 AND commitment.requestedAt > ifnull(study.reopenedAt, 0))
            AND \(noneInProgress)
            """
        case .announcedCount:
            "reopenings = 0 AND announcedLeast = announcedMost AND instanceCount >= announcedMost AND \(noneInProgress)"
        }
    }
}
