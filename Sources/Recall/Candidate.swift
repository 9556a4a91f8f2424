import Archive
import DICOMCore

/// The exam that priors are sought for.
struct Reference {
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
    let study: PriorCandidate
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
    /// See ``PriorScore``.
    let score: Double

    /// Nil when the study is later than the exam: then it is no prior.
    ///
    /// - Parameter link: of the study's identity to the one whose exam it is.
    init?(
        _ study: PriorCandidate, item: ExamItem, relation: ExamRelation, kind: PriorRelation, reference: Reference,
        link: IdentityLink, place: Place
    ) {
        day = CalendarDay(dicom: study.date)
        age = day.map { $0.days(to: reference.day) }
        if Candidate.isLater(day, study.time, than: reference.day, reference.time) { return nil }
        self.study = study
        self.item = item
        self.relation = relation
        self.kind = kind
        institution = place.institution
        isSameInstitution = place.isSame
        self.link = study.identityDiffers || !reference.isSure ? .possible : link
        score = PriorScore.value(
            link: self.link, relation: kind, completeness: study.completeness, quality: study.quality, age: age,
            isSameInstitution: isSameInstitution)
    }

    /// Where a study was made.
    struct Place {
        /// Nil for one the configuration does not know.
        let institution: Institution?
        /// Whether the exam is made there, too; nil when one of the two is not known.
        let isSame: Bool?

        init(_ study: PriorCandidate, _ register: InstitutionRegister, _ reference: Reference) {
            institution = register.institution(named: study.institution, from: study.sourceAETitle)
            isSame = Candidate.isSame(institution, study.institution, as: reference.register, reference.institution)
        }
    }

    /// Whether two institutions are one: by what the configuration knows, else by their names; nil when one has none.
    static func isSame(_ one: Institution?, _ name: String, as other: Institution?, _ otherName: String) -> Bool? {
        if let one, let other { return one.id == other.id }
        if name.isEmpty || otherName.isEmpty { return nil }
        return name == otherName || InstitutionName(name) == InstitutionName(otherName)
    }

    /// Whether a study is later than the exam, so that it is no prior. Of one day the times tell, where both are known.
    static func isLater(_ day: CalendarDay?, _ time: String, than examDay: CalendarDay, _ examTime: String) -> Bool {
        guard let day, day >= examDay else { return false }
        guard day == examDay else { return true }
        guard let time = clock(time), let examTime = clock(examTime) else { return false }
        return time > examTime
    }

    /// Hours and minutes of a TM value as one number, or nil.
    static func clock(_ time: String) -> Int? {
        let digits = time.prefix(4)
        return digits.count == 4 ? Int(digits) : nil
    }

    static func isBetter(_ left: Candidate, _ right: Candidate) -> Bool {
        if left.score != right.score { return left.score > right.score }
        if left.study.time != right.study.time { return left.study.time > right.study.time }
        return left.study.studyInstanceUID < right.study.studyInstanceUID
    }

    func prior(recognition: Recognition) -> Prior {
        Prior(
            studyInstanceUID: study.studyInstanceUID, institution: study.institution, studyDate: study.date,
            accessionNumber: study.accessionNumber, code: item.code, identityLink: link, relation: kind, score: score,
            recognition: recognition)
    }
}
