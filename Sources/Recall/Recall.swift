public import Archive
public import Catalogue
public import DICOMCore

// Recall owns what earlier studies are worth to a person's next one: who is the same person, what a prior is to an
// item, how priors rank, and whether one may stand in for a new exam (RecognitionJudge). It reads the index and
// decides; it keeps nothing. Start reading at ``Recall/priors(forStudy:today:)``.

/// Why priors cannot be given.
public enum RecallError: Error, Equatable, Sendable {
    case unknownStudy(StudyInstanceUID)
    case index(ArchiveError)
}

/// What of the policy can be changed, with its defaults.
public struct RecallParameters: Sendable, Equatable {
    /// Greatest age of a prior that may be recognised, in whole calendar days; the last one is inside.
    public var recognitionDays = 30
    /// Priors given at most.
    public var limit = 100

    public init() {}
}

/// Finds and ranks a person's comparable earlier studies.
public struct Recall: Sendable {
    private let index: StudyIndex
    private let judge: RecognitionJudge
    private let parameters: RecallParameters

    /// - Parameter rules: the notice in force; only rules it lists are reported.
    public init(index: StudyIndex, rules: [RecognitionRule], parameters: RecallParameters = RecallParameters()) {
        self.index = index
        self.parameters = parameters
        judge = RecognitionJudge(rules: rules, recognitionDays: parameters.recognitionDays)
    }

    /// Priors of a stored study: the same person's earlier studies of the same item. None when the study is unmapped
    /// or names no patient.
    ///
    /// - Parameter today: the day that ages count to when the study itself is not dated.
    public func priors(forStudy uid: StudyInstanceUID, today: CalendarDay) throws(RecallError) -> Priors {
        guard let current = try reading({ () throws(ArchiveError) in try index.study(uid) }) else {
            throw .unknownStudy(uid)
        }
        let reference = Reference(
            patient: current.patient, institution: current.study.institution,
            day: CalendarDay(dicom: current.study.date) ?? today, time: current.study.time)
        return try priors(of: reference, match: current.match.map { ($0.catalogue, $0.code) }, excluding: uid)
    }

    /// Priors for an order that has no images yet.
    ///
    /// - Parameters:
    ///   - institution: Institution Name where the new exam would be made, or nil.
    ///   - today: the day ages count to.
    public func priors(
        patientID: String, issuer: String, item: ItemCode, catalogue: CatalogueID = .zhejiangImaging,
        institution: String? = nil, today: CalendarDay
    ) throws(RecallError) -> Priors {
        let patient = PatientRecord(patientID: patientID, issuer: issuer, name: "", birthDate: "", sex: "")
        let reference = Reference(patient: patient, institution: institution ?? "", day: today, time: "")
        return try priors(of: reference, match: (catalogue.value, item.value), excluding: nil)
    }

    private func priors(
        of reference: Reference, match: (catalogue: String, code: String)?, excluding: StudyInstanceUID?
    ) throws(RecallError) -> Priors {
        let person = Person(issuer: reference.patient.issuer, patientID: reference.patient.patientID)
        guard let match, !person.identities.isEmpty else { return Priors(person: person, priors: []) }
        let studies = try reading { () throws(ArchiveError) in
            try index.studies(
                ofPatient: reference.patient.patientID, issuer: reference.patient.issuer, code: match.code,
                excluding: excluding)
        }
        let candidates = studies.filter { $0.match?.catalogue == match.catalogue }
            .compactMap { Candidate($0, reference: reference, among: studies) }
            .sorted(by: Candidate.isBetter).prefix(parameters.limit)
        var priors: [Prior] = []
        for candidate in candidates {
            let detail = try reading { () throws(ArchiveError) in
                try index.detail(of: candidate.study.studyInstanceUID)
            }
            guard let detail else { continue }
            let hasDocument = try hasEncapsulatedPDF(detail)
            priors.append(candidate.prior(recognition: judge.judge(candidate, detail: detail, hasReport: hasDocument)))
        }
        return Priors(person: person, priors: priors)
    }

    /// Whether the study holds an Encapsulated PDF (PS3.4 B.5); only series of documents are looked into.
    private func hasEncapsulatedPDF(_ detail: StudyDetail) throws(RecallError) -> Bool {
        guard detail.series.contains(where: { $0.series.modality == "DOC" || $0.series.modality == "OT" }) else {
            return false
        }
        return try reading { () throws(ArchiveError) in try index.instances(inStudy: detail.summary.studyInstanceUID) }
            .contains { $0.sopClassUID.value == "1.2.840.10008.5.1.4.1.1.104.1" }
    }

    private func reading<Value>(_ body: () throws(ArchiveError) -> Value) throws(RecallError) -> Value {
        do {
            return try body()
        } catch {
            throw .index(error)
        }
    }
}
