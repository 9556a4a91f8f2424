internal import AdminAPI
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Matching

/// `/admin/v1/catalogues`: list, add, remove.
struct CatalogueRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource(
            "/admin/v1/catalogues",
            [.get: { _, _ in try list() }, .post: { request, _ in try await add(request) }])
        router.resource(
            "/admin/v1/catalogues/:id", [.delete: { request, context in try await remove(request, context) }])
    }

    private static var today: CalendarDay { CalendarDay(localDayOf: Date()) }

    private func list() throws -> Response {
        try Response(json: CataloguesAnswer(daemon.catalogues.state, on: Self.today))
    }

    private func add(_ request: Request) async throws -> Response {
        let order = try await SiteFileOrder(request, limit: CataloguesInForce.fileByteLimit)
        let catalogues = daemon.catalogues
        return try await Response(
            json: daemon.operations.run {
                let addition = try catalogues.add(
                    order.bytes, file: order.file ?? "catalogue.tsv", by: order.person)
                return CatalogueChangeAnswer(addition, CatalogueRow(addition.edition, catalogues.namer, on: Self.today))
            })
    }

    private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let person = try QueryParameters(request.uri, allowed: ["by"]).person()
        guard let id = context.parameters.get("id").flatMap({ CatalogueID($0) }) else {
            throw Problem.badRequest("a catalogue is named by lower-case letters, digits and hyphens")
        }
        let catalogues = daemon.catalogues
        try await daemon.operations.run { try catalogues.remove(id, by: person) }
        return Response(status: .noContent)
    }
}

/// A file to be put in force, and who does it.
struct SiteFileOrder {
    let bytes: [UInt8]
    let file: String?
    let person: String

    init(_ request: Request, limit: Int) async throws {
        let query = try QueryParameters(request.uri, allowed: ["by", "file"])
        person = try query.person()
        file = query["file"]
        if let file, file.utf8.count > 255 { throw Problem.badRequest("file names the file, in at most 255 bytes") }
        if let length = request.headers[.contentLength].flatMap(Int.init), length > limit {
            throw Problem.tooLarge(limit: limit)
        }
        bytes = Array(try await request.body.collect(upTo: limit).readableBytesView)
    }
}

extension CataloguesAnswer {
    init(_ state: CataloguesInForce.State, on day: CalendarDay) {
        self.init(
            catalogues: state.namer.library.editions.map { CatalogueRow($0, state.namer, on: day) },
            refused: state.refused.map(RefusedCatalogueRow.init))
    }
}

extension RefusedCatalogueRow {
    init(_ refused: CataloguesInForce.Refused) {
        self.init(
            file: refused.file, faults: refused.faults.map(CatalogueFaultRow.init),
            furtherFaultCount: refused.furtherFaultCount, kept: refused.kept)
    }
}

extension CatalogueRow {
    init(_ edition: CatalogueEdition, _ namer: StudyNamer, on day: CalendarDay) {
        let header = edition.header
        let state: State =
            if header.effective.from > day {
                .upcoming
            } else {
                namer.library.edition(of: header.list, on: day)?.id == edition.id ? .inForce : .past
            }
        self.init(
            id: edition.id.value, list: header.list.value, edition: header.edition, kind: header.kind.rawValue,
            from: header.effective.from.iso, until: header.effective.until?.iso, itemCount: edition.entries.count,
            publisher: header.publisher, source: header.source, isBundled: edition.isBundled,
            isPrimary: header.list == namer.primary, file: edition.file, state: state)
    }
}

extension CatalogueFaultRow {
    init(_ fault: CatalogueFault) {
        self.init(file: fault.file, line: fault.line, column: fault.column, reason: fault.reason)
    }
}

extension CatalogueChangeAnswer {
    init(_ addition: CataloguesInForce.Addition, _ row: CatalogueRow) {
        self.init(
            catalogue: row, comparedWith: addition.predecessor?.value, added: addition.change.added,
            removed: addition.change.removed, changed: addition.change.changed)
    }
}
