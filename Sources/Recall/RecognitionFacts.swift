internal import Archive
public import DICOMCore

/// What is known of a prior and of the examination it may stand in for, as recognition rules ask for it.
public struct RecognitionFacts: Sendable {
    /// Whether somebody has read the prior.
    public enum Report: Sendable {
        case present
        /// A structured report that nobody vouches for, or of which that is not known.
        case unverified
        case absent
    }

    /// What quality findings raise against the exam date, which is a rule of its own.
    public enum DateComplaint: Sendable {
        case none, only, among
    }

    public var relation: ExamRelation.Kind
    /// Whether the item in question, of the exam and not of the prior, stands on a list of imaging items.
    public var isListed: Bool
    public var link: IdentityLink
    /// Nil when the prior is not dated.
    public var examDay: CalendarDay?
    /// The other exam's day, or today for an order.
    public var referenceDay: CalendarDay
    public var today: CalendarDay
    /// As assessments say it; "" before the first one.
    public var completeness: String
    public var quality: String
    public var dateComplaint: DateComplaint
    /// Whether the exam date itself is wrong.
    public var isDateWrong: Bool
    public var report: Report
    /// Nil for one the configuration does not know.
    public var institution: Institution?
    public var ownInstitution: Institution?
    /// By the register, or by name where that does not know them; nil when a name is missing.
    public var isSameInstitution: Bool?

    public init(
        relation: ExamRelation.Kind, isListed: Bool, link: IdentityLink, examDay: CalendarDay?,
        referenceDay: CalendarDay, today: CalendarDay, completeness: String, quality: String,
        dateComplaint: DateComplaint = .none, isDateWrong: Bool = false, report: Report,
        institution: Institution? = nil, ownInstitution: Institution? = nil, isSameInstitution: Bool? = nil
    ) {
        self.relation = relation
        self.isListed = isListed
        self.link = link
        self.examDay = examDay
        self.referenceDay = referenceDay
        self.today = today
        self.completeness = completeness
        self.quality = quality
        self.dateComplaint = dateComplaint
        self.isDateWrong = isDateWrong
        self.report = report
        self.institution = institution
        self.ownInstitution = ownInstitution
        self.isSameInstitution = isSameInstitution
    }

    /// Whole calendar days; nil when the prior is not dated.
    var age: Int? { examDay.map { $0.days(to: referenceDay) } }
}

extension RecognitionFacts {
    /// - Parameter complaints: what quality rules raised against the candidate: 1 for review, 2 for fail.
    init(
        _ candidate: Candidate, complaints: [String: Int], reference: Reference, report: Report, today: CalendarDay
    ) {
        let ofDate = complaints["exam-date"]
        self.init(
            relation: candidate.relation.kind, isListed: reference.item.isListed, link: candidate.link,
            examDay: candidate.day, referenceDay: reference.day, today: today,
            completeness: candidate.study.completeness, quality: candidate.study.quality,
            dateComplaint: ofDate == nil ? .none : complaints.count == 1 ? .only : .among, isDateWrong: ofDate == 2,
            report: report, institution: candidate.institution, ownInstitution: reference.register,
            isSameInstitution: candidate.isSameInstitution)
    }
}
