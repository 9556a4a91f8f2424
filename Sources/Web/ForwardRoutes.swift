internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Delivery
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore

/// `/admin/v1/forwards` and `/admin/v1/destinations`: look, retry, drop, pause, resume.
struct ForwardRoutes {
    let daemon: Daemon

    /// Refused Instances that are named with each row.
    private static let failureLimit = 20

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/forwards", [.get: { request, _ in try await list(request) }])
        router.resource(
            "/admin/v1/forwards/:id", [.delete: { request, context in try await drop(Self.id(context), request) }])
        router.resource(
            "/admin/v1/forwards/:id/retry", [.post: { _, context in try await retry(Self.id(context)) }])
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
        let query = try QueryParameters(request.uri, allowed: ["all", "destination", "study", "before", "limit"])
        let before = try query.integer("before", in: 1...Int.max, default: .max)
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let states: [Forward.State] = try query.flag("all") ? [] : [.waiting, .incomplete]
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
                    let failures =
                        forward.failedCount == 0
                        ? [] : try index.failures(ofForward: forward.id, limit: Self.failureLimit)
                    return ForwardRow(forward, failures)
                })
        }
        return try Response(json: page)
    }

    private func retry(_ id: Int64) async throws -> Response {
        let index = daemon.archive.index
        guard try await daemon.queries.run({ try index.retryForward(id, at: Date()) }) else {
            throw Problem.notFound("no forward \(id) that waits or was refused in part")
        }
        return Response(status: .noContent)
    }

    private func drop(_ id: Int64, _ request: Request) async throws -> Response {
        let (index, person) = (daemon.archive.index, try Self.person(request))
        guard try await daemon.queries.run({ try index.dropForward(id, by: person, at: Date()) }) else {
            throw Problem.notFound("no forward \(id) that waits or was refused in part")
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
            nextAttemptAt: forward.state == .waiting ? forward.nextAttemptAt : nil, lastFailure: forward.lastFailure,
            endedAt: forward.endedAt, sentCount: forward.sentCount, failedCount: forward.failedCount,
            failures: failures.map { Failure(sopInstanceUID: $0.sopInstanceUID.value, reason: $0.reason) })
    }
}

extension DestinationRow {
    init(_ activity: ForwardActivity, _ counts: ForwardCounts?, _ pausedAt: Date?) {
        let counts = counts ?? ForwardCounts()
        self.init(
            name: activity.destination, breaker: activity.breaker.name, pausedAt: pausedAt, waiting: counts.waiting,
            stuck: counts.stuck, partlyRefused: counts.incomplete, instanceCount: activity.instanceCount,
            byteCount: activity.byteCount)
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
        }
    }
}

extension ForwardBreaker.State {
    /// As answers have it.
    fileprivate var name: String {
        switch self {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "halfOpen"
        }
    }
}
