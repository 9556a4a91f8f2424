internal import AdminAPI
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

/// Which pages of other origins may read what is answered (CORS, Fetch 3.2), and that none of them changes anything.
///
/// Cookies and other credentials of a browser are never taken: a viewer that needs a token sends it as `Authorization`.
struct CrossOriginGuard: RouterMiddleware {
    let origins: CrossOrigins
    /// Scheme, host and port that requests call by.
    let base: @Sendable (Request) -> String

    /// What pages of other origins may read, and with which methods: viewers may store, decisions are taken
    /// on priord's own pages and by programs alone.
    private static let roots = ["/dicomweb/": "GET, HEAD, POST", "/api/": "GET, HEAD"]
    private static let requestFields = "Accept, Authorization, Cache-Control, Content-Type, If-None-Match"
    private static let responseFields = "Allow, ETag, Trailer, Warning, WWW-Authenticate"
    /// Seconds for which a browser need not ask again.
    private static let preflightAge = "600"

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return marked(try await next(request, context), nil) }
        let methods = Self.roots.first { request.uri.path.hasPrefix($0.key) }?.value
        let allowed = methods == nil ? nil : allowance(for: origin)
        if let allowed, let methods, request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return preflight(allowed, methods)
        }
        let isAllowed = allowed != nil && methods?.contains(request.method.rawValue) == true
        guard
            isAllowed || request.method == .get || request.method == .head || request.method == .options
                || isOwn(origin, request)
        else {
            let problem = Problem(
                type: "urn:priord:problem:origin", title: "Not from this page", status: 403,
                detail: allowed == nil
                    ? "the page's origin is not among cors-origins" : "pages of other origins may only read here")
            return marked(try Response(problem), allowed)
        }
        return marked(try await next(request, context), allowed)
    }

    /// What a browser has to be told for `origin` to read the answer; nil when it may not.
    private func allowance(for origin: String) -> String? {
        switch origins {
        case .any: "*"
        case .only(let list): list.contains(origin) ? origin : nil
        }
    }

    /// Whether the page came from here.
    private func isOwn(_ origin: String, _ request: Request) -> Bool {
        let base = base(request)
        return !base.isEmpty && (base == origin || base.hasPrefix(origin + "/"))
    }

    private func preflight(_ allowed: String, _ methods: String) -> Response {
        var response = Response(status: .noContent)
        response.headers[.accessControlAllowMethods] = methods
        response.headers[.accessControlAllowHeaders] = Self.requestFields
        response.headers[.accessControlMaxAge] = Self.preflightAge
        return marked(response, allowed)
    }

    private func marked(_ response: Response, _ allowed: String?) -> Response {
        var response = response
        if let allowed {
            response.headers[.accessControlAllowOrigin] = allowed
            response.headers[.accessControlExposeHeaders] = Self.responseFields
        }
        // Another page gets another answer, unless all get the same.
        if case .only(let list) = origins, !list.isEmpty {
            response.headers[.vary] = response.headers[.vary].map { $0 + ", Origin" } ?? "Origin"
        }
        return response
    }
}
