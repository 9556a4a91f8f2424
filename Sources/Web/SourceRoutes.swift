internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Recall
internal import Sources

/// `/api/v1/sources`: what other systems are asked, how that goes, and what is fetched from them.
struct SourceRoutes {
    let daemon: Daemon

    private static let requestLimit = 4 << 10

    func add(to router: Router<WebContext>) {
        router.resource("/api/v1/sources", [.get: { request, _ in try await list(request) }])
        router.resource(
            "/api/v1/sources/:name/test", [.post: { request, context in try await test(request, context) }])
        router.resource(
            "/api/v1/sources/:name/fetch", [.post: { request, context in try await fetch(request, context) }])
        router.resource("/api/v1/fetches", [.get: { request, _ in try await fetches(request) }])
        router.resource(
            "/api/v1/fetches/:id",
            [
                .get: { request, context in try await fetchRow(request, context) },
                .delete: { request, context in try await drop(request, context) },
            ])
    }

    private func list(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        _ = try QueryParameters(request.uri, allowed: [])
        let (index, activity) = (daemon.archive.index, daemon.sources.activity)
        let counts = try await daemon.queries.run { try index.fetchCounts() }
        return try Response(
            json: SourcesAnswer(sources: activity.map { SourceRow($0, counts[$0.source.name] ?? SourceFetchCounts()) }))
    }

    private func source(_ context: WebContext) throws(Problem) -> PriorSource {
        try daemon.source(named: context.parameters.get("name") ?? "")
    }

    /// Asks it now, whatever happened before; how it went is the answer.
    private func test(_ request: Request, _ context: WebContext) async throws -> Response {
        try request.requireAcceptance()
        _ = try QueryParameters(request.uri, allowed: [])
        guard let report = await daemon.sources.test(try source(context).name) else {
            throw Problem.notFound("no source of that name")
        }
        return try Response(json: report)
    }

    private func fetch(_ request: Request, _ context: WebContext) async throws -> Response {
        try request.requireAcceptance()
        _ = try QueryParameters(request.uri, allowed: [])
        let source = try source(context)
        let body = try await request.body.collect(upTo: Self.requestLimit)
        let order: SourceFetchRequest
        do {
            order = try AdminJSON.decoder().decode(SourceFetchRequest.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest("a study is fetched by {\"study\": its Study Instance UID}")
        }
        let fetch = try await daemon.queueFetch(of: order.study, from: source)
        return try await row(of: fetch.id, status: .accepted)
    }

    private func fetches(_ request: Request) async throws -> Response {
        try request.requireAcceptance()
        let query = try QueryParameters(request.uri, allowed: ["all", "source", "study", "before", "limit"])
        let before = try query.integer("before", in: 1...Int.max, default: .max)
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let states: [SourceFetch.State] = try query.flag("all") ? [] : [.waiting, .partial, .failed]
        let study = try query["study"].map { text throws(Problem) in try StudyInstanceUID(parameter: text) }
        let (index, source) = (daemon.archive.index, query["source"])
        let fetching = daemon.fetching
        let page = try await daemon.queries.run {
            SourceFetchPage(
                fetches: try index.fetches(
                    in: states, from: source, of: study, before: Int64(before), limit: limit
                ).map { try SourceFetchRow($0, isRunning: fetching($0.id), index) })
        }
        return try Response(json: page)
    }

    private func fetchRow(_ request: Request, _ context: WebContext) async throws -> Response {
        try request.requireAcceptance()
        _ = try QueryParameters(request.uri, allowed: [])
        return try await row(of: try context.rowNumber(of: "fetches"), status: .ok)
    }

    /// Also while it is being fetched, which then ends; what came stays.
    private func drop(_ request: Request, _ context: WebContext) async throws -> Response {
        let person = try QueryParameters(request.uri, allowed: ["by"]).person("drops it")
        let (index, id) = (daemon.archive.index, try context.rowNumber(of: "fetches"))
        guard try await daemon.queries.run({ try index.dropFetch(id, by: person, at: Date()) }) else {
            throw Problem.notFound("no fetch \(id) that waits")
        }
        return Response(status: .noContent)
    }

    private func row(of id: Int64, status: HTTPResponse.Status) async throws -> Response {
        let (index, fetching) = (daemon.archive.index, daemon.fetching)
        let row = try await daemon.queries.run {
            try index.fetch(id).map { try SourceFetchRow($0, isRunning: fetching($0.id), index) }
        }
        guard let row else { throw Problem.notFound("no fetch \(id)") }
        var response = try Response(json: row)
        response.status = status
        return response
    }
}

extension SourceRow {
    init(_ activity: SourceActivity, _ counts: SourceFetchCounts) {
        let source = activity.source
        self.init(
            name: source.name, kind: source.kind, place: source.place,
            deadlineMilliseconds: Int(source.deadline / .milliseconds(1)), isFetchedFrom: source.isFetchedFrom,
            isPrefetchedFrom: source.prefetch != nil, breaker: activity.breaker.name,
            questions: activity.questionCount, failures: activity.failureCount,
            last: activity.last.map { PriorsAnswer.Source($0) }, waiting: counts.waiting, stuck: counts.stuck,
            fetched: counts.fetched, partial: counts.partial, failed: counts.failed)
    }
}

extension PriorsAnswer.Source {
    init(_ report: SourceReport) {
        self.init(
            name: report.name, state: report.state.rawValue, millisecondsTaken: report.millisecondsTaken,
            count: report.count, detail: report.detail)
    }
}

extension SourceFetchRow {
    /// Blocks: of what is under way the index tells how far it is.
    init(_ fetch: SourceFetch, isRunning: Bool, _ index: StudyIndex) throws(ArchiveError) {
        let isUnderWay = isRunning && fetch.state == .waiting
        var received = fetch.receivedCount
        if fetch.state == .waiting {
            received = try index.study(fetch.studyInstanceUID)?.instanceCount ?? received
        }
        self.init(
            id: fetch.id, studyInstanceUID: fetch.studyInstanceUID.value, source: fetch.source,
            cause: fetch.cause.rawValue, state: isUnderWay ? "fetching" : "\(fetch.state)", queuedAt: fetch.queuedAt,
            attempts: fetch.attemptCount,
            nextAttemptAt: fetch.state == .waiting && !isUnderWay ? fetch.nextAttemptAt : nil,
            expectedCount: fetch.expectedCount, receivedCount: received, lastFailure: fetch.lastFailure,
            endedAt: fetch.endedAt)
    }
}
