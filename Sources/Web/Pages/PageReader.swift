internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Ingestion
internal import Matching
internal import Recall

/// What pages read, all of it blocking: on one of the daemon's lanes.
struct PageReader: Sendable {
    let index: StudyIndex
    let recall: Recall
    let desk: RecognitionDesk
    let library: CatalogueLibrary
    let asked: PageRequest
    private var language: Language { asked.language }

    init(_ daemon: Daemon, _ asked: PageRequest) {
        index = daemon.archive.index
        recall = daemon.recall
        desk = daemon.desk
        library = daemon.catalogues.namer.library
        self.asked = asked
    }

    var words: PageWords { PageWords(language: language, library: library) }

    /// Whether somebody has this Patient ID, or a study this Accession Number.
    private func isNumber(_ text: String) throws(ArchiveError) -> Bool {
        guard !text.isEmpty else { return false }
        if try !index.patients(withID: text).isEmpty { return true }
        var filter = StudyFilter()
        filter.number = text
        filter.limit = 1
        return try !index.studies(matching: filter).isEmpty
    }

    /// Persons of that Patient ID, none for an Accession Number; nil where the text is neither.
    func persons(numbered text: String) throws -> [PersonSummary]? {
        guard try isNumber(text) else { return nil }
        return try recall.persons.persons(patientID: text, issuer: nil).compactMap(PersonSummary.init)
    }

    // MARK: One study

    /// - Throws: ``ArchiveError/unknownStudy``.
    func detail(_ uid: StudyInstanceUID) throws(ArchiveError) -> StudyDetail {
        guard let detail = try index.detail(of: uid) else { throw .unknownStudy }
        return detail
    }

    /// - Parameter refusal: a decision just sent that was not recorded.
    func exam(
        _ uid: StudyInstanceUID, _ priors: Priors, refusal: DecisionForm.Refusal? = nil
    ) throws -> ExamPage {
        let detail = try detail(uid)
        let study = detail.summary
        let emptiness: PageText =
            study.patient.patientID.isEmpty
            ? .noPriorsNobody : study.match == nil ? .noPriorsUnmapped : .noPriors
        var filter = Self.decisions
        filter.study = uid.value
        let events = try desk.events(filter).map(\.event).filter { $0.proposal.reference == uid.value }
        return ExamPage(
            detail: detail, assessment: try AssessmentAnswer(newestOf: detail.assessments),
            person: try person(ofStudy: uid),
            priors: try list(
                priors, beside: .study(uid), day: CalendarDay(dicom: study.study.date) ?? .today(), emptiness, events,
                form: form(.decisions(on: uid), [], priors, refusal)),
            words: words)
    }

    private func form(
        _ action: PagePath, _ subject: [(name: String, value: String)], _ priors: Priors,
        _ refusal: DecisionForm.Refusal?
    ) -> DecisionForm {
        DecisionForm(
            action: action, subject: subject,
            policy: priors.priors.first.flatMap { desk.policies[$0.recognition.policy] } ?? desk.policy,
            actor: PageCookie.actor.value(in: asked.request) ?? "",
            department: PageCookie.department.value(in: asked.request) ?? "", refusal: refusal)
    }

    /// What was decided, and not who looked at what.
    private static var decisions: DecisionFilter {
        var filter = DecisionFilter()
        filter.kinds = [RecognitionEvent.Kind.recognised.rawValue, RecognitionEvent.Kind.declined.rawValue]
        return filter
    }

    private func list(
        _ priors: Priors, beside exam: DeskOrder.Subject, day: CalendarDay, _ emptiness: PageText,
        _ decisions: [RecognitionEvent], form: DecisionForm
    ) throws -> PriorList {
        let entries = try priors.priors.map { prior in
            PriorList.Entry(
                prior: prior, study: try index.study(prior.studyInstanceUID),
                age: CalendarDay(dicom: prior.studyDate).map { $0.days(to: day) },
                decision: decisions.last { $0.proposal.priorStudyInstanceUID == prior.studyInstanceUID },
                fetch: prior.source.isEmpty
                    ? nil : try index.fetches(in: [], of: prior.studyInstanceUID, limit: 1).first)
        }
        return PriorList(
            exam: exam, priors: priors, entries: entries, emptiness: emptiness, policies: desk.policies,
            form: priors.person.personID.isEmpty ? nil : form, words: words)
    }

    // MARK: An order

    func outcome(
        of question: OrderPage.Question, _ priors: Priors?, refusal: DecisionForm.Refusal? = nil
    ) throws -> OrderPage.Outcome {
        guard !question.patientID.isEmpty, !question.item.isEmpty else { return .nothingAsked }
        let items = items(named: question.item)
        guard items.count == 1, let item = items.first, let priors else { return .items(items) }
        var filter = Self.decisions
        filter.persons = [priors.person.personID]
        let events = priors.person.personID.isEmpty ? [] : try desk.events(filter).map(\.event)
        let subject = question.subject(item: item.code.value)
        return .priors(
            try list(
                priors, beside: subject, day: .today(), .noPriors,
                events.filter { $0.proposal.reference.isEmpty && $0.proposal.item == item.code.value },
                form: form(.orderDecisions, subject.fields, priors, refusal)), of: item)
    }

    /// The one item an order names, or nil.
    func item(of question: OrderPage.Question) -> CatalogueItem? {
        guard !question.patientID.isEmpty else { return nil }
        let items = items(named: question.item)
        return items.count == 1 ? items.first : nil
    }

    /// The item of that code, or those whose names hold all words of the text.
    private func items(named text: String) -> [CatalogueItem] {
        if let code = try? ItemCode(text.uppercased()) {
            return library.imaging(on: nil).compactMap { $0[code] }.suffix(1)
        }
        let found = SearchQuestion.items(named: text, in: library)
        let exact = found.filter { $0.name[language] == text }
        return exact.count == 1 ? exact : found
    }
}
