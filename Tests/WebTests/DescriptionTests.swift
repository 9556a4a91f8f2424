import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct DescriptionTests {
    /// `GET /api/v1/studies/{}` and the like: what the description has, and parameters whatever their names.
    private static func described(_ text: String) -> Set<String> {
        var found: Set<String> = []
        var path = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("components:") { break }
            if let match = line.wholeMatch(of: #/  (/[^:]*):/#) {
                path = String(match.1).replacing(/\{[a-zA-Z]+\}/, with: "{}")
            } else if let match = line.wholeMatch(of: #/    (get|put|post|delete|patch|head|options|trace):/#) {
                found.insert("\(match.1.uppercased()) \(path)")
            }
        }
        return found
    }

    @Test func `paths and methods are those the router has`() async throws {
        let daemon = try TestDaemon()
        let router = WebServer(
            daemon: daemon.daemon, endpoint: .port(host: "127.0.0.1", port: 0), logger: TestDaemon.logger
        ).router()
        let paths = Set(router.routes.map { "\($0.path)" }).filter { $0.hasPrefix("/api/") }
        try await daemon.onPort { client in
            var routed: Set<String> = []
            for path in paths {
                // Every path answers a method it does not have with those it has.
                let uri = path.replacing(/[:{][a-zA-Z]+}?/, with: "1")
                let response = try await client.execute(uri: uri, method: .trace)
                #expect(response.status == .methodNotAllowed, "\(path)")
                let allowed = (response.headers[.allow] ?? "").split(separator: ",").map { $0.filter { $0 != " " } }
                for method in allowed where method != "HEAD" {
                    routed.insert("\(method) \(path.replacing(/[:{][a-zA-Z]+}?/, with: "{}"))")
                }
            }
            let text = try await client.execute(uri: "/api/v1/openapi.yaml", method: .get).text
            #expect(routed.count > 5)
            #expect(Self.described(text).sorted() == routed.sorted())
        }
    }

    @Test func `the description is the one in docs`() async throws {
        let daemon = try TestDaemon()
        let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/openapi.yaml")
        try await daemon.onPort { client in
            let response = try await client.execute(uri: "/api/v1/openapi.yaml", method: .get)
            #expect(response.headers[.contentType] == "application/yaml")
            let text = try String(contentsOf: docs, encoding: .utf8)
            #expect(response.text == text)
            try await client.expect(.badRequest, uri: "/api/v1/openapi.yaml?x=1", method: .get)
        }
    }
}
