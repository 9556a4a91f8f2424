internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore

/// `/admin/v1/commitments`: look, retry, drop.
struct CommitmentRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/commitments", [.get: { request, _ in try await list(request) }])
        router.resource(
            "/admin/v1/commitments/:id", [.delete: { request, context in try await drop(Self.id(context), request) }])
        router.resource(
            "/admin/v1/commitments/:id/retry", [.post: { _, context in try await retry(Self.id(context)) }])
    }

    private static func id(_ context: WebContext) throws(Problem) -> Int64 { try context.rowNumber(of: "commitments") }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["all", "before", "limit"])
        let (isAll, index) = (try query.flag("all"), daemon.archive.index)
        let before = try query["before"] == nil ? nil : query.integer("before", in: 1...Int.max, default: 1)
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let found = try await daemon.queries.run {
            try index.commitments(pendingOnly: !isAll, before: before.map(Int64.init), limit: limit)
        }
        return try Response(json: CommitmentPage(commitments: found.map(CommitmentRow.init)))
    }

    private func retry(_ id: Int64) async throws -> Response {
        let (index, facts) = (daemon.archive.index, daemon.facts)
        let expiry = Date(timeIntervalSinceNow: TimeInterval(facts.commitmentTimeout.components.seconds))
        guard try await daemon.queries.run({ try index.retryCommitment(id, at: Date(), expiry: expiry) }) else {
            throw Problem.notFound("no commitment \(id)")
        }
        facts.wakeCommitments()
        return Response(status: .noContent)
    }

    private func drop(_ id: Int64, _ request: Request) async throws -> Response {
        let person = try QueryParameters(request.uri, allowed: ["by"]).person("drops it")
        let index = daemon.archive.index
        guard try await daemon.queries.run({ try index.dropCommitment(id, by: person, at: Date()) }) else {
            throw Problem.notFound("no commitment \(id) that is pending or given up")
        }
        return Response(status: .noContent)
    }
}

extension CommitmentRow {
    init(_ commitment: Commitment) {
        let request = commitment.request
        self.init(
            id: commitment.id, transactionUID: request.transactionUID, callingAETitle: request.callingAETitle.value,
            host: request.host, requestedAt: request.requestedAt, state: commitment.state.name,
            instanceCount: request.instances.count, failureCount: commitment.failures.count,
            attempts: commitment.attempts, nextAttemptAt: commitment.state == .checked ? commitment.nextAttemptAt : nil,
            expiresAt: commitment.expiresAt, lastFailure: commitment.lastFailure, endedAt: commitment.endedAt)
    }
}

extension Commitment.State {
    /// As answers have it.
    fileprivate var name: String {
        switch self {
        case .queued: "queued"
        case .checked: "checked"
        case .reported: "reported"
        case .givenUp: "givenUp"
        case .dropped: "dropped"
        }
    }
}
