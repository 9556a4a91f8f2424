import AdminAPI
import AsyncHTTPClient
import DICOMNetwork
import Foundation
import NIOCore
import ServiceLifecycle
import Testing

@testable import Web

@Suite struct AdminSocketTests {
    /// Serves on the admin socket while `body` runs.
    private func serving(_ test: TestDaemon, _ body: @Sendable (_ path: String) async throws -> Void) async throws {
        let path = test.directory + "/admin.sock"
        let (listening, announce) = AsyncStream.makeStream(of: Void.self)
        let server = WebServer(
            daemon: test.daemon, endpoint: .adminSocket(path: path), logger: TestDaemon.logger
        ) { _ in announce.yield() }
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: TestDaemon.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in listening { break }
            try await body(path)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func status(_ path: String) async throws -> StatusAnswer {
        let url = try #require(URL(httpURLWithSocketPath: path, uri: "/api/v1/status"))
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url.absoluteString), timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1 << 20)
        return try AdminJSON.decoder().decode(StatusAnswer.self, from: Data(body.readableBytesView))
    }

    @Test func `operators are answered over the socket, which only owner and group may open`() async throws {
        let test = try TestDaemon()
        try await serving(test) { path in
            let status = try await status(path)
            #expect(status.aeTitle == "PRIORD")
            var facts = stat()
            #expect(stat(path, &facts) == 0)
            #expect(facts.st_mode & 0o777 == 0o660)
        }
    }

    @Test func `the socket is gone after a stop, and one left behind is replaced`() async throws {
        let test = try TestDaemon()
        let path = test.directory + "/admin.sock"
        let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(left) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        try await serving(test) { path in
            let status = try await status(path)
            #expect(status.verdict != .critical)
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a path that is too long for a socket is said, not cut`() async throws {
        let test = try TestDaemon()
        let path = NSTemporaryDirectory() + String(repeating: "d", count: 120) + "/admin.sock"
        let server = WebServer(daemon: test.daemon, endpoint: .adminSocket(path: path), logger: TestDaemon.logger)
        await #expect(throws: WebServerError.socketPathTooLong(path: path, limit: 107)) { try await server.run() }
    }

    @Test func `a port that is taken is said`() async throws {
        let test = try TestDaemon()
        let taken = try AssociationListener(
            address: "127.0.0.1", port: 0, limits: AssociationLimits(), shares: AssociationShares(limit: 1),
            logger: TestDaemon.logger)
        let server = WebServer(
            daemon: test.daemon, endpoint: .port(host: "127.0.0.1", port: taken.port), logger: TestDaemon.logger)
        await #expect {
            try await server.run()
        } throws: { error in
            guard case WebServerError.cannotListen(let place, _) = error else { return false }
            return place == "127.0.0.1 port \(taken.port)"
        }
    }
}
