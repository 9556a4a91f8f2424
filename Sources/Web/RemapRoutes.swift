internal import AdminAPI
internal import Archive
internal import Catalogue
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Synchronization

/// `POST /admin/v1/remap`: names all studies anew, or tells what would change.
struct RemapRoutes {
    let daemon: Daemon
    let problems: ProblemAnswers

    private static let requestLimit = 16 << 20

    func add(to router: Router<WebContext>) {
        router.resource("/admin/v1/remap", [.post: { request, _ in try await remap(request) }])
    }

    private func remap(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.requestLimit)
        let order: RemapRequest
        do {
            order = try AdminJSON.decoder().decode(RemapRequest.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest("a remap says whether it is a dry run")
        }
        let isFileGiven = order.catalogue != nil || order.lexicon != nil
        guard order.dryRun || !isFileGiven else {
            throw Problem.badRequest("a file that is not in force is only tried in a dry run")
        }
        let daemon = daemon
        let candidates = CandidateRules(
            catalogue: order.catalogue.map { ($0.name, Array($0.text.utf8)) },
            lexicon: order.lexicon.map { ($0.name, Array($0.text.utf8)) })
        // Before the answer begins, so that a file at fault is said as a problem of its own.
        let remapping = try await daemon.operations.run {
            do {
                return try daemon.teaching.remapping(by: candidates)
            } catch let error as CatalogueError {
                throw Self.refused(error.description)
            }
        }
        return OperationStream<RemapAnswer>(lane: daemon.operations, problem: { problems.problem($0) }) {
            progress, write in
            if order.dryRun { return try Self.run(remapping, isDryRun: true, progress, write) }
            let isFree = daemon.remapping.withLock { isRunning in
                defer { isRunning = true }
                return !isRunning
            }
            guard isFree else { throw Problem.conflict("studies are being named anew already") }
            defer { daemon.remapping.withLock { $0 = false } }
            return try Self.run(remapping, isDryRun: false, progress, write)
        }.response()
    }

    private static func refused(_ detail: String) -> Problem {
        Problem(type: "urn:priord:problem:refused", title: "The file is not right", status: 422, detail: detail)
    }

    private static func run(
        _ remapping: Remapping, isDryRun: Bool, _ progress: ArchiveProgress, _ write: (RemapAnswer) -> Bool
    ) throws -> RemapAnswer {
        let report = try remapping.run(isDryRun: isDryRun, at: Date(), progress: progress) { change in
            write(RemapAnswer(dryRun: isDryRun, changes: [RemapAnswer.Change(change)]))
        }
        return RemapAnswer(
            dryRun: isDryRun, descriptionCount: report.descriptorCount, studyCount: report.studyCount,
            readCount: report.readCount, changedCount: report.changedCount, publishedCount: report.publishedCount)
    }
}

extension RemapAnswer.Change {
    fileprivate init(_ change: RemapChange) {
        self.init(
            description: change.description, modality: change.modality,
            from: change.from.split(separator: "+").map(String.init),
            to: change.to.split(separator: "+").map(String.init), count: change.studies.count,
            studies: change.studies)
    }
}
