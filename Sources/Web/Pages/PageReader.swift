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
    let library: CatalogueLibrary
    let language: Language

    init(_ daemon: Daemon, _ language: Language) {
        index = daemon.archive.index
        recall = daemon.recall
        library = daemon.catalogues.namer.library
        self.language = language
    }

    var words: PageWords { PageWords(language: language, library: library) }

    // MARK: Searching

    /// Whether somebody has this Patient ID, or a study this Accession Number.
    func isNumber(_ text: String) throws(ArchiveError) -> Bool {
        guard !text.contains(where: { $0 == "*" || $0 == "?" }) else { return false }
        if try !index.patients(withID: text).isEmpty { return true }
        var filter = StudyFilter()
        filter.accessionNumber = text
        filter.limit = 1
        return try !index.studies(matching: filter).isEmpty
    }

    func persons(found text: String, among studies: [StudySummary], limit: Int) throws -> [PersonSummary] { [] }

    // MARK: One study

    /// - Throws: ``ArchiveError/unknownStudy``.
    func detail(_ uid: StudyInstanceUID) throws(ArchiveError) -> StudyDetail {
        guard let detail = try index.detail(of: uid) else { throw .unknownStudy }
        return detail
    }

    func exam(_ uid: StudyInstanceUID) throws -> ExamPage {
        let detail = try detail(uid)
        let priors = try recall.priors(forStudy: uid, in: language)
        let study = detail.summary
        let emptiness: PageText =
            study.patient.patientID.isEmpty
            ? .noPriorsNobody : study.match == nil ? .noPriorsUnmapped : .noPriors
        return ExamPage(
            detail: detail, assessment: try AssessmentAnswer(newestOf: detail.assessments),
            person: nil,
            priors: try list(priors, current: uid, day: CalendarDay(dicom: study.study.date) ?? .today(), emptiness),
            words: words)
    }

    private func list(
        _ priors: Priors, current: StudyInstanceUID?, day: CalendarDay, _ emptiness: PageText
    ) throws -> PriorList {
        let entries = try priors.priors.map { prior in
            PriorList.Entry(
                prior: prior, study: try index.study(prior.studyInstanceUID),
                age: CalendarDay(dicom: prior.studyDate).map { $0.days(to: day) })
        }
        return PriorList(
            current: current, entries: entries, emptiness: emptiness, policy: recall.policy, words: words)
    }

    // MARK: An order

    func outcome(of question: OrderPage.Question) throws -> OrderPage.Outcome {
        guard !question.patientID.isEmpty, !question.item.isEmpty else { return .nothingAsked }
        let items = items(named: question.item)
        guard items.count == 1, let item = items.first else { return .items(items) }
        let priors = try recall.priors(
            patientID: question.patientID, issuer: question.issuer.isEmpty ? nil : question.issuer,
            item: item.code.value, in: language)
        return .priors(try list(priors, current: nil, day: .today(), .noPriors), of: item)
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
