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
        router.resource("/studies/:uid", [.get: page { asked, context in try await exam(asked, context) }])
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

    private func reader(_ asked: PageRequest) -> PageReader { PageReader(daemon, asked.language) }

    private func search(_ asked: PageRequest) async throws -> PageContent {
        let question = try SearchQuestion(asked.query(SearchQuestion.parameters))
        let reader = reader(asked)
        let findings = try await daemon.queries.run { try SearchFindings(question, reader) }
        return SearchPage(question: question, findings: findings, words: reader.words).content
    }

    private func exam(_ asked: PageRequest, _ context: WebContext) async throws -> PageContent {
        let query = try asked.query(ExamPage.parameters)
        _ = try query["for"].map { text throws(Problem) in try StudyInstanceUID(parameter: text) }
        let uid = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let reader = reader(asked)
        return try await daemon.queries.run { try reader.exam(uid) }.content
    }

    private func viewer(_ asked: PageRequest) async throws -> PageContent {
        let query = try asked.query(ViewerPage.parameters)
        let current = try StudyInstanceUID(parameter: query["current"])
        let prior = try query["prior"].map { text throws(Problem) in try StudyInstanceUID(parameter: text) }
        let series = try query["series"].map { text throws(Problem) in try SeriesInstanceUID(parameter: text) }
        let reader = reader(asked)
        return try await daemon.queries.run {
            try ViewerPage(
                current: reader.detail(current), prior: prior.map { try reader.detail($0) }, series: series,
                words: reader.words)
        }.content
    }

    private func order(_ asked: PageRequest) async throws -> PageContent {
        let query = try asked.query(OrderPage.Question.parameters)
        let question = OrderPage.Question(
            patientID: query["patient"] ?? "", issuer: query["issuer"] ?? "", item: query["item"] ?? "")
        guard (question.patientID + question.issuer + question.item).utf8.count <= 512 else {
            throw Problem.badRequest("patient, issuer and item have at most 512 bytes")
        }
        let reader = reader(asked)
        return try await daemon.queries.run {
            OrderPage(question: question, outcome: try reader.outcome(of: question), words: reader.words)
        }.content
    }
}
