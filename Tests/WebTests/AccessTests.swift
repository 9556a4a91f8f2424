import AdminAPI
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import Web

@Suite struct AccessTests {
    private static let token = "a-token-of-more-than-32-characters-000"
    private static let settings = WebSettings { _, sent in sent == token }

    @Test(arguments: ["/healthz", "/readyz"])
    func `health needs no access`(path: String) async throws {
        try await TestDaemon(settings: Self.settings).onPort { client in
            try await client.expect(.ok, uri: path, method: .get)
        }
    }

    @Test(arguments: ["/metrics", "/api/v1/status", "/api/v1/studies", "/nothing"])
    func `everything else needs it once it is configured`(path: String) async throws {
        try await TestDaemon(settings: Self.settings).onPort { client in
            let response = try await client.execute(uri: path, method: .get)
            #expect(response.status == .unauthorized)
            #expect(response.headers[.wwwAuthenticate] == "Bearer")
            #expect(try response.json(Problem.self).status == 401)
        }
    }

    @Test(arguments: ["Bearer \(token)", "bearer \(token)"])
    func `a bearer token opens it`(field: String) async throws {
        try await TestDaemon(settings: Self.settings).onPort { client in
            let response = try await client.execute(
                uri: "/api/v1/status", method: .get, headers: [.authorization: field])
            #expect(response.status == .ok)
        }
    }

    @Test(arguments: ["Bearer wrong", "Basic \(token)", token, "Bearer"])
    func `nothing else does`(field: String) async throws {
        try await TestDaemon(settings: Self.settings).onPort { client in
            let response = try await client.execute(
                uri: "/api/v1/status", method: .get, headers: [.authorization: field])
            #expect(response.status == .unauthorized)
        }
    }

    @Test(arguments: [
        ("localhost:8104", true), ("127.0.0.1:8104", true), ("127.9.9.9", true), ("[::1]:8104", true),
        ("rebound.example:8104", false), ("127.0.0.1.example", false), ("10.0.0.1", false), ("", false),
    ])
    func `without access rules only loopback names are served`(authority: String, isServed: Bool) {
        #expect(AccessGuard.isLoopbackName(authority) == isServed)
    }

    @Test(arguments: [
        ("10.1.2.3:8104", true), ("[fd00::1]:8104", true), ("localhost", true), ("", true), ("priord", true),
        ("PACS.example:443", true), ("rebound.example:8104", false), ("pacs.example.evil", false),
        ("10.1.2.3.evil.example", false), ("[fd00::1", true), ("1", false),
    ])
    func `a Host is an address, the machine's name or that of http-base-url`(authority: String, isServed: Bool) {
        let access = AccessGuard(admits: { _, _ in true }, names: ["pacs.example", "priord"])
        #expect(access.isServed(authority) == isServed)
    }

    @Test func `the admin socket asks for no token`() async throws {
        try await TestDaemon(settings: Self.settings).onSocket { client in
            try await client.expect(.ok, uri: "/api/v1/status", method: .get)
        }
    }
}
