internal import Archive
internal import DICOMCore

/// What PS3.4 F.7 asks of the Attributes of a Modality Performed Procedure Step. Only what is of Type 1 is insisted on:
/// modalities in daily use leave out Attributes of Type 2, and refusing them would lose what they made.
enum PerformedStepRules {
    /// Of Type 1 for N-CREATE, and never changed by N-SET (PS3.4 Table F.7.2-1).
    private static let mandatory: [Tag] = [
        .performedStepID, .performedStationAETitle, .performedStepStartDate, .performedStepStartTime, .modality,
    ]
    /// Of Type 1 for N-CREATE, all of them.
    static let mandatoryOnCreation = mandatory + [.performedStepStatus, .scheduledStepAttributesSequence]
    /// Not allowed in an N-SET (PS3.4 Table F.7.2-1); what one says of them is passed over.
    private static let settled: [Tag] =
        mandatory + [
            .scheduledStepAttributesSequence, .patientName, .patientID, .patientBirthDate, .patientSex,
            .performedStationName, .studyID,
        ]

    /// Why a step cannot be created with `attributes`, or nil (PS3.4 F.7.2.1.2).
    static func objection(toCreating attributes: AttributeSet) -> Refusal? {
        for tag in mandatoryOnCreation {
            guard attributes.contains(tag) else { return Refusal(.missingAttribute, "\(tag) is missing") }
            guard attributes[tag] != nil || !attributes.items(tag).isEmpty else {
                return Refusal(.missingAttributeValue, "\(tag) has no value")
            }
        }
        guard attributes[.performedStepStatus] == PerformedStep.Status.inProgress.dicom else {
            return Refusal(.invalidAttributeValue, "\(Tag.performedStepStatus) is not IN PROGRESS")
        }
        for item in attributes.items(.scheduledStepAttributesSequence) {
            guard item.contains(.studyInstanceUID) else {
                return Refusal(.missingAttribute, "\(Tag.studyInstanceUID) is missing")
            }
            guard let uid = item[.studyInstanceUID] else {
                return Refusal(.missingAttributeValue, "\(Tag.studyInstanceUID) has no value")
            }
            guard (try? StudyInstanceUID(uid)) != nil else {
                return Refusal(.invalidAttributeValue, "\(Tag.studyInstanceUID) is no UID")
            }
        }
        return objection(toSeriesOf: attributes)
    }

    /// Changes `step` as an N-SET asks; a Sequence is replaced as a whole.
    ///
    /// - Returns: why it is left as it was, or nil (PS3.4 F.7.2.2.2).
    static func apply(_ attributes: AttributeSet, to step: inout PerformedStep) -> Refusal? {
        guard !step.status.isFinal else {
            return Refusal(
                .processingFailure, "Performed Procedure Step Object may no longer be updated",
                errorID: mayNoLongerBeUpdated)
        }
        if attributes.contains(.performedStepStatus) {
            guard let status = attributes[.performedStepStatus] else {
                return Refusal(.missingAttributeValue, "\(Tag.performedStepStatus) has no value")
            }
            guard PerformedStep.Status(dicom: status) != nil else {
                return Refusal(
                    .invalidAttributeValue,
                    "\(Tag.performedStepStatus) is not IN PROGRESS, COMPLETED or DISCONTINUED")
            }
        }
        if let objection = objection(toSeriesOf: attributes) { return objection }
        for tag in attributes.tags where !settled.contains(tag) {
            if attributes.items(tag).isEmpty {
                step.attributes.set(tag, to: attributes.strings(tag))
            } else {
                step.attributes.set(tag, to: attributes.items(tag))
            }
        }
        return nil
    }

    /// Error ID of an N-SET that comes after the end of the step (PS3.4 F.7.2.2.3).
    static let mayNoLongerBeUpdated: UInt16 = 0xA710

    private static func objection(toSeriesOf attributes: AttributeSet) -> Refusal? {
        for series in attributes.items(.performedSeriesSequence) {
            guard let uid = series[.seriesInstanceUID] else {
                return Refusal(.missingAttribute, "\(Tag.seriesInstanceUID) is missing")
            }
            guard (try? SeriesInstanceUID(uid)) != nil else {
                return Refusal(.invalidAttributeValue, "\(Tag.seriesInstanceUID) is no UID")
            }
            for reference in series.items(.referencedImageSequence) + series.items(.referencedNonImageSequence)
            where NamedInstance(reference) == nil {
                return Refusal(.invalidAttributeValue, "a referenced instance without valid UIDs")
            }
        }
        return nil
    }
}
