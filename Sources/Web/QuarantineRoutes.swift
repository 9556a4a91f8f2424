internal import AdminAPI
internal import Archive
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion

/// `/admin/v1/quarantine`: look, release, discard.
struct QuarantineRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/quarantine", [.get: { request, _ in try await list(request) }])
        router.resource(
            "/admin/v1/quarantine/:id",
            [
                .get: { _, context in try await show(Self.id(context)) },
                .delete: { request, context in try await discard(Self.id(context), request) },
            ])
        router.resource(
            "/admin/v1/quarantine/:id/release", [.post: { _, context in try await release(Self.id(context)) }])
    }

    private static func id(_ context: WebContext) throws(Problem) -> Int64 {
        try context.rowNumber(of: "objects in quarantine")
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["reason", "before", "limit"])
        let reason = try query.choice("reason", of: QuarantineReason.allCases.map(\.rawValue))
            .flatMap(QuarantineReason.init(rawValue:))
        let before = try query["before"] == nil ? nil : query.integer("before", in: 1...Int.max, default: 1)
        let limit = try query.integer("limit", in: 1...StudyFilter.pageLimit, default: 100)
        let index = daemon.archive.index
        let objects = try await daemon.queries.run {
            try index.quarantined(reason: reason, before: before.map(Int64.init), limit: limit)
        }
        return try Response(json: QuarantinePage(objects: objects.map(QuarantineRow.init)))
    }

    private func show(_ id: Int64) async throws -> Response {
        let index = daemon.archive.index
        return try await Response(
            json: daemon.queries.run {
                guard let object = try index.quarantined(id: id) else { throw ArchiveError.unknownQuarantineID(id) }
                return QuarantineRow(object)
            })
    }

    private func release(_ id: Int64) async throws -> Response {
        let ingestor = daemon.ingestor
        do {
            let outcome: ReleaseAnswer.Outcome = try await daemon.queries.run {
                switch try ingestor.release(quarantined: id) {
                case .stored: .stored
                case .duplicate: .duplicate
                case .conflict, .quarantined: .conflict
                }
            }
            return try Response(json: ReleaseAnswer(outcome: outcome))
        } catch  where !(error is ArchiveError) {
            // What reads the header refused it, as it did when the object came.
            throw Problem.unreadable("\(error)")
        }
    }

    private func discard(_ id: Int64, _ request: Request) async throws -> Response {
        let person = try QueryParameters(request.uri, allowed: ["by"]).person("discards")
        let archive = daemon.archive
        try await daemon.queries.run { try archive.discard(quarantined: id, by: person, at: Date()) }
        return Response(status: .noContent)
    }
}
