public import Archive
public import Catalogue
public import DICOMCore
public import Foundation

// Recall owns what earlier studies are worth to a person's next one: who is the same person, what a prior is to an
// item, how priors rank, and whether one may stand in for a new exam (RecognitionJudge). It reads the index and
// decides; it keeps nothing. Start reading at ``Recall/priors(forStudy:)``.

/// Why priors cannot be given.
public enum RecallError: Error, Equatable, Sendable {
    case unknownStudy(StudyInstanceUID)
    /// The text is not built like a catalogue's item code.
    case notAnItemCode(String)
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
    private let today: @Sendable () -> CalendarDay

    /// - Parameters:
    ///   - rules: the notice in force; only rules it lists are reported.
    ///   - today: the day that ages count to where the exam has no date yet.
    public init(
        index: StudyIndex, rules: [RecognitionRule], parameters: RecallParameters = RecallParameters(),
        today: @escaping @Sendable () -> CalendarDay = { CalendarDay.today() }
    ) {
        self.index = index
        self.parameters = parameters
        self.today = today
        judge = RecognitionJudge(rules: rules, recognitionDays: parameters.recognitionDays)
    }

    /// Priors of a stored study: the same person's earlier studies of the same item. None when the study is unmapped
    /// or names no patient.
    public func priors(forStudy uid: StudyInstanceUID) throws(RecallError) -> Priors {
        guard let current = try reading({ () throws(ArchiveError) in try index.study(uid) }) else {
            throw .unknownStudy(uid)
        }
        let reference = Reference(
            patient: current.patient, institution: current.study.institution,
            day: CalendarDay(dicom: current.study.date) ?? today(), time: current.study.time)
        let person = Person(issuer: current.patient.issuer, patientID: current.patient.patientID)
        guard let match = current.match, !person.identities.isEmpty else { return Priors(person: person, priors: []) }
        let candidates = try candidates(reference, catalogue: match.catalogue, code: match.code, excluding: uid)
        return try Priors(person: person, priors: priors(candidates))
    }

    /// Priors for an order that has no images yet; ages count to today.
    ///
    /// - Parameters:
    ///   - issuer: nil when it is not known. Then the one issuer that numbers a patient so is meant; where there are
    ///     several, any of them is only possibly the person.
    ///   - item: the code of the item ordered.
    ///   - institution: Institution Name where the new exam would be made, or nil.
    public func priors(
        patientID: String, issuer: String?, item: String, catalogue: CatalogueID = .zhejiangImaging,
        institution: String? = nil
    ) throws(RecallError) -> Priors {
        guard let code = try? ItemCode(item) else { throw .notAnItemCode(item) }
        let issuers: [String]
        if let issuer {
            issuers = [issuer]
        } else {
            issuers = try reading { () throws(ArchiveError) in try index.patients(withID: patientID) }
                .map(\.patient.issuer)
        }
        var person = Person(issuer: issuers.first ?? "", patientID: patientID)
        let isSure = issuers.count <= 1
        if !isSure {
            person.personID = ""
            person.identities = issuers.map { Person.Identity(issuer: $0, patientID: patientID, link: .possible) }
        }
        var found: [Candidate] = []
        for issuer in issuers where !patientID.isEmpty {
            let reference = Reference(
                patient: PatientRecord(patientID: patientID, issuer: issuer), institution: institution ?? "",
                day: today(), time: "", isSure: isSure)
            found += try candidates(reference, catalogue: catalogue.value, code: code.value, excluding: nil)
        }
        return try Priors(person: person, priors: priors(found))
    }

    private func candidates(
        _ reference: Reference, catalogue: String, code: String, excluding: StudyInstanceUID?
    ) throws(RecallError) -> [Candidate] {
        let studies = try reading { () throws(ArchiveError) in
            try index.studies(
                ofPatient: reference.patient.patientID, issuer: reference.patient.issuer, code: code,
                excluding: excluding)
        }
        return studies.filter { $0.match?.catalogue == catalogue }
            .compactMap { Candidate($0, reference: reference, among: studies) }
    }

    private func priors(_ candidates: [Candidate]) throws(RecallError) -> [Prior] {
        var priors: [Prior] = []
        for candidate in candidates.sorted(by: Candidate.isBetter).prefix(parameters.limit) {
            let detail = try reading { () throws(ArchiveError) in
                try index.detail(of: candidate.study.studyInstanceUID)
            }
            guard let detail else { continue }
            let hasReport = try hasEncapsulatedPDF(detail)
            priors.append(candidate.prior(recognition: judge.judge(candidate, detail: detail, hasReport: hasReport)))
        }
        return priors
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

extension CalendarDay {
    /// The day it is now in `zone`.
    public static func today(in zone: TimeZone = .current) -> CalendarDay {
        CalendarDay(seconds: Date().timeIntervalSince1970 + Double(zone.secondsFromGMT()))
    }
}
