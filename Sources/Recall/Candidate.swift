import Archive
import DICOMCore

/// The exam that priors are sought for.
struct Reference {
    let patient: PatientRecord
    /// "" when unknown.
    let institution: String
    /// Nil for one the configuration does not know.
    let register: Institution?
    let day: CalendarDay
    /// A TM value, "" when unknown.
    let time: String
    let item: ExamItem
    /// Whether it is certain whose exam it is.
    var isSure = true
}

/// An earlier study that concerns the item, weighed against the exam it may serve.
struct Candidate {
    let study: StudySummary
    let item: ExamItem
    let relation: ExamRelation
    let kind: PriorRelation
    /// Nil for one the configuration does not know.
    let institution: Institution?
    let day: CalendarDay?
    /// Whole calendar days before the exam; nil when the study is not dated.
    let age: Int?
    let link: IdentityLink
    /// Whether both were made at the same institution; nil when one is not known.
    let isSameInstitution: Bool?

    /// Nil when the study is later than the exam: then it is no prior.
    init?(
        _ study: StudySummary, item: ExamItem, relation: ExamRelation, kind: PriorRelation, reference: Reference,
        among studies: [StudySummary], institution: Institution?
    ) {
        day = CalendarDay(dicom: study.study.date)
        age = day.map { $0.days(to: reference.day) }
        if let age, age < 0 { return nil }
        if age == 0, let time = Candidate.clock(study.study.time), let exam = Candidate.clock(reference.time),
            time > exam
        {
            return nil
        }
        self.study = study
        self.item = item
        self.relation = relation
        self.kind = kind
        self.institution = institution
        if let institution, let own = reference.register {
            isSameInstitution = institution.id == own.id
        } else {
            isSameInstitution = Candidate.isSame(study.study.institution, reference.institution)
        }
        link = Candidate.link(study, reference: reference, among: studies)
    }

    /// Issuer and Patient ID are already equal. That is not enough when no issuer is named, for hospitals number their
    /// patients alike, nor when birth date or sex contradict.
    private static func link(
        _ study: StudySummary, reference: Reference, among studies: [StudySummary]
    ) -> IdentityLink {
        let pairs = [
            (study.patient.birthDate, reference.patient.birthDate), (study.patient.sex, reference.patient.sex),
        ]
        if pairs.contains(where: { !$0.isEmpty && !$1.isEmpty && $0 != $1 }) || study.identityDiffers {
            return .possible
        }
        guard reference.isSure else { return .possible }
        guard reference.patient.issuer.isEmpty else { return .same }
        if !reference.institution.isEmpty {
            return isSame(study.study.institution, reference.institution) == true ? .same : .possible
        }
        return Set(studies.map(\.study.institution)).count == 1 ? .same : .possible
    }

    private static func isSame(_ one: String, _ other: String) -> Bool? {
        one.isEmpty || other.isEmpty ? nil : one == other
    }

    /// Hours and minutes of a TM value as one number, or nil.
    private static func clock(_ time: String) -> Int? {
        let digits = time.prefix(4)
        return digits.count == 4 ? Int(digits) : nil
    }

    /// See ``PriorScore``.
    var score: Double {
        PriorScore.value(
            link: link, relation: kind, completeness: study.completeness, quality: study.quality, age: age,
            isSameInstitution: isSameInstitution)
    }

    static func isBetter(_ left: Candidate, _ right: Candidate) -> Bool {
        if left.score != right.score { return left.score > right.score }
        if left.study.study.time != right.study.study.time { return left.study.study.time > right.study.study.time }
        return left.study.studyInstanceUID < right.study.studyInstanceUID
    }

    func prior(recognition: Recognition) -> Prior {
        Prior(
            studyInstanceUID: study.studyInstanceUID, institution: study.study.institution,
            studyDate: study.study.date, code: item.code, identityLink: link, relation: kind,
            score: score, recognition: recognition)
    }
}
