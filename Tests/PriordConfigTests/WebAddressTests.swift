import Testing

@testable import PriordConfig

@Suite struct WebAddressTests {
    @Test(arguments: [
        ("https://pacs.example/priord/", "https://pacs.example/priord"),
        ("http://10.20.0.5:8104", "http://10.20.0.5:8104"),
        ("HTTPS://PACS.Example:443", "https://pacs.example"), ("http://[FD00:20::5]:80/", "http://[fd00:20::5]"),
        ("https://a/b/c", "https://a/b/c"),
    ])
    func `a base URL is kept without what says nothing`(text: String, kept: String) throws {
        #expect(try load("http-base-url: \"\(text)\"").config.httpBase?.description == kept)
    }

    @Test(arguments: [
        "", "pacs.example", "ftp://pacs.example", "https://", "https://user@pacs.example", "https://pacs.example?x=1",
        "https://pacs.example#x", "https://pacs.example:0", "https://pacs.example:65536", "https://pacs.example/a b",
        "https://pacs.example/../x", "https://pacs.example//x", "https://-pacs", "https://pa_cs", "https://[::1",
        "https://[10.0.0.1]", "//pacs.example", "https://pacs.example/%2e", "https://pacs.example:8_0",
    ])
    func `what is no base URL is refused`(text: String) throws {
        #expect(try faults("http-base-url: \"\(text)\"").map(\.key) == ["http-base-url"])
    }

    @Test func `without one the name of each request is taken`() throws {
        #expect(try load("http-base-url: host").config.httpBase == nil)
    }

    @Test func `origins are told apart by scheme, host and port alone`() throws {
        let origins = try load("cors-origins: 'https://Viewer.example:443, http://10.20.0.7:3000'").config.corsOrigins
        #expect(origins.description == "https://viewer.example, http://10.20.0.7:3000")
    }

    @Test(arguments: [
        "null", "https://viewer.example/ohif", "https://viewer.example,", "viewer.example", "https://*.example", "*, *",
        "https://viewer.example, *", "none, none",
    ])
    func `what is no list of origins is refused`(text: String) throws {
        #expect(try faults("cors-origins: \"\(text)\"").map(\.key) == ["cors-origins"])
    }

    @Test func `every page there is may read only what needs a token`() throws {
        #expect(try faults("cors-origins: \"*\"").map(\.key) == ["cors-origins"])
        #expect(try faults("cors-origins: \"*\"\nhttp-access: {hosts: 10.0.0.0/8}").map(\.key) == ["cors-origins"])
        let directory = try TemporaryDirectory()
        let tokens = try directory.file("tokens", String(repeating: "a", count: 64))
        let loaded = try load("cors-origins: \"*\"\nhttp-access: {token-file: '\(tokens)'}")
        #expect(loaded.config.corsOrigins == .any)
    }

    @Test func `numbers that stand for none are written with commas between`() throws {
        #expect(
            try load("placeholder-ids: '110101190001010015, 0 ,UNKNOWN'").config.placeholderIDs == [
                "110101190001010015", "0", "UNKNOWN",
            ])
        #expect(try load("placeholder-ids: none").config.placeholderIDs == [])
        #expect(try faults("placeholder-ids: '1,,2'").map(\.key) == ["placeholder-ids"])
    }
}
