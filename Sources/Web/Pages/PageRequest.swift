internal import AdminAPI
internal import Catalogue
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// A request for a page: in which language it is answered, and its parameters.
struct PageRequest: Sendable {
    let request: Request
    let language: Language
    /// Set when the switch was used: kept for the requests that follow.
    let chosenLanguage: Language?
    private let pairs: [(name: String, value: String)]

    /// Never fails: where parameters are at fault, the page that says so needs a language, too.
    init(_ request: Request) {
        self.request = request
        pairs = (try? QueryParameters.pairs(request.uri, limit: Self.countLimit)) ?? []
        chosenLanguage = pairs.last { $0.name == Self.languageParameter }.flatMap { Language(rawValue: $0.value) }
        language =
            chosenLanguage ?? PageCookie.language.value(in: request).flatMap(Language.init(rawValue:))
            ?? Language(accept: request.headers[.acceptLanguage])
    }

    static let languageParameter = "lang"
    private static let countLimit = 64

    /// - Throws: a problem with status 400 naming the parameter.
    func query(_ allowed: Set<String>) throws(Problem) -> QueryParameters {
        let query = try QueryParameters(request.uri, allowed: allowed.union([Self.languageParameter]))
        _ = try query.choice(Self.languageParameter, of: Language.allCases.map(\.rawValue))
        return query
    }

    /// Whether somebody is shown the answer (Fetch Metadata, 2): not what a browser looks ahead, and not what a page of another
    /// site makes it ask for without anybody's doing. Clients that do not say are believed.
    var isSeen: Bool {
        func said(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.headers[$0] } }
        guard said("Sec-Purpose") == nil, said("Sec-Fetch-Dest") ?? "document" == "document" else { return false }
        return ["same-origin", "none"].contains(said("Sec-Fetch-Site") ?? "none") || said("Sec-Fetch-User") == "?1"
    }

    /// The same page in another language.
    func path(in language: Language) -> PagePath {
        PagePath.again(request.uri.path).asking(
            pairs.filter { $0.name != Self.languageParameter } + [(Self.languageParameter, language.rawValue)])
    }

    /// Fields of a form that was sent (`application/x-www-form-urlencoded`).
    ///
    /// - Throws: a problem with status 400, 413 or 415.
    func form(_ allowed: Set<String>) async throws -> QueryParameters {
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() }
        guard type == "application/x-www-form-urlencoded" else {
            throw Problem(
                type: "urn:priord:problem:media-type", title: "Not a form", status: 415,
                detail: "a decision is sent as application/x-www-form-urlencoded")
        }
        let body = try await request.body.collect(upTo: Self.formLimit)
        // A form is written like a query (URL 5.1), so that one reader serves for both.
        return try QueryParameters(URI("/?" + String(buffer: body)), allowed: allowed)
    }

    private static let formLimit = 16 << 10
}

/// What a page has to say, before it is framed.
struct PageContent: Sendable {
    var status: HTTPResponse.Status = .ok
    /// Without patient data: titles stand in the browser's history.
    var title: String
    var body: HTML
    /// Scripts beside page.js.
    var scripts: [String] = []
    /// What the search field holds.
    var searched = ""
    var cookies: [(PageCookie, String)] = []
    /// Set for an answer that leads elsewhere instead of showing something.
    var location: PagePath?

    init(title: String, body: HTML) {
        self.title = title
        self.body = body
    }

    /// After something was done: shown by a request of its own, so that a reload does not do it again.
    static func seeOther(_ path: PagePath, cookies: [(PageCookie, String)] = []) -> PageContent {
        var content = PageContent(title: "", body: .empty)
        content.status = .seeOther
        content.location = path
        content.cookies = cookies
        return content
    }
}
