import Foundation
import Glibc
import ServiceLifecycle
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(10))) struct SlowClientTests {
    /// Serves on a free port, with little patience, while `body` runs away from the cooperative pool.
    private func serving(_ settings: WebSettings, _ body: @escaping @Sendable (_ port: Int) throws -> Void) async throws
    {
        let test = try TestDaemon(settings: settings)
        let (listening, announce) = AsyncStream.makeStream(of: Int.self)
        let server = WebServer(
            daemon: test.daemon, endpoint: .port(host: "127.0.0.1", port: 0), logger: TestDaemon.logger
        ) { port in announce.yield(port ?? 0) }
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: TestDaemon.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in listening {
                try await BlockingLane(threadCount: 1).run { try body(port) }
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static var impatient: WebSettings { patient(for: .milliseconds(200)) }

    private static func patient(for patience: Duration) -> WebSettings {
        var settings = WebSettings()
        settings.idleTimeout = patience
        settings.connectionLimit = 4
        return settings
    }

    @Test(arguments: ["", "GET /healthz HTTP/1.1\r\nHost: localh"])
    func `a client that does not finish its request is closed`(start: String) async throws {
        try await serving(Self.impatient) { port in
            let client = try RawClient(port: port)
            client.send(start)
            #expect(client.readToEnd().isEmpty)
        }
    }

    @Test func `a body that never ends does not hold its connection`() async throws {
        try await serving(Self.patient(for: .seconds(2))) { port in
            let client = try RawClient(port: port)
            client.send("POST /api/v1/studies HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(client.read().contains("405"))
            while client.trickle("1\r\na\r\n") {}
        }
    }

    @Test(
        arguments: [
            ("rebound.example", nil, "421"), ("served.example:8104", nil, "200"), ("10.0.0.1", nil, "200"),
            ("rebound.example", "secret", "200"), ("served.example", "secret", "200"),
        ] as [(String, String?, String)])
    func `an admitted address is no leave for every host name, and a token is`(
        host: String, token: String?, status: String
    ) async throws {
        var settings = WebSettings { _, sent in sent == token }
        settings.hostNames = ["served.example"]
        try await serving(settings) { port in
            let client = try RawClient(port: port)
            let access = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
            client.send("GET /api/v1/status HTTP/1.1\r\nHost: \(host)\r\n\(access)Connection: close\r\n\r\n")
            #expect(client.readToEnd().hasPrefix("HTTP/1.1 \(status)"))
        }
    }

    @Test func `a body that came keeps its connection, whatever time has gone since`() async throws {
        let patience = Duration.milliseconds(500)
        try await serving(Self.patient(for: patience)) { port in
            let client = try RawClient(port: port)
            client.send(
                "POST /api/v1/persons/link HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
            #expect(client.read().contains("400"))
            let end = ContinuousClock.now + patience * 3
            while ContinuousClock.now < end {
                client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                guard client.read().contains("200 OK") else {
                    Issue.record("closed")
                    break
                }
            }
        }
    }

    @Test func `idle connections beyond the limit do not keep others out for long`() async throws {
        try await serving(Self.patient(for: .seconds(2))) { port in
            let idle = try (0..<20).map { _ in try RawClient(port: port) }
            let client = try RawClient(port: port)
            client.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(client.readToEnd().contains("200 OK"))
            withExtendedLifetime(idle) {}
        }
    }

    @Test(arguments: [
        "garbage\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\(String(repeating: "a", count: 200_000)) HTTP/1.1\r\n\r\n",
    ])
    func `what is no HTTP is refused and closed`(bytes: String) async throws {
        try await serving(Self.impatient) { port in
            let client = try RawClient(port: port)
            client.send(bytes)
            let answer = client.readToEnd()
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(80))")
        }
    }
}

/// A TCP connection without any manners.
private final class RawClient {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit { close(descriptor) }

    @discardableResult
    func send(_ text: String) -> Bool {
        var bytes = Array(text.utf8)
        return bytes.isEmpty || Glibc.send(descriptor, &bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Sends a little after waiting a little; false once the peer has closed.
    func trickle(_ text: String) -> Bool {
        var closing = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&closing, 1, 20) == 0 && send(text)
    }

    /// What comes next; "" once the peer has closed.
    func read() -> String {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        return String(decoding: chunk.prefix(max(0, count)), as: UTF8.self)
    }

    func readToEnd() -> String {
        var text = ""
        while true {
            let next = read()
            if next.isEmpty { return text }
            text += next
        }
    }
}
