internal import AdminAPI
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore

extension Router<WebContext> {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    /// What a path answers; every other method gets 405 with the methods that are allowed.
    func resource(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        let allowed = handlers.keys.map(\.rawValue) + (handlers[.get] == nil ? [] : ["HEAD"])
        let allow = allowed.sorted().joined(separator: ", ")
        for (method, handler) in handlers { on(path, method: method, use: handler) }
        for method in Self.methods where handlers[method] == nil && !(method == .head && handlers[.get] != nil) {
            on(path, method: method) { _, _ in
                try Response(
                    Problem(
                        type: "urn:priord:problem:method", title: "The method is not allowed here", status: 405,
                        detail: "allowed: \(allow)"), headers: [.allow: allow])
            }
        }
    }

    private static var methods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .delete, .patch, .options, .trace]
    }
}

extension Request {
    /// - Throws: a problem with status 406 when the client takes no `mediaType`.
    func requireAcceptance(of mediaType: String = "application/json") throws(Problem) {
        guard let accept = headers[.accept] else { return }
        let family = mediaType.prefix { $0 != "/" } + "/*"
        let isTaken = accept.split(separator: ",").contains { range in
            let fields = range.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let type = fields.first, !fields.dropFirst().contains("q=0") else { return false }
            return type == "*/*" || type == family || type == mediaType
        }
        guard isTaken else {
            throw .notAcceptable("this is answered as \(mediaType)")
        }
    }
}
