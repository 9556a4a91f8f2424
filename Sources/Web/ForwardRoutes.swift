internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore

/// `/admin/v1/forwards` and `/admin/v1/destinations`: look, add, retry, drop, pause, resume.
struct ForwardRoutes {
    let daemon: Daemon
    let problems: ProblemAnswers

    /// Instances that are named with each row: some, and as many as can be read where these are asked for.
    private static let (failureLimit, allFailuresLimit) = (20, 1000)
    private static let requestLimit = 64 << 10

    func add(to router: Router<WebContext>) {
        router.resource(
            "/admin/v1/forwards",
            [.get: { request, _ in try await list(request) }, .post: { request, _ in try await add(request) }])
        router.resource(
            "/admin/v1/forwards/:id", [.delete: { request, context in try await drop(Self.id(context), request) }])
        router.resource(
            "/admin/v1/forwards/:id/retry", [.post: { _, context in try await retry(Self.id(context)) }])
        router.resource(
            "/admin/v1/destinations/:name/retry",
            [.post: { _, context in try await retry(destination(context)) }])
        router.resource(
            "/admin/v1/destinations/:name/pause",
            [.post: { request, context in try await pause(destination(context), Self.person(request)) }])
        router.resource(
            "/admin/v1/destinations/:name/resume",
            [.post: { request, context in try await resume(destination(context), Self.person(request)) }])
    }

    private static func id(_ context: WebContext) throws(Problem) -> Int64 { try context.rowNumber(of: "forwards") }

    private static func person(_ request: Request) throws(Problem) -> String {
        try QueryParameters(request.uri, allowed: ["by"]).person()
    }

    private func destination(_ context: WebContext) throws(Problem) -> String {
        let name = context.parameters.get("name") ?? ""
        guard daemon.facts.forwards().contains(where: { $0.destination == name }) else {
            throw .notFound("no destination of that name")
        }
        return name
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(
            request.uri, allowed: ["all", "failed", "destination", "study", "before", "limit"])
        let before = try query.integer("before", in: 1...Int.max, default: .max)
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let states: [Forward.State]
        let failed: [Forward.State] = [.incomplete, .failed, .uncommitted]
        let isOfFailures = try query.flag("failed")
        switch (try query.flag("all"), isOfFailures) {
        case (true, true): throw Problem.badRequest("all and failed exclude each other")
        case (true, false): states = []
        case (false, true): states = failed
        case (false, false): states = failed + [.waiting, .committing]
        }
        let failureLimit = isOfFailures ? Self.allFailuresLimit : Self.failureLimit
        var study: StudyInstanceUID?
        if let text = query["study"] {
            guard let uid = try? StudyInstanceUID(text) else { throw Problem.badRequest("study is a UID") }
            study = uid
        }
        let (index, activity, destination) = (daemon.archive.index, daemon.facts.forwards(), query["destination"])
        let page = try await daemon.queries.run { [study] in
            let (counts, paused) = (try index.forwardCounts(), try index.pausedForwards())
            let found = try index.forwards(
                in: states, to: destination, of: study, before: Int64(before), limit: limit)
            return ForwardPage(
                destinations: activity.map { DestinationRow($0, counts[$0.destination], paused[$0.destination]) },
                forwards: try found.map { forward in
                    let hasNone = [.sent, .dropped, .committing].contains(forward.state)
                    return ForwardRow(
                        forward, hasNone ? [] : try index.failures(ofForward: forward.id, limit: failureLimit))
                })
        }
        return try Response(json: page)
    }

    /// Applies a rule to studies that were there before it.
    private func add(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.requestLimit)
        let order: ForwardRequest
        do {
            order = try AdminJSON.decoder().decode(ForwardRequest.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest("a rule is applied by its name, to studies and by a person")
        }
        let person = order.by
        guard !person.isEmpty, person.utf8.count <= 64 else {
            throw Problem.badRequest("by names who does it, in at most 64 bytes")
        }
        let index = daemon.archive.index
        guard index.forwardRules.contains(where: { $0.name == order.rule }) else {
            throw Problem.notFound("no rule of that name")
        }
        var backfill = ForwardBackfill(
            rule: order.rule, range: try ReassessRoutes.range(from: order.from, to: order.to))
        backfill.study = try order.study.map { text throws(Problem) in try StudyInstanceUID(parameter: text) }
        (backfill.sendsAgain, backfill.isTrial) = (order.again, order.dryRun)
        return OperationStream<ForwardCountAnswer>(lane: daemon.operations, problem: { problems.problem($0) }) {
            [backfill] progress, _ in
            let count = try index.queueForwards(by: backfill, for: person, at: Date(), progress: progress)
            return ForwardCountAnswer(studies: count ?? 0)
        }.response()
    }

    private func retry(_ destination: String) async throws -> Response {
        let index = daemon.archive.index
        return try await Response(
            json: ForwardCountAnswer(
                studies: daemon.queries.run { try index.retryForwards(to: destination, at: Date()) }))
    }

    private func retry(_ id: Int64) async throws -> Response {
        let index = daemon.archive.index
        guard try await daemon.queries.run({ try index.retryForward(id, at: Date()) }) else {
            throw Problem.notFound("no forward \(id) that waits or failed")
        }
        return Response(status: .noContent)
    }

    private func drop(_ id: Int64, _ request: Request) async throws -> Response {
        let (index, person) = (daemon.archive.index, try Self.person(request))
        guard try await daemon.queries.run({ try index.dropForward(id, by: person, at: Date()) }) else {
            throw Problem.notFound("no forward \(id) that waits or failed")
        }
        return Response(status: .noContent)
    }

    private func pause(_ destination: String, _ person: String) async throws -> Response {
        let index = daemon.archive.index
        try await daemon.queries.run { try index.pauseForwards(to: destination, by: person, at: Date()) }
        return Response(status: .noContent)
    }

    private func resume(_ destination: String, _ person: String) async throws -> Response {
        let index = daemon.archive.index
        try await daemon.queries.run { try index.resumeForwards(to: destination, by: person, at: Date()) }
        return Response(status: .noContent)
    }
}

extension ForwardRow {
    init(_ forward: Forward, _ failures: [ForwardFailure]) {
        self.init(
            id: forward.id, studyInstanceUID: forward.studyInstanceUID.value, destination: forward.destination,
            rule: forward.rule, state: forward.state.name, queuedAt: forward.queuedAt, attempts: forward.attemptCount,
            nextAttemptAt: [.waiting, .committing].contains(forward.state) ? forward.nextAttemptAt : nil,
            lastFailure: forward.lastFailure, endedAt: forward.endedAt, sentCount: forward.sentCount,
            failedCount: forward.failedCount, uncommittedCount: forward.uncommittedCount,
            failures: failures.map {
                Failure(sopInstanceUID: $0.sopInstanceUID.value, state: $0.kind.rawValue, reason: $0.reason)
            })
    }
}

extension DestinationRow {
    init(_ activity: ForwardActivity, _ counts: ForwardCounts?, _ pausedAt: Date?) {
        let counts = counts ?? ForwardCounts()
        self.init(
            name: activity.destination, breaker: activity.breaker.name, pausedAt: pausedAt, waiting: counts.waiting,
            stuck: counts.stuck, partlyRefused: counts.incomplete, failed: counts.failed,
            committing: counts.committing, uncommitted: counts.uncommitted, oldestQueuedAt: counts.oldest,
            lastFailure: activity.lastFailure, instanceCount: activity.instanceCount, byteCount: activity.byteCount)
    }
}

extension Forward.State {
    /// As answers have it.
    fileprivate var name: String {
        switch self {
        case .waiting: "waiting"
        case .sent: "sent"
        case .incomplete: "partlyRefused"
        case .dropped: "dropped"
        case .failed: "failed"
        case .committing: "committing"
        case .uncommitted: "uncommitted"
        }
    }
}

extension ForwardBreaker.State {
    /// As answers have it.
    var name: String {
        switch self {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "halfOpen"
        }
    }
}
