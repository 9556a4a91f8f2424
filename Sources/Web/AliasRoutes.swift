internal import AdminAPI
internal import Archive
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Matching

/// `/admin/v1/aliases`: what people taught, its history, teaching and taking back.
struct AliasRoutes {
    let daemon: Daemon

    private static let requestLimit = 256 << 10
    private static let tableLimit = 32 << 20

    func add(to router: Router<WebContext>) {
        router.resource(
            "/admin/v1/aliases",
            [.get: { _, _ in try await list() }, .post: { request, _ in try await teach(request) }])
        router.resource(
            "/admin/v1/aliases/:id",
            [
                .get: { _, context in try await history(Self.id(context)) },
                .delete: { request, context in try await remove(Self.id(context), request) },
            ])
        router.resource(
            "/admin/v1/alias-table",
            [.get: { _, _ in try await table() }, .post: { request, _ in try await take(request) }])
    }

    private static func id(_ context: WebContext) throws(Problem) -> Int64 { try context.rowNumber(of: "aliases") }

    private static func body<Body: Decodable>(
        of request: Request, upTo limit: Int, _ reason: String
    ) async throws -> Body {
        let body = try await request.body.collect(upTo: limit)
        do {
            return try AdminJSON.decoder().decode(Body.self, from: Data(body.readableBytesView))
        } catch {
            throw Problem.badRequest(reason)
        }
    }

    private func list() async throws -> Response {
        let index = daemon.archive.index
        let events = try await daemon.queries.run { try index.aliasesInForce() }
        return try Response(json: AliasesAnswer(aliases: events.map(AliasRow.init)))
    }

    private func history(_ id: Int64) async throws -> Response {
        let index = daemon.archive.index
        let events = try await daemon.queries.run { try index.aliasHistory(of: id) }
        if events.isEmpty { throw Problem.notFound("there was never an alias \(id)") }
        return try Response(json: AliasesAnswer(aliases: events.map(AliasRow.init)))
    }

    private func teach(_ request: Request) async throws -> Response {
        let order: AliasRequest = try await Self.body(
            of: request, upTo: Self.requestLimit, "an alias has a code, by and reason, and a description or a study")
        let (index, teaching) = (daemon.archive.index, daemon.teaching)
        let lesson = try await daemon.operations.run {
            let alias = try Alias(order, in: index)
            let author = AliasAuthor(person: order.by, reason: order.reason, at: Date())
            return try teaching.teach(alias, by: author, isForced: order.force)
        }
        return try Response(json: AliasLesson(lesson))
    }

    private func remove(_ id: Int64, _ request: Request) async throws -> Response {
        let query = try QueryParameters(request.uri, allowed: ["by", "reason"])
        let author = AliasAuthor(person: query["by"] ?? "", reason: query["reason"] ?? "", at: Date())
        let teaching = daemon.teaching
        let lesson = try await daemon.operations.run { try teaching.remove(id, by: author) }
        return try Response(json: AliasLesson(lesson))
    }

    private func table() async throws -> Response {
        let teaching = daemon.teaching
        let text = try await daemon.queries.run { try teaching.table() }
        return Response(text: text, contentType: "text/tab-separated-values; charset=utf-8")
    }

    private func take(_ request: Request) async throws -> Response {
        let order: AliasTableRequest = try await Self.body(
            of: request, upTo: Self.tableLimit, "an import has a table and by")
        let teaching = daemon.teaching
        let report = try await daemon.operations.run {
            try teaching.take(order.table, by: order.by, isForced: order.force, at: Date())
        }
        return try Response(
            json: AliasTableAnswer(
                taughtCount: report.taughtCount, unchangedCount: report.unchangedCount,
                renamedCount: report.renamedCount))
    }
}

extension Alias {
    /// - Throws: ``AliasFault`` or a problem with status 400 or 404.
    fileprivate init(_ order: AliasRequest, in index: StudyIndex) throws {
        guard let meaning = Meaning(code: order.code) else {
            throw Problem.badRequest("\"\(order.code.prefix(64))\" is no code of nine characters and not NONE")
        }
        let grade = order.grade.map(StudyMatch.Grade.init(rawValue:)) ?? .exact
        guard let grade else { throw Problem.badRequest("grade is exact or nearest") }
        var description = order.description ?? ""
        var modality = order.modality ?? ""
        if let study = order.study {
            if order.description != nil { throw Problem.badRequest("either description or study") }
            let uid = try StudyInstanceUID(parameter: study)
            guard let descriptor = try index.descriptor(of: uid) else {
                throw Problem.notFound("there is no assessed study of that UID")
            }
            description = descriptor.description
            if modality.isEmpty { modality = descriptor.modality }
        }
        try self.init(
            description: description,
            scope: Scope(
                modality: modality, site: order.site.flatMap { $0.isEmpty ? nil : $0 },
                aeTitle: order.aeTitle.flatMap { $0.isEmpty ? nil : $0 }),
            meaning: meaning, grade: grade, confidence: order.confidence ?? Alias.defaultConfidence)
    }
}

extension AliasRow {
    fileprivate init(_ event: AliasEvent) {
        let record = event.record
        self.init(
            id: event.alias, kind: event.kind.rawValue, at: event.author.at, by: event.author.person,
            reason: event.author.reason, overridden: event.overridden.split(separator: "\n").map(String.init),
            description: record.description, modality: record.modality,
            site: record.site.isEmpty ? nil : record.site, aeTitle: record.aeTitle.isEmpty ? nil : record.aeTitle,
            code: record.code.isEmpty ? nil : record.code, grade: record.grade, confidence: record.confidence)
    }
}

extension AliasLesson {
    fileprivate init(_ lesson: AliasTeaching.Lesson) {
        self.init(alias: AliasRow(lesson.event), renamedCount: lesson.renamedCount)
    }
}
