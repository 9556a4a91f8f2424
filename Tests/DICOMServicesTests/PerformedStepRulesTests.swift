import Archive
import DICOMCore
import Foundation
import Testing

@testable import DICOMServices

@Suite struct PerformedStepRulesTests {
    private static func started() -> AttributeSet {
        var attributes = AttributeSet(values: [
            .performedStepStatus: ["IN PROGRESS"], .performedStepID: ["1"], .performedStationAETitle: ["CT1"],
            .performedStepStartDate: ["20261120"], .performedStepStartTime: ["080000"], .modality: ["CT"],
        ])
        attributes.set(
            .scheduledStepAttributesSequence, to: [AttributeSet(values: [.studyInstanceUID: ["1.2.3"]])])
        return attributes
    }

    private static func step(_ status: PerformedStep.Status = .inProgress) throws -> PerformedStep {
        var attributes = started()
        attributes[.performedStepStatus] = status.dicom
        return try PerformedStep(
            uid: SOPInstanceUID("1.5"), attributes: attributes, callingAETitle: AETitle("CT1"), host: "",
            createdAt: Date())
    }

    private static func series(_ uid: String, instance: String) -> AttributeSet {
        var series = AttributeSet(values: [.seriesInstanceUID: [uid]])
        series.set(
            .referencedImageSequence,
            to: [
                AttributeSet(values: [
                    .referencedSOPClassUID: ["1.2.840.10008.5.1.4.1.1.2"], .referencedSOPInstanceUID: [instance],
                ])
            ])
        return series
    }

    @Test func `a step with every Attribute of Type 1 is created, without those of Type 2`() {
        #expect(PerformedStepRules.objection(toCreating: Self.started()) == nil)
    }

    @Test(arguments: [
        DICOMCore.Tag.performedStepStatus, .performedStepID, .performedStationAETitle, .performedStepStartDate,
        .performedStepStartTime, .modality, .scheduledStepAttributesSequence,
    ])
    func `an Attribute of Type 1 that is missing or empty is named`(tag: DICOMCore.Tag) {
        var missing = AttributeSet()
        for kept in Self.started().tags where kept != tag {
            let items = Self.started().items(kept)
            if items.isEmpty {
                missing.set(kept, to: Self.started().strings(kept))
            } else {
                missing.set(kept, to: items)
            }
        }
        #expect(PerformedStepRules.objection(toCreating: missing) == Refusal(.missingAttribute, "\(tag) is missing"))
        missing.set(tag, to: [""])
        #expect(
            PerformedStepRules.objection(toCreating: missing) == Refusal(.missingAttributeValue, "\(tag) has no value"))
    }

    @Test(arguments: ["COMPLETED", "DISCONTINUED", "in progress", "DONE"])
    func `a step is created in progress and in no other state`(status: String) {
        var attributes = Self.started()
        attributes[.performedStepStatus] = status
        #expect(PerformedStepRules.objection(toCreating: attributes)?.status == .invalidAttributeValue)
    }

    @Test(arguments: [
        ("1.2.x", "1.2", DIMSEStatus.invalidAttributeValue), ("1.2", "1..2", .invalidAttributeValue),
        ("1.2", "", .invalidAttributeValue), ("", "1.2", .missingAttribute),
    ])
    func `series and instances that cannot be found by their UIDs are refused`(
        series: String, instance: String, status: DIMSEStatus
    ) throws {
        var attributes = AttributeSet()
        attributes.set(.performedSeriesSequence, to: [Self.series(series, instance: instance)])
        var step = try Self.step()
        #expect(PerformedStepRules.apply(attributes, to: &step)?.status == status)
        #expect(step == (try Self.step(createdAt: step.createdAt)))
    }

    @Test func `an N-SET replaces what it gives, whole Sequences too, and leaves what may not be changed`() throws {
        var step = try Self.step()
        var first = AttributeSet(values: [.performedStationAETitle: ["MR9"], .studyDescription: ["Head"]])
        first.set(.performedSeriesSequence, to: [Self.series("1.1", instance: "1.1.1")])
        first.set(
            .scheduledStepAttributesSequence, to: [AttributeSet(values: [.studyInstanceUID: ["9.9"]])])
        #expect(PerformedStepRules.apply(first, to: &step) == nil)
        var second = AttributeSet(values: [.performedStepStatus: ["COMPLETED"]])
        second.set(.performedSeriesSequence, to: [Self.series("1.2", instance: "1.2.1")])
        #expect(PerformedStepRules.apply(second, to: &step) == nil)
        #expect(step.status == .completed)
        #expect(step.series.map(\.seriesInstanceUID.value) == ["1.2"])
        #expect(step.attributes[.studyDescription] == "Head")
        #expect(step.attributes[.performedStationAETitle] == "CT1")
        #expect(step.studies.map(\.value) == ["1.2.3"])
    }

    @Test(arguments: [PerformedStep.Status.completed, .discontinued])
    func `a step that ended may no longer be updated`(status: PerformedStep.Status) throws {
        var step = try Self.step(status)
        let refusal = try #require(
            PerformedStepRules.apply(AttributeSet(values: [.studyDescription: ["late"]]), to: &step))
        #expect(refusal.status == .processingFailure)
        #expect(refusal.errorID == 0xA710)
        #expect(step.attributes[.studyDescription] == nil)
    }

    @Test func `a UID of our own is a valid one and never the same`() throws {
        let uids = (0..<100).map { _ in SOPInstanceUID.randomValue() }
        #expect(Set(uids).count == 100)
        for uid in uids { _ = try SOPInstanceUID(uid) }
        #expect(uids.allSatisfy { $0.hasPrefix("2.25.") })
    }

    private static func step(createdAt: Date) throws -> PerformedStep {
        try PerformedStep(
            uid: SOPInstanceUID("1.5"), attributes: started(), callingAETitle: AETitle("CT1"), host: "",
            createdAt: createdAt)
    }
}

@Suite struct CommitmentMessageTests {
    private static func items(_ references: [(String?, String?)]) -> AttributeSet {
        var attributes = AttributeSet()
        attributes.set(
            .referencedSOPSequence,
            to: references.map { sopClass, instance in
                var item = AttributeSet()
                item[.referencedSOPClassUID] = sopClass
                item[.referencedSOPInstanceUID] = instance
                return item
            })
        return attributes
    }

    @Test func `an instance named twice is meant once`() throws {
        let named = try CommitmentSCP.instances(Self.items([("1.2", "1.3"), ("1.2", "1.4"), ("1.2", "1.3")]))
        #expect(named.map(\.sopInstanceUID.value) == ["1.3", "1.4"])
    }

    @Test func `what names nothing or too much is refused`() {
        #expect(throws: Refusal.self) { try CommitmentSCP.instances(AttributeSet()) }
        #expect(throws: Refusal.self) { try CommitmentSCP.instances(Self.items([("1.2", nil)])) }
        #expect(throws: Refusal.self) { try CommitmentSCP.instances(Self.items([("1.2", "1.3"), ("x", "1.3")])) }
        let many = (0...CommitmentSCP.instanceLimit).map { ("1.2", "1.3.\($0)") as (String?, String?) }
        #expect(throws: Refusal(.resourceLimitation, "more than 50000 instances")) {
            try CommitmentSCP.instances(Self.items(many))
        }
    }

    @Test func `tries are made at growing distances that stay bounded`() {
        let pauses = [1, 2, 3, 8, 9, 64, 10_000].map { CommitmentSettings.pause(afterAttempts: $0) }
        #expect(pauses == [5, 10, 20, 640, 900, 900, 900].map(Duration.seconds))
    }

    @Test func `an association's claim keeps the service away until it is given up`() {
        let desk = CommitmentDesk()
        #expect(desk.claim(7))
        #expect(!desk.claim(7))
        #expect(desk.isClaimed(7))
        #expect(!desk.isChecked(7))
        desk.noteChecked(7)
        desk.noteChecked(8)
        #expect(desk.isChecked(7))
        #expect(!desk.isClaimed(8))
        desk.release([7])
        #expect(!desk.isClaimed(7))
    }
}
