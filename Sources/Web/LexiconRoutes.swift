internal import AdminAPI
internal import Catalogue
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore
internal import Ingestion
internal import Matching

/// `/admin/v1/lexicon`: a site's own words, listed, added, removed.
struct LexiconRoutes {
    let daemon: Daemon

    func add(to router: Router<WebContext>) {
        router.resource(
            "/admin/v1/lexicon",
            [
                .get: { _, _ in try Response(json: LexiconAnswer(daemon.catalogues.state)) },
                .post: { request, _ in try await add(request) },
            ])
        router.resource(
            "/admin/v1/lexicon/:file", [.delete: { request, context in try await remove(request, context) }])
    }

    private func add(_ request: Request) async throws -> Response {
        let order = try await SiteFileOrder(request, limit: SiteWords.fileByteLimit)
        guard let file = order.file else { throw Problem.badRequest("file names the file") }
        let catalogues = daemon.catalogues
        return try await Response(
            json: daemon.operations.run {
                LexiconChangeAnswer(try catalogues.addWords(order.bytes, file: file, by: order.person))
            })
    }

    private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let person = try QueryParameters(request.uri, allowed: ["by"]).person()
        guard let file = context.parameters.get("file"), SiteWords.isFileName(file) else {
            throw Problem.badRequest("a file of words is named by ASCII letters, digits, . _ and -, and ends in .tsv")
        }
        let catalogues = daemon.catalogues
        try await daemon.operations.run { try catalogues.removeWords(file, by: person) }
        return Response(status: .noContent)
    }
}

extension LexiconAnswer {
    init(_ state: CataloguesInForce.State) {
        self.init(
            files: state.namer.words.files.map(LexiconFileRow.init),
            refused: state.refusedWords.map(RefusedCatalogueRow.init))
    }
}

extension LexiconFileRow {
    init(_ file: SiteWords.File) { self.init(file: file.name, wordCount: file.terms.count) }
}

extension LexiconChangeAnswer {
    fileprivate init(_ change: CataloguesInForce.WordsAddition) {
        func terms(_ terms: [Lexicon.Term]) -> [Term] {
            terms.map { Term(concept: $0.concept.value, term: $0.text) }
        }
        self.init(file: LexiconFileRow(change.file), added: terms(change.added), removed: terms(change.removed))
    }
}
