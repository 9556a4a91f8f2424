import Testing

@testable import PriordConfig

@Suite struct HTTPAccessTests {
    let token = String(repeating: "0123456789abcdef", count: 4)

    @Test func `tokens are read from their file, without comments`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("tokens", "# web page\r\n\r\n\(token)\r\n  \(token)==\n")
        let access = try #require(try load("http-access: {token-file: '\(path)'}").config.httpAccess)
        #expect(access.tokens.count == 2)
        #expect(access.admits(host: .loopback, bearerToken: token))
        #expect(access.admits(host: .loopback, bearerToken: token + "=="))
        #expect(!access.admits(host: .loopback, bearerToken: token.replacing("f", with: "0")))
        #expect(!access.admits(host: .loopback, bearerToken: ""))
        #expect(!access.admits(host: .loopback, bearerToken: nil))
    }

    @Test func `with hosts and tokens a request needs both`() throws {
        let inside = try #require(IPAddress("10.1.2.3"))
        let access = HTTPAccess(
            hosts: [try #require(HostBlock("10.0.0.0/8"))], tokens: [try #require(BearerToken(token))])
        #expect(access.admits(host: inside, bearerToken: token))
        #expect(!access.admits(host: inside, bearerToken: nil))
        #expect(!access.admits(host: .loopback, bearerToken: token))
    }

    @Test(arguments: [
        ("short\n", 0o640, "line 1"), ("", 0o640, "holds no token"), ("# only this\n", 0o600, "holds no token"),
        ("\(String(repeating: "x", count: 40))\nhas a space in the middle of its forty characters\n", 0o640, "line 2"),
        ("\(String(repeating: "x", count: 40))\n", 0o644, "chmod o="),
        (String(repeating: "x", count: 70_000), 0o640, "is larger than 65536 bytes"),
    ])
    func `a token file that would not protect is a fault that quotes no token`(
        text: String, mode: Int, reason: String
    ) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("tokens", text, mode: mode)
        let found = try faults("http-access:\n  token-file: \(path)")
        #expect(Set(found.map(\.key)) == ["http-access.token-file"])
        #expect(found.first?.source.line == 2)
        #expect(found.contains { $0.description.contains(reason) })
        #expect(found.allSatisfy { !$0.description.contains("xxxxx") && !$0.description.contains("short") })
    }

    @Test func `an absent token file is a fault`() throws {
        let found = try faults("http-access: {token-file: /nonexistent/tokens}")
        #expect(found.map(\.key) == ["http-access.token-file"])
    }

    @Test(arguments: ["{hosts: }", "{token-file: }", "{hosts: [], token-file: ~}", "{host: 10.0.0.1}"])
    func `a section that admits everybody by mistake is a fault`(section: String) throws {
        #expect(try faults("http-access: \(section)").first?.key.hasPrefix("http-access") == true)
    }
}
