public import Archive
internal import DICOMCore
internal import Foundation

extension RecognitionEvent {
    /// The member `record` of its lines in the decision log.
    public static let recordName = "recognition"
    /// Of how its lines are written; what a later version wrote is passed over.
    static let recordVersion = 1

    /// A line's JSON: one flat object, keys ascending, what is empty left away.
    var record: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts, flags and one number alone can't fail to encode.
        return (try? encoder.encode(Line(self))) ?? Data()
    }

    /// - Returns: nil for a record of another kind or a later version.
    public init?(_ fields: EventFields) {
        guard fields["record"] == Self.recordName, fields.integer("version").map({ $0 <= Self.recordVersion }) ?? false,
            let kind = fields["kind"].flatMap(Kind.init(rawValue:)), let at = fields.milliseconds("at"),
            let prior = fields["prior"].flatMap({ try? StudyInstanceUID($0) }),
            let verdict = fields["verdict"].flatMap(Recognition.Verdict.init(rawValue:))
        else { return nil }
        self.init(
            kind, at: EventTime.date(milliseconds: at),
            proposal: Proposal(
                person: fields["person"] ?? "", item: fields["item"] ?? "", priorStudyInstanceUID: prior,
                reference: fields["reference"] ?? ""),
            actor: fields["actor"] ?? "", department: fields["department"] ?? "",
            institution: fields["institution"] ?? "",
            prior: PriorReference(
                institution: fields["priorInstitution"] ?? "", examDate: fields["priorDate"] ?? "",
                accessionNumber: fields["priorAccession"] ?? ""),
            verdict: verdict, reason: fields["reason"], note: fields["note"],
            isPatientInformed: fields.flag("patientInformed"), agrees: fields.flag("agrees"),
            study: fields["study"].flatMap { try? StudyInstanceUID($0) },
            isExamMade: fields.flag("examMade") ?? false, catalogue: fields["catalogue"] ?? "",
            policy: fields["policy"] ?? "")
    }

    private struct Line: Encodable {
        let record = RecognitionEvent.recordName
        let version = RecognitionEvent.recordVersion
        let kind: String
        let at: String
        let person: String
        let item: String
        let prior: String
        let reference: String?
        let actor: String?
        let department: String?
        let institution: String?
        let priorInstitution: String?
        let priorDate: String?
        let priorAccession: String?
        let verdict: String
        let reason: String?
        let note: String?
        let patientInformed: Bool?
        let agrees: Bool?
        let study: String?
        let examMade: Bool?
        let catalogue: String
        let policy: String

        init(_ event: RecognitionEvent) {
            func given(_ text: String) -> String? { text.isEmpty ? nil : text }
            kind = event.kind.rawValue
            at = EventTime.text(event.at)
            person = event.proposal.person
            item = event.proposal.item
            prior = event.proposal.priorStudyInstanceUID.value
            reference = given(event.proposal.reference)
            actor = given(event.actor)
            department = given(event.department)
            institution = given(event.institution)
            priorInstitution = given(event.prior.institution)
            priorDate = given(event.prior.examDate)
            priorAccession = given(event.prior.accessionNumber)
            verdict = event.verdict.rawValue
            reason = event.reason
            note = event.note
            patientInformed = event.isPatientInformed
            agrees = event.agrees
            study = event.study?.value
            examMade = event.isExamMade ? true : nil
            catalogue = event.catalogue
            policy = event.policy
        }
    }
}
