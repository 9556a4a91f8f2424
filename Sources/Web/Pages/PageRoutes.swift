internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Logging
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
        router.resource("/order/decisions", [.post: page { asked, _ in try await decideForOrder(asked) }])
        router.resource("/order/fetches", [.post: page { asked, _ in try await fetchForOrder(asked) }])
        router.resource("/persons/:id", [.get: page { asked, context in try await person(asked, context) }])
        router.resource("/studies/:uid", [.get: page { asked, context in try await exam(asked, context) }])
        router.resource(
            "/studies/:uid/person", [.get: page { asked, context in try await personOfStudy(asked, context) }])
        router.resource(
            "/studies/:uid/fetches", [.post: page { asked, context in try await fetch(asked, context) }])
        router.resource(
            "/studies/:uid/decisions", [.post: page { asked, context in try await decideForExam(asked, context) }])
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
        let findings: SearchFindings?
        do {
            // A number is looked up, which may write; so that is not bounded.
            let numbered = try await daemon.queries.run { try reader.persons(numbered: question.text) }
            findings = try await daemon.find { try SearchFindings(question, numbered: numbered, reader) }
        } catch {
            // What was asked stays to be narrowed.
            guard problems.problem(error).type == Problem.tookTooLongType else { throw error }
            findings = nil
        }
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
        let exam = try DeskOrder.Subject(query)
        let uid = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let reader = reader(asked)
        let priors = try await daemon.priors(of: .study(uid), in: asked.language)
        let page = try await daemon.queries.run { try reader.exam(uid, priors) }
        if let exam {
            await note(.opened, asked, of: exam, prior: uid)
        } else if !page.priors.entries.isEmpty {
            await note(.reminded, asked, of: .study(uid))
        }
        return page.content
    }

    private func decideForExam(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        _ = try asked.query([])
        let uid = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let order = try DeskOrder(try await asked.form(DecisionForm.fields), for: .study(uid))
        let reader = reader(asked)
        return try await decide(order, asked, then: .study(uid)) { refusal in
            let priors = try await daemon.priors(of: .study(uid), in: asked.language)
            return try await daemon.queries.run { try reader.exam(uid, priors, refusal: refusal) }.content
        }
    }

    /// Asks for a prior that a source has.
    private func fetch(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        _ = try asked.query([])
        let exam = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let prior = try await queueFetch(asked.form(Self.fetchFields))
        return .seeOther(PagePath.study(exam).at(PriorList.id(of: prior)))
    }

    private static let fetchFields: Set<String> = ["source", "study"]

    private func queueFetch(_ form: QueryParameters) async throws -> StudyInstanceUID {
        let prior = try StudyInstanceUID(parameter: form["study"])
        _ = try await daemon.queueFetch(of: prior, from: try daemon.source(named: form["source"] ?? ""))
        return prior
    }

    // MARK: An order

    private func order(_ asked: PageRequest) async throws -> PageContent {
        let question = try OrderPage.Question(asked.query(OrderPage.Question.parameters))
        let page = try await orderPage(question, asked, refusal: nil)
        if case .priors(let priors, let item) = page.outcome, !priors.entries.isEmpty {
            await note(.reminded, asked, of: question.subject(item: item.code.value))
        }
        return page.content
    }

    private func orderPage(
        _ question: OrderPage.Question, _ asked: PageRequest, refusal: DecisionForm.Refusal?
    ) async throws -> OrderPage {
        let reader = reader(asked)
        var priors: Priors?
        if let item = reader.item(of: question) {
            priors = try await daemon.priors(
                of: .order(
                    patientID: question.patientID, issuer: question.knownIssuer, item: item.code.value,
                    institution: nil), in: asked.language)
        }
        return try await daemon.queries.run { [priors] in
            OrderPage(
                question: question, outcome: try reader.outcome(of: question, priors, refusal: refusal),
                words: reader.words)
        }
    }

    private func decideForOrder(_ asked: PageRequest) async throws -> PageContent {
        _ = try asked.query([])
        let form = try await asked.form(DecisionForm.fields.union(OrderPage.Question.parameters))
        let question = try OrderPage.Question(form)
        let order = try DeskOrder(form, for: question.subject(item: question.item))
        return try await decide(order, asked, then: question.path(item: question.item)) { refusal in
            try await orderPage(question, asked, refusal: refusal).content
        }
    }

    private func fetchForOrder(_ asked: PageRequest) async throws -> PageContent {
        _ = try asked.query([])
        let form = try await asked.form(Self.fetchFields.union(OrderPage.Question.parameters))
        let question = try OrderPage.Question(form)
        let prior = try await queueFetch(form)
        return .seeOther(question.path(item: question.item).at(PriorList.id(of: prior)))
    }

    // MARK: What becomes of proposals

    /// Records a decision, and leads to where it is shown; one that is refused is shown with why, under its status.
    private func decide(
        _ order: DeskOrder, _ asked: PageRequest, then place: PagePath,
        _ again: (DecisionForm.Refusal) async throws -> PageContent
    ) async throws -> PageContent {
        guard let prior = order.prior else { throw Problem.badRequest("prior is needed") }
        let desk = daemon.desk
        do {
            _ = try await daemon.queries.run { try desk.take(order, in: asked.language) }
        } catch let error as DeskError {
            let problem = problems.problem(error)
            guard (400..<500).contains(problem.status) else { throw problem }
            var content = try await again(.init(order: order, detail: problem.detail ?? problem.title))
            content.status = HTTPResponse.Status(code: problem.status)
            return content
        }
        return .seeOther(
            place.at(PriorList.id(of: prior)), cookies: [(.actor, order.actor), (.department, order.department)])
    }

    /// Notes that priors were shown or one was opened. What the desk does not count as a proposal is none, and nobody is kept
    /// from reading because the log cannot be written.
    private func note(
        _ kind: RecognitionEvent.Kind, _ asked: PageRequest, of subject: DeskOrder.Subject,
        prior: StudyInstanceUID? = nil
    ) async {
        guard asked.request.method == .get, asked.isSeen else { return }
        var order = DeskOrder(kind, for: subject, prior: prior)
        order.actor = PageCookie.actor.value(in: asked.request) ?? ""
        order.department = PageCookie.department.value(in: asked.request) ?? ""
        do {
            _ = try await daemon.queries.run { [desk = daemon.desk, order] in try desk.take(order) }
        } catch DeskError.notAPrior, DeskError.unmapped, DeskError.ambiguousPatient, DeskError.unknownItem {
            return
        } catch {
            problems.logger.warning(
                "event of recognition not noted", metadata: ["kind": "\(kind.rawValue)", "why": "\(error)"])
        }
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
        if let prior { await note(.opened, asked, of: .study(current), prior: prior) }
        return page.content
    }
}

extension OrderPage.Question {
    func subject(item code: String) -> DeskOrder.Subject {
        .order(patientID: patientID, issuer: knownIssuer, item: code, number: "")
    }
}
