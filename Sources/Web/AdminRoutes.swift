internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Logging
internal import Synchronization

/// What only the admin socket answers. Whoever may open the socket is an operator.
struct AdminRoutes {
    let daemon: Daemon
    let problems: ProblemAnswers

    private static let requestLimit = 64 << 10

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/config", [.get: { _, _ in try Response(json: configuration) }])
        router.resource("/admin/v1/peers", [.get: { _, _ in try await peers() }])
        router.resource("/admin/v1/verify", [.post: { request, _ in try verify(request) }])
        router.resource("/admin/v1/reindex", [.post: { _, _ in reindex() }])
        router.resource("/admin/v1/export", [.post: { request, _ in try await export(request) }])
        router.resource(
            "/admin/v1/import",
            [.post: { request, _ in try await ImportUpload(daemon: daemon).receive(request) }])
        QuarantineRoutes(daemon: daemon).add(to: router)
        CommitmentRoutes(daemon: daemon).add(to: router)
        ForwardRoutes(daemon: daemon, problems: problems).add(to: router)
        CatalogueRoutes(daemon: daemon).add(to: router)
        LexiconRoutes(daemon: daemon).add(to: router)
        ReviewRoutes(daemon: daemon).add(to: router)
        AliasRoutes(daemon: daemon).add(to: router)
        RemapRoutes(daemon: daemon, problems: problems).add(to: router)
        ReassessRoutes(daemon: daemon, problems: problems).add(to: router)
    }

    private var configuration: ConfigAnswer { ConfigAnswer(settings: daemon.facts.settings) }

    private func peers() async throws -> Response {
        let index = daemon.archive.index
        return try await Response(json: PeersAnswer(daemon.facts, daemon.queries.run { try index.peers() }))
    }

    private func verify(_ request: Request) throws -> Response {
        let isFull = try QueryParameters(request.uri, allowed: ["full"]).flag("full")
        let archive = daemon.archive
        return stream { progress in VerifyAnswer(try archive.verify(full: isFull, progress: progress)) }
    }

    private func reindex() -> Response {
        let (daemon, archive) = (daemon, daemon.archive)
        return stream { progress in
            let isFree = daemon.reindexing.withLock { isRunning in
                defer { isRunning = true }
                return !isRunning
            }
            guard isFree else { throw Problem.conflict("the index is being built again already") }
            defer { daemon.reindexing.withLock { $0 = false } }
            let report = try archive.reindex(progress: progress)
            return ReindexAnswer(
                indexed: report.indexed, withoutRow: report.withoutRow, keptHistory: report.keptHistory)
        }
    }

    private func export(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.requestLimit)
        let order: ExportRequest
        do {
            order = try AdminJSON.decoder().decode(ExportRequest.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest("an export names a directory, and a study or none for all")
        }
        guard order.directory.hasPrefix("/") else { throw Problem.badRequest("directory is an absolute path") }
        let archive = daemon.archive
        return stream { progress in
            let count =
                if let study = order.study {
                    try archive.export(study, to: order.directory, progress: progress)
                } else {
                    try archive.exportAll(to: order.directory, progress: progress)
                }
            return ExportAnswer(instanceCount: count)
        }
    }

    private func stream<Outcome: Codable & Sendable>(
        _ work: @escaping @Sendable (ArchiveProgress) throws -> Outcome
    ) -> Response {
        OperationStream(lane: daemon.operations, problem: { problems.problem($0) }) { progress, _ in try work(progress)
        }.response()
    }
}
