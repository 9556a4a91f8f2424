public import Archive
public import Catalogue
public import DICOMCore
public import Foundation

// Recall owns what earlier studies are worth to a person's next one: who is the same person, what a prior is to an
// item (RelationJudge), how priors rank, and whether one may stand in for a new exam (RecognitionJudge). It reads the
// index and decides; it keeps nothing. Start reading at ``Recall/priors(forStudy:in:)``.

/// Why priors cannot be given.
public enum RecallError: Error, Equatable, Sendable {
    case unknownStudy(StudyInstanceUID)
    /// The text is not built like a catalogue's item code.
    case notAnItemCode(String)
    case index(ArchiveError)
}

/// What of priors can be changed, with its defaults.
public struct RecallParameters: Sendable, Equatable {
    /// Priors given at most.
    public var limit = 100

    public init() {}
}

/// Finds and ranks a person's comparable earlier studies.
public struct Recall: Sendable {
    let index: StudyIndex
    let judge: RecognitionJudge
    let relations: RelationJudge
    let institutions: InstitutionRegister
    let library: @Sendable () -> CatalogueLibrary
    private let parameters: RecallParameters
    let today: @Sendable () -> CalendarDay

    /// - Parameters:
    ///   - policy: the notice in force; only rules it lists are reported.
    ///   - library: the catalogues in force when it is asked.
    ///   - today: the day that ages count to where the exam has no date yet.
    public init(
        index: StudyIndex, policy: RecognitionPolicy, coverage: AnatomyCoverage,
        institutions: InstitutionRegister = InstitutionRegister(), parameters: RecallParameters = RecallParameters(),
        library: @escaping @Sendable () -> CatalogueLibrary,
        today: @escaping @Sendable () -> CalendarDay = { CalendarDay.today() }
    ) {
        self.index = index
        self.institutions = institutions
        self.parameters = parameters
        self.library = library
        self.today = today
        judge = RecognitionJudge(policy: policy)
        relations = RelationJudge(coverage: coverage)
    }

    /// The notice that verdicts cite.
    public var policy: RecognitionPolicy { judge.policy }

    /// Priors of a stored study: the same person's earlier studies that concern its item. None when the study is
    /// unmapped or names no patient.
    ///
    /// - Parameter language: of what the rules say.
    public func priors(
        forStudy uid: StudyInstanceUID, in language: Language = .english
    ) throws(RecallError) -> Priors {
        guard let current = try reading({ () throws(ArchiveError) in try index.study(uid) }) else {
            throw .unknownStudy(uid)
        }
        let person = Person(issuer: current.patient.issuer, patientID: current.patient.patientID)
        guard let match = current.match, !person.identities.isEmpty else { return Priors(person: person, priors: []) }
        let reference = Reference(
            patient: current.patient, institution: current.study.institution,
            register: institutions.institution(named: current.study.institution, from: current.sourceAETitle),
            day: CalendarDay(dicom: current.study.date) ?? today(), time: current.study.time,
            item: item(match.catalogue, match.code))
        return try Priors(person: person, priors: priors(candidates(reference, excluding: uid), reference, language))
    }

    /// Priors for an order that has no images yet; ages count to today.
    ///
    /// - Parameters:
    ///   - issuer: nil when it is not known. Then the one issuer that numbers a patient so is meant; where there are
    ///     several, any of them is only possibly the person.
    ///   - item: the code of the item ordered.
    ///   - institution: Institution Name where the new exam would be made; nil for the one this priord stands in.
    public func priors(
        patientID: String, issuer: String?, item code: String, catalogue: CatalogueID = .zhejiangImaging,
        institution: String? = nil, in language: Language = .english
    ) throws(RecallError) -> Priors {
        guard (try? ItemCode(code)) != nil else { throw .notAnItemCode(code) }
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
        let item = item(catalogue.value, code)
        var found: [Prior] = []
        for issuer in issuers where !patientID.isEmpty {
            let reference = Reference(
                patient: PatientRecord(patientID: patientID, issuer: issuer), institution: institution ?? "",
                register: institution.map { institutions.institution(named: $0, from: nil) } ?? institutions.own,
                day: today(), time: "",
                item: item, isSure: isSure)
            found += try priors(candidates(reference, excluding: nil), reference, language)
        }
        return Priors(person: person, priors: Array(found.sorted(by: Prior.isBetter).prefix(parameters.limit)))
    }

    private func item(_ catalogue: String, _ code: String) -> ExamItem {
        ExamItem(catalogue: catalogue, code: code, in: library())
    }

    private func candidates(
        _ reference: Reference, excluding: StudyInstanceUID?
    ) throws(RecallError) -> [Candidate] {
        let studies = try reading { () throws(ArchiveError) in
            try index.studies(
                ofPatient: reference.patient.patientID, issuer: reference.patient.issuer, excluding: excluding)
        }
        let library = library()
        return studies.compactMap { study in
            guard let match = study.match else { return nil }
            let item = ExamItem(catalogue: match.catalogue, code: match.code, in: library)
            let relation = item.relation(to: reference.item, relations)
            guard let kind = PriorRelation(relation.kind) else { return nil }
            return Candidate(
                study, item: item, relation: relation, kind: kind, reference: reference, among: studies,
                institution: institutions.institution(named: study.study.institution, from: study.sourceAETitle))
        }
    }

    private func priors(
        _ candidates: [Candidate], _ reference: Reference, _ language: Language
    ) throws(RecallError) -> [Prior] {
        var priors: [Prior] = []
        for candidate in candidates.sorted(by: Candidate.isBetter).prefix(parameters.limit) {
            let detail = try reading { () throws(ArchiveError) in
                try index.detail(of: candidate.study.studyInstanceUID)
            }
            guard let detail else { continue }
            let facts = RecognitionFacts(
                candidate, detail: detail, reference: reference, report: try report(in: detail), today: today())
            priors.append(candidate.prior(recognition: judge.judge(facts, in: language)))
        }
        return priors
    }

    /// Whether somebody has read the study: an Encapsulated PDF (PS3.4 B.5) or a structured report. Only series of
    /// documents are looked into.
    private func report(in detail: StudyDetail) throws(RecallError) -> RecognitionFacts.Report {
        let modalities = Set(detail.series.map(\.series.modality))
        if !modalities.isDisjoint(with: ["DOC", "OT"]),
            try reading({ () throws(ArchiveError) in try index.instances(inStudy: detail.summary.studyInstanceUID) })
                .contains(where: { $0.sopClassUID.value == "1.2.840.10008.5.1.4.1.1.104.1" })
        {
            return .present
        }
        return modalities.contains("SR") ? .unverified : .absent
    }

    func reading<Value>(_ body: () throws(ArchiveError) -> Value) throws(RecallError) -> Value {
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
