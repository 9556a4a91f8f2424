internal import AdminAPI
internal import Foundation
internal import Hummingbird
internal import HummingbirdCore

/// `/api/v1/openapi.yaml`: what programs may ask, as docs/openapi.yaml has it.
struct DescriptionRoute {
    static let path = "/api/v1/openapi.yaml"

    func add(to router: Router<WebContext>) {
        router.resource(RouterPath(Self.path), [.get: { request, _ in try answer(request) }])
    }

    private func answer(_ request: Request) throws -> Response {
        try request.requireAcceptance(of: "application/yaml")
        _ = try QueryParameters(request.uri, allowed: [])
        let file = Bundle.module.bundleURL.appendingPathComponent("Resources/openapi.yaml")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw Problem.notFound("the description is not beside the program")
        }
        return Response(text: text, contentType: "application/yaml")
    }
}
