internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Matching
internal import Recall
internal import Sources

// Pages are what people open: search, a person's studies, a study with its priors, an order, the viewer. Each is made here
// from the index and Recall as a value of its own (``SearchPage``, ``PersonPage``, ``ExamPage``, …), written with
// ``Element`` and framed by ``PageFrame``. What pages change goes through the rooms below, as the API's changes do.

/// The pages of the port. A problem is a page, too.
struct PageRoutes {
    let daemon: Daemon
    let problems: ProblemAnswers
    let assets = PageAssets.bundled

    private typealias Maker = @Sendable (PageRequest, WebContext) async throws -> PageContent

    func add(to router: Router<WebContext>) {
        router.resource("/", [.get: page { asked, _ in try await search(asked) }])
        router.resource("/order", [.get: page { asked, _ in try await order(asked) }])
        router.resource("/view", [.get: page { asked, _ in try await viewer(asked) }])
        router.resource("/persons/:id", [.get: page { asked, context in try await person(asked, context) }])
        router.resource("/studies/:uid", [.get: page { asked, context in try await exam(asked, context) }])
        router.resource(
            "/studies/:uid/person", [.get: page { asked, context in try await personOfStudy(asked, context) }])
        router.resource(
            "/studies/:uid/fetches", [.post: page { asked, context in try await fetch(asked, context) }])
        router.resource(
            "/assets/:hash/:name",
            [
                .get: { request, context in
                    try assets.answer(
                        request, name: context.parameters.get("name") ?? "",
                        hash: context.parameters.get("hash") ?? "")
                }
            ])
    }

    private func page(_ make: @escaping Maker) -> Router<WebContext>.Handler {
        { request, context in
            let asked = PageRequest(request)
            let frame = PageFrame(asked: asked, assets: assets)
            do {
                try request.requireAcceptance(of: "text/html")
                return frame.response(try await make(asked, context))
            } catch {
                let words = PageWords(language: asked.language, library: daemon.catalogues.namer.library)
                return frame.response(FaultPage(problem: problems.problem(error), words: words).content)
            }
        }
    }

    private func reader(_ asked: PageRequest) -> PageReader { PageReader(daemon, asked) }

    private func search(_ asked: PageRequest) async throws -> PageContent {
        let question = try SearchQuestion(asked.query(SearchQuestion.parameters))
        let reader = reader(asked)
        let findings = try await daemon.queries.run { try SearchFindings(question, reader) }
        return SearchPage(question: question, findings: findings, words: reader.words).content
    }

    // MARK: Persons

    private func person(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        let query = try asked.query(PersonPage.parameters)
        let offset = try query.integer("offset", in: 0...Int(Int32.max), default: 0)
        let id = context.parameters.get("id") ?? ""
        let reader = reader(asked)
        return try await daemon.queries.run { try reader.personPage(id, offset: offset) }.content
    }

    private func personOfStudy(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        _ = try asked.query([])
        let uid = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let reader = reader(asked)
        guard let person = try await daemon.queries.run({ try reader.person(ofStudy: uid) }) else {
            throw Problem.notFound("the study names no patient")
        }
        return .seeOther(.person(person.id))
    }

    // MARK: A study and its priors

    private func exam(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        let query = try asked.query(ExamPage.parameters)
        _ = try query["for"].map { text throws(Problem) in try StudyInstanceUID(parameter: text) }
        let uid = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let reader = reader(asked)
        let priors = try await priors(beside: uid, asked)
        let page = try await daemon.queries.run { try reader.exam(uid, priors) }
        return page.content
    }

    private var asksSources: Bool { daemon.settings.asksSources && daemon.sources.hasSources }

    /// Those that are here with those that sources have.
    private func priors(beside uid: StudyInstanceUID, _ asked: PageRequest) async throws -> Priors {
        let (recall, language, asksSources) = (daemon.recall, asked.language, asksSources)
        let (local, errand) = try await daemon.queries.run {
            let local = try recall.priors(forStudy: uid, in: language)
            return (local, asksSources ? try recall.errand(forStudy: uid, of: local.person) : nil)
        }
        guard let errand else { return local }
        return try await daemon.sources.priors(beside: local, for: errand, in: language)
    }

    /// Asks for a prior that a source has.
    private func fetch(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        _ = try asked.query([])
        let exam = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let form = try await asked.form(["source", "study"])
        let prior = try StudyInstanceUID(parameter: form["study"])
        guard let source = daemon.sources.source(named: form["source"] ?? "") else {
            throw Problem.notFound("no source of that name")
        }
        guard source.isFetchedFrom else {
            throw Problem.conflict("nothing is fetched from \(source.name): fetch is off in its configuration")
        }
        let index = daemon.archive.index
        let queueing = try await daemon.queries.run {
            try index.queueFetch(SourceFetchOrder(prior, from: source.name, because: .asked), at: Date())
        }
        if case .full = queueing { throw Problem.unavailable("as much waits to be fetched as may") }
        return .seeOther(PagePath.study(exam).at(PriorList.id(of: prior)))
    }

    // MARK: An order

    private func order(_ asked: PageRequest) async throws -> PageContent {
        let question = try OrderPage.Question(asked.query(OrderPage.Question.parameters))
        return try await orderPage(question, asked).content
    }

    private func orderPage(
        _ question: OrderPage.Question, _ asked: PageRequest
    ) async throws -> OrderPage {
        let reader = reader(asked)
        var priors: Priors?
        if let item = reader.item(of: question) { priors = try await self.priors(of: question, item: item, asked) }
        return try await daemon.queries.run { [priors] in
            OrderPage(
                question: question, outcome: try reader.outcome(of: question, priors),
                words: reader.words)
        }
    }

    private func priors(
        of question: OrderPage.Question, item: CatalogueItem, _ asked: PageRequest
    ) async throws -> Priors {
        let (recall, language, asksSources) = (daemon.recall, asked.language, asksSources)
        let (local, errand) = try await daemon.queries.run {
            let local = try recall.priors(
                patientID: question.patientID, issuer: question.knownIssuer, item: item.code.value, in: language)
            return (
                local,
                asksSources
                    ? try recall.errand(
                        patientID: question.patientID, issuer: question.knownIssuer, item: item.code.value,
                        of: local.person) : nil
            )
        }
        guard let errand else { return local }
        return try await daemon.sources.priors(beside: local, for: errand, in: language)
    }

    // MARK: Images

    private func viewer(_ asked: PageRequest) async throws -> PageContent {
        let query = try asked.query(ViewerPage.parameters)
        let current = try StudyInstanceUID(parameter: query["current"])
        let prior = try query["prior"].map { text throws(Problem) in try StudyInstanceUID(parameter: text) }
        let series = try query["series"].map { text throws(Problem) in try SeriesInstanceUID(parameter: text) }
        let reader = reader(asked)
        let page = try await daemon.queries.run {
            try ViewerPage(
                current: reader.detail(current), prior: prior.map { try reader.detail($0) }, series: series,
                words: reader.words)
        }
        return page.content
    }
}
