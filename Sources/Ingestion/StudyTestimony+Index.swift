internal import Archive
internal import Assessment
internal import DICOMCore

extension StudyTestimony {
    /// What the index has of others' words on a study, with where each instance they name is stored now.
    init(of study: StudyInstanceUID, in index: StudyIndex) throws {
        self.init()
        for step in try index.performedSteps(ofStudy: study) {
            let holders = try index.holders(of: step.series.flatMap(\.instances).map(\.sopInstanceUID))
            steps.append(
                Step(
                    uid: step.uid, status: Step.Status(step.status),
                    series: step.series.map { series in
                        Step.Series(
                            seriesInstanceUID: series.seriesInstanceUID,
                            instances: series.instances.map { Instance($0, holders) })
                    }, studyCount: step.studies.count))
        }
        for commitment in try index.commitments(ofStudy: study) where commitment.state != .dropped {
            let instances = commitment.request.instances
            let holders = try index.holders(of: instances.map(\.sopInstanceUID))
            commitmentLists.append(
                CommitmentList(
                    peer: commitment.request.callingAETitle, instances: instances.map { Instance($0, holders) }))
        }
        senderAnswers = try index.senderAnswers(of: study).map(SenderAnswer.init)
    }
}

extension StudyTestimony.Instance {
    fileprivate init(_ named: NamedInstance, _ holders: [SOPInstanceUID: StudyInstanceUID]) {
        self.init(
            sopInstanceUID: named.sopInstanceUID, sopClassUID: named.sopClassUID, holder: holders[named.sopInstanceUID])
    }
}

extension StudyTestimony.Step.Status {
    fileprivate init(_ status: PerformedStep.Status) {
        self =
            switch status {
            case .inProgress: .inProgress
            case .completed: .completed
            case .discontinued: .discontinued
            }
    }
}
