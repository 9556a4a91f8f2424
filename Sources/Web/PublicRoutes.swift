internal import AdminAPI
internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore
internal import Recall
internal import Sources

/// What the port answers; the admin socket answers the same, and more.
struct PublicRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource("/healthz", [.get: { _, _ in Response(text: "ok\n") }])
        router.resource("/readyz", [.get: { _, _ in try await readiness() }])
        router.resource("/metrics", [.get: { _, _ in try await metrics() }])
        DescriptionRoute().add(to: router)
        router.resource("/api/v1/status", [.get: { request, _ in try await status(request) }])
        router.resource("/api/v1/studies", [.get: { request, _ in try await studies(request) }])
        router.resource("/api/v1/studies/:uid", [.get: { request, context in try await study(request, context) }])
        ReportRoutes(daemon: daemon).add(to: router)
        PersonRoutes(daemon: daemon).add(to: router)
        RecognitionRoutes(daemon: daemon).add(to: router)
        router.resource("/api/v1/priors", [.get: { request, _ in try await priors(request) }])
        SourceRoutes(daemon: daemon).add(to: router)
    }

    private func readiness() async throws -> Response {
        if let obstacle = try await daemon.obstacle() { throw Problem.unavailable(obstacle) }
        return Response(text: "ready\n")
    }

    private func metrics() async throws -> Response {
        let page = Metrics(facts: daemon.facts, snapshot: try await daemon.snapshot())
        return Response(text: page.text, contentType: MetricsText.contentType)
    }

    private func status(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        _ = try QueryParameters(request.uri, allowed: [])
        return try await Response(json: daemon.status())
    }

    private func studies(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let filter = try StudyFilter(request.uri)
        let index = daemon.archive.index
        let page = try await daemon.find {
            StudyPage(
                studies: try index.studies(matching: filter).map(StudyRow.init),
                total: try index.countStudies(matching: filter), limit: filter.limit, offset: filter.offset)
        }
        return try Response(json: page)
    }

    private func study(_ request: Request, _ context: WebContext) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(request.uri, allowed: ["version"])
        let number = try query.integer("version", in: 1...1_000_000, default: 0)
        let uid = try StudyInstanceUID(parameter: context.parameters.get("uid"))
        let index = daemon.archive.index
        let answer = try await daemon.queries.run {
            guard let detail = try index.detail(of: uid) else { throw ArchiveError.unknownStudy }
            return try StudyAnswer(detail, version: number == 0 ? nil : number)
        }
        return try Response(json: answer)
    }

    /// Earlier studies beside a study, or for a patient and the item that is about to be ordered.
    private func priors(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(
            request.uri,
            allowed: ["study", "patient", "issuer", "item", "institution", "limit", "lang", "sources"])
        let limit = try query.integer("limit", in: 1...Daemon.priorLimit, default: Daemon.priorLimit)
        let language = try query.choice("lang", of: Language.allCases.map(\.rawValue)).flatMap(Language.init(rawValue:))
        let asked = try query.choice("sources", of: ["all", "none"])
        let question: Daemon.PriorsQuestion
        if let text = query["study"] {
            guard ["patient", "issuer", "item", "institution"].allSatisfy({ query[$0] == nil }) else {
                throw Problem.badRequest("study stands alone, or patient with item and perhaps issuer and institution")
            }
            question = .study(try StudyInstanceUID(parameter: text))
        } else {
            guard let patient = query["patient"], let item = query["item"] else {
                throw Problem.badRequest("either study, or patient and item, with issuer where one is known")
            }
            question = .order(
                patientID: patient, issuer: query["issuer"], item: item, institution: query["institution"])
        }
        let answer = try await daemon.priors(
            of: question, askingSources: asked.map { $0 == "all" }, limit: limit, in: language ?? .english)
        return Response(jsonText: ByteBuffer(bytes: try PriorsText(answer).bytes))
    }
}

extension UID {
    /// Reads a UID out of a path or query.
    ///
    /// - Throws: a problem with status 400.
    init(parameter text: String?) throws(Problem) {
        do {
            try self.init(text ?? "")
        } catch {
            throw .badRequest("\(error)")
        }
    }
}
